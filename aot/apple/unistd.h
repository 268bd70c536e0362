/*
 * System calls on Apple's systems, see assert.h.
 */
#ifndef VSP_APPLE_UNISTD_H
#define VSP_APPLE_UNISTD_H

#include <stddef.h>

#define _SC_PAGESIZE 29
#define _SC_NPROCESSORS_ONLN 58

typedef long ssize_t;
typedef unsigned uid_t, gid_t;

long sysconf(int name);
int isatty(int file);
int pause(void);
uid_t getuid(void);
uid_t geteuid(void);
gid_t getgid(void);
gid_t getegid(void);
ssize_t readlink(const char *restrict path, char *restrict to, size_t size);
ssize_t read(int file, void *buffer, size_t size);
ssize_t write(int file, const void *data, size_t size);

#endif
