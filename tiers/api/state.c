/*
 * The visible state of an instance: the state shown, memory, output and statistics.
 */
#include "api.h"

#include <string.h>

#include "runtime/memory.h"
#include "runtime/run_end.h"

static_assert((int)VSP_RUN_NONE == VSP_END_NONE && (int)VSP_RUN_RETURNED == VSP_END_RETURNED &&
                      (int)VSP_RUN_HALTED == VSP_END_HALTED && (int)VSP_RUN_EXITED == VSP_END_EXITED &&
                      (int)VSP_RUN_TRAPPED == VSP_END_TRAPPED,
        "the public ends are the runtime's");

static uint8_t status_register(const vsp_rt *rt)
{
	unsigned sr = rt->flags | (rt->collapse ? VSP_SR_C : 0);
	if (rt->end != VSP_END_NONE && rt->end != VSP_END_TRAPPED)
		sr |= VSP_SR_H;
	return (uint8_t)sr;
}

static void show(const vsp_rt *rt, vsp_state_view *state)
{
	bool trapped = rt->end == VSP_END_TRAPPED;
	state->end = rt->end;
	state->exit_code = rt->end == VSP_END_EXITED ? rt->exit_code : 0;
	state->trap = trapped ? (vsp_trap)rt->trap.kind : VSP_TRAP_NONE;
	state->trap_code = trapped && rt->trap.kind == VSP_TRAP_EXPLICIT ? rt->trap.code : 0;
	state->pc = rt->end_pc;
	state->sp = rt->sp;
	state->sr = status_register(rt);
	state->mode = rt->mode;
	state->known = trapped ? (rt->end_known & VSP_KNOWN_STATE) != 0 : !(rt->end_known & VSP_KNOWN_NO_REGISTERS);
	state->memory_known = !trapped || rt->end_known & VSP_KNOWN_MEMORY;
	for (unsigned i = 0; i < VSP_REGISTERS; i++)
		memcpy(&state->r[i], &rt->r[i], sizeof state->r[i]);
	memcpy(state->g, rt->g, sizeof state->g);
}

vsp_status vsp_state(const vsp_instance *instance, vsp_state_view *state)
{
	vsp_state_view full = VSP_STATE_INIT;
	if (!instance || !state || !state->size)
		return VSP_E_ARGUMENT;
	vsp_exec_show(instance->exec);
	if (instance->module)
		show(&instance->rt, &full);
	if (instance->manager)
		full.tier = (uint8_t)vsp_manager_tier(instance->manager);
	vsp_copy_sized(state, state->size, &full, sizeof full);
	return VSP_OK;
}

double vsp_state_f64(const vsp_state_view *state, unsigned index)
{
	double value = 0;
	if (state && index < VSP_REGISTERS)
		memcpy(&value, &state->r[index], sizeof value);
	return value;
}

uint8_t vsp_state_bytesil(const vsp_state_view *state, unsigned index)
{
	return state && index < VSP_REGISTERS ? (uint8_t)state->r[index] : 0;
}

static bool same_memory(const vsp_linear_memory *a, const vsp_linear_memory *b)
{
	return a->size == b->size &&
	       (a->size <= VSP_NULL_ZONE ||
	               memcmp(a->base + VSP_NULL_ZONE, b->base + VSP_NULL_ZONE, a->size - VSP_NULL_ZONE) == 0);
}

int vsp_state_equal(const vsp_instance *a, const vsp_instance *b)
{
	if (!a || !b || !a->module || !b->module)
		return a == b;
	const vsp_rt *x = &a->rt, *y = &b->rt;
	vsp_exec_show(a->exec);
	vsp_exec_show(b->exec);
	return memcmp(x->r, y->r, sizeof x->r) == 0 && status_register(x) == status_register(y) &&
	       x->end_pc == y->end_pc && x->sp == y->sp && x->mode == y->mode && memcmp(x->g, y->g, sizeof x->g) == 0 &&
	       same_memory(&x->memory, &y->memory);
}

uint64_t vsp_cycles(const vsp_instance *instance)
{
	return instance && instance->exec ? vsp_exec_instructions(instance->exec) : 0;
}

const char *vsp_output(const vsp_instance *instance, size_t *length)
{
	const vsp_capture *capture = instance ? &instance->capture : NULL;
	if (length)
		*length = capture ? capture->length : 0;
	return capture && capture->text ? capture->text : "";
}

uint8_t *vsp_memory(vsp_instance *instance, uint64_t *size)
{
	if (size)
		*size = instance ? instance->rt.memory.size : 0;
	return instance ? instance->rt.memory.base : NULL;
}

uint64_t vsp_memory_fnv1a(const vsp_instance *instance)
{
	return instance && instance->module ? vsp_memory_hash(&instance->rt.memory) : 0;
}

/* ---- statistics ---- */

static const char *tier_reason(const vsp_instance *instance)
{
	if (instance->manager)
		return vsp_manager_reason(instance->manager);
	if (instance->config.tier == VSP_TIER_INTERP)
		return "tier 0 was asked for";
	if (instance->config.tier == VSP_TIER_BASELINE)
		return instance->baseline ? "" : "this build makes no baseline code for this machine";
	return "this build has no compiler library";
}

vsp_status vsp_stats(const vsp_instance *instance, vsp_stats_view *stats)
{
	vsp_stats_view full = VSP_STATS_INIT;
	if (!instance || !stats || !stats->size)
		return VSP_E_ARGUMENT;
	full.instructions = vsp_cycles(instance);
	full.memory = instance->rt.memory.size;
	full.functions = instance->rt.func_count;
	full.scanned = instance->module ? instance->module->data->scanned : 0;
	full.guarded = instance->rt.memory.guarded;
	full.dispatch = vsp_exec_dispatch();
	full.reason = tier_reason(instance);
	full.cache_reason = "";
	full.beside = atomic_load(&instance->rt.account.used);
	full.beside_limit = instance->rt.account.limit;
	if (instance->manager) {
		full.tier = (uint32_t)vsp_manager_tier(instance->manager);
		full.compiling = vsp_manager_pending(instance->manager);
		vsp_cache_stats cache = vsp_manager_cache_stats(instance->manager);
		full.cache_loaded = cache.loaded;
		full.cache_stored = cache.stored;
		full.cache_refused = cache.refused;
		full.cache_reason = cache.reason;
	}
	vsp_copy_sized(stats, stats->size, &full, sizeof full);
	return VSP_OK;
}

vsp_status vsp_settle(vsp_instance *instance)
{
	if (!instance || instance->active)
		return VSP_E_ARGUMENT;
	if (instance->manager)
		vsp_manager_settle(instance->manager);
	return VSP_OK;
}

vsp_status vsp_stats_function(const vsp_instance *instance, uint32_t function, vsp_function_stats *stats)
{
	vsp_function_stats full = VSP_FUNCTION_STATS_INIT;
	if (!instance || !stats || !stats->size || function >= instance->rt.func_count)
		return VSP_E_ARGUMENT;
	vsp_exec_counts(instance->exec, function, &full.calls, &full.loops);
	full.reason = tier_reason(instance);
	if (instance->baseline) {
		vsp_baseline_stats copied = vsp_baseline_stats_of(instance->baseline, function);
		full.reason = copied.reason;
		full.compile_ns = copied.compile_ns;
		full.code_size = full.baseline_code_size = copied.code_size;
	}
	if (instance->manager) {
		vsp_manager_stats compiled = vsp_manager_stats_of(instance->manager, function);
		full.tier = (uint32_t)compiled.tier;
		full.reason = compiled.reason;
		full.compile_ns += compiled.compile_ns;
		full.code_size += compiled.code_size;
		full.cached = compiled.cached;
	}
	vsp_copy_sized(stats, stats->size, &full, sizeof full);
	return VSP_OK;
}

vsp_status vsp_stats_tier(const vsp_instance *instance, uint32_t function, uint32_t tier, vsp_tier_stats *stats)
{
	vsp_tier_stats full = VSP_TIER_STATS_INIT;
	if (!instance || !stats || !stats->size || function >= instance->rt.func_count || tier < 1 || tier > 2 ||
	        !instance->manager || !vsp_manager_tier_stats(instance->manager, function, tier, &full))
		return VSP_E_ARGUMENT;
	vsp_copy_sized(stats, stats->size, &full, sizeof full);
	return VSP_OK;
}

vsp_status vsp_stats_pass(const vsp_instance *instance, uint32_t index, vsp_pass_stats *stats)
{
	vsp_pass_stats full = VSP_PASS_STATS_INIT;
	vsp_pass_time time;
	if (!instance || !stats || !stats->size || !instance->manager ||
	        !vsp_manager_pass(instance->manager, index, &time))
		return VSP_E_ARGUMENT;
	full.tier = (uint32_t)time.tier;
	full.name = time.name;
	full.runs = time.runs;
	full.ns = time.ns;
	vsp_copy_sized(stats, stats->size, &full, sizeof full);
	return VSP_OK;
}
