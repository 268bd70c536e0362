/*
 * Error numbers on Apple's systems, see assert.h.
 */
#ifndef VSP_APPLE_ERRNO_H
#define VSP_APPLE_ERRNO_H

int *__error(void);
#define errno (*__error())

#define EINTR 4
#define EIO 5
#define EBADF 9
#define EAGAIN 35
#define ETIMEDOUT 60

#endif
