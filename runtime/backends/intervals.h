/*
 * Sets of addresses, as intervals in order that neither overlap nor touch. What a provider knows of
 * the mirror of linear memory: which bytes are there, and which are newer than the program's.
 */
#ifndef VSP_RUNTIME_INTERVALS_H
#define VSP_RUNTIME_INTERVALS_H

#include <stdbool.h>
#include <stdint.h>

enum { VSP_INTERVALS_MAX = 128 };

typedef struct vsp_intervals {
	uint32_t count;
	struct vsp_interval {
		uint64_t from, to; /* to: the address behind the last one */
	} list[VSP_INTERVALS_MAX];
} vsp_intervals;

/* False: there is no room for another interval, and the set is as before. from == to adds
   nothing. */
bool vsp_intervals_add(vsp_intervals *set, uint64_t from, uint64_t to);
/*
 * The first part of [from, to) that is not in the set, or an empty one at `to`: [*at, *end).
 */
bool vsp_intervals_gap(const vsp_intervals *set, uint64_t from, uint64_t to, uint64_t *at, uint64_t *end);
/* Is any address of [from, to) in the set? */
bool vsp_intervals_meet(const vsp_intervals *set, uint64_t from, uint64_t to);

#endif
