/*
 * The stack of a thread on Linux. For the first thread the C library reads /proc/self/maps, which takes longer than a short program runs, so
 * that one's follows from where it began and how far it may grow. The system keeps 128 MiB free below it for that, more where more was
 * asked for when the process began (mmap_base in the kernel's mm/util.c), so a limit of up to 96 MiB is believed.
 */
#include "platform.h"

#include <pthread.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Where the first thread's stack began; glibc's, and absent elsewhere. */
extern void *__libc_stack_end __attribute__((weak));

static bool first_thread(const void **low, const void **high)
{
	const rlim_t most = (rlim_t)96 << 20;
	struct rlimit limit;
	if (!&__libc_stack_end || syscall(SYS_gettid) != getpid() || getrlimit(RLIMIT_STACK, &limit) != 0 ||
	        limit.rlim_cur > most)
		return false;
	*high = __libc_stack_end;
	*low = (const char *)*high - limit.rlim_cur;
	return true;
}

bool vsp_plat_stack(const void **low, const void **high)
{
	pthread_attr_t attributes;
	void *base;
	size_t size;
	if (first_thread(low, high))
		return true;
	if (pthread_getattr_np(pthread_self(), &attributes))
		return false;
	bool known = pthread_attr_getstack(&attributes, &base, &size) == 0;
	pthread_attr_destroy(&attributes);
	*low = base;
	*high = known ? (const char *)base + size : base;
	return known;
}
