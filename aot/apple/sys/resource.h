/*
 * Resources that a process has used on Apple's systems, see assert.h.
 */
#ifndef VSP_APPLE_SYS_RESOURCE_H
#define VSP_APPLE_SYS_RESOURCE_H

#include <stdint.h>

#define RUSAGE_SELF 0

struct timeval {
	long tv_sec;
	int32_t tv_usec;
};
struct rusage {
	struct timeval ru_utime, ru_stime;
	long ru_maxrss, others[13];
};

int getrusage(int who, struct rusage *usage);

_Static_assert(sizeof(struct rusage) == 144, "the system's layout");

#endif
