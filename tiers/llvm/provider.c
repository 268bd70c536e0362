/*
 * The functions of the compiler's shared object that the tier manager calls: jobs go in, machine
 * code comes out. Each job is lowered to an LLVM module, optimised as its tier asks, emitted as an
 * object and linked into the session.
 */
#include "bodies.h"
#include "breakage.h"
#include "describe.h"
#include "fatal.h"
#include "frames.h"
#include "heap.h"
#include "image.h"
#include "pass_timer.h"
#include "pipeline.h"
#include "session.h"
#include "verify_ir.h"

#include <llvm-c/Linker.h>
#include <stdio.h>
#include <string.h>

#include "ir/lower/lower.h"
#include "runtime/base/alloc.h"
#include "runtime/base/error.h"
#include "runtime/platform/platform.h"

/* A job in progress. */
typedef struct job_state {
	vsp_jit *jit;
	const vsp_jit_job *job;
	const vsp_lower_options *options; /* the job's own, or with locations in place of pcsections */
	LLVMTargetMachineRef machine;     /* owned by the session */
	LLVMContextRef context;
	LLVMModuleRef module;
	vsp_lower_outcome outcome;
	uint32_t pc_entry_count;
	bool lost_pc_entries; /* code generation has dropped some: the code is of no use */
	vsp_place *places;    /* from pcsections entries, until a unit takes them */
	uint32_t place_count;
	vsp_code_map map; /* for jobs that are described, until a unit takes it */
	char native[VSP_LOWER_NAME + 16], entry[VSP_LOWER_NAME + 16]; /* symbols; "": there is none */
} job_state;

/* ---- lowering ---- */

static vsp_lower_reason lower_inlined(vsp_lower *lower, const vsp_jit_job *job)
{
	vsp_lower_reason why = VSP_LOWER_OK;
	for (uint32_t i = 0; i < job->inlined_count && why == VSP_LOWER_OK; i++)
		why = vsp_lower_native(lower, job->inlined[i], true);
	return why;
}

static vsp_lower_reason lower_points(vsp_lower *lower, const vsp_jit_job *job)
{
	vsp_lower_reason why = VSP_LOWER_OK;
	const vsp_func *func = &vsp_lower_data(lower)->funcs[job->func];
	for (uint32_t i = 0; i < job->inlined_count; i++)
		vsp_lower_include(lower, job->inlined[i]);
	if (job->pc == VSP_LOOP_PC)
		why = vsp_lower_loop(lower, job->func);
	else if (job->pc != VSP_NO_PC)
		why = vsp_lower_entry(lower, job->func, job->pc);
	else if (job->shown)
		why = vsp_lower_entry(lower, job->func, func->start);
	if (why == VSP_LOWER_OK && job->pc == VSP_NO_PC && job->native) {
		vsp_lower_include(lower, job->func);
		why = vsp_lower_native(lower, job->func, false);
		if (why == VSP_LOWER_OK && !job->shown)
			why = vsp_lower_boxed(lower, job->func);
	}
	return why == VSP_LOWER_OK ? lower_inlined(lower, job) : why;
}

/* Makes a symbol unique in the session. False: the module does not define it. */
static bool rename_symbol(job_state *s, char *out, size_t size, enum vsp_entry_point point, uint32_t pc)
{
	char name[VSP_LOWER_NAME];
	vsp_lower_name(name, point, s->job->func, pc);
	LLVMValueRef fn = LLVMGetNamedFunction(s->module, name);
	if (!fn || LLVMIsDeclaration(fn))
		return false;
	snprintf(out, size, "%s.%u", name, (unsigned)s->jit->serial);
	LLVMSetValueName2(fn, out, strlen(out));
	return true;
}

static void rename_symbols(job_state *s)
{
	uint32_t start = s->jit->module->funcs[s->job->func].start;
	s->jit->serial++;
	rename_symbol(s, s->native, sizeof s->native, VSP_POINT_NATIVE, 0);
	uint32_t pc = s->job->pc == VSP_NO_PC ? start : s->job->pc;
	if (rename_symbol(s, s->entry, sizeof s->entry, VSP_POINT_LOOP, 0))
		return;
	if (!rename_symbol(s, s->entry, sizeof s->entry, VSP_POINT_ENTRY, pc))
		rename_symbol(s, s->entry, sizeof s->entry, VSP_POINT_BOXED, 0);
}

static const char *lower(job_state *s)
{
	if (!s->machine)
		return vsp_lower_reason_text(VSP_LOWER_OUT_OF_MEMORY);
	vsp_lower *lowering =
	        vsp_lower_create(s->context, s->jit->module, s->options, "vsp", s->jit->triple, s->jit->layout);
	if (lowering)
		vsp_lower_use_profile(lowering, s->job->profile, s->job->tally);
	vsp_lower_reason why = lowering ? lower_points(lowering, s->job) : VSP_LOWER_OUT_OF_MEMORY;
	if (why != VSP_LOWER_OK) {
		vsp_lower_destroy(lowering);
		return vsp_lower_reason_text(why);
	}
	s->pc_entry_count = vsp_lower_pc_entry_count(lowering);
	s->outcome = vsp_lower_outcome_of(lowering);
	s->module = vsp_lower_end(lowering);
	rename_symbols(s);
	vsp_breakage_add(s->module, vsp_module_func_name(s->jit->module, s->job->func));
	if (s->job->tier > 1 && !vsp_bodies_link(s->module))
		return "the runtime's bitcode cannot be linked";
	return vsp_verify_ir(s->module) ? NULL : "LLVM's verifier refuses the module";
}

/* ---- machine code ---- */

static const char *emit(job_state *s, LLVMMemoryBufferRef *object)
{
	char *message = NULL;
	vsp_frames frames;
	vsp_frames_watch(s->context, &frames);
	bool failed = LLVMTargetMachineEmitToMemoryBuffer(s->machine, s->module, LLVMObjectFile, &message, object);
	vsp_frames_unwatch(s->context);
	if (failed)
		LLVMDisposeMessage(message);
	if (failed || frames.failed)
		return "LLVM cannot generate code for the function";
	return frames.most > VSP_FRAME_MOST ? "the function's frame is too large for the machine's stack" : NULL;
}

/* Gives the map to a linked unit. Without memory the unit gets none. */
static void describe_unit(job_state *s, LLVMMemoryBufferRef object, vsp_unit *unit, vsp_jit_unit *out)
{
	unit->map = s->map;
	s->map = (vsp_code_map){0};
	unit->map.unwind = unit->unwind;
	unit->map.unwind_size = unit->unwind_size;
	if (vsp_describe_code(object, unit->places, unit->place_count, &unit->map))
		out->map = &unit->map;
}

/* Keeps the unit's code as an image if the job asks for it. */
static void keep_image(job_state *s, LLVMMemoryBufferRef object, const vsp_unit *unit)
{
	vsp_jit *jit = s->jit;
	vsp_image_free(jit->image);
	jit->image = NULL;
	jit->no_image = "no image was asked for";
	if (s->job->keep)
		jit->image = vsp_image_make(LLVMGetBufferStart(object), LLVMGetBufferSize(object), s->entry, s->native,
		        unit->places, unit->place_count, s->job->describe ? &unit->map : NULL, &jit->no_image);
}

/*
 * Takes the pcsections section out of the object. LLVM gives objects as copies of its output, so
 * they may be changed.
 */
static bool take_pcsections(job_state *s, LLVMMemoryBufferRef object)
{
	uint8_t *bytes = (uint8_t *)(uintptr_t)LLVMGetBufferStart(object);
	s->lost_pc_entries = s->pc_entry_count && !vsp_pcsections_take(bytes, LLVMGetBufferSize(object),
	                                                  s->pc_entry_count, &s->places, &s->place_count);
	return !s->lost_pc_entries;
}

/* Gives places to the unit from the pcsections entries, or otherwise from the line table. */
static void give_places(job_state *s, LLVMMemoryBufferRef object, vsp_unit *unit)
{
	unit->places = s->places;
	unit->place_count = s->place_count;
	s->places = NULL;
	if (!s->pc_entry_count)
		vsp_unit_read_places(unit, object, VSP_MAX_CODE + s->map.site_count);
}

static const char *link_unit(job_state *s, LLVMMemoryBufferRef object, vsp_jit_unit *out)
{
	LLVMMemoryBufferRef copy = LLVMCreateMemoryBufferWithMemoryRangeCopy(
	        LLVMGetBufferStart(object), LLVMGetBufferSize(object), "unit");
	const char *why;
	vsp_unit *unit = vsp_session_link(s->jit, copy, &why);
	if (!unit)
		return why;
	s->jit->linking = unit;
	out->handle = unit;
	out->entry = vsp_session_lookup(s->jit, s->entry);
	out->native = s->native[0] ? vsp_session_lookup(s->jit, s->native) : NULL;
	s->jit->linking = NULL;
	bool missing = !out->entry || (s->native[0] && !out->native);
	if (missing || unit->unsealed) {
		why = missing ? "the object cannot be linked" : "code memory cannot be made executable";
		vsp_session_release(s->jit, unit);
		*out = (vsp_jit_unit){0};
		return why;
	}
	out->code = unit->text;
	out->code_size = unit->text_size;
	give_places(s, object, unit);
	out->places = unit->places;
	out->place_count = unit->place_count;
	out->unwind = unit->unwind;
	out->unwind_size = unit->unwind_size;
	if (s->job->describe)
		describe_unit(s, object, unit, out);
	keep_image(s, object, unit);
	return NULL;
}

static uint64_t lap(uint64_t *since)
{
	uint64_t now = vsp_plat_clock_ns(), spent = now - *since;
	*since = now;
	return spent;
}

static const char *run_job(job_state *s, vsp_jit_unit *unit)
{
	uint64_t time = vsp_plat_clock_ns();
	LLVMMemoryBufferRef object = NULL;
	const char *why = lower(s);
	uint64_t lower_ns = lap(&time);
	if (!why && s->job->tier > 1)
		why = vsp_pipeline_run(s->module, s->machine, VSP_PIPELINE_2, s->options->precise);
	uint64_t optimise_ns = lap(&time);
	if (!why && s->job->describe && !vsp_describe_sites(s->module, &s->map))
		why = "out of memory";
	if (!why)
		why = emit(s, &object);
	uint64_t emit_ns = lap(&time);
	if (!why && !take_pcsections(s, object))
		why = "code generation lost the places of some instructions";
	if (!why)
		why = link_unit(s, object, unit);
	if (object)
		LLVMDisposeMemoryBuffer(object);
	unit->inlined = s->job->inlined_count;
	if (s->outcome.in_memory.count)
		unit->note = "compiled, but too large to keep registers out of memory";
	unit->lower_ns = lower_ns;
	unit->optimise_ns = optimise_ns;
	unit->emit_ns = emit_ns;
	unit->link_ns = lap(&time);
	return why;
}

static job_state begin_job(
        vsp_jit *jit, const vsp_jit_job *job, const vsp_lower_options *options, LLVMContextRef context)
{
	return (job_state){.jit = jit,
	        .job = job,
	        .options = options,
	        .machine = vsp_session_machine(jit, job->tier),
	        .context = context};
}

/* Ends a job. The context stays. */
static void end_job(job_state *s)
{
	if (s->module)
		LLVMDisposeModule(s->module);
	vsp_free_memory(s->places);
	vsp_describe_free(&s->map);
}

static const char *attempt(
        vsp_jit *jit, const vsp_jit_job *job, const vsp_lower_options *options, vsp_jit_unit *unit, bool *lost)
{
	LLVMContextRef context = vsp_session_enter_context(jit, job->tier);
	job_state s = begin_job(jit, job, options, context);
	*unit = (vsp_jit_unit){0};
	const char *why = run_job(&s, unit);
	*lost = s.lost_pc_entries;
	end_job(&s);
	vsp_session_leave_context(jit, context, job->func);
	return why;
}

static const char *compile(vsp_jit *jit, const vsp_jit_job *job, vsp_jit_unit *unit)
{
	bool lost;
	if (job->listener)
		vsp_pass_timer_start();
	const char *why = attempt(jit, job, job->lower, unit, &lost);
	if (lost) {
		vsp_lower_options located = *job->lower;
		located.pcsections = false;
		located.debug = true;
		vsp_session_release(jit, unit->handle);
		why = attempt(jit, job, &located, unit, &lost);
	}
	if (job->listener)
		vsp_pass_timer_stop(job->listener, job->tier);
	return why;
}

static void begin_shown(vsp_jit *jit)
{
	if (jit->shown)
		return;
	jit->shown_context = LLVMContextCreate();
	jit->shown = LLVMModuleCreateWithNameInContext("vsp", jit->shown_context);
	LLVMSetTarget(jit->shown, jit->triple);
	LLVMSetModuleDataLayout(jit->shown, jit->layout);
}

/*
 * Symbols of different units differ; if two modules have the same internal name, one of them is
 * renamed.
 */
static const char *text_add(vsp_jit *jit, const vsp_jit_job *job, bool optimised)
{
	begin_shown(jit);
	job_state s = begin_job(jit, job, job->lower, jit->shown_context);
	const char *why = lower(&s);
	if (!why && optimised)
		why = vsp_pipeline_run(s.module, s.machine, VSP_PIPELINE_2, s.options->precise);
	if (!why) {
		why = LLVMLinkModules2(jit->shown, s.module) ? "units of code do not fit into one module" : NULL;
		s.module = NULL; /* consumed by the linker */
	}
	end_job(&s);
	return why;
}

static char *text_take(vsp_jit *jit)
{
	char *out = jit->shown ? LLVMPrintModuleToString(jit->shown) : NULL;
	vsp_session_forget_shown(jit);
	return out;
}

static vsp_image *take_image(vsp_jit *jit, const char **why)
{
	vsp_image *image = jit->image;
	*why = jit->no_image;
	jit->image = NULL;
	return image;
}

/* The paths of this shared object and LLVM's, which may be the same one. */
static bool file(unsigned index, char *path, size_t size)
{
	static const char here;
	const void *within[] = {&here, (const void *)(uintptr_t)LLVMGetVersion};
	return index < sizeof within / sizeof within[0] && vsp_plat_object_path(within[index], path, size);
}

static void release(vsp_jit *jit, vsp_jit_unit *unit)
{
	vsp_session_release(jit, unit->handle);
	*unit = (vsp_jit_unit){0};
}

/* ---- the compiler's functions, with LLVM's memory from its heap ---- */

static _Thread_local struct {
	void (*stop)(void *user, const char *message);
	void *user;
} guard;

static void heap_stop(void *unused, const char *message)
{
	(void)unused;
	vsp_heap_abandon();
	guard.stop(guard.user, message);
}

static void heap_guard(void (*stop)(void *user, const char *message), void *user)
{
	guard.stop = stop;
	guard.user = user;
	vsp_fatal_guard(heap_stop, NULL);
}

static vsp_jit *heap_create(
        const vsp_module_data *module, const vsp_call_address *calls, unsigned count, vsp_slab *slab, vsp_error *error)
{
	vsp_jit *jit = NULL;
	if (vsp_heap_enter())
		jit = vsp_session_create(module, calls, count, slab, error);
	else
		vsp_error_set(error, VSP_E_MEMORY, "out of memory");
	vsp_heap_leave();
	return jit;
}

static const char *heap_compile(vsp_jit *jit, const vsp_jit_job *job, vsp_jit_unit *unit)
{
	const char *why = vsp_heap_enter() ? compile(jit, job, unit) : "out of memory";
	vsp_heap_leave();
	return why;
}

static const char *heap_text_add(vsp_jit *jit, const vsp_jit_job *job, bool optimised)
{
	const char *why = vsp_heap_enter() ? text_add(jit, job, optimised) : "out of memory";
	vsp_heap_leave();
	return why;
}

static char *heap_text_take(vsp_jit *jit)
{
	char *out = vsp_heap_enter() ? text_take(jit) : NULL;
	vsp_heap_leave();
	return out;
}

/* If there is no memory to free memory with, that memory is lost. */
static void heap_release(vsp_jit *jit, vsp_jit_unit *unit)
{
	if (vsp_heap_enter())
		release(jit, unit);
	vsp_heap_leave();
}

static void heap_destroy(vsp_jit *jit)
{
	if (vsp_heap_enter())
		vsp_session_destroy(jit);
	vsp_heap_leave();
	vsp_heap_trim();
}

const vsp_jit_api *vsp_jit_provider(void);

#if defined(__GNUC__)
__attribute__((visibility("default")))
#endif
const vsp_jit_api *vsp_jit_provider(void)
{
	static const vsp_jit_api api = {
	        .version = VSP_JIT_VERSION,
	        .guard = heap_guard,
	        .create = heap_create,
	        .compile = heap_compile,
	        .take_image = take_image,
	        .free_image = vsp_image_free,
	        .file = file,
	        .release = heap_release,
	        .destroy = heap_destroy,
	        .text_add = heap_text_add,
	        .text_take = heap_text_take,
	        .free_text = LLVMDisposeMessage,
	};
	vsp_heap_loaded();
	return &api;
}
