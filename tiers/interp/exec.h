/*
 * What the interpreter's parts share: cells, frames, and the state of one interpreter.
 *
 * A frame is an activation. Frames lie in one array; a caller's is the one below, also across nested runs from host
 * callbacks. Registers come first, so that a pointer to a frame is a pointer to registers.
 */
#ifndef VSP_TIERS_EXEC_H
#define VSP_TIERS_EXEC_H

#include "ir/profile.h"
#include "runtime/platform/guarded.h"
#include "interp.h"

typedef struct vsp_cell vsp_cell;
typedef struct vsp_exec_frame vsp_exec_frame;

/* Where a cell's handler is: a function, a label or a number, as the dispatch has it. */
typedef union vsp_dispatch {
	void (*function)(void);
	const void *label;
	uintptr_t number;
	uint64_t filler; /* 8 bytes on every host */
} vsp_dispatch;

/* Operands of one instruction of a pair: its three fields, or two and an immediate. */
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
	const vsp_cell *ret; /* where the caller goes on */
	/* The flags: their value (below VSP_LAZY_LIMIT), or the address + slot of the cell that last wrote them, to be computed
	   from flag_b and flag_c when a trap shows them. */
	uintptr_t flag_state;
	uint64_t flag_b, flag_c;
	uint32_t func;
	uint32_t sp;                     /* SP at entry, where the function may change it */
	uint32_t calls;                  /* exec->return_count at entry, in functions with CALLs */
	uint32_t pipe_index, pipe_count; /* step and steps of the PIPE that the activation waits in */
};
enum { VSP_LAZY_LIMIT = 8 };
static_assert(offsetof(vsp_exec_frame, r) == 0 && sizeof(uint64_t[VSP_REGISTERS]) <= 256,
        "operands are byte offsets of 8 bits");

/* How the interpreter's loop came to its end. */
typedef enum vsp_left {
	VSP_LEFT_RETURNED, /* the base activation ended by RET */
	VSP_LEFT_HALTED,
	VSP_LEFT_EXITED,
	VSP_LEFT_TRAPPED, /* rt->trap.kind is set */
	VSP_LEFT_PAUSED,  /* single step */
	VSP_LEFT_ENDED    /* nested or compiled code ended the run and has recorded everything */
} vsp_left;

struct vsp_code_set;

struct vsp_exec {
	vsp_rt *rt;
	/* Cell being executed, + 1 when it is the second instruction of a pair. Set before whatever may fault or leave. */
	volatile uintptr_t ip;
	vsp_exec_frame *frame;          /* the active one */
	_Atomic(uintptr_t) frame_limit; /* INVOKE takes the slow path from this frame on; 0 after an interrupt */
	const _Atomic(const vsp_cell *) *entries; /* of set */
	_Atomic uint32_t stop;                    /* an interrupt waits: follows rt->interrupt */
	uint32_t left;                            /* vsp_left */
	/* Return cells of the CALLs pending in frames here. rt->calls counts those that pend in compiled code as well, so it is no index of these. */
	const vsp_cell **returns;
	uint32_t return_count, returns_capacity;
	bool stepping;                 /* leave at the next pause cell */
	uint64_t charged;              /* instructions, block by block */
	uint32_t *counters;            /* of function f: entries at [2f], loop iterations at [2f + 1] */
	uint32_t *thresholds;          /* counts at which to ask the compiler */
	_Atomic(vsp_count *) *tallies; /* profile->counts, for code that tallies */

	/* Known to the slow parts only. */
	const struct vsp_code_set *set;      /* the code being run */
	const struct vsp_code_set *main_set; /* the code of this instance's options */
	struct vsp_code *code;
	unsigned kind; /* of main_set */
	const vsp_module_data *module;
	vsp_exec_frame *frames, *frames_end;
	vsp_guarded frames_memory, returns_memory;
	vsp_exec_frame *base; /* first frame of the innermost run */
	uint32_t base_depth;  /* its depth */
	vsp_compiler *compiler;
	vsp_profile *profile; /* null: nothing is tallied */
	const struct vsp_code_set
	        *sample_set; /* tallies; functions run in it now and then. Null: none do, or not yet */
	uint32_t *samples;   /* per counter: the count at which to tally next; null: nothing is sampled */
	vsp_cell end_cell;   /* where base frames return to */
	bool pending;        /* a stepped run can go on, at resume */
	uintptr_t resume;
};

/* ---- tiers/interp/slow_paths.c: what handlers call; ip has been saved ---- */

/* The function of x->frame has no cells yet: its entry, or null after a trap. */
const vsp_cell *vsp_exec_decode(vsp_exec *x);
/* INVOKE of f with so many params at or beyond the frame limit: does it if it may, and returns the entry; null after a trap. */
const vsp_cell *vsp_exec_grow(vsp_exec *x, unsigned params, uint32_t f);
/* CALL: makes room for a return address; 0 or a trap. */
int vsp_exec_grow_returns(vsp_exec *x);
/* BAD_FUNCTION or 0, for INVOKEI. */
int vsp_exec_check_indirect(vsp_exec *x, uint64_t index, unsigned signature);
/* 0, or the trap of an access of n bytes at ea, the declared ranges of a kernel included. */
int vsp_exec_check(vsp_exec *x, int64_t ea, unsigned n, bool write);
/* Makes the counters of the active function; 0 or a trap. */
int vsp_exec_open_tally(vsp_exec *x);
/* FUEL: charges n; 0 or a trap. */
int vsp_exec_charge(vsp_exec *x, uint32_t n);
/* The flags of the active frame as a status byte, computed if they are not. */
unsigned vsp_exec_flags(vsp_exec *x, const vsp_exec_frame *frame);
/* stop is set: is there still a request to interrupt? What comes late, when another run has used it up, is forgotten. */
bool vsp_exec_stops(vsp_exec *x);
/* Sets rt->depth for code that may come back into the interpreter. */
void vsp_exec_show_depth(vsp_exec *x);
/* A counter has passed its threshold at cell (entry or loop head). Returns where to go on: cell + 1, the caller's cell after compiled code has run
   the activation to its end, or null when the run is over. */
const vsp_cell *vsp_exec_hot(vsp_exec *x, const vsp_cell *cell);

/* ---- the loop: one of tiers/interp/loop_*.c, see tiers/interp/handlers.def ---- */

struct vsp_loop {
	const char *name;
	/* Executes from ip on in x->frame until x->left is set. */
	void (*run)(vsp_exec *x, const vsp_cell *ip);
	/* What a cell of a handler (enum vsp_handler) dispatches to. */
	vsp_dispatch (*target)(unsigned handler);
};

#endif
