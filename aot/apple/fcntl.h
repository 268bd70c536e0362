/*
 * Opening files on Apple's systems, see assert.h.
 */
#ifndef VSP_APPLE_FCNTL_H
#define VSP_APPLE_FCNTL_H

#define O_RDONLY 0
#define O_WRONLY 1
#define F_GETFD 1

int open(const char *path, int flags, ...);
int fcntl(int file, int command, ...);

#endif
