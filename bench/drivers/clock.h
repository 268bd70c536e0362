/*
 * The clock of all drivers: monotonic, in nanoseconds.
 */
#ifndef VSP_BENCH_CLOCK_H
#define VSP_BENCH_CLOCK_H

#include <stdint.h>
#include <time.h>

static inline uint64_t bench_now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

#endif
