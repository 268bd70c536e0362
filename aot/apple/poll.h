/*
 * Waiting for input and output on Apple's systems, see assert.h.
 */
#ifndef VSP_APPLE_POLL_H
#define VSP_APPLE_POLL_H

#define POLLIN 0x0001
#define POLLOUT 0x0004
#define POLLHUP 0x0010

struct pollfd {
	int fd;
	short events, revents;
};

int poll(struct pollfd *files, unsigned count, int timeout_ms);

#endif
