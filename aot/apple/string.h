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
char *strpbrk(const char *text, const char *any);
char *strrchr(const char *text, int c);
size_t strcspn(const char *text, const char *stop);
size_t strspn(const char *text, const char *of);
char *strcpy(char *restrict to, const char *restrict from);
char *strcat(char *restrict to, const char *restrict from);
char *strncat(char *restrict to, const char *restrict from, size_t size);
char *strtok(char *restrict text, const char *restrict between);
char *strsignal(int number);
char *strerror(int number);

#endif
