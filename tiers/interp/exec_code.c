/*
 * The interpreter's part of calls from a host that enter compiled code at once. To everybody else
 * they look like calls through the interpreter: there is a base frame, whose registers the code
 * takes over, so that functions without code, callbacks that call again, traps and the state shown
 * find what they expect.
 */
#include "exec_run.h"
#include "interp.h"

#include <string.h>

#include "runtime/run_end.h"

/* The frame below it is its landing frame. */
static vsp_exec_frame *base_frame(const vsp_exec *x) { return x->frames + 1; }

static inline void set_registers(uint64_t *regs, unsigned params, const int64_t *args)
{
	memset(regs, 0, VSP_REGISTERS * sizeof *regs);
	if (params)
		regs[0] = (uint64_t)args[0];
	for (unsigned i = 1; i < params; i++)
		regs[i] = (uint64_t)args[i];
}

uint64_t *vsp_exec_open_call(vsp_exec *x, uint32_t f, const int64_t *args)
{
	vsp_exec_frame *base = base_frame(x);
	base[-1].func = VSP_NO_PC;
	set_registers(base->r, x->module->funcs[f].params, args);
	base->ret = &x->end_cell;
	base->flag_state = 0;
	base->func = f;
	x->frame = x->base = base;
	x->base_depth = x->rt->depth = 0;
	x->set = x->main_set;
	x->ip = 0; /* the place is the function's start */
	x->shown = NULL;
	return base->r;
}

/*
 * The registers of the state shown stay where they are until somebody looks: copying them would
 * cost as much as all the rest, because the processor waits for the code's last stores.
 */
static inline void show_base(vsp_exec *x)
{
	x->rt->end = VSP_END_RETURNED;
	x->rt->end_known = VSP_KNOWN_MEMORY | VSP_KNOWN_STATE;
	x->shown = base_frame(x);
}

void vsp_exec_close_call(vsp_exec *x)
{
	show_base(x);
	vsp_exec_forget_frames(x); /* there were no other frames */
}

const uint64_t *vsp_exec_call_short(vsp_exec *x, vsp_entry_fn code, unsigned params, const int64_t *args)
{
	vsp_rt *rt = x->rt;
	uint64_t *regs = base_frame(x)->r;
	set_registers(regs, params, args);
	rt->sp = x->module->stack_top;
	rt->end_pc = code(rt, regs, 0, 0); /* its start is no loop's head, so it takes no rt->slots over */
	show_base(x);
	return regs;
}

vsp_status vsp_exec_fail_call(vsp_exec *x, bool returned, vsp_error *error)
{
	vsp_rt *rt = x->rt;
	if (returned)
		vsp_exec_close_call(x);
	else if (rt->end == VSP_END_TRAPPED)
		vsp_exec_backtrace(x);
	vsp_status status = vsp_exec_settle(x, true, error);
	vsp_exec_forget_frames(x);
	return status == VSP_OK && rt->end != VSP_END_RETURNED ? VSP_HALTED : status;
}

void vsp_exec_show(vsp_exec *x)
{
	if (x && x->shown)
		memcpy(x->rt->r, x->shown->r, sizeof x->rt->r);
	if (x)
		x->shown = NULL;
}
