/*
 * The interpreter's loop by guaranteed tail calls: each handler is a function that ends in a jump
 * to the next one, and the state stays in the same machine registers throughout. With
 * preserve_none, handlers need not save any registers. Several files define the thousands of
 * handlers, each those of its VSP_PART (handlers.def).
 */
#ifndef VSP_TIERS_LOOP_TAIL_H
#define VSP_TIERS_LOOP_TAIL_H

#include "handlers.h"

#define HANDLER_CALL __attribute__((preserve_none))
typedef HANDLER_CALL void vsp_handler_fn(const vsp_cell *ip, vsp_exec_frame *F, uint8_t *mem, vsp_exec *x);

#define GO(cell) \
	do { \
		const vsp_cell *go = (cell); \
		__attribute__((musttail)) return ((vsp_handler_fn *)go->run.function)(go, F, mem, x); \
	} while (0)
#define LEAVE(how) \
	do { \
		x->left = (how); \
		return; \
	} while (0)

#define HANDLER(NAME, ...) vsp_handler_fn vsp_do_##NAME;
#include "handlers.def"

/* The meaning of HANDLER where handlers are defined. */
#define HANDLER_FUNCTION(NAME, ...) \
	HANDLER_CALL void vsp_do_##NAME(const vsp_cell *ip, vsp_exec_frame *F, uint8_t *mem, vsp_exec *x) \
	{ \
		(void)ip, (void)F, (void)mem; \
		__VA_ARGS__; \
	}

#endif
