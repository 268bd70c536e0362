/*
 * Writing to a POSIX file descriptor, for the files of the platform layer.
 */
#ifndef VSP_PLATFORM_POSIX_WRITE_H
#define VSP_PLATFORM_POSIX_WRITE_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

/* All of data, or false with errno set. */
static inline bool vsp_posix_write_all(int fd, const uint8_t *data, size_t size)
{
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

#endif
