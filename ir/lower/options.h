/*
 * The options of the lowering, for its callers. This header needs no LLVM: the tier manager fills
 * the options in.
 */
#ifndef VSP_LOWER_OPTIONS_H
#define VSP_LOWER_OPTIONS_H

#include <stdbool.h>

typedef struct vsp_lower_options {
	bool precise;       /* accesses stay in order and none is dropped; otherwise LLVM may move and merge them */
	bool mark;          /* guarded accesses first store their place in rt->access_pc */
	bool guarded;       /* memory has guard pages and never moves; otherwise accesses are checked */
	bool mask;          /* checked addresses are masked, in case the check was mispredicted */
	bool meter;         /* count instructions in rt->charged */
	bool fuel;          /* take instructions from rt->fuel, and trap FUEL */
	bool deterministic; /* canonical NaNs */
	bool poll;          /* loop heads, CALLs and functions that call poll rt->interrupt */
	bool exact_depth;   /* rt->depth counts activations, and rt->max_depth is enforced */
	bool stack_check;   /* functions that call compare SP with rt->stack_limit, and continue in tier 0 below it */
	bool debug;         /* locations: the line is the code address */
	/*
	 * Places of accesses and calls only, in VSP_PCSECTION_NAME; if the target has no such
	 * sections, locations
	 */
	bool pcsections;
	bool count;    /* count entries and loop iterations, and move to better code */
	bool optimise; /* facts for the optimiser are worth their cost */
	bool ranges;   /* kernels are checked against rt->ranges */
	/*
	 * Functions above a limit (limits.def) are refused; otherwise they are lowered whatever
	 * their size
	 */
	bool refuse;
	/*
	 * Native forms return a status, through which the run ends; otherwise it ends by leaving
	 * their frames
	 */
	bool status;
	/*
	 * Kernels for a device (kernel.h), with status: memory is in another address space, and
	 * every poll takes one from rt->fuel, the number of loop iterations that a device may spend
	 */
	bool device;
	bool fma; /* the fused multiplication and addition is an instruction, though not on all machines of the kind */
} vsp_lower_options;

#endif
