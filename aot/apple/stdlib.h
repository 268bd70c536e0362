/*
 * Memory and numbers on Apple's systems, see assert.h.
 */
#ifndef VSP_APPLE_STDLIB_H
#define VSP_APPLE_STDLIB_H

#include <stddef.h>

void *calloc(size_t count, size_t size);
void *realloc(void *old, size_t size);
void free(void *memory);
int abs(int value);
int atoi(const char *text);
double strtod(const char *text, char **end);
float strtof(const char *text, char **end);

#endif
