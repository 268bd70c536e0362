/*
 * The clocks that WASI programs ask for, on POSIX.
 */
#include "posix_files.h"

#include <errno.h>
#include <sched.h>
#include <time.h>

static const clockid_t clocks[VSP_CLOCKS] = {[VSP_CLOCK_REAL] = CLOCK_REALTIME,
        [VSP_CLOCK_MONOTONIC] = CLOCK_MONOTONIC,
        [VSP_CLOCK_PROCESS] = CLOCK_PROCESS_CPUTIME_ID,
        [VSP_CLOCK_THREAD] = CLOCK_THREAD_CPUTIME_ID};

static int give(int failed, struct timespec t, uint64_t *ns)
{
	*ns = (uint64_t)t.tv_sec * UINT64_C(1000000000) + (uint64_t)t.tv_nsec;
	return failed ? vsp_posix_file_error(errno) : 0;
}

int vsp_clock_time(enum vsp_file_clock clock, uint64_t *ns)
{
	struct timespec t = {0};
	int failed = clock_gettime(clocks[clock], &t);
	return give(failed, t, ns);
}

int vsp_clock_resolution(enum vsp_file_clock clock, uint64_t *ns)
{
	struct timespec t = {0};
	int failed = clock_getres(clocks[clock], &t);
	return give(failed, t, ns);
}

void vsp_clock_yield(void) { sched_yield(); }
