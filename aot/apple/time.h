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

typedef enum clockid_t {
	CLOCK_REALTIME = 0,
	CLOCK_MONOTONIC = 6,
	CLOCK_PROCESS_CPUTIME_ID = 12,
	CLOCK_THREAD_CPUTIME_ID = 16
} clockid_t;
int clock_getres(clockid_t clock, struct timespec *time);
int clock_gettime(clockid_t clock, struct timespec *time);
int nanosleep(const struct timespec *time, struct timespec *left);

/* C11's, which the system has from macOS 10.15 on alone. */
enum { TIME_UTC = 1 };
__attribute__((unused)) static inline int timespec_get(struct timespec *time, int base)
{
	return base == TIME_UTC && clock_gettime(CLOCK_REALTIME, time) == 0 ? base : 0;
}

#endif
