/* How runs end: recording the end of a run and telling it, see run_end.h. */
#include "run_end.h"

#include "helpers.h"

void vsp_run_begin(vsp_rt *rt)
{
	rt->end = VSP_END_NONE;
	rt->trap.pc = rt->trap.func = rt->access_pc = VSP_NO_PC;
}

void vsp_run_trapped(vsp_rt *rt, uint32_t pc, uint32_t func)
{
	rt->end = VSP_END_TRAPPED;
	rt->end_pc = rt->trap.pc = pc;
	rt->trap.func = func;
}

/* Functions lie in the order of their code. */
uint32_t vsp_run_func_at(const vsp_rt *rt, uint32_t pc)
{
	uint32_t low = 0, high = rt->func_count;
	while (high - low > 1) {
		uint32_t middle = low + (high - low) / 2;
		if (rt->funcs[middle].start <= pc)
			low = middle;
		else
			high = middle;
	}
	return low;
}

/* ---- compiled code ---- */

static void trap_at(vsp_rt *rt, const vsp_plat_region *region, bool access, const vsp_run_code *code)
{
	uint32_t func = code->func;
	uint32_t pc = code->place(code->arg, region->pc, access, &func);
	vsp_run_trapped(rt, pc, pc == VSP_NO_PC ? func : vsp_run_func_at(rt, pc));
}

void vsp_run_left(vsp_rt *rt, vsp_plat_outcome outcome, const vsp_plat_region *region, const vsp_run_code *code)
{
	if (outcome == VSP_PLAT_FAULT) { /* what an explicit check would have said */
		int64_t ea = (int64_t)((uintptr_t)region->fault - (uintptr_t)rt->memory.base);
		vsp_rt_fail(rt, vsp_access_trap(ea), "access at address %lld", (long long)ea);
		trap_at(rt, region, true, code);
	} else if (outcome == VSP_PLAT_STOPPED) {
		vsp_rt_fail(rt, VSP_TRAP_INTERRUPTED, NULL);
		trap_at(rt, region, false, code);
	}
}

/* ---- the last word ---- */

/* In place of how the run ended: where it did, with the calls of a trap. */
static void end_interrupted(vsp_rt *rt)
{
	if (rt->end == VSP_END_TRAPPED) {
		rt->trap.kind = VSP_TRAP_INTERRUPTED;
		rt->trap.message[0] = '\0';
		return;
	}
	uint32_t pc = rt->end_pc;
	vsp_rt_fail(rt, VSP_TRAP_INTERRUPTED, NULL);
	vsp_run_trapped(rt, pc, pc == VSP_NO_PC ? VSP_NO_PC : vsp_run_func_at(rt, pc));
}

bool vsp_run_settle(vsp_rt *rt, bool outermost)
{
	if (!atomic_load_explicit(&rt->interrupt, memory_order_relaxed))
		return false;
	if (!vsp_run_interrupted(rt))
		end_interrupted(rt);
	return outermost && atomic_exchange(&rt->interrupt, 0);
}
