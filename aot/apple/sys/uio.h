/*
 * Reading and writing of several pieces on Apple's systems, see assert.h.
 */
#ifndef VSP_APPLE_SYS_UIO_H
#define VSP_APPLE_SYS_UIO_H

#include "types.h"

struct iovec {
	void *iov_base;
	size_t iov_len;
};

ssize_t readv(int file, const struct iovec *pieces, int count);
ssize_t writev(int file, const struct iovec *pieces, int count);

#endif
