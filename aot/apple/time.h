/*
 * Clocks on Apple's systems, see assert.h.
 */
#ifndef VSP_APPLE_TIME_H
#define VSP_APPLE_TIME_H

typedef long time_t;
struct timespec {
	time_t tv_sec;
	long tv_nsec;
};

typedef enum clockid_t { CLOCK_MONOTONIC = 6 } clockid_t;
int clock_gettime(clockid_t clock, struct timespec *time);

#endif
