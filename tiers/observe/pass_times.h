/*
 * The time that the compiler's passes took, summed by tier and name. The compile thread adds, the
 * instance's thread asks.
 */
#ifndef VSP_TIERS_PASS_TIMES_H
#define VSP_TIERS_PASS_TIMES_H

#include <stdbool.h>
#include <stdint.h>

typedef struct vsp_pass_times vsp_pass_times;

/* The sum of one pass. */
typedef struct vsp_pass_time {
	int tier;
	const char *name; /* valid as long as the sums */
	uint64_t runs, ns;
} vsp_pass_time;

/* Null: out of memory. */
vsp_pass_times *vsp_pass_times_create(void);
/* times may be null. */
void vsp_pass_times_destroy(vsp_pass_times *times);
/* Adds one run of a pass; without memory it is lost. */
void vsp_pass_times_add(vsp_pass_times *times, int tier, const char *name, uint64_t ns);
/*
 * The index-th sum: the higher tier comes first, and within a tier the pass that took longest.
 * False: there are no more.
 */
bool vsp_pass_times_get(vsp_pass_times *times, uint32_t index, vsp_pass_time *out);

#endif
