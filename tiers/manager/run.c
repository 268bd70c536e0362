/*
 * The part of the tier manager that runs code: it enters compiled code on the instance's thread,
 * and handles every way out of it. Compiled frames own nothing, so a fault or an interrupt simply
 * abandons them.
 */
#include <string.h>

#include "parts.h"
#include "ir/short.h"
#include "runtime/base/alloc.h"
#include "runtime/base/error.h"
#include "runtime/run_end.h"
#include "runtime/platform/unwind.h"

/* ---- before ---- */

void vsp_manager_interrupt(vsp_compiler *self, bool pending)
{
	vsp_stop_slot *stopper = &vsp_manager_of(self)->stopper;
	if (pending)
		vsp_stop_slot_fire(stopper);
	else
		vsp_stop_slot_rest(stopper);
}

vsp_plat_stopper *vsp_manager_nest(vsp_manager *m) { return m ? vsp_stop_slot_put_aside(&m->stopper) : NULL; }

void vsp_manager_unnest(vsp_manager *m, vsp_plat_stopper *aside)
{
	if (m)
		vsp_stop_slot_take_back(&m->stopper, aside);
}

enum { MARGIN = 256 << 10, ROOM = 64 << 10 };
static_assert(MARGIN >= 2 * VSP_FRAME_MOST + (128 << 10), "helpers and callbacks have room below two frames");
static_assert(MARGIN + ROOM < VSP_STACK_WANTED, "a run that begins at once has room");

/* Does the machine's stack have room for compiled code? Also updates rt->stack_limit. */
static bool stack_has_room(vsp_manager *m)
{
	size_t left = vsp_machine_stack_left(&m->rt->stack);
	m->rt->stack_limit = m->rt->stack.low + MARGIN;
	return left >= MARGIN + ROOM;
}

/* Code that runs on this thread must be interruptible. */
bool vsp_manager_can_enter(vsp_manager *m)
{
	return stack_has_room(m) && (m->rt->no_signals || vsp_stop_slot_prepare(&m->stopper));
}

/* ---- running ---- */

static void call_entry(void *opaque)
{
	struct vsp_entry_call *c = opaque;
	c->end_pc = c->code(c->rt, c->regs, c->flags, c->base);
}

/* ---- after ---- */

/*
 * Does the unit's code at a tier contain a machine address? Code that is not published yet belongs
 * to the compile thread.
 */
static bool holds(const vsp_manager_unit *u, int tier, uintptr_t at)
{
	if (!atomic_load(&u->code[tier]))
		return false;
	uintptr_t start = (uintptr_t)u->built[tier].code;
	return at >= start && at - start < u->built[tier].code_size;
}

/* The unit whose code contains a machine address, with its tier; null when there is none. */
static vsp_manager_unit *unit_at(vsp_manager *m, const void *machine_pc, int *tier)
{
	uintptr_t at = (uintptr_t)machine_pc;
	for (uint32_t f = 0; f < m->module->func_count; f++)
		for (vsp_manager_unit *u = m->funcs[f].units; u; u = u->next)
			for (*tier = 1; *tier < TIERS; ++*tier)
				if (holds(u, *tier, at))
					return u;
	return NULL;
}

/* The unwind entry of generated code at pc, for back traces. */
static const uint8_t *find_unwind(void *opaque, const void *pc)
{
	int tier;
	const vsp_manager_unit *u = unit_at(opaque, pc, &tier);
	const vsp_jit_unit *built = u ? &u->built[tier] : NULL;
	return built && built->unwind ? vsp_unwind_scan(built->unwind, built->unwind_size, (uintptr_t)pc) : NULL;
}

/* The index of the place of machine_pc, which lies in the unit; VSP_NO_PC: none. */
static uint32_t place_in(const vsp_jit_unit *unit, const void *machine_pc)
{
	uint64_t offset = (uint64_t)((uintptr_t)machine_pc - (uintptr_t)unit->code);
	uint32_t low = 0, high = unit->place_count;
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		if (unit->places[middle].offset <= offset)
			low = middle + 1;
		else
			high = middle;
	}
	return low ? low - 1 : VSP_NO_PC;
}

static void find_place(void *opaque, const void *machine_pc, vsp_machine_place *place)
{
	vsp_manager *m = opaque;
	int tier;
	vsp_manager_unit *u = unit_at(m, machine_pc, &tier);
	uint32_t i = u ? place_in(&u->built[tier], machine_pc) : VSP_NO_PC;
	const vsp_code_map *map = u ? u->built[tier].map : NULL;
	if (!u)
		return;
	place->func = u->func;
	place->marks = m->lower[tier].mark;
	if (i == VSP_NO_PC)
		return;
	place->pc = u->built[tier].places[i].pc;
	if (map && map->outer) { /* the unit was compiled with a map of its inlined calls */
		place->site = map->outer[i];
		place->sites = map->sites;
	}
}

/*
 * Fills what a caller has to, and leaves the room for frames as it is: this is done for each call.
 * rt is that of the running thread, which may be one of a LAUNCH.
 */
static void describe_region(vsp_manager *m, const vsp_rt *rt, vsp_plat_stopper *stopper, vsp_plat_region *region)
{
	region->base = rt->memory.reservation;
	region->size = rt->memory.guarded ? rt->memory.reserved : 0; /* memory without guard pages needs no handlers */
	region->resume = NULL;
	region->stopper = stopper;
	region->wanted = &rt->interrupt;
	region->find_unwind = find_unwind;
	region->find_arg = m;
	region->code = m->slab.base;
	region->code_size = (uint64_t)m->slab.pages * m->slab.page_size;
}

/* The activation has not come to its RET: records how the run has ended. */
static void code_left(
        vsp_manager *m, vsp_rt *rt, vsp_plat_outcome outcome, const vsp_plat_region *region, uint32_t func, uint32_t pc)
{
	vsp_trap_code entered = {.func = func, .pc = pc, .find = find_place, .arg = m};
	vsp_trap_left_code(rt, outcome, region, &entered);
	rt->end_known &= VSP_KNOWN_NO_REGISTERS;
	rt->end_known |= m->ran == 1 || m->options.precise ? VSP_KNOWN_MEMORY : 0;
}

enum vsp_compiled_end vsp_manager_enter(vsp_compiler *self, vsp_rt *rt, const void *code, vsp_activation *a)
{
	vsp_manager *m = vsp_manager_of(self);
	return vsp_manager_enter_on(m, rt, code, a, atomic_load(&m->stopper.stopper));
}

enum vsp_compiled_end vsp_manager_enter_on(
        vsp_manager *m, vsp_rt *rt, const void *code, vsp_activation *a, vsp_plat_stopper *stopper)
{
	const vsp_func *func = &m->module->funcs[a->func];
	uint32_t base = rt->calls - a->calls, sp = rt->sp;
	struct vsp_entry_call call = {rt, (vsp_entry_fn)(uintptr_t)code, a->regs, a->flags, base, VSP_NO_PC};
	vsp_plat_region region;
	describe_region(m, rt, stopper, &region);
	rt->slots = a->slots;
	if (a->calls)
		memcpy(rt->call_stack + base, a->returns, a->calls * sizeof *a->returns);
	vsp_plat_outcome outcome = vsp_plat_protect(&region, call_entry, &call);
	if (outcome != VSP_PLAT_RETURNED || call.end_pc == VSP_RUN_ENDED) {
		code_left(m, rt, outcome, &region, a->func, a->pc);
		return VSP_COMPILED_ENDED;
	}
	a->pc = rt->end_pc = call.end_pc;
	a->flags = rt->flags;
	if (!(func->flags & VSP_FUNC_EXPORTED) && a->func != m->module->entry_func)
		rt->sp = sp;
	return VSP_COMPILED_RETURNED;
}

/* ---- calls from the host that begin at once ---- */

bool vsp_manager_prepare(vsp_manager *m)
{
	vsp_plat_stopper *stopper = atomic_load(&m->stopper.stopper);
	if (m->host_calls)
		memset(m->host_calls->table, 0, sizeof m->host_calls->table);
	m->rt->stack_limit = m->rt->stack.thread_low + MARGIN;
	return m->rt->no_signals || !vsp_plat_has_stopper() || vsp_plat_stopper_is_mine(stopper);
}

/* The code of a function that no other will replace, with its tier; null: there is none yet. */
static const void *final_code(vsp_manager *m, uint32_t func, int *tier)
{
	vsp_manager_unit *unit = vsp_manager_find_unit(m, func, m->module->funcs[func].start);
	*tier = m->options.tier ? m->options.tier : m->options.tally ? 1 : 2;
	if (!unit)
		return NULL;
	const void *code = atomic_load_explicit(&unit->code[*tier], memory_order_acquire);
	if (code || *tier == 1 || !atomic_load(&unit->failed[2]))
		return code;
	*tier = 1;
	return atomic_load_explicit(&unit->code[1], memory_order_acquire);
}

/* Once for each function, since hosts may call more in turns than their table holds. */
static const vsp_manager_func *judge(const vsp_manager *m, uint32_t func)
{
	vsp_manager_func *f = &m->funcs[func];
	if (!f->judged) {
		f->is_short = vsp_function_is_short(m->module, func);
		f->has_floats = f->is_short && vsp_function_has_floats(m->module, func);
		f->judged = true;
	}
	return f;
}

const vsp_host_call *vsp_manager_host_call(vsp_manager *m, uint32_t func)
{
	int tier;
	const vsp_func *f = &m->module->funcs[func];
	const void *code = final_code(m, func, &tier);
	if (!code || !m->rt->call_stack)
		return NULL;
	if (!m->host_calls && !(m->host_calls = vsp_alloc(1, sizeof *m->host_calls)))
		return NULL;
	m->ran = tier > m->ran ? tier : m->ran;
	describe_region(m, m->rt, atomic_load(&m->stopper.stopper), &m->host_calls->region);
	vsp_host_call *call = &m->host_calls->table[func % VSP_HOST_CALLS];
	const vsp_manager_func *judged = judge(m, func);
	bool is_short = judged->is_short && !m->rt->fuel_on && !m->options.tally;
	*call = (vsp_host_call){.code = (vsp_entry_fn)(uintptr_t)code,
	        .func = func,
	        .params = f->params,
	        .results = f->results,
	        .is_short = is_short,
	        .floats = is_short ? judged->has_floats : m->module->has_floats};
	return call;
}

/* The call has ended otherwise than by RET. */
static bool leave_call(vsp_manager *m, const vsp_host_call *c, vsp_plat_outcome outcome)
{
	code_left(m, m->rt, outcome, &m->host_calls->region, c->func, m->module->funcs[c->func].start);
	return false;
}

bool vsp_manager_enter_call(vsp_manager *m, const vsp_host_call *c, uint64_t *regs)
{
	vsp_rt *rt = m->rt;
	vsp_host_calls *calls = m->host_calls;
	calls->entry = (struct vsp_entry_call){rt, c->code, regs, 0, 0, VSP_NO_PC};
	rt->slots = NULL;
	vsp_plat_outcome outcome = vsp_plat_protect(&calls->region, call_entry, &calls->entry);
	rt->end_pc = calls->entry.end_pc;
	return (outcome == VSP_PLAT_RETURNED && rt->end_pc != VSP_RUN_ENDED) || leave_call(m, c, outcome);
}
