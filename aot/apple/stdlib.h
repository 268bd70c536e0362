/*
 * Memory and numbers on Apple's systems, see assert.h.
 */
#ifndef VSP_APPLE_STDLIB_H
#define VSP_APPLE_STDLIB_H

#include <stddef.h>

#define EXIT_SUCCESS 0
#define EXIT_FAILURE 1

void *malloc(size_t size);
void *calloc(size_t count, size_t size);
void *realloc(void *old, size_t size);
void free(void *memory);
int abs(int value);
int atoi(const char *text);
long strtol(const char *text, char **end, int base);
char *getenv(const char *name);
int setenv(const char *name, const char *value, int replace);
unsigned long strtoul(const char *text, char **end, int base);
long long strtoll(const char *text, char **end, int base);
unsigned long long strtoull(const char *text, char **end, int base);
void qsort(void *items, size_t count, size_t size, int (*compare)(const void *, const void *));
char *realpath(const char *restrict path, char *restrict real);
int atexit(void (*fn)(void));
_Noreturn void exit(int status);
_Noreturn void abort(void);
_Noreturn void _Exit(int status);
double strtod(const char *text, char **end);
float strtof(const char *text, char **end);

#endif
