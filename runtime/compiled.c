/*
 * The C side of compiled code, see compiled.h. Every stop stores what happened and then leaves generated frames; nothing here
 * holds a resource when it does.
 */
#include "compiled.h"

#include <string.h>

#include "platform.h"

/* Ends the run with a trap, described before or here. The place is where compiled code was, unless a nested run has named its own. */
static _Noreturn void stop(vsp_rt *rt, uint32_t pc, uint32_t func)
{
	if (rt->trap.pc == VSP_NO_PC) {
		rt->trap.pc = pc;
		rt->trap.func = func;
	}
	rt->end = VSP_END_TRAPPED;
	rt->end_pc = rt->trap.pc;
	vsp_plat_leave();
}

_Noreturn void vsp_rt_stop_trap(vsp_rt *rt, uint32_t kind, uint32_t pc, uint32_t func)
{
	vsp_rt_fail(rt, (vsp_trap)kind, NULL);
	stop(rt, pc, func);
}

_Noreturn void vsp_rt_stop_explicit(vsp_rt *rt, uint32_t code, uint32_t pc, uint32_t func)
{
	vsp_rt_fail(rt, VSP_TRAP_EXPLICIT, NULL);
	rt->trap.code = code;
	stop(rt, pc, func);
}

_Noreturn void vsp_rt_stop_access(vsp_rt *rt, int64_t ea, uint32_t pc, uint32_t func)
{
	vsp_rt_stop_trap(rt, vsp_access_trap(ea), pc, func);
}

_Noreturn void vsp_rt_stop_status(vsp_rt *rt, uint32_t status, uint32_t pc, uint32_t func)
{
	if (status == VSP_RT_EXIT)
		vsp_plat_leave();
	stop(rt, pc, func);
}

_Noreturn void vsp_rt_stop_halt(vsp_rt *rt, uint32_t pc, uint32_t func)
{
	if (vsp_rt_wait(rt))
		stop(rt, pc, func);
	rt->end = VSP_END_HALTED;
	rt->end_pc = pc;
	vsp_plat_leave();
}

_Noreturn void vsp_rt_stop_exit(vsp_rt *rt, uint32_t status, uint32_t pc, uint32_t func)
{
	if (status != VSP_RT_EXIT)
		stop(rt, pc, func);
	rt->end = VSP_END_EXITED;
	rt->end_pc = pc;
	vsp_plat_leave();
}

void vsp_rt_invoke(vsp_rt *rt, uint32_t func, uint32_t sp, uint64_t *regs)
{
	unsigned params = rt->funcs[func].params;
	memset(regs + params, 0, (16 - params) * sizeof *regs);
	rt->sp = sp;
	if (rt->run_function(rt, func, regs))
		vsp_plat_leave();
}

const void *vsp_rt_hot(vsp_rt *rt, uint32_t func, uint32_t pc, uint32_t counter)
{
	return rt->hot(rt, func, pc, counter);
}
