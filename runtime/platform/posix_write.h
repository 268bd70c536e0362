/*
 * Complete reads and writes of POSIX file descriptors, for the files of the platform layer.
 */
#ifndef VSP_PLATFORM_POSIX_WRITE_H
#define VSP_PLATFORM_POSIX_WRITE_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

/* Writes all of the data. False with errno set: it has failed. */
static inline bool vsp_posix_write_all(int fd, const void *bytes, size_t size)
{
	const uint8_t *data = bytes;
	while (size > 0) {
		ssize_t n = write(fd, data, size);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return false;
		data += n;
		size -= (size_t)n;
	}
	return true;
}

/* Reads exactly size bytes. False: there are fewer. */
static inline bool vsp_posix_read_all(int fd, void *to, size_t size)
{
	uint8_t *at = to;
	while (size > 0) {
		ssize_t n = read(fd, at, size);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		at += n;
		size -= (size_t)n;
	}
	return true;
}

#endif
