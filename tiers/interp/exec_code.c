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

uint64_t *vsp_exec_open_call(vsp_exec *x, uint32_t f, const int64_t *args)
{
	vsp_exec_frame *landing = x->frames, *base = landing + 1;
	unsigned params = x->module->funcs[f].params;
	landing->func = VSP_NO_PC;
	memset(base->r, 0, sizeof base->r);
	if (params)
		base->r[0] = (uint64_t)args[0];
	for (unsigned i = 1; i < params; i++)
		base->r[i] = (uint64_t)args[i];
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
void vsp_exec_close_call(vsp_exec *x)
{
	x->rt->end = VSP_END_RETURNED;
	x->rt->end_known = VSP_KNOWN_MEMORY | VSP_KNOWN_STATE;
	x->shown = x->base;
	vsp_exec_forget_frames(x);
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
