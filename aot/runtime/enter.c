/*
 * Running compiled functions: entering them, and all their exits. Compiled code leaves by
 * returning, with VSP_RUN_ENDED when the run is over, or over its frames, which own nothing, back
 * into vsp_plat_protect; the reason is then in rt, or follows from the fault at a guard page
 * (ends.c).
 *
 * There are two entries. A call that finds the instance at rest, and checked before on this thread,
 * begins at once; all others (the first one, calls from callbacks, after an interrupt, on another
 * thread) check everything.
 */
#include "instance.h"

#include <string.h>

#include "runtime/backends/launch.h"
#include "runtime/compiled.h"
#include "runtime/base/error.h"
#include "runtime/platform/platform.h"
#include "runtime/run_end.h"

/* ---- the machine stack ---- */

enum {
	STACK_MARGIN = 128 << 10, /* bytes that helpers, callbacks and signal handlers may need below compiled code */
	STACK_ROOM = 16 << 10     /* bytes more for a function that a helper runs */
};
static_assert(STACK_MARGIN + STACK_ROOM < VSP_STACK_WANTED, "what a run wants has room for compiled code");

/* Makes sure that loops on this thread can be stopped; false: no stopper to be had. Programs
   without signals poll. */
static bool find_stopper(vsp_aot_instance *instance)
{
	return vsp_aot_module.flags & VSP_AOT_NO_SIGNALS || vsp_stop_slot_prepare(&instance->stopper);
}

/* ---- nested runs, from helpers ---- */

static int trap_stack(vsp_rt *rt) { return vsp_rt_fail(rt, VSP_TRAP_CALL_DEPTH, "the machine's stack is used up"); }

/*
 * PIPE runs transforms in this way, and LAUNCH kernels that have no loop forms; both need some room
 * for it. A compiled function that finds the machine stack used up asks in the same way to be run
 * elsewhere, but a compiled program has no other tier.
 */
int vsp_aot_run_function(vsp_rt *rt, uint32_t func, uint64_t regs[16])
{
	const vsp_aot_program *program = vsp_aot_module.program;
	const char *here = (const char *)&here, *limit = rt->stack_limit;
	vsp_aot_code code = program->entries[func];
	if (!code && program->loops[func]) { /* a kernel, of which an iteration ran on a device */
		vsp_kernel_part part = {func, regs[0], regs[0] + 1, regs[1]};
		return rt->kernels->run(rt, (const void *)(uintptr_t)program->loops[func], &part, NULL);
	}
	if (!code || here < limit + STACK_ROOM)
		return trap_stack(rt);
	if (rt->depth >= rt->max_depth)
		return vsp_rt_fail(rt, VSP_TRAP_CALL_DEPTH, NULL);
	uint32_t sp = rt->sp;
	rt->depth++;
	if (code(rt, regs, 0, rt->calls) == VSP_RUN_ENDED)
		return vsp_trap_leave_run(rt);
	rt->depth--;
	rt->sp = sp;
	return 0;
}

/* ---- all entries ---- */

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

const char *vsp_aot_stack_limit(const char *low)
{
	const vsp_aot_program *program = vsp_aot_module.program;
	/* A function checks before it has its frame, and calls one that does not check. */
	return low + STACK_MARGIN + 2 * (uintptr_t)program->places->frame;
}

vsp_plat_region vsp_aot_region(const vsp_rt *rt, vsp_plat_stopper *stopper)
{
	const vsp_linear_memory *memory = &rt->memory;
	const vsp_aot_places *places = ((const vsp_aot_program *)vsp_aot_module.program)->places;
	vsp_plat_region region = {.stopper = stopper, .wanted = &rt->interrupt, .code = places->code};
	if (memory->guarded) {
		region.base = memory->reservation;
		region.size = memory->reserved;
	}
	region.code_size = places->count ? places->list[places->count - 1].offset : 0;
	return region;
}

/* Code that makes no calls does not check the limit itself, nor does a host that calls back and
   forth. */
static bool stack_is_used_up(const vsp_rt *rt)
{
	const char *here = (const char *)&here;
	return here < (const char *)rt->stack_limit;
}

/* May func begin? Else it has trapped. */
static bool may_begin(vsp_rt *rt, uint32_t func)
{
	vsp_run_begin(rt);
	if (rt->depth > rt->max_depth)
		vsp_rt_fail(rt, VSP_TRAP_CALL_DEPTH, NULL);
	else if (stack_is_used_up(rt))
		trap_stack(rt);
	else if (!vsp_rt_poll(rt))
		return true;
	vsp_trap_at(rt, rt->funcs[func].start, func);
	return false;
}

/* Runs func on regs and leaves the end in rt. top: its RET waits for batches. */
static void run(vsp_aot_instance *instance, uint32_t func, uint64_t regs[16], bool top, vsp_plat_region *region)
{
	vsp_rt *rt = &instance->rt;
	if (!may_begin(rt, func))
		return;
	entry_call call = {rt, instance->program->entries[func], regs, rt->calls};
	vsp_plat_outcome outcome = vsp_plat_protect(region, call_entry, &call);
	if (outcome != VSP_PLAT_RETURNED || rt->end != VSP_END_RETURNED)
		vsp_aot_left(rt, outcome, region, func);
	else if (top && rt->backends && vsp_rt_wait(rt))
		vsp_trap_at(rt, rt->end_pc, func);
}

/* The request to interrupt has been used up. A new one may have come meanwhile. */
static void rest(vsp_aot_instance *instance)
{
	vsp_stop_slot_rest(&instance->stopper);
	if (atomic_load(&instance->rt.interrupt))
		vsp_aot_interrupt(instance);
}

/* Decides how the run ended. An interrupt also ends the runs around it, whatever callbacks do
   with the result they got. */
static void settle(vsp_aot_instance *instance)
{
	bool outermost = !instance->active;
	if (outermost)
		instance->rt.ranges = NULL; /* a kernel whose run ended over its frames has left its own */
	if (vsp_run_settle(&instance->rt, outermost))
		rest(instance);
	if (!vsp_run_interrupted(&instance->rt))
		return;
	instance->ready_for = 0;
	instance->interrupted = outermost;
	if (!outermost)
		vsp_aot_interrupt(instance);
}

/* The status of a run for its caller. After it the instance may be gone, but then the run has
   trapped. */
static vsp_status finish(vsp_aot_instance *instance, bool top)
{
	vsp_rt *rt = &instance->rt;
	settle(instance);
	if (rt->end == VSP_END_TRAPPED) {
		vsp_aot_report_trap(instance);
		if (instance->doomed && !instance->active)
			vsp_aot_free(instance);
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
	if (instance->doomed)
		return vsp_error_set(&instance->error, VSP_E_ARGUMENT, "the instance has been freed");
	if (instance->broken)
		return vsp_error_set(&instance->error, VSP_E_ARGUMENT,
		        "the last reset found no room for linear memory; vsp_aot_reset makes the instance usable "
		        "again");
	if (instance->interrupted)
		return vsp_error_set(&instance->error, VSP_E_ARGUMENT,
		        "an earlier run was interrupted; vsp_aot_reset makes the instance usable again");
	return instance->linked ? VSP_OK : vsp_aot_link(instance);
}

/* A call that has checked everything. */
typedef struct careful_call {
	vsp_aot_instance *instance;
	uint64_t *regs;
	uint32_t func;
	bool top, nested;
	vsp_plat_region region;
} careful_call;

/* Lets the next calls begin at once, from the stack of this one: on the caller's own stack, above
   the limit, by a thread that blocks no signals. */
static void make_ready(vsp_aot_instance *instance, const vsp_plat_region *region)
{
	const vsp_machine_stack *stack = &instance->rt.stack;
	if (instance->rt.signals)
		instance->ready_for = 0;
	if (instance->rt.signals || stack->own_used)
		return;
	instance->region = *region;
	instance->ready_for = vsp_plat_thread_serial();
	instance->ready_low = instance->rt.stack_limit;
	instance->ready_size = stack->high > instance->ready_low ? (uintptr_t)(stack->high - instance->ready_low) : 0;
}

/* Called on the stack of the run. */
static void call_with_care(void *opaque)
{
	careful_call *c = opaque;
	vsp_aot_instance *instance = c->instance;
	vsp_rt *rt = &instance->rt;
	const void *limit = rt->stack_limit;
	rt->stack_limit = vsp_aot_stack_limit(rt->stack.low);
	instance->active++;
	vsp_rt_outside outside = vsp_rt_enter(rt);
	if (!c->nested) /* else the call around may be inside instance->region */
		make_ready(instance, &c->region);
	run(instance, c->func, c->regs, c->top, &c->region);
	vsp_rt_leave(rt, outside);
	instance->active--;
	if (c->nested || rt->stack.own_used)
		rt->stack_limit = limit;
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
	vsp_plat_stopper *aside = nested ? vsp_stop_slot_put_aside(&instance->stopper) : NULL;
	if (!find_stopper(instance)) {
		vsp_stop_slot_take_back(&instance->stopper, aside);
		rt->depth = depth;
		rt->sp = sp;
		return vsp_error_set(&instance->error, VSP_E_MEMORY, "no timer to be had for vsp_aot_interrupt");
	}
	careful_call call = {
	        instance, regs, func, top, nested, vsp_aot_region(rt, atomic_load(&instance->stopper.stopper))};
	vsp_machine_stack_run(&rt->stack, !nested, call_with_care, &call);
	vsp_stop_slot_take_back(&instance->stopper, aside);
	if (rt->end == VSP_END_RETURNED)
		memcpy(rt->r, regs, sizeof rt->r);
	rt->calls = nested ? calls : 0;
	rt->depth = nested ? depth : 0;
	if (nested)
		rt->sp = sp;
	return finish(instance, top);
}

/* ---- exported functions ---- */

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

#if defined(__GNUC__)
#define LIKELY(condition) __builtin_expect(!!(condition), 1)
#define RARE __attribute__((noinline, cold))
#else
#define LIKELY(condition) (condition)
#define RARE
#endif

/* A call that checks everything: params and results in rt->r. */
static RARE vsp_status start_with_care(vsp_aot_instance *instance, uint32_t func)
{
	vsp_status status = check_ready(instance);
	if (status != VSP_OK)
		return status;
	uint64_t regs[16] = {0};
	memcpy(regs, instance->rt.r, instance->program->funcs[func].params * sizeof regs[0]);
	return enter(instance, func, regs, false);
}

/* A call that began at once has not returned. */
static RARE vsp_status end_start(vsp_aot_instance *instance, uint32_t func, vsp_plat_outcome outcome)
{
	vsp_aot_left(&instance->rt, outcome, &instance->region, func);
	return finish(instance, false);
}

/* Have all conditions of a call been checked? None of them changes then without a change of
   ready_for or of the conditions tested here. */
static inline bool is_ready(const vsp_aot_instance *instance)
{
	const char *here = __builtin_frame_address(0);
	return instance->ready_for == vsp_plat_thread_serial() && !instance->active &&
	       !atomic_load_explicit(&instance->rt.interrupt, memory_order_relaxed) &&
	       (uintptr_t)(here - instance->ready_low) < instance->ready_size;
}

/* Runs a function whose instance is ready. False: it has not returned; see *outcome. */
static inline bool run_at_once(vsp_aot_instance *instance, void (*start)(void *rt), vsp_plat_outcome *outcome)
{
	vsp_rt *rt = &instance->rt;
	vsp_run_begin(rt);
	rt->sp = vsp_aot_module.stack_top;
	instance->active = 1;
	instance->error.code = VSP_OK; /* its text is cleared when somebody asks */
	*outcome = vsp_plat_protect(&instance->region, start, rt);
	rt->calls = rt->depth = 0;
	instance->active = 0;
	return LIKELY(*outcome == VSP_PLAT_RETURNED && rt->end == VSP_END_RETURNED) &&
	       LIKELY(!atomic_load_explicit(&rt->interrupt, memory_order_relaxed));
}

vsp_status vsp_aot_start(vsp_aot_instance *instance, uint32_t func, void (*start)(void *rt))
{
	if (!LIKELY(is_ready(instance)))
		return start_with_care(instance, func);
	vsp_plat_outcome outcome;
	return run_at_once(instance, start, &outcome) ? VSP_OK : end_start(instance, func, outcome);
}

vsp_status vsp_aot_start_short(vsp_aot_instance *instance, uint32_t func, void (*start)(void *rt))
{
	if (!LIKELY(is_ready(instance)))
		return start_with_care(instance, func);
	instance->rt.sp = vsp_aot_module.stack_top;
	instance->error.code = VSP_OK;
	start(&instance->rt);
	return VSP_OK;
}

vsp_status vsp_aot_start_float(vsp_aot_instance *instance, uint32_t func, void (*start)(void *rt))
{
	if (!LIKELY(is_ready(instance)))
		return start_with_care(instance, func);
	vsp_rt_outside outside = vsp_rt_enter(&instance->rt);
	vsp_plat_outcome outcome;
	bool returned = run_at_once(instance, start, &outcome);
	vsp_rt_leave(&instance->rt, outside);
	return returned ? VSP_OK : end_start(instance, func, outcome);
}

/* ---- entry points for hosts ---- */

vsp_status vsp_aot_run(vsp_aot_instance *instance)
{
	vsp_status status = check_ready(instance);
	if (status != VSP_OK)
		return status;
	if (instance->active)
		return vsp_error_set(
		        &instance->error, VSP_E_ARGUMENT, "the instance is running; callbacks use vsp_aot_call");
	uint64_t regs[16] = {0};
	instance->rt.signals_open_on = 0; /* programs run long enough to check again */
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
