/*
 * The state of the baseline compiler, which its files share: compile.c makes code, schedule.c
 * decides when and on which thread.
 */
#ifndef VSP_TIERS_BASELINE_PARTS_H
#define VSP_TIERS_BASELINE_PARTS_H

#include "baseline.h"
#include "tiers/background.h"
#include "tiers/effort.h"
#include "tiers/slab.h"

typedef struct vsp_baseline_function {
	_Atomic(vsp_decoded *) decoded;
	vsp_extent extent;
	vsp_baseline_stats stats;
	uint64_t start_ns;
	_Atomic uint64_t waiting_ns; /* the part of it in what the threads know of one another */
	_Atomic bool settled;        /* it has its code, or will have none; the fields above stay as they are */
	bool told;                   /* to the watch */
} vsp_baseline_function;

/*
 * In tier auto, where a program may end before code has paid, the owner's thread compiles functions
 * only while that hardly counts (tiers/effort.h). Others are left to a thread that works on idle
 * processors; if there is none, they wait.
 */
struct vsp_baseline {
	vsp_faster faster; /* first member: the interpreter holds a pointer to it */
	const vsp_module_data *module;
	vsp_account *account;
	vsp_slab slab; /* reserved when it is first needed: most instances live for a few calls */
	/*
	 * Makes the code of a function that has none. Null, or why there is none. For any thread,
	 * but for one at a time with the same function. A pointer, since compile.c uses schedule.c.
	 */
	const char *(*make)(vsp_baseline *baseline, uint32_t func, const _Atomic uint32_t *interrupt);
	vsp_baseline_function *functions;
	vsp_baseline_watch watch;
	vsp_effort effort;
	vsp_beside *beside; /* or null */
	uint64_t predicted_ns,
	        taken_ns; /* of the functions compiled so far; they begin with some that took what was predicted */
	unsigned kind;    /* in which functions are decoded */
	vsp_background *background; /* null: not needed yet, or it cannot be had */
	bool alone;                 /* there is one processor, or no other thread */
};

/* For any thread; what is then known of the function is visible. */
static inline bool vsp_baseline_is_settled(const vsp_baseline *baseline, uint32_t func)
{
	return atomic_load_explicit(&baseline->functions[func].settled, memory_order_acquire);
}

/* schedule.c: compiles a function, or has it compiled, if it is time for that. Is it settled? */
bool vsp_baseline_settle(vsp_baseline *baseline, uint32_t func, const _Atomic uint32_t *interrupt);
/*
 * schedule.c: makes the compiler belong to this process, if the process was forked: what the other
 * thread was in the middle of cannot be gone on with.
 */
void vsp_baseline_after_fork(vsp_baseline *baseline);

#endif
