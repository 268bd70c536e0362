/*
 * Functions that leave the frames of compiled code: they record the end as compiled.c does, and
 * then jump back to the place where the code was entered. Platforms where that is impossible do not
 * have this file. No function here holds a resource when it leaves.
 */
#include "compiled.h"
#include "runtime/platform/platform.h"

/* When a run is left by a trap, its back trace is taken first. */
static _Noreturn void leave(const vsp_rt *rt)
{
	if (rt->end == VSP_END_TRAPPED)
		vsp_plat_backtrace();
	vsp_plat_leave();
}

_Noreturn void vsp_rt_stop_trap(vsp_rt *rt, uint32_t kind, uint32_t pc, uint32_t func)
{
	vsp_rt_end_trap(rt, kind, pc, func);
	leave(rt);
}

_Noreturn void vsp_rt_stop_explicit(vsp_rt *rt, uint32_t code, uint32_t pc, uint32_t func)
{
	vsp_rt_end_explicit(rt, code, pc, func);
	leave(rt);
}

_Noreturn void vsp_rt_stop_access(vsp_rt *rt, int64_t ea, uint32_t pc, uint32_t func)
{
	vsp_rt_end_access(rt, ea, pc, func);
	leave(rt);
}

_Noreturn void vsp_rt_stop_status(vsp_rt *rt, uint32_t status, uint32_t pc, uint32_t func)
{
	vsp_rt_end_status(rt, status, pc, func);
	leave(rt);
}

_Noreturn void vsp_rt_stop_halt(vsp_rt *rt, uint32_t pc, uint32_t func)
{
	vsp_rt_end_halt(rt, pc, func);
	leave(rt);
}

_Noreturn void vsp_rt_stop_exit(vsp_rt *rt, uint32_t status, uint32_t pc, uint32_t func)
{
	vsp_rt_end_exit(rt, status, pc, func);
	leave(rt);
}

void vsp_rt_invoke(vsp_rt *rt, uint32_t func, uint64_t *regs)
{
	if (vsp_rt_try_invoke(rt, func, regs))
		leave(rt);
}
