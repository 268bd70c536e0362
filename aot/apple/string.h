/*
 * Memory blocks and strings on Apple's systems, see assert.h.
 */
#ifndef VSP_APPLE_STRING_H
#define VSP_APPLE_STRING_H

#include <stddef.h>

void *memcpy(void *restrict to, const void *restrict from, size_t size);
void *memmove(void *to, const void *from, size_t size);
void *memset(void *to, int byte, size_t size);
int memcmp(const void *a, const void *b, size_t size);
void *memchr(const void *in, int byte, size_t size);
size_t strlen(const char *text);
int strcmp(const char *a, const char *b);
int strncmp(const char *a, const char *b, size_t size);
char *strchr(const char *text, int c);
char *strstr(const char *text, const char *part);
char *strrchr(const char *text, int c);
size_t strcspn(const char *text, const char *stop);
char *strerror(int number);

#endif
