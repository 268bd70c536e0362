/*
 * The part of the tier manager for LAUNCH: kernels are units of their own kind (VSP_LOOP_PC), whose
 * code is the loop over iterations. They are optimised when the LAUNCHes of a kernel so far have
 * cost about as much as tier 2 is worth, and run in tier 0 meanwhile. The cost of an iteration is
 * not known before it runs, so it is estimated by the bytes of bytecode, more for those in loops.
 *
 * A loop contains all that its kernel reaches, because code for other threads cannot continue in
 * tier 0.
 */
#include "ir/callees.h"
#include "parts.h"
#include "runtime/backends/team.h"

/* ---- when it is compiled ---- */

static bool has_loop(const vsp_module_data *d, const vsp_func *func)
{
	vsp_insn i;
	for (uint32_t pc = func->start; pc < func->start + func->size; pc += i.length) {
		vsp_insn_decode(d->code, d->code_size, pc, &i);
		for (uint32_t n = vsp_insn_target_count(&i); n > 0; n--)
			if ((uint32_t)vsp_insn_target(d->code, &i, n - 1) <= pc)
				return true;
	}
	return false;
}

static uint64_t cost_of_function(const vsp_module_data *d, uint32_t f)
{
	return (uint64_t)d->funcs[f].size * (has_loop(d, &d->funcs[f]) ? KNOB_LAUNCH_LOOP : 1);
}

/* The cost of an iteration. */
static uint64_t cost_of(const vsp_manager *m, uint32_t f, const uint32_t *list, uint32_t count)
{
	uint64_t cost = cost_of_function(m->module, f);
	for (uint32_t i = 0; i < count; i++)
		cost += cost_of_function(m->module, list[i]);
	return cost;
}

/* The cost at which it is compiled. */
static uint64_t worth(const vsp_manager *m)
{
	return m->options.tier ? 0 : (uint64_t)KNOB_LAUNCH_COST * m->options.tier2_threshold / KNOB_TIER2_THRESHOLD;
}

/* Another LAUNCH of the kernel has so many iterations: is it to be compiled? */
static bool is_worth_it(vsp_manager *m, vsp_manager_unit *u, int tier, uint64_t iterations)
{
	uint32_t list[MAX_INLINED], count = vsp_reached_callees(m->module, u->func, list, MAX_INLINED);
	if (count > MAX_INLINED) {
		atomic_store(&u->failed[tier], "the kernel reaches too many functions");
		return false;
	}
	uint64_t cost = cost_of(m, u->func, list, count), least = worth(m);
	uint64_t more = iterations < least / cost + 1 ? iterations * cost : least;
	u->launched = u->launched < UINT64_MAX - more ? u->launched + more : UINT64_MAX;
	return u->launched >= least;
}

static void ask(vsp_manager *m, vsp_manager_unit *u, int tier, uint64_t iterations)
{
	if (u->requested[tier] || atomic_load(&u->failed[tier]) || !is_worth_it(m, u, tier, iterations))
		return;
	vsp_manager_count_ask(m, u);
	if (!vsp_manager_from_cache(m, u, tier))
		vsp_manager_request(m, u, tier);
}

static const void *find(vsp_rt *rt, uint32_t func, uint64_t iterations)
{
	vsp_manager *m = rt->manager;
	vsp_manager_after_fork(m);
	vsp_manager_unit *u = vsp_manager_find_unit(m, func, VSP_LOOP_PC);
	int tier = m->options.tier ? m->options.tier : 2;
	if (!u)
		return NULL;
	ask(m, u, tier, iterations);
	const void *code = atomic_load_explicit(&u->code[tier], memory_order_acquire);
	if (!code || !vsp_manager_can_enter(m))
		return NULL;
	m->ran = tier > m->ran ? tier : m->ran;
	if (m->options.trace && !u->traced[tier]) {
		u->traced[tier] = true;
		vsp_manager_show(m, u, tier, VSP_TRACE_ENTER, 0, NULL);
	}
	return code;
}

/* ---- running ---- */

static int run(vsp_rt *rt, const void *code, const vsp_kernel_part *part, vsp_plat_stopper *stopper)
{
	vsp_manager *m = rt->manager;
	if (rt == m->rt)
		stopper = atomic_load(&m->stopper.stopper);
	uint64_t regs[VSP_REGISTERS] = {part->begin, part->end, part->argument};
	vsp_activation a = {.regs = regs, .func = part->func, .pc = m->module->funcs[part->func].start};
	rt->depth++;
	enum vsp_compiled_end end = vsp_manager_enter_on(m, rt, code, &a, stopper);
	rt->depth--;
	return end == VSP_COMPILED_ENDED ? vsp_trap_leave_run(rt) : 0;
}

const vsp_kernel_calls vsp_manager_kernel_calls = {
        .launch = vsp_launch, .find = find, .run = run, .team = vsp_team_run};
