/*
 * The interpreter's loop by tail calls (loop_tail.h): its handlers of single instructions, and the
 * table of all handlers.
 */
#include "loop_tail.h"

#define VSP_PART VSP_PART_SINGLE
#define HANDLER HANDLER_FUNCTION
#include "handlers.def"

static vsp_handler_fn *const functions[] = {
#define HANDLER(NAME, ...) [VSP_H_##NAME] = vsp_do_##NAME,
#include "handlers.def"
};

static void loop_run(vsp_exec *x, const vsp_cell *ip)
{
	((vsp_handler_fn *)ip->run.function)(ip, x->frame, x->rt->caller.memory, x);
}

static vsp_dispatch loop_target(unsigned handler)
{
	return (vsp_dispatch){.function = (void (*)(void))functions[handler]};
}

const vsp_loop vsp_exec_loop = {"tail", loop_run, loop_target};
