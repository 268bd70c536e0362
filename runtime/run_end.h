/*
 * The end of a run: one record in vsp_rt (end, end_pc, end_known, exit_code and trap, see
 * runtime/trap.h), in every tier and in compiled programs alike.
 *
 * The record belongs to the innermost run. While a run goes on, its end is VSP_END_NONE. A run that
 * is nested in a callback leaves its end there for that callback; when the program continues, the
 * outer run takes the record back (vsp_run_resume). How compiled code was left is told by the
 * platform (vsp_plat_outcome), never by the contents of the record. So no run can mistake the end
 * of a nested run for its own.
 *
 * A request to interrupt (rt->interrupt) applies to the outermost run and to all runs in it. Code
 * that notices it traps INTERRUPTED and leaves it set, so that every outer run traps as well,
 * whatever a callback makes of the result that it got. vsp_run_settle has the last word at the end
 * of each run that a host began: if there is a request, the run was interrupted, even if it came to
 * another end first. The outermost run consumes the request, so that it cannot end the next run.
 */
#ifndef VSP_RUNTIME_RUN_END_H
#define VSP_RUNTIME_RUN_END_H

#include "state.h"

/*
 * A bit of end_known beside VSP_KNOWN_*: the run has ended in an import that compiled code called,
 * which has not stored the registers.
 */
enum { VSP_KNOWN_NO_REGISTERS = 4 };

/* A run begins. */
void vsp_run_begin(vsp_rt *rt);
/* The program continues after a nested run, or after a callback that may have made one. */
static inline void vsp_run_resume(vsp_rt *rt) { rt->end = VSP_END_NONE; }
/*
 * A run that a host began has ended as the record says: checks for a request to interrupt. True:
 * the request was consumed, which only the outermost run does.
 */
bool vsp_run_settle(vsp_rt *rt, bool outermost);
/* Has the run ended by INTERRUPTED? */
static inline bool vsp_run_interrupted(const vsp_rt *rt)
{
	return rt->end == VSP_END_TRAPPED && rt->trap.kind == VSP_TRAP_INTERRUPTED;
}

#endif
