/*
 * The state of one interpreter, with its cells and frames, which the interpreter's files share.
 *
 * A frame is an activation. Frames lie in one array; the frame of the caller is the one below, also
 * across nested runs from host callbacks. Registers come first, so that a pointer to a frame is a
 * pointer to its registers.
 */
#ifndef VSP_TIERS_EXEC_H
#define VSP_TIERS_EXEC_H

#include "ir/profile.h"
#include "runtime/platform/guarded.h"
#include "interp.h"
#include "tiers/effort.h"

typedef struct vsp_cell vsp_cell;
typedef struct vsp_exec_frame vsp_exec_frame;

/* The handler of a cell: a function, a label or a number, depending on the kind of dispatch. */
typedef union vsp_dispatch {
	void (*function)(void);
	const void *label;
	uintptr_t number;
	uint64_t filler; /* makes it 8 bytes on every host */
} vsp_dispatch;

/* The operands of one instruction of a pair: its three fields, or two fields and an immediate. */
typedef struct vsp_slot {
	uint8_t a, b;
	union {
		struct {
			uint8_t c, d;
		};
		int16_t imm;
	};
} vsp_slot;

struct vsp_cell {
	vsp_dispatch run;
	union {
		vsp_slot slot[2];
		struct {
			uint8_t a, b, c, d;
			int32_t imm;
		};
		uint64_t wide;
	};
};
static_assert(sizeof(vsp_cell) == 16 && sizeof(vsp_slot) == 4, "cells are 16 bytes");

struct vsp_exec_frame {
	uint64_t r[VSP_REGISTERS];
	const vsp_cell *ret; /* the caller's next cell */
	/*
	 * The flags: their value (below VSP_LAZY_LIMIT), or the address + slot of the cell that
	 * last wrote them. In the latter case they are computed from flag_b and flag_c when a trap
	 * shows them.
	 */
	uintptr_t flag_state;
	uint64_t flag_b, flag_c;
	uint32_t func;
	uint32_t sp;                     /* SP at entry, if the function may change it */
	uint32_t calls;                  /* exec->return_count at entry, in functions with CALLs */
	uint32_t pipe_index, pipe_count; /* step and number of steps of the PIPE that the activation waits in */
	uint64_t *slots;                 /* local slots, in functions that have some */
};
enum { VSP_LAZY_LIMIT = 8 };
static_assert(offsetof(vsp_exec_frame, r) == 0 && sizeof(uint64_t[VSP_REGISTERS]) <= 256,
        "operands are byte offsets of 8 bits");

/* The reasons why the interpreter's loop was left. */
typedef enum vsp_left {
	VSP_LEFT_RETURNED, /* the base activation ended by RET */
	VSP_LEFT_HALTED,
	VSP_LEFT_EXITED,
	VSP_LEFT_TRAPPED, /* rt->trap.kind is set */
	VSP_LEFT_PAUSED,  /* a single step is done */
	VSP_LEFT_ENDED    /* nested or compiled code ended the run and has recorded everything */
} vsp_left;

struct vsp_code_set;

struct vsp_exec {
	vsp_rt *rt;
	/*
	 * The cell being executed, + 1 for the second instruction of a pair. It is set before
	 * anything that may fault or leave the loop.
	 */
	volatile uintptr_t ip;
	vsp_exec_frame *frame;          /* the active frame */
	_Atomic(uintptr_t) frame_limit; /* INVOKE takes the slow path from this frame on; 0 after an interrupt */
	const _Atomic(const vsp_cell *) *entries; /* entries of set */
	_Atomic uint32_t stop;                    /* an interrupt is pending: follows rt->interrupt */
	uint32_t left;                            /* vsp_left */
	/*
	 * The return cells of the CALLs that are pending in frames here. rt->calls also counts
	 * those pending in compiled code, so it is not an index into these.
	 */
	const vsp_cell **returns;
	uint32_t return_count, returns_capacity;
	uint64_t *slot_top;            /* the first local slot that no activation has; null: there are none yet */
	bool stepping;                 /* leave at the next pause cell */
	uint64_t charged;              /* instructions, block by block */
	uint32_t *counters;            /* of function f: entries at [2f], loop iterations at [2f + 1] */
	uint32_t *thresholds;          /* the counts at which the compiler is asked */
	_Atomic(vsp_count *) *tallies; /* profile->counts, for code that tallies */

	/* Known only to the slow paths. */
	const struct vsp_code_set *set;      /* the code being run */
	const struct vsp_code_set *main_set; /* the code of this instance's options */
	struct vsp_code *code;
	unsigned kind; /* the kind of main_set */
	const vsp_module_data *module;
	vsp_exec_frame *frames, *frames_end;
	vsp_guarded frames_memory, returns_memory, slots_memory;
	uint64_t *slots, *slots_charged; /* the first slot, and where those end for which the account was charged */
	vsp_exec_frame *base;            /* the first frame of the innermost run */
	uint32_t base_depth;             /* its depth */
	vsp_compiler *compiler;
	struct vsp_faster *faster; /* gives functions of main_set faster code; null: nobody does */
	/*
	 * The entries of main_set's functions in this instance: those of the set, or of faster
	 * code. Null without faster.
	 */
	_Atomic(const vsp_cell *) *own_entries;
	vsp_profile *profile; /* null: nothing is tallied */
	const struct vsp_code_set
	        /*
	         * Code that tallies; functions run in it from time to time. Null: none does, or not
	         * yet.
	         */
	        *sample_set;
	uint32_t *samples;           /* per counter: the count at which to tally next; null: no sampling */
	vsp_effort effort;           /* what decoding functions for samples has cost */
	const vsp_exec_frame *shown; /* the state shown has its registers, not rt->r; null: rt->r has them */
	vsp_cell end_cell;           /* base frames return to it */
	bool pending;                /* a stepped run can be continued, at resume */
	uintptr_t resume;
};

/* ---- slow_paths.c: functions for handlers; ip has been saved ---- */

/*
 * The function of x->frame has no cells yet: decodes it. Returns its entry, or null after a trap.
 */
const vsp_cell *vsp_exec_decode(vsp_exec *x);
/*
 * INVOKE of f with this many parameters, at or beyond the frame limit. Does it if that is allowed,
 * and returns the entry; null after a trap.
 */
const vsp_cell *vsp_exec_grow(vsp_exec *x, unsigned params, uint32_t f);
/* For CALL: makes room for a return address. Returns 0 or a trap. */
int vsp_exec_grow_returns(vsp_exec *x);
/* Gives the active frame n local slots, all 0. Returns 0 or a trap. */
int vsp_exec_open_slots(vsp_exec *x, uint32_t n);
/* For INVOKEI of a function that does not exist or fit: returns BAD_FUNCTION. */
int vsp_exec_refuse_indirect(vsp_exec *x, uint64_t index);
/*
 * Returns 0, or the trap of an access of n bytes at ea; also checks the declared ranges of a
 * kernel.
 */
int vsp_exec_check(vsp_exec *x, int64_t ea, unsigned n, bool write);
/* Creates the counters of the active function. Returns 0 or a trap. */
int vsp_exec_open_tally(vsp_exec *x);
/* The flags of the active frame as a status byte; computes them if they are lazy. */
unsigned vsp_exec_flags(vsp_exec *x, const vsp_exec_frame *frame);
/*
 * stop is set: is there still a request to interrupt? A late one, which another run has consumed,
 * is forgotten.
 */
bool vsp_exec_stops(vsp_exec *x);
/* Sets rt->depth for code that may call back into the interpreter. */
void vsp_exec_show_depth(vsp_exec *x);
/*
 * A counter has passed its threshold at cell (an entry or loop head). Returns the cell at which the
 * run continues: cell + 1, or the caller's cell after compiled code has run the activation to its
 * end, or null when the run is over.
 */
const vsp_cell *vsp_exec_hot(vsp_exec *x, const vsp_cell *cell);

/* ---- the loop: one of loop_*.c, see handlers.def ---- */

struct vsp_loop {
	const char *name;
	/* Executes x->frame from ip until x->left is set. */
	void (*run)(vsp_exec *x, const vsp_cell *ip);
	/* The dispatch value of a handler (enum vsp_handler), for cells. */
	vsp_dispatch (*target)(unsigned handler);
};

#endif
