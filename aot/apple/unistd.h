/*
 * System calls on Apple's systems, see assert.h.
 */
#ifndef VSP_APPLE_UNISTD_H
#define VSP_APPLE_UNISTD_H

#include <stddef.h>

#define _SC_PAGESIZE 29

typedef long ssize_t;

long sysconf(int name);
int isatty(int file);
ssize_t read(int file, void *buffer, size_t size);
ssize_t write(int file, const void *data, size_t size);

#endif
