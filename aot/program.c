/*
 * The program alone: all functions lowered into one LLVM module, exported ones under their own
 * names, and the descriptor.
 *
 * Each function is there in its native form for others to call or inline. Those that are entered
 * from elsewhere (hosts, PIPE, LAUNCH) exist a second time in a C-callable form, which the
 * descriptor lists.
 */
#include "job.h"

#include <string.h>

#include "ir/lower/landing.h"
#include "runtime/base/error.h"
#include "tiers/llvm/breakage.h"

static bool is_entered(const aot_job *job, uint32_t func)
{
	const vsp_func *f = &job->data->funcs[func];
	return f->flags & VSP_FUNC_EXPORTED || func == job->data->entry_func;
}

/* Does the program need a feature of the processor beyond those of every machine? */
static bool needs_feature(const aot_job *job, const char *name)
{
	size_t n;
	for (const char *at = job->features; *at; at += n + (at[n] == ',')) {
		n = strcspn(at, ",");
		if (n == strlen(name) && memcmp(at, name, n) == 0)
			return true;
	}
	return false;
}

static vsp_lower_options lowering_options(const aot_job *job)
{
	const aot_options *o = &job->options;
	return (vsp_lower_options){.precise = o->precise,
	        .mark = o->precise && o->level > 0,
	        .guarded = !o->explicit_bounds,
	        .mask = o->mask,
	        .fuel = o->fuel_on,
	        .deterministic = o->deterministic,
	        .poll = o->no_signals || !(job->known.holds & AOT_STOPPERS), /* else a signal stops loops */
	        .exact_depth = o->max_depth != 0,
	        .stack_check = true,
	        .debug = true,
	        .status = o->status,
	        .optimise = o->level > 0,
	        .fma = needs_feature(job, "fma")};
}

/* ---- functions restricted to the ranges of kernels ---- */

/* Functions reached so far, in the order in which their callees are looked for. */
typedef struct reach {
	bool *reached; /* per function */
	uint32_t *list, count;
} reach;

static void add_reached(reach *r, uint32_t func)
{
	if (r->reached[func])
		return;
	r->reached[func] = true;
	r->list[r->count++] = func;
}

/* Functions reached from kernels call by INVOKE and TRANS alone, whose immediate is the callee. */
static void add_callees(const vsp_module_data *m, reach *r, uint32_t func)
{
	vsp_insn i;
	for (uint32_t pc = m->funcs[func].start, end = pc + m->funcs[func].size; pc < end; pc += i.length) {
		vsp_insn_decode(m->code, m->code_size, pc, &i);
		if (vsp_insn_info(&i)->effects & VSP_FX_CALL)
			add_reached(r, (uint32_t)i.imm);
	}
}

/*
 * Per function: is it a kernel, or reached from one? Such functions are restricted to the ranges of
 * the active LAUNCH, where there is one: calls from elsewhere pass the same checks. Null: out of
 * memory.
 */
static const bool *find_reached(aot_job *job)
{
	const vsp_module_data *m = job->data;
	reach r = {.reached = vsp_arena_array(&job->arena, m->func_count, sizeof(bool)),
	        .list = vsp_arena_array(&job->arena, m->func_count, sizeof(uint32_t))};
	if (!r.reached || !r.list)
		return NULL;
	for (uint32_t i = 0; i < m->func_count; i++)
		if (m->funcs[i].kind == VSP_KIND_KERNEL)
			add_reached(&r, i);
	for (uint32_t done = 0; done < r.count; done++)
		add_callees(m, &r, r.list[done]);
	return r.reached;
}

/* ---- functions ---- */

static vsp_lower_reason lower_function(aot_job *job, vsp_lower *lower, uint32_t func)
{
	const vsp_func *f = &job->data->funcs[func];
	vsp_lower_reason why = vsp_lower_native(lower, func, true);
	if (why == VSP_LOWER_OK && is_entered(job, func))
		why = vsp_lower_entry(lower, func, f->start);
	else if (why == VSP_LOWER_OK && f->kind != VSP_KIND_FUNCTION && !aot_has_loop(job, func))
		why = vsp_lower_boxed(lower, func);
	if (why == VSP_LOWER_OK && aot_has_loop(job, func))
		why = vsp_lower_loop(lower, func);
	if (why == VSP_LOWER_OK && job->options.kind != AOT_EXECUTABLE && aot_has_symbol(job, func))
		vsp_lower_start(lower, func);
	return why;
}

static vsp_status lower_all(aot_job *job)
{
	vsp_lower_options options = lowering_options(job);
	const bool *reached = find_reached(job);
	vsp_lower *lower =
	        !reached ? NULL : vsp_lower_create(job->context, job->data, &options, "vsp", job->triple, job->layout);
	if (!lower)
		return aot_fail_memory(job);
	vsp_lower_use_profile(lower, job->profile, NULL);
	vsp_lower_reason why = VSP_LOWER_OK;
	for (uint32_t i = 0; i < job->data->func_count; i++)
		vsp_lower_include(lower, i);
	for (uint32_t i = 0; i < job->data->func_count && why == VSP_LOWER_OK; i++) {
		options.ranges = job->options.check_kernels && reached[i];
		why = lower_function(job, lower, i);
	}
	if (why != VSP_LOWER_OK) {
		vsp_lower_destroy(lower);
		return vsp_error_set(job->error, why == VSP_LOWER_OUT_OF_MEMORY ? VSP_E_MEMORY : VSP_E_UNSUPPORTED,
		        "%s", vsp_lower_reason_text(why));
	}
	job->outcome = vsp_lower_outcome_of(lower);
	job->module = vsp_lower_end(lower);
	return job->outcome.plain.count && job->options.level ? aot_leave_plain(job) : VSP_OK;
}

/* ---- tables of functions ---- */

static LLVMValueRef find_point(aot_job *job, enum vsp_entry_point point, uint32_t func)
{
	char name[VSP_LOWER_NAME];
	vsp_lower_name(name, point, func, job->data->funcs[func].start);
	return LLVMGetNamedFunction(job->module, name);
}

static void keep_apart(aot_job *job, uint32_t func)
{
	static const char word[] = "noinline";
	unsigned kind = LLVMGetEnumAttributeKindForName(word, sizeof word - 1);
	LLVMAttributeRef attribute = LLVMCreateEnumAttribute(job->context, kind, 0);
	LLVMAddAttributeAtIndex(find_point(job, VSP_POINT_NATIVE, func), LLVMAttributeFunctionIndex, attribute);
}

/* Only INVOKEI and INVOKET look functions up at run time. */
static bool looks_up(const aot_job *job)
{
	vsp_insn i;
	for (uint32_t pc = 0; pc < job->data->code_size; pc += i.length) {
		vsp_insn_decode(job->data->code, job->data->code_size, pc, &i);
		if (i.form == VSP_I_INVOKEI || i.form == VSP_I_INVOKET)
			return true;
	}
	return false;
}

static vsp_status emit_tables(aot_job *job)
{
	uint32_t count = job->data->func_count;
	LLVMValueRef *entries = vsp_arena_array(&job->arena, count, sizeof(LLVMValueRef)),
	             *loops = vsp_arena_array(&job->arena, count, sizeof(LLVMValueRef)),
	             *natives = vsp_arena_array(&job->arena, count, sizeof(LLVMValueRef));
	bool looked_up = looks_up(job);
	if (!entries || !loops || !natives)
		return aot_fail_memory(job);
	for (uint32_t i = 0; i < count; i++) {
		entries[i] = find_point(job, is_entered(job, i) ? VSP_POINT_ENTRY : VSP_POINT_BOXED, i);
		loops[i] = find_point(job, VSP_POINT_LOOP, i);
		natives[i] = looked_up ? find_point(job, VSP_POINT_NATIVE, i) : NULL;
		if (entries[i])
			LLVMSetLinkage(entries[i], LLVMInternalLinkage);
		if (loops[i])
			LLVMSetLinkage(loops[i], LLVMInternalLinkage);
	}
	aot_emit_descriptor(job, entries, loops, natives);
	return VSP_OK;
}

/* All of the program's code is put into a section of its own, in which places of instructions are
   counted from its start. */
static void set_sections(aot_job *job)
{
	const char *section = job->known.holds & AOT_APPLE     ? "__TEXT,__vsp,regular,pure_instructions"
	                      : job->known.holds & AOT_WINDOWS ? ".text$vsp"
	                                                       : ".text.vsp";
	if (job->known.wasm) /* each function is a section there, and places are not needed */
		return;
	for (LLVMValueRef fn = LLVMGetFirstFunction(job->module); fn; fn = LLVMGetNextFunction(fn))
		if (!LLVMIsDeclaration(fn))
			LLVMSetSection(fn, section);
}

vsp_status aot_lower_program(aot_job *job)
{
	if (lower_all(job) != VSP_OK || emit_tables(job) != VSP_OK)
		return job->error->code;
	if (job->options.kind != AOT_EXECUTABLE && aot_emit_exports(job) != VSP_OK)
		return job->error->code;
	if (job->options.level > 0 && aot_cut_chains(job, keep_apart) != VSP_OK)
		return job->error->code;
	set_sections(job);
	vsp_lower_mark_landings(job->module);
	for (uint32_t i = 0; i < job->data->func_count; i++)
		vsp_breakage_add(job->module, vsp_module_func_name(job->data, i));
	return VSP_OK;
}
