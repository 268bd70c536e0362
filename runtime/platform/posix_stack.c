/*
 * The stack of a thread on POSIX systems other than Linux. POSIX itself has no function for it, but
 * most systems have one like these.
 */
#include "platform.h"

#include <pthread.h>

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
