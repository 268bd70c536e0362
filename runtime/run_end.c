/*
 * The functions that record the end of a run and report it, see run_end.h.
 */
#include "run_end.h"

#include "trap.h"

void vsp_run_begin(vsp_rt *rt)
{
	rt->end = VSP_END_NONE;
	rt->end_known = 0;
	rt->access_pc = VSP_NO_PC;
}

/* Replaces the end of the run by an interrupt at the same place, with the places of a trap. */
static void end_interrupted(vsp_rt *rt)
{
	if (rt->end == VSP_END_TRAPPED) {
		vsp_trap_becomes_interrupt(rt);
		return;
	}
	vsp_rt_fail(rt, VSP_TRAP_INTERRUPTED, NULL);
	vsp_trap_at(rt, rt->end_pc, vsp_trap_func_at(rt, rt->end_pc));
}

bool vsp_run_settle(vsp_rt *rt, bool outermost)
{
	if (!atomic_load_explicit(&rt->interrupt, memory_order_relaxed))
		return false;
	if (!vsp_run_interrupted(rt))
		end_interrupted(rt);
	return outermost && atomic_exchange(&rt->interrupt, 0);
}
