/*
 * Declarations that the parts of the generator share: its state, random choices, and the text
 * written so far. See generate.h.
 *
 * Invariants. Registers in reserved hold loop counters and are written by nobody. Labels are
 * L<function>_<number>. A template leaves SP where it was, unless the program is to be wild.
 */
#ifndef VSP_TEST_GENERATE_PARTS_H
#define VSP_TEST_GENERATE_PARTS_H

#include <inttypes.h>
#include <stdbool.h>

#include "generate.h"

#include "ir/opcode.h"

enum {
	MAX_FUNCS = 12,
	MAX_NESTING = 4,
	GLOBALS = 8,
	SLOTS = 12, /* local ones; rarely more */
	MOST_SLOTS = 80,
	FIRST_ELEMENT = 2, /* of table 0: function n is entry FIRST_ELEMENT + n; table 1 is empty */
	ARENA = 0x20000,   /* where confined accesses go: the data segment */
	ARENA_SIZE = 0x8000,
	MODE_BYTE = 0x28080, /* of COMPAT */
	COUNTERS = 0x28100,  /* loop counters kept in memory */
	PIPE_LIST = 0x28200,
	BLOCK = 0x28300,      /* argument block of LAUNCH */
	KERNEL_OUT = 0x28600, /* what kernels write */
	KERNEL_OWN = 32,      /* bytes of it for each iteration */
	MOST_ITERATIONS = 32,
	KERNEL_IN = ARENA + 0x2000, /* what they read besides */
	KERNEL_IN_SIZE = 0x1000
};

typedef struct func {
	char kind; /* f, t, k */
	unsigned params, results;
	unsigned type; /* its number in section TYPE */
	bool plain;    /* kernels may call it: it contains only what they may contain */
} func;

typedef struct gen {
	uint64_t rng;
	char *text;
	size_t used, size;
	bool failed;
	const generate_options *options;
	func funcs[MAX_FUNCS]; /* main first; the last one, leaf, is exported and reaches no import */
	unsigned func_count, current, types;
	unsigned labels, loops;
	unsigned nesting;
	int budget;        /* instructions left for this function */
	uint16_t reserved; /* registers that hold loop counters */
	bool subroutine;   /* a CALL target is to be emitted after the body */
	unsigned subroutine_label;
	bool in_loop; /* of the innermost loop, exit and latch may be jumped to from here */
	unsigned exit_label, latch_label;
} gen;

/* Is only what kernels may contain allowed here? */
static inline bool in_kernel(const gen *g) { return g->funcs[g->current].kind == 'k' || g->funcs[g->current].plain; }
static inline bool in_leaf(const gen *g) { return g->current == g->func_count - 1; }

/* ---- generate_text.c ---- */

uint64_t gen_next(gen *g);
unsigned gen_below(gen *g, unsigned n);
/* One time in n on average; never when n is 0. */
bool gen_one_in(gen *g, unsigned n);
void gen_out(gen *g, const char *format, ...)
#if defined(__GNUC__)
        __attribute__((format(printf, 2, 3)))
#endif
        ;
/* A register that may be written. */
unsigned gen_target(gen *g);
/* Values at edges: small, powers of two, limits, floats. */
int64_t gen_interesting(gen *g);
/* MOVI of such a value. */
void gen_constant(gen *g);
/* One instruction that needs no template, after instructions that make its operands valid. */
void gen_plain(gen *g);

/* ---- generate_flow.c: templates with branches and calls ---- */

/* Some items, within the innermost open template; share: of the budget, less for greater
   numbers. */
void gen_body(gen *g, int share);
void gen_conditional(gen *g);
void gen_counted_loop(gen *g);
void gen_leave_loop(gen *g);
void gen_table_branch(gen *g);
void gen_call(gen *g);
void gen_recursion(gen *g);
void gen_local_call(gen *g);
void gen_subroutine(gen *g);
void gen_end_early(gen *g);

/* ---- generate_effects.c: templates that touch more than registers ---- */

void gen_stack_use(gen *g);
void gen_batch(gen *g);
void gen_mode_change(gen *g);
void gen_host(gen *g);
void gen_memory(gen *g);

/* ---- generate_kernel.c: what is in kernels alone ---- */

void gen_begin_kernel(gen *g);
void gen_end_kernel(gen *g);
/* A load or a store of any form that kernels may have, within the ranges of every LAUNCH. */
void gen_kernel_memory(gen *g);
/* LAUNCH of a kernel with its argument block. */
void gen_launch(gen *g, unsigned f);

/* ---- generate_loads.c ---- */

void gen_useless_load(gen *g);

#endif
