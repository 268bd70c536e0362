/*
 * What tier auto may spend on the program's own thread: work that makes code faster is put off
 * until the program has run so long that the work hardly counts, so that a program which ends
 * sooner is not held up by it.
 */
#ifndef VSP_TIERS_EFFORT_H
#define VSP_TIERS_EFFORT_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/* All in nanoseconds. */
typedef struct vsp_effort {
	uint64_t start; /* the time at which the program could begin */
	uint64_t spent;
	uint64_t free; /* what may be spent at once */
} vsp_effort;

/* Is the cost of some work, together with all that was spent, at most one part in share of the time
   so far? */
static inline bool vsp_effort_allows(const vsp_effort *effort, uint64_t now, uint64_t cost, uint32_t share)
{
	return effort->spent + cost <= effort->free + (now - effort->start) / share;
}

/* What the threads beside a program know of one another. It belongs to the program's instance. */
typedef struct vsp_beside {
	/* Nanoseconds that making baseline code will take, of functions that wait for it. */
	_Atomic uint64_t waiting_ns;
	_Atomic bool compiling; /* the compiler works, on a processor that baseline code may have first */
} vsp_beside;

#endif
