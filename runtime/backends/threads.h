/*
 * The number of threads that the environment asks for (VSP_THREADS).
 */
#ifndef VSP_RUNTIME_THREADS_H
#define VSP_RUNTIME_THREADS_H

#include <stdint.h>
#include <stdlib.h>

#include "runtime/base/error.h"

enum { VSP_THREADS_MOST = 256 };

/*
 * VSP_OK with *threads set, to 0 if the variable is not set or empty; otherwise an error: it is no
 * number from 1 to VSP_THREADS_MOST. libvsp asks when an instance is made, and executables when
 * they start, so that the error comes before the program runs; other compiled programs ask at their
 * first LAUNCH.
 */
static inline vsp_status vsp_threads_asked(uint32_t *threads, vsp_error *error)
{
	const char *text = getenv("VSP_THREADS");
	uint32_t n = 0;
	*threads = 0;
	if (!text || !*text)
		return VSP_OK;
	const char *at = text;
	for (; *at >= '0' && *at <= '9' && n <= VSP_THREADS_MOST; at++)
		n = 10 * n + (uint32_t)(*at - '0');
	if (*at || !n || n > VSP_THREADS_MOST)
		return vsp_error_set(error, VSP_E_ARGUMENT, "VSP_THREADS is '%.40s'; it must be a number from 1 to %d",
		        text, VSP_THREADS_MOST);
	*threads = n;
	return VSP_OK;
}

#endif
