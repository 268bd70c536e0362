/*
 * The runs of the interpreter: its creation, its entry from hosts, helpers and compiled code, and
 * single steps.
 *
 * A run is a base activation and everything that it calls. Runs nest: a host callback calls again,
 * or LAUNCH runs kernels. On entry each run saves the parts of the interpreter that belong to the
 * run around it. Below the base frame lies a landing frame, to which the base frame's RET copies
 * its results.
 */
#include "interp.h"

#include "decode.h"
#include "exec_run.h"
#include "faster.h"
#include "handlers.h"
#include "runtime/base/alloc.h"
#include "runtime/base/error.h"
#include "runtime/platform/platform.h"
#include "runtime/run_end.h"

/* The state that a nested run must restore. */
typedef struct run_state {
	uintptr_t ip;
	vsp_exec_frame *frame, *base;
	const struct vsp_code_set *set;
	uint32_t base_depth, calls, returns, depth, left;
	uint64_t *slot_top;
	bool stepping;
} run_state;

/* ---- creation ---- */

/* Each activation may be the base of a run of its own, and then needs a landing frame too. */
static size_t frame_count(const vsp_exec *x) { return 2 * ((size_t)x->rt->max_depth + 2); }

static bool frames_create(vsp_exec *x)
{
	size_t n = frame_count(x);
	if (!vsp_guarded_create(&x->frames_memory, n, sizeof(vsp_exec_frame)))
		return false;
	x->frames = x->frames_memory.block;
	x->frames_end = x->frames + n;
	return true;
}

static bool counters_create(vsp_exec *x, bool sampled)
{
	size_t n = 2 * (size_t)x->module->func_count;
	if (!(x->kind & VSP_CODE_PROFILE))
		return true;
	x->counters = vsp_alloc(n, sizeof *x->counters);
	x->thresholds = vsp_alloc(n, sizeof *x->thresholds);
	enum { FREE_NS = 20000 };
	x->effort = (vsp_effort){.start = sampled ? vsp_plat_clock_ns() : 0, .free = FREE_NS};
	if (sampled)
		x->samples = vsp_alloc(n, sizeof *x->samples);
	if (!x->counters || !x->thresholds || (sampled && !x->samples))
		return false;
	for (size_t i = 0; i < n; i++)
		x->thresholds[i] = vsp_exec_first_count(x, (uint32_t)i);
	return true;
}

static bool own_entries_create(vsp_exec *x)
{
	if (!x->faster)
		return true;
	x->own_entries = vsp_alloc(x->module->func_count, sizeof *x->own_entries);
	for (uint32_t f = 0; x->own_entries && f < x->module->func_count; f++)
		atomic_init(&x->own_entries[f], vsp_code_stub(x->code));
	return x->own_entries != NULL;
}

static int run_function(vsp_rt *rt, uint32_t f, uint64_t regs[16]);

/* Must calls and loops be counted? */
static bool counts(const vsp_exec_options *o)
{
	return o->profile || o->compiler || (o->faster && o->faster->first_count);
}

vsp_exec *vsp_exec_create(vsp_rt *rt, vsp_code *code, const vsp_exec_options *options)
{
	static const vsp_exec_options defaults = {0};
	const vsp_exec_options *o = options ? options : &defaults;
	vsp_exec *x = vsp_alloc(1, sizeof *x);
	if (!x)
		return NULL;
	x->rt = rt;
	x->code = code;
	x->module = vsp_code_module(code);
	x->compiler = o->compiler;
	x->faster = o->faster;
	x->kind = (rt->memory.guarded ? 0u : VSP_CODE_EXPLICIT) | (counts(o) ? VSP_CODE_PROFILE : 0u) |
	          (o->count || rt->fuel_on ? VSP_CODE_METER : 0u) | (rt->deterministic ? VSP_CODE_CANON : 0u) |
	          (o->no_fusion ? VSP_CODE_PLAIN : 0u) | (o->tally ? VSP_CODE_TALLY : 0u);
	x->profile = o->tally ? o->tally : o->sample;
	x->tallies = x->profile ? x->profile->counts : NULL;
	x->end_cell.run = vsp_exec_loop.target(VSP_H_END);
	if (!rt->max_depth)
		rt->max_depth = VSP_DEFAULT_DEPTH;
	x->main_set = vsp_code_set_get(code, x->kind);
	if (!x->main_set || !frames_create(x) || !own_entries_create(x) || !counters_create(x, o->sample != NULL)) {
		vsp_exec_destroy(x);
		return NULL;
	}
	rt->run_function = run_function;
	rt->exec = x;
	return x;
}

void vsp_exec_destroy(vsp_exec *x)
{
	if (!x)
		return;
	vsp_guarded_destroy(&x->frames_memory);
	vsp_guarded_destroy(&x->returns_memory);
	vsp_guarded_destroy(&x->slots_memory);
	vsp_free_memory(x->counters);
	vsp_free_memory(x->thresholds);
	vsp_free_memory(x->samples);
	vsp_free_memory(x->own_entries);
	vsp_free_memory(x);
}

const char *vsp_exec_dispatch(void) { return vsp_exec_loop.name; }

/* ---- limits and interrupts ---- */

void vsp_exec_interrupt(vsp_exec *x)
{
	atomic_store(&x->rt->interrupt, 1);
	atomic_store(&x->stop, 1);
	atomic_store(&x->frame_limit, 0);
	if (x->compiler)
		x->compiler->interrupt(x->compiler, true);
}

/* The request has been consumed, or is out of date. A new one may have come in the meantime. */
static void interrupt_taken(vsp_exec *x)
{
	atomic_store(&x->stop, 0);
	if (x->compiler)
		x->compiler->interrupt(x->compiler, false);
	if (atomic_load(&x->rt->interrupt))
		vsp_exec_interrupt(x);
}

/* ---- one run ---- */

static void loop_enter(void *opaque)
{
	vsp_exec *x = opaque;
	vsp_exec_loop.run(x, (const vsp_cell *)x->resume);
}

/* The way out of faster code at a guard fault. */
static const void *leave_faster(void *opaque, const void *pc)
{
	const vsp_exec *x = opaque;
	return x->faster->resume(x->faster, x->frame->func, pc);
}

/* Executes from x->resume until the loop is left. */
static vsp_left execute(vsp_exec *x)
{
	vsp_linear_memory *memory = &x->rt->memory;
	vsp_plat_region region = {.base = memory->reservation, .size = memory->reserved};
	vsp_plat_outcome outcome = VSP_PLAT_RETURNED;
	region.resume = x->faster ? leave_faster : NULL;
	region.resume_arg = x;
	x->rt->caller.memory = memory->base;
	x->rt->caller.memory_size = memory->size;
	if (memory->guarded)
		outcome = vsp_plat_protect(&region, loop_enter, x);
	else
		loop_enter(x);
	if (outcome == VSP_PLAT_RETURNED)
		return (vsp_left)x->left;
	vsp_exec_guard_trap(x);
	return VSP_LEFT_TRAPPED;
}

static run_state state_save(const vsp_exec *x)
{
	return (run_state){.ip = x->ip,
	        .frame = x->frame,
	        .base = x->base,
	        .set = x->set,
	        .base_depth = x->base_depth,
	        .calls = x->rt->calls,
	        .returns = x->return_count,
	        .depth = x->rt->depth,
	        .left = x->left,
	        .slot_top = x->slot_top,
	        .stepping = x->stepping};
}

static void state_restore(vsp_exec *x, const run_state *s)
{
	x->ip = s->ip;
	x->frame = s->frame;
	x->base = s->base;
	x->set = s->set;
	x->entries = vsp_exec_entries(x, s->set);
	x->base_depth = s->base_depth;
	x->rt->calls = s->calls;
	x->return_count = s->returns;
	x->rt->depth = s->depth;
	x->left = s->left;
	x->slot_top = s->slot_top ? s->slot_top : x->slots; /* there were none yet */
	x->stepping = s->stepping;
	if (x->base)
		vsp_exec_arm_limit(x);
}

/*
 * The room on the machine's stack that nested runs leave to signal handlers and callbacks; a run
 * that would use it traps instead.
 */
enum { MACHINE_STACK_MARGIN = 64 << 10 };

/*
 * Opens the base activation of function f, with parameters from args, or fails with a trap. The
 * trap is an interrupt before the run began, or too great a depth; in the latter case the caller
 * that wants the activation sets the place.
 */
static vsp_left run_open(vsp_exec *x, const vsp_code_set *set, uint32_t f, const uint64_t *args)
{
	vsp_exec_frame *landing = x->frame ? x->frame + 1 : x->frames;
	uint32_t depth = x->frame ? x->rt->depth + 1 : 0;
	bool room = !x->frame || vsp_machine_stack_left(&x->rt->stack) >= MACHINE_STACK_MARGIN;
	if (depth > x->rt->max_depth || landing + 2 >= x->frames_end || !room) {
		vsp_rt_fail(x->rt, VSP_TRAP_CALL_DEPTH, NULL);
		return VSP_LEFT_TRAPPED;
	}
	landing->func = VSP_NO_PC;
	memcpy(landing->r, args, x->module->funcs[f].params * sizeof args[0]);
	frame_open(landing + 1, landing, x->module->funcs[f].params, f, &x->end_cell);
	x->frame = x->base = landing + 1;
	x->base_depth = depth;
	x->set = set;
	x->entries = vsp_exec_entries(x, set);
	x->resume = (uintptr_t)atomic_load(&x->entries[f]);
	x->ip = x->resume;
	vsp_run_begin(x->rt);
	if (depth == 0) /* an interrupt meant for an earlier run may have come too late for it */
		atomic_store(&x->stop, 0);
	vsp_exec_arm_limit(x);
	if (!atomic_load(&x->rt->interrupt))
		return VSP_LEFT_RETURNED;
	vsp_rt_fail(x->rt, VSP_TRAP_INTERRUPTED, NULL);
	vsp_trap_at(x->rt, x->module->funcs[f].start, f);
	return VSP_LEFT_TRAPPED;
}

/*
 * Runs until the base activation ends or a pause comes, and records the end. top: this is the
 * entry, whose RET waits for batches.
 */
static vsp_left run_continue(vsp_exec *x, bool top)
{
	vsp_run_resume(x->rt);
	vsp_left left = execute(x);
	if (left == VSP_LEFT_RETURNED && top && vsp_rt_wait(x->rt)) {
		left = VSP_LEFT_TRAPPED;
		x->frame = x->base;
	}
	if (left != VSP_LEFT_ENDED)
		vsp_exec_record(x, left);
	if (x->rt->end == VSP_END_TRAPPED)
		vsp_exec_backtrace(x);
	return left;
}

static vsp_left run_whole(vsp_exec *x, const vsp_code_set *set, uint32_t f, const uint64_t *args, bool top)
{
	if (run_open(x, set, f, args) == VSP_LEFT_RETURNED)
		return run_continue(x, top);
	vsp_trap_at(x->rt, x->module->funcs[f].start, f);
	return VSP_LEFT_TRAPPED;
}

/* ---- from helpers and compiled code ---- */

/*
 * Kernels are not profiled, and are metered only for fuel; with declared ranges every access is
 * checked.
 */
static const vsp_code_set *set_for(vsp_exec *x, uint32_t f)
{
	unsigned kind = x->kind;
	if (x->module->funcs[f].kind == VSP_KIND_KERNEL)
		kind &= ~(unsigned)(VSP_CODE_PROFILE | VSP_CODE_TALLY | (x->rt->fuel_on ? 0 : VSP_CODE_METER));
	if (x->rt->ranges)
		kind |= VSP_CODE_EXPLICIT;
	return kind == x->kind ? x->main_set : vsp_code_set_get(x->code, kind);
}

static int run_function(vsp_rt *rt, uint32_t f, uint64_t regs[16])
{
	vsp_exec *x = rt->exec;
	run_state saved = state_save(x);
	uint32_t sp = rt->sp;
	uint64_t charged = x->charged;
	const vsp_code_set *set = set_for(x, f);
	if (!set)
		return vsp_rt_fail(rt, VSP_TRAP_HOST, "out of memory while decoding");
	x->stepping = false;
	vsp_left left = run_open(x, set, f, regs);
	bool refused = left != VSP_LEFT_RETURNED;
	if (!refused)
		left = run_continue(x, false);
	if (left == VSP_LEFT_RETURNED)
		memcpy(regs, x->base[-1].r, x->module->funcs[f].results * sizeof regs[0]);
	state_restore(x, &saved);
	if (x->module->funcs[f].kind == VSP_KIND_KERNEL) /* uses fuel, but its instructions are not the program's */
		x->charged = charged;
	if (refused && rt->end == VSP_END_NONE)
		return (int)rt->trap.kind;
	if (left != VSP_LEFT_RETURNED)
		return vsp_trap_leave_run(rt);
	rt->sp = sp;
	vsp_run_resume(rt);
	return 0;
}

/* ---- from hosts ---- */

void vsp_exec_forget_frames(vsp_exec *x)
{
	x->frame = x->base = NULL;
	x->rt->calls = x->rt->depth = x->return_count = 0;
	x->slot_top = x->slots;
}

vsp_status vsp_exec_settle(vsp_exec *x, bool outermost, vsp_error *error)
{
	if (vsp_run_settle(x->rt, outermost))
		interrupt_taken(x);
	if (x->rt->end != VSP_END_TRAPPED)
		return VSP_OK;
	vsp_exec_report(x, error);
	return VSP_TRAPPED;
}

vsp_status vsp_exec_run(vsp_exec *x, vsp_error *error)
{
	static const uint64_t no_args[VSP_REGISTERS];
	vsp_rt_outside outside = vsp_rt_enter(x->rt);
	x->shown = NULL;
	x->stepping = false;
	x->frame = x->pending ? x->frame : NULL;
	if (x->pending)
		run_continue(x, true);
	else
		run_whole(x, x->main_set, x->module->entry_func, no_args, true);
	vsp_rt_leave(x->rt, outside);
	vsp_status status = vsp_exec_settle(x, true, error);
	x->pending = false;
	vsp_exec_forget_frames(x);
	return status;
}

vsp_status vsp_exec_call(vsp_exec *x, uint32_t f, const int64_t *args, int64_t *results, vsp_error *error)
{
	const vsp_func *func = &x->module->funcs[f];
	uint64_t regs[VSP_REGISTERS] = {0};
	vsp_rt_outside outside = vsp_rt_enter(x->rt);
	run_state saved = state_save(x);
	x->shown = NULL;
	uint32_t sp = x->rt->sp;
	for (unsigned i = 0; i < func->params; i++)
		regs[i] = (uint64_t)args[i];
	x->stepping = false;
	vsp_left left = run_whole(x, x->main_set, f, regs, false);
	vsp_status status = vsp_exec_settle(x, !saved.frame, error);
	if (status == VSP_OK && x->rt->end != VSP_END_RETURNED)
		status = VSP_HALTED;
	if (status == VSP_OK && left == VSP_LEFT_RETURNED)
		for (unsigned i = 0; i < func->results; i++)
			results[i] = (int64_t)x->base[-1].r[i];
	uint32_t shown_sp = x->rt->sp;
	state_restore(x, &saved);
	x->rt->sp = saved.frame ? sp : shown_sp;
	vsp_rt_leave(x->rt, outside);
	return status;
}

vsp_status vsp_exec_step(vsp_exec *x, vsp_error *error)
{
	static const uint64_t no_args[VSP_REGISTERS];
	const vsp_code_set *set = vsp_code_set_get(x->code, x->kind | VSP_CODE_STEP);
	vsp_left left = VSP_LEFT_PAUSED;
	if (!set)
		return vsp_error_set(error, VSP_E_MEMORY, "out of memory while decoding");
	vsp_rt_outside outside = vsp_rt_enter(x->rt);
	x->shown = NULL;
	x->stepping = true;
	if (!x->pending) /* run to the pause before the first instruction */
		left = run_whole(x, set, x->module->entry_func, no_args, true);
	if (left == VSP_LEFT_PAUSED)
		left = run_continue(x, true);
	x->pending = left == VSP_LEFT_PAUSED;
	x->stepping = false;
	vsp_rt_leave(x->rt, outside);
	if (x->pending) {
		vsp_exec_show_depth(x);
		return VSP_OK;
	}
	vsp_status status = vsp_exec_settle(x, true, error);
	vsp_exec_forget_frames(x);
	return status == VSP_OK ? VSP_HALTED : status;
}

/* Counting begins anew, and so do thresholds, which a long run has moved far beyond the counts of a
   short one. Those of code that is asked for at each call stay, and those of what is never asked
   for. */
static void counters_reset(vsp_exec *x)
{
	for (uint32_t i = 0; x->counters && i < 2 * x->module->func_count; i++) {
		uint32_t *threshold = &x->thresholds[i];
		if (*threshold > x->counters[i] && *threshold != UINT32_MAX && x->counters[i] > 0)
			*threshold = vsp_exec_first_count(x, i);
		x->counters[i] = 0;
	}
}

void vsp_exec_reset(vsp_exec *x)
{
	x->pending = false;
	x->shown = NULL;
	vsp_exec_forget_frames(x);
	x->charged = 0;
	atomic_store(&x->rt->interrupt, 0);
	interrupt_taken(x);
	counters_reset(x);
	for (uint32_t i = 0; x->samples && i < 2 * x->module->func_count; i++)
		x->samples[i] = 0;
	if (x->profile)
		vsp_profile_reset(x->profile);
}

uint64_t vsp_exec_instructions(const vsp_exec *x) { return x->charged + x->rt->charged; }

void vsp_exec_counts(const vsp_exec *x, uint32_t f, uint64_t *calls, uint64_t *loops)
{
	*calls = x->counters ? x->counters[2 * (size_t)f] : 0;
	*loops = x->counters ? x->counters[2 * (size_t)f + 1] : 0;
}
