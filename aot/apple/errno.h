/*
 * See assert.h.
 */
#ifndef VSP_APPLE_ERRNO_H
#define VSP_APPLE_ERRNO_H

int *__error(void);
#define errno (*__error())

#define EIO 5
#define EBADF 9

#endif
