/*
 * The stack of a thread on Linux. For the first thread the C library reads /proc/self/maps, which
 * takes longer than a short program runs. So the bounds of that stack are computed from its end and
 * the size to which it may grow. The system keeps 128 MiB free below it for that, or more if more
 * was asked for when the process began (mmap_base in the kernel's mm/util.c), so a limit of up to
 * 96 MiB is trusted.
 */
#include "platform.h"

#include <pthread.h>
#include <stdint.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

/*
 * The end of the first thread's stack, from which its limit counts; null: unknown. Arguments and
 * environment, which may take megabytes, are at that end; the last of them is the name of the
 * program, followed by a null pointer (fs/exec.c and fs/binfmt_elf.c in the kernel).
 */
static const char *first_stack_end(void)
{
	const char *name = (const char *)(uintptr_t)getauxval(AT_EXECFN);
	uintptr_t page = vsp_plat_page_size();
	return name ? (const char *)(((uintptr_t)name + strlen(name) + 1 + sizeof(void *) + page - 1) / page * page)
	            : NULL;
}

static bool first_thread(const void **low, const void **high)
{
	const rlim_t most = (rlim_t)96 << 20;
	struct rlimit limit;
	if (syscall(SYS_gettid) != getpid() || getrlimit(RLIMIT_STACK, &limit) != 0 || limit.rlim_cur > most)
		return false;
	const char *end = first_stack_end();
	*high = end;
	*low = end ? end - limit.rlim_cur : NULL;
	return end != NULL;
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
