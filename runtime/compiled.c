/*
 * The C side of compiled code, see compiled.h: the functions that end a run and return, and the
 * other requests of compiled code to its tier.
 */
#include "compiled.h"
#include "run_end.h"

#include <string.h>

void vsp_rt_end_trap(vsp_rt *rt, uint32_t kind, uint32_t pc, uint32_t func)
{
	vsp_rt_fail(rt, (vsp_trap)kind, NULL);
	vsp_trap_at(rt, pc, func);
}

void vsp_rt_end_explicit(vsp_rt *rt, uint32_t code, uint32_t pc, uint32_t func)
{
	vsp_trap_explicit(rt, code, NULL);
	vsp_trap_at(rt, pc, func);
}

void vsp_rt_end_access(vsp_rt *rt, int64_t ea, uint32_t pc, uint32_t func)
{
	vsp_rt_end_trap(rt, vsp_access_trap(ea), pc, func);
}

void vsp_rt_end_status(vsp_rt *rt, uint32_t status, uint32_t pc, uint32_t func)
{
	if (status != VSP_RT_EXIT)
		vsp_trap_at(rt, pc, func);
	else if (rt->end == VSP_END_NONE) { /* an import has ended it, not a nested run */
		vsp_rt_end_exit(rt, status, pc, func);
		rt->end_known = VSP_KNOWN_NO_REGISTERS;
	}
}

void vsp_rt_end_halt(vsp_rt *rt, uint32_t pc, uint32_t func)
{
	if (vsp_rt_wait(rt)) {
		vsp_trap_at(rt, pc, func);
		return;
	}
	rt->end = VSP_END_HALTED;
	rt->end_pc = pc;
}

void vsp_rt_end_exit(vsp_rt *rt, uint32_t status, uint32_t pc, uint32_t func)
{
	if (status != VSP_RT_EXIT) {
		vsp_trap_at(rt, pc, func);
		return;
	}
	rt->end = VSP_END_EXITED;
	rt->end_pc = pc;
}

int vsp_rt_try_invoke(vsp_rt *rt, uint32_t func, uint64_t *regs)
{
	unsigned params = rt->funcs[func].params;
	memset(regs + params, 0, (16 - params) * sizeof *regs);
	rt->depth -= rt->depth_exact; /* the caller has counted the activation, as run_function does */
	int trap = rt->run_function(rt, func, regs);
	rt->depth += rt->depth_exact;
	if (!trap || rt->end != VSP_END_NONE)
		return trap;
	/*
	 * There was no room for the activation, and compiled code does not say which function
	 * calls.
	 */
	vsp_trap_at(rt, rt->funcs[func].start, func);
	return vsp_trap_leave_run(rt);
}

const void *vsp_rt_hot(vsp_rt *rt, uint32_t func, uint32_t pc, uint32_t counter)
{
	return rt->hot(rt, func, pc, counter);
}

void vsp_rt_tally(vsp_count *counts, uint32_t func)
{
	vsp_count_add(&counts[0]);
	for (vsp_count *c = counts + 1; c < counts + VSP_TALLY_WORDS; c += 2) {
		uint64_t callee = atomic_load_explicit(c, memory_order_relaxed);
		if (callee && callee != (uint64_t)func + 1)
			continue;
		atomic_store_explicit(c, (uint64_t)func + 1, memory_order_relaxed);
		vsp_count_add(c + 1);
		return;
	}
}
