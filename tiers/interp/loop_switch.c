/*
 * The interpreter's loop in portable C, as one switch.
 */
#include "handlers.h"

#define GO(cell) \
	{ \
		ip = (cell); \
		goto next; \
	}
#define LEAVE(how) \
	do { \
		x->left = (how); \
		return; \
	} while (0)

static void loop_run(vsp_exec *x, const vsp_cell *ip)
{
	vsp_exec_frame *F = x->frame;
	uint8_t *mem = x->rt->caller.memory;
next:
	switch ((enum vsp_handler)ip->run.number) {
#define HANDLER(NAME, ...) \
	case VSP_H_##NAME: { \
		__VA_ARGS__; \
	}
#include "handlers.def"
	case VSP_HANDLERS: break;
	}
}

static vsp_dispatch loop_target(unsigned handler) { return (vsp_dispatch){.number = handler}; }

const vsp_loop vsp_exec_loop = {"switch", loop_run, loop_target};
