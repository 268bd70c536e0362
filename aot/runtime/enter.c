/*
 * Running compiled functions: the way in, and every way out. Compiled code leaves by returning, with VSP_RUN_ENDED when the run is over, or over
 * its frames, which own nothing, back into vsp_plat_protect; what happened is then in rt, or follows from where a guard page was hit.
 */
#include "instance.h"

#include <stdio.h>
#include <string.h>

#include "runtime/compiled.h"
#include "runtime/error.h"
#include "runtime/platform.h"

/* ---- the machine stack ---- */

enum {
	STACK_MARGIN = 128 << 10, /* bytes that helpers, callbacks and signal handlers may need below compiled code */
	STACK_ROOM = 16 << 10,    /* bytes more for a function that a helper runs */
	STACK_UNKNOWN = 512 << 10 /* bytes assumed where the platform does not say */
};

/* Sets the limit below which activations trap CALL_DEPTH, once for each thread. */
static void find_stack(vsp_aot_instance *instance)
{
	const char *here = (const char *)&here;
	if (here >= instance->stack_low && here < instance->stack_high)
		return;
	const void *low, *high;
	if (!vsp_plat_stack(&low, &high)) {
		low = here - STACK_UNKNOWN;
		high = here + 1;
	}
	instance->stack_low = low;
	instance->stack_high = high;
	instance->rt.stack_limit = instance->stack_low + STACK_MARGIN;
}

/* Makes sure that loops on this thread can be stopped; false: no stopper to be had. Programs without signals poll. */
static bool find_stopper(vsp_aot_instance *instance)
{
	vsp_plat_stopper *old = atomic_load(&instance->stopper);
	if (vsp_aot_module.flags & VSP_AOT_NO_SIGNALS || !vsp_plat_has_stopper())
		return true;
	if (old && vsp_plat_stopper_is_mine(old))
		return true;
	atomic_store(&instance->stopper, NULL);
	vsp_plat_stopper_destroy(old);
	atomic_store(&instance->stopper, vsp_plat_stopper_create());
	return atomic_load(&instance->stopper) != NULL;
}

/* ---- nested runs, from helpers ---- */

/* CALL_DEPTH at pc; VSP_NO_PC: the helper's caller adds the place. */
static int trap_stack(vsp_rt *rt, uint32_t pc, uint32_t func)
{
	int trap = vsp_rt_fail(rt, VSP_TRAP_CALL_DEPTH, "the machine's stack is used up");
	rt->trap.pc = rt->end_pc = pc;
	rt->trap.func = func;
	rt->end = VSP_END_TRAPPED;
	return trap;
}

/*
 * PIPE and LAUNCH run transforms and kernels so, and need some room to do it. A compiled function that finds the machine stack used up asks
 * to be run elsewhere the same way, but there is no other place.
 */
int vsp_aot_run_function(vsp_rt *rt, uint32_t func, uint64_t regs[16])
{
	const vsp_aot_program *program = vsp_aot_module.program;
	const char *here = (const char *)&here, *limit = rt->stack_limit;
	vsp_aot_code code = program->entries[func];
	if (!code || here < limit)
		return trap_stack(rt, rt->funcs[func].start, func);
	if (here < limit + STACK_ROOM)
		return trap_stack(rt, VSP_NO_PC, VSP_NO_PC);
	uint32_t sp = rt->sp;
	if (code(rt, regs, 0, rt->calls) == VSP_RUN_ENDED)
		return rt->end == VSP_END_TRAPPED ? (int)rt->trap.kind : VSP_RT_EXIT;
	rt->sp = sp;
	return 0;
}

/* ---- ends ---- */

/* The code address of the instruction whose machine code holds machine_pc; VSP_NO_PC when unknown. */
static uint32_t place_of(const vsp_aot_places *p, const void *machine_pc)
{
	uintptr_t offset = (uintptr_t)machine_pc - (uintptr_t)p->code;
	uint32_t low = 0, high = machine_pc ? p->count : 0;
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		if (p->list[middle].offset <= offset)
			low = middle + 1;
		else
			high = middle;
	}
	/* The last place is the end of the code. */
	return low && low < p->count ? p->list[low - 1].pc : VSP_NO_PC;
}

/* Index of the function that holds pc. */
static uint32_t func_at(const vsp_aot_instance *instance, uint32_t pc)
{
	uint32_t low = 0, high = instance->rt.func_count;
	while (high - low > 1) {
		uint32_t middle = low + (high - low) / 2;
		if (instance->program->funcs[middle].start <= pc)
			low = middle;
		else
			high = middle;
	}
	return low;
}

/* The place of a trap; function func when it is not known. */
static void set_place(vsp_aot_instance *instance, uint32_t pc, uint32_t func)
{
	vsp_rt *rt = &instance->rt;
	rt->trap.pc = rt->end_pc = pc;
	rt->trap.func = pc == VSP_NO_PC ? func : func_at(instance, pc);
	rt->end = VSP_END_TRAPPED;
}

/* A guard page was hit: what an explicit check would have said. */
static void trap_fault(vsp_aot_instance *instance, const vsp_plat_region *region, uint32_t func)
{
	int64_t ea = (int64_t)((uintptr_t)region->fault - (uintptr_t)instance->rt.memory.base);
	vsp_rt_fail(&instance->rt, vsp_access_trap(ea), "access at address %lld", (long long)ea);
	bool marked = instance->rt.access_pc != VSP_NO_PC; /* precise optimised code does */
	set_place(instance, marked ? instance->rt.access_pc : place_of(instance->program->places, region->pc), func);
}

/* The stopper found the thread in a loop. */
static void trap_stopped(vsp_aot_instance *instance, const vsp_plat_region *region, uint32_t func)
{
	vsp_rt_fail(&instance->rt, VSP_TRAP_INTERRUPTED, NULL);
	set_place(instance, place_of(instance->program->places, region->pc), func);
}

/* A trap before the first instruction of func. */
static void trap_early(vsp_rt *rt, uint32_t func, vsp_trap kind)
{
	vsp_rt_fail(rt, kind, NULL);
	rt->trap.pc = rt->end_pc = rt->funcs[func].start;
	rt->trap.func = func;
	rt->end = VSP_END_TRAPPED;
}

/* ---- errors ---- */

static const char *trap_text(uint32_t kind)
{
	static const char *const texts[] = {
	        "no trap",
#define TRAP(NAME, text) text,
#include "runtime/traps.def"
	};
	return kind < sizeof texts / sizeof texts[0] ? texts[kind] : "unknown trap";
}

/* The row that holds pc, or null. */
static const vsp_aot_line *line_at(const vsp_aot_program *p, uint32_t pc)
{
	uint32_t low = 0, high = p->line_count;
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		if (p->lines[middle].pc <= pc)
			low = middle + 1;
		else
			high = middle;
	}
	return low && pc != VSP_NO_PC ? &p->lines[low - 1] : NULL;
}

static void report_trap(vsp_aot_instance *instance)
{
	const vsp_trap_info *trap = &instance->rt.trap;
	vsp_error *error = &instance->error;
	vsp_error_set(error, VSP_TRAPPED, "%s%s%s", trap_text(trap->kind), trap->message[0] ? ": " : "", trap->message);
	error->trap = (vsp_trap)trap->kind;
	error->trap_code = trap->code;
	error->pc = trap->pc;
	if (trap->func < vsp_aot_module.function_count)
		snprintf(error->function, sizeof error->function, "%s", vsp_aot_module.functions[trap->func].name);
	const vsp_aot_line *line = line_at(instance->program, trap->pc);
	if (line) {
		snprintf(error->file, sizeof error->file, "%s", instance->program->files[line->file]);
		error->line = line->line;
		error->column = line->column;
	}
	error->frames = 1;
	error->trace[0].pc = trap->pc;
	error->trace[0].line = error->line;
	memcpy(error->trace[0].function, error->function, sizeof error->function);
}

/* ---- the way in ---- */

typedef struct entry_call {
	vsp_rt *rt;
	vsp_aot_code code;
	uint64_t *regs;
	uint32_t base;
} entry_call;

static void call_entry(void *opaque)
{
	entry_call *c = opaque;
	uint32_t pc = c->code(c->rt, c->regs, 0, c->base);
	if (pc == VSP_RUN_ENDED)
		return;
	c->rt->end = VSP_END_RETURNED;
	c->rt->end_pc = pc;
}

/* What a fault or a stop may abandon. */
static vsp_plat_region region_of(const vsp_aot_instance *instance)
{
	const vsp_linear_memory *memory = &instance->rt.memory;
	const vsp_aot_places *places = instance->program->places;
	vsp_plat_region region = {.stopper = atomic_load(&instance->stopper), .code = places->code};
	if (memory->guarded) {
		region.base = memory->reservation;
		region.size = memory->reserved;
	}
	region.code_size = places->count ? places->list[places->count - 1].offset : 0;
	return region;
}

/* May func begin? Else it has trapped. */
static bool may_begin(vsp_rt *rt, uint32_t func)
{
	rt->trap.pc = rt->trap.func = rt->access_pc = VSP_NO_PC;
	rt->end = VSP_END_NONE;
	if (rt->depth > rt->max_depth)
		trap_early(rt, func, VSP_TRAP_CALL_DEPTH);
	else if (vsp_rt_poll(rt))
		trap_early(rt, func, VSP_TRAP_INTERRUPTED);
	return rt->end == VSP_END_NONE;
}

/* Runs func on regs and leaves the end in rt. top: its RET waits for batches. */
static void run(vsp_aot_instance *instance, uint32_t func, uint64_t regs[16], bool top)
{
	vsp_rt *rt = &instance->rt;
	if (!may_begin(rt, func))
		return;
	vsp_plat_region region = region_of(instance);
	entry_call call = {rt, instance->program->entries[func], regs, rt->calls};
	vsp_plat_outcome outcome = vsp_plat_protect(&region, call_entry, &call);
	if (outcome == VSP_PLAT_FAULT)
		trap_fault(instance, &region, func);
	else if (outcome == VSP_PLAT_LEFT && rt->end == VSP_END_NONE)
		trap_stopped(instance, &region, func);
	if (rt->end == VSP_END_RETURNED && top && rt->backends && vsp_rt_wait(rt)) {
		rt->trap.pc = rt->end_pc;
		rt->trap.func = func;
		rt->end = VSP_END_TRAPPED;
	}
}

/* The request is used up. */
static void settle_interrupt(vsp_aot_instance *instance)
{
	vsp_plat_stopper *stopper = atomic_load(&instance->stopper);
	atomic_store(&instance->rt.interrupt, 0);
	if (stopper)
		vsp_plat_stopper_rest(stopper);
	instance->interrupted = true;
}

/* What the end of a run means to its caller. */
static vsp_status finish(vsp_aot_instance *instance, bool top)
{
	vsp_rt *rt = &instance->rt;
	if (rt->end == VSP_END_TRAPPED) {
		if (rt->trap.kind == VSP_TRAP_INTERRUPTED)
			settle_interrupt(instance);
		report_trap(instance);
		return VSP_TRAPPED;
	}
	return top || rt->end == VSP_END_RETURNED ? VSP_OK : VSP_HALTED;
}

/* Can a run begin? */
static vsp_status check_ready(vsp_aot_instance *instance)
{
	if (!instance)
		return VSP_E_ARGUMENT;
	instance->error.code = VSP_OK;
	if (instance->interrupted)
		return vsp_error_set(
		        &instance->error, VSP_E_ARGUMENT, "an earlier run was interrupted; make a new instance");
	return instance->linked ? VSP_OK : vsp_aot_link(instance);
}

/* From checked arguments on. regs holds the params, and afterwards the results. */
static vsp_status enter(vsp_aot_instance *instance, uint32_t func, uint64_t regs[16], bool top)
{
	vsp_rt *rt = &instance->rt;
	bool nested = instance->active != 0;
	uint32_t calls = rt->calls, depth = rt->depth, sp = rt->sp;
	if (nested)
		rt->depth++;
	else
		rt->sp = vsp_aot_module.stack_top;
	find_stack(instance);
	if (!find_stopper(instance))
		return vsp_error_set(&instance->error, VSP_E_MEMORY, "no timer to be had for vsp_aot_interrupt");
	instance->active++;
	vsp_rt_outside outside = vsp_rt_enter(rt);
	run(instance, func, regs, top);
	vsp_rt_leave(rt, outside);
	instance->active--;
	if (rt->end == VSP_END_RETURNED)
		memcpy(rt->r, regs, sizeof rt->r);
	rt->calls = nested ? calls : 0;
	rt->depth = nested ? depth : 0;
	if (nested)
		rt->sp = sp;
	return finish(instance, top);
}

vsp_status vsp_aot_enter(vsp_aot_instance *instance, uint32_t func, const int64_t *args, int64_t *results)
{
	vsp_status status = check_ready(instance);
	if (status != VSP_OK)
		return status;
	const vsp_rt_func *f = &instance->program->funcs[func];
	if ((f->params && !args) || (f->results && !results))
		return vsp_error_set(&instance->error, VSP_E_ARGUMENT, "'%s' is %u -> %u, but %s is null",
		        vsp_aot_module.functions[func].name, f->params, f->results,
		        f->params && !args ? "args" : "results");
	uint64_t regs[16] = {0};
	if (f->params)
		memcpy(regs, args, f->params * sizeof regs[0]);
	status = enter(instance, func, regs, false);
	if (status == VSP_OK && f->results)
		memcpy(results, regs, f->results * sizeof regs[0]);
	return status;
}

vsp_status vsp_aot_run(vsp_aot_instance *instance)
{
	vsp_status status = check_ready(instance);
	if (status != VSP_OK)
		return status;
	if (instance->active)
		return vsp_error_set(
		        &instance->error, VSP_E_ARGUMENT, "the instance is running; callbacks use vsp_aot_call");
	uint64_t regs[16] = {0};
	return enter(instance, instance->program->entry_func, regs, true);
}

vsp_status vsp_aot_call(vsp_aot_instance *instance, const char *name, const int64_t *args, int64_t *results)
{
	if (!instance)
		return VSP_E_ARGUMENT;
	for (uint32_t i = 0; name && i < vsp_aot_module.function_count; i++) {
		const vsp_aot_function *f = &vsp_aot_module.functions[i];
		if (f->exported && strcmp(f->name, name) == 0)
			return vsp_aot_enter(instance, i, args, results);
	}
	vsp_error_clear(&instance->error);
	return vsp_error_set(
	        &instance->error, VSP_E_ARGUMENT, "the program exports no function '%s'", name ? name : "(null)");
}
