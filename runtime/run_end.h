/*
 * How a run ended: one record in vsp_rt - end, end_pc, end_known, exit_code and trap (runtime/trap.h) - in every tier and in compiled
 * programs alike.
 *
 * The record is the innermost run's. While a run goes on, its end is VSP_END_NONE. What a run nested in a callback has left there is for that callback to
 * see; when the program goes on, the run around it takes the record back (vsp_run_resume). And how compiled code was left says
 * the platform (vsp_plat_outcome), never what happens to be in the record. So no run can take the end of a nested one for its own.
 *
 * A request to interrupt (rt->interrupt) is for the outermost run and for all runs in it. Who notices it traps INTERRUPTED and leaves it set, so that
 * every run around traps as well, whatever a callback makes of what it got. vsp_run_settle has the last word at the end of each run
 * that a host began: where there is a request, the run was interrupted, even if it came to another end first. The outermost run uses it up, so
 * that it cannot end the next one.
 */
#ifndef VSP_RUNTIME_RUN_END_H
#define VSP_RUNTIME_RUN_END_H

#include "state.h"

/* A run begins. */
void vsp_run_begin(vsp_rt *rt);
/* The program goes on behind a nested run or a callback that may have made one. */
static inline void vsp_run_resume(vsp_rt *rt) { rt->end = VSP_END_NONE; }
/* The run that a host began has ended as the record says: looks for a request to interrupt. True: it was used up, which only the outermost does. */
bool vsp_run_settle(vsp_rt *rt, bool outermost);
/* Has the run ended by INTERRUPTED? */
static inline bool vsp_run_interrupted(const vsp_rt *rt)
{
	return rt->end == VSP_END_TRAPPED && rt->trap.kind == VSP_TRAP_INTERRUPTED;
}

#endif
