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
long strtol(const char *text, char **end, int base);
char *getenv(const char *name);
int setenv(const char *name, const char *value, int replace);
double strtod(const char *text, char **end);
float strtof(const char *text, char **end);

#endif
