/*
 * POSIX: what compiled programs need beside address space and protected calls (platform_posix.c). Time, randomness, the machine's stack, terminals.
 */
#include "platform.h"

#include <pthread.h>
#include <time.h>
#include <unistd.h>
#if defined(__APPLE__)
#include <sys/random.h> /* getentropy, elsewhere in unistd.h */
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
	enum { AT_ONCE = 256 }; /* getentropy's limit */
	for (uint8_t *p = buffer; size > 0;) {
		size_t n = size < AT_ONCE ? size : AT_ONCE;
		if (getentropy(p, n) != 0)
			return false;
		p += n;
		size -= n;
	}
	return true;
}

/* ---- the stack ---- */

#if defined(__APPLE__)
bool vsp_plat_stack(const void **low, const void **high)
{
	const char *top = pthread_get_stackaddr_np(pthread_self());
	*low = top - pthread_get_stacksize_np(pthread_self());
	*high = top;
	return true;
}
#else
bool vsp_plat_stack(const void **low, const void **high)
{
	pthread_attr_t attributes;
	void *base;
	size_t size;
	if (pthread_getattr_np(pthread_self(), &attributes))
		return false;
	bool known = pthread_attr_getstack(&attributes, &base, &size) == 0;
	pthread_attr_destroy(&attributes);
	*low = base;
	*high = known ? (const char *)base + size : base;
	return known;
}
#endif

/* ---- standard streams ---- */

bool vsp_plat_is_terminal(int stream) { return isatty(stream) == 1; }
void vsp_plat_raw_streams(void) {}
