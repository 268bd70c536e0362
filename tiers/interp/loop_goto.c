/*
 * The interpreter's loop by computed goto, for compilers with labels as values but without
 * guaranteed tail calls.
 */
#include "handlers.h"

#define GO(cell) \
	do { \
		ip = (cell); \
		goto * ip->run.label; \
	} while (0)
#define LEAVE(how) \
	do { \
		x->left = (how); \
		return NULL; \
	} while (0)

/* With x null, returns the table of labels. */
static const void *const *loop(vsp_exec *x, const vsp_cell *ip)
{
	static const void *const labels[] = {
#define HANDLER(NAME, ...) [VSP_H_##NAME] = &&do_##NAME,
#include "handlers.def"
	};
	if (!x)
		return labels;
	vsp_exec_frame *F = x->frame;
	uint8_t *mem = x->rt->caller.memory;
	goto * ip->run.label;
#define HANDLER(NAME, ...) \
	do_##NAME: { __VA_ARGS__; }
#include "handlers.def"
}

static void loop_run(vsp_exec *x, const vsp_cell *ip) { loop(x, ip); }
static vsp_dispatch loop_target(unsigned handler) { return (vsp_dispatch){.label = loop(NULL, NULL)[handler]}; }

const vsp_loop vsp_exec_loop = {"goto", loop_run, loop_target};
