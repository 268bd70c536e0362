/*
 * The part of the POSIX platform for time, randomness and streams. Compiled programs need it beside
 * address space, protected calls (posix.c) and the machine's stack.
 */
#include "platform.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>
#if defined(__APPLE__)
#include <sys/random.h> /* getentropy, which is in unistd.h elsewhere */
#endif

/* ---- time and randomness ---- */

#define NS_PER_S UINT64_C(1000000000)

uint64_t vsp_plat_clock_ns(void)
{
	struct timespec t = {0};
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * NS_PER_S + (uint64_t)t.tv_nsec;
}

bool vsp_plat_random(void *buffer, size_t size)
{
	enum { AT_ONCE = 256 }; /* the limit of getentropy */
	for (uint8_t *p = buffer; size > 0;) {
		size_t n = size < AT_ONCE ? size : AT_ONCE;
		if (getentropy(p, n) != 0)
			return false;
		p += n;
		size -= n;
	}
	return true;
}

/* ---- standard streams ---- */

bool vsp_plat_is_terminal(int stream) { return isatty(stream) == 1; }

/*
 * A file opened later would get the number of a closed stream, and with it the data meant for the
 * stream. /dev/null gets that number instead, opened in the wrong direction, so that the stream is
 * as unusable as before.
 */
bool vsp_plat_prepare_streams(void)
{
	static const int wrong_way[] = {O_WRONLY, O_RDONLY, O_RDONLY};
	for (int fd = 0; fd <= 2; fd++)
		if (fcntl(fd, F_GETFD) == -1 && open("/dev/null", wrong_way[fd]) != fd)
			return false;
	signal(SIGPIPE, SIG_IGN); /* a closed pipe is a failed write, with a message */
	signal(SIGXFSZ, SIG_IGN); /* so is a file that exceeds the limit of file sizes */
	return true;
}

/*
 * A signal ends the wait early, as if nothing had come. If waiting is not possible, reading is, if
 * only to find the reason.
 */
static bool wait_readable(int fd, uint64_t timeout_ns)
{
	struct pollfd one = {.fd = fd, .events = POLLIN};
	uint64_t ms = timeout_ns / 1000000;
	int n = poll(&one, 1, timeout_ns == UINT64_MAX || ms > INT_MAX ? -1 : (int)ms);
	return n > 0 || (n < 0 && errno != EINTR);
}

long vsp_plat_read_some(FILE *stream, void *buffer, size_t size, uint64_t timeout_ns)
{
	int fd = fileno(stream);
	if (!wait_readable(fd, timeout_ns))
		return -1;
	ssize_t n = read(fd, buffer, size);
	return n >= 0 ? (long)n : errno == EINTR || errno == EAGAIN ? -1 : -2;
}

/* A pipe that can take anything takes PIPE_BUF bytes without waiting. */
#if !defined(PIPE_BUF)
#define PIPE_BUF 512 /* the minimum that POSIX guarantees */
#endif

long vsp_plat_write_some(FILE *stream, const void *data, size_t size, uint64_t timeout_ns)
{
	enum { MOST = PIPE_BUF };
	int fd = fileno(stream), ms = timeout_ns / 1000000 < INT_MAX ? (int)(timeout_ns / 1000000) : -1;
	int ready = poll(&(struct pollfd){.fd = fd, .events = POLLOUT}, 1, ms);
	if (ready == 0 || (ready < 0 && errno == EINTR))
		return -1;
	ssize_t n = size ? write(fd, data, size < MOST ? size : MOST) : 0;
	return n >= 0 ? (long)n : errno == EINTR || errno == EAGAIN ? -1 : -2;
}
