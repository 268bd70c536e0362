/*
 * Options of the lowering, for its callers. No LLVM here: the tier manager fills it in.
 */
#ifndef VSP_LOWER_OPTIONS_H
#define VSP_LOWER_OPTIONS_H

#include <stdbool.h>

typedef struct vsp_lower_options {
	bool precise;       /* accesses in order, none dropped; else LLVM may move and merge them */
	bool mark;          /* guarded accesses first store their place in rt->access_pc */
	bool guarded;       /* memory has guard pages and never moves; else accesses are checked */
	bool mask;          /* checked addresses are masked, for where a check was mispredicted */
	bool meter;         /* count instructions in rt->charged */
	bool fuel;          /* take them from rt->fuel, and trap FUEL */
	bool deterministic; /* canonical NaNs */
	bool poll;          /* loop heads, CALLs and functions that call look at rt->interrupt */
	bool exact_depth;   /* rt->depth counts activations and rt->max_depth is kept */
	bool stack_check;   /* functions that call look at rt->stack_limit and continue in tier 0 below it */
	bool debug;         /* locations: the line is the code address */
	bool pcsections; /* places of accesses and calls alone, in VSP_PCSECTION_NAME; where the target has none, locations */
	bool count;    /* count entries and loop iterations, and rise to better code */
	bool optimise; /* facts for the optimiser are worth their cost */
	bool ranges;   /* kernels are checked against rt->ranges */
	bool refuse; /* functions above a limit (limits.def) are refused; else they are lowered however large they are */
	bool status; /* native forms return a status, and the run ends through them; else it ends over their frames */
} vsp_lower_options;

#endif
