/*
 * The interface between tier 0 and a compiler, which a separate shared object implements: tier 0
 * counts and asks; the compiler compiles in its own thread and publishes. Nothing here needs LLVM,
 * and tier 0 works without any compiler.
 *
 * Tier 0 looks for compiled code only after a counter has passed its threshold: it calls `hot`, and
 * as long as that returns code, the function (or the rest of it, from a loop head on) runs there.
 */
#ifndef VSP_TIERS_COMPILER_H
#define VSP_TIERS_COMPILER_H

#include "runtime/state.h"

enum { VSP_COMPILER_VERSION = 2 };

/* Compiled code: entry, boxed and loop forms, see ir/lower/lower.h. */
typedef uint32_t (*vsp_entry_fn)(vsp_rt *rt, uint64_t *regs, uint32_t flags, uint32_t base);

/*
 * An activation at the moment when it leaves tier 0. regs, flags and sp are updated when it comes
 * back.
 */
typedef struct vsp_activation {
	uint64_t *regs; /* R0..RF. At the end: the results from R0 on, or all 16 of a transform */
	uint32_t func;
	uint32_t pc;             /* the function's start, or the loop head (a block start) */
	uint8_t flags;           /* Z N O; exact where they are live */
	uint32_t calls;          /* pending CALLs of this activation */
	uint64_t *slots;         /* local slots, or null: the function has none. Used when code is entered, not after */
	const uint32_t *returns; /* their return addresses, the innermost last */
} vsp_activation;

/*
 * What happened to an activation that ran in compiled code. Traps are in rt->trap with pc and func.
 */
enum vsp_compiled_end {
	VSP_COMPILED_RETURNED, /* the activation ended by RET */
	VSP_COMPILED_ENDED,    /* the run ended: rt->end, end_pc and, where known, r and flags are set */
};

/*
 * A compiler that is attached to one instance, embedded at the start of the implementation's own
 * struct. All functions are called on the instance's thread.
 */
typedef struct vsp_compiler {
	uint32_t version; /* VSP_COMPILER_VERSION */
	/*
	 * The count of calls or loop iterations of function func at which hot is first called; tier
	 * 0 asks for it once, when it is created.
	 */
	uint32_t (*first_count)(struct vsp_compiler *self, uint32_t func, bool loop);
	/*
	 * The counter of function func (pc is its start) or of the loop head at pc has passed its
	 * threshold; each later call means that it has passed it again. Requests compilation, once,
	 * at the tier for which the counts ask. Returns compiled code to enter here, or null to
	 * stay in tier 0. *next_at: the counter value at which to ask again (1 or more).
	 */
	const void *(*hot)(
	        struct vsp_compiler *self, vsp_rt *rt, uint32_t func, uint32_t pc, uint32_t count, uint32_t *next_at);
	/* Runs an activation to its end, in code that hot returned. */
	enum vsp_compiled_end (*enter)(
	        struct vsp_compiler *self, vsp_rt *rt, const void *code, vsp_activation *activation);
	/*
	 * pending: an interrupt was requested, and compiled code must learn of it; from any thread
	 * or signal handler. Otherwise the request has been consumed.
	 */
	void (*interrupt)(struct vsp_compiler *self, bool pending);
} vsp_compiler;

/*
 * The way back: compiled code runs a function that has no code yet by rt->run_function(rt, func,
 * regs), which tier 0 sets. regs holds the parameters (16 words, the rest 0) and afterwards the
 * results. It returns 0; a vsp_trap, with rt->trap complete; or VSP_RT_EXIT: the run has ended by
 * HLT or exit, and rt->end, end_pc, r, flags and sp are set.
 */

#endif
