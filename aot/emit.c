/*
 * From LLVM IR to bytes: the passes, and machine code with the table that maps it to the program's
 * instructions, which is known only once there is machine code. Where a linker joins the program
 * with the runtime the table is an object of its own. Elsewhere it is part of the one object, so
 * the program's code is generated twice, first alone and then with the runtime. Both give the same
 * code, since the table is data that no pass sees.
 *
 * The first of two times is for a copy of the module where passes of the code generator change it
 * so that a second run would find other code. At -O0 they only replace what machines do not have,
 * which a second run leaves alone, and no copy is made: for large functions that takes a sixth of
 * the time.
 */
#include "job.h"

#include <stdio.h>
#include <string.h>

#include <llvm-c/DebugInfo.h>
#include <llvm-c/Transforms/PassBuilder.h>

#include "ir/lower/landing.h"
#include "runtime/base/alloc.h"
#include "runtime/base/error.h"
#include "tiers/llvm/bodies.h"
#include "tiers/llvm/describe.h"
#include "tiers/llvm/frames.h"
#include "tiers/llvm/pipeline.h"
#include "tiers/llvm/session.h"
#include "tiers/llvm/verify_ir.h"

vsp_status aot_run_passes(aot_job *job, const char *passes)
{
	LLVMPassBuilderOptionsRef options = LLVMCreatePassBuilderOptions();
	LLVMErrorRef failure = LLVMRunPasses(job->module, passes, job->machine, options);
	LLVMDisposePassBuilderOptions(options);
	if (!failure)
		return VSP_OK;
	char *text = LLVMGetErrorMessage(failure);
	vsp_error_set(job->error, VSP_E_UNSUPPORTED, "LLVM's passes failed: %s", text);
	LLVMDisposeErrorMessage(text);
	return VSP_E_UNSUPPORTED;
}

/* With guard pages an access traps whether it is needed or not, which tier 2's passes preserve
   (tiers/llvm/kept_loads.h). */
static vsp_status optimise(aot_job *job)
{
	static const char *const passes[] = {"globaldce", "default<O1>", "default<O2>", "default<O3>"};
	static const vsp_pipeline_level levels[] = {VSP_PIPELINE_1, VSP_PIPELINE_1, VSP_PIPELINE_2, VSP_PIPELINE_3};
	unsigned level = job->options.level;
	if (level == 0 || job->options.explicit_bounds || job->options.precise)
		return aot_run_passes(job, passes[level]);
	const char *why = vsp_pipeline_run(job->module, job->machine, levels[level], false);
	return why ? vsp_error_set(job->error, VSP_E_UNSUPPORTED, "%s", why) : VSP_OK;
}

vsp_status aot_optimise(aot_job *job)
{
	if (!vsp_verify_ir(job->module))
		return vsp_error_set(job->error, VSP_E_UNSUPPORTED, "LLVM's verifier refuses the program's module");
	if (job->options.level > 0 && !vsp_bodies_link(job->module))
		return vsp_error_set(
		        job->error, VSP_E_UNSUPPORTED, "the bitcode of the runtime's functions cannot be read");
	return optimise(job);
}

static vsp_status emit_module(aot_job *job, LLVMModuleRef module, LLVMCodeGenFileType type, LLVMMemoryBufferRef *out)
{
	char *message = NULL;
	vsp_frames frames;
	vsp_frames_watch(job->context, &frames);
	bool failed = LLVMTargetMachineEmitToMemoryBuffer(job->machine, module, type, &message, out);
	vsp_frames_unwatch(job->context);
	job->frame = frames.most > job->frame ? frames.most : job->frame;
	if (failed || frames.failed)
		vsp_error_set(job->error, VSP_E_UNSUPPORTED, "LLVM cannot generate code for '%s'%s%s", job->triple,
		        failed ? ": " : "", failed ? message : "");
	if (failed)
		LLVMDisposeMessage(message);
	else if (frames.failed)
		LLVMDisposeMemoryBuffer(*out);
	return failed || frames.failed ? VSP_E_UNSUPPORTED : VSP_OK;
}

/* Refuses frames so large that they may not fit a stack of the usual size; no useful program has
   them. */
static vsp_status check_frame(aot_job *job)
{
	enum { MOST = 64 << 20 };
	if (job->frame <= MOST)
		return VSP_OK;
	return vsp_error_set(job->error, VSP_E_UNSUPPORTED, "a function needs a frame of %llu bytes, more than %d",
	        (unsigned long long)job->frame, MOST);
}

/* The function at the start of the section that the program's code is in: the first that has a
   section. */
static LLVMValueRef first_function(LLVMModuleRef module)
{
	LLVMValueRef fn = LLVMGetFirstFunction(module);
	while (fn && (LLVMIsDeclaration(fn) || !LLVMGetSection(fn) || !*LLVMGetSection(fn)))
		fn = LLVMGetNextFunction(fn);
	return fn;
}

/* In the finished module the runtime's functions are near; calls of them must have the same
   length here. */
static void hide_runtime(LLVMModuleRef module)
{
	for (LLVMValueRef fn = LLVMGetFirstFunction(module); fn; fn = LLVMGetNextFunction(fn))
		if (LLVMIsDeclaration(fn) && strncmp(LLVMGetValueName(fn), "vsp_", 4) == 0)
			LLVMSetVisibility(fn, LLVMHiddenVisibility);
}

/* The table of places, which the finished module has, takes the address of the first function,
   which may then begin with a mark that others lack (landing.h). */
static LLVMValueRef take_address(LLVMModuleRef module)
{
	LLVMValueRef first = first_function(module);
	LLVMValueRef address = LLVMAddGlobal(module, LLVMTypeOf(first), "vsp_first");
	LLVMSetInitializer(address, first);
	return address;
}

/* The module whose code is generated first; to be given back. Where the runtime is added its
   functions will be hidden in any case. */
static LLVMModuleRef open_first(aot_job *job)
{
	bool same = job->options.level == 0 && job->options.runtime;
	return same ? job->module : LLVMCloneModule(job->module);
}

static void close_first(aot_job *job, LLVMModuleRef first)
{
	if (first != job->module)
		LLVMDisposeModule(first);
}

/* The object of the program alone, which is described in map; null: it failed. */
static LLVMMemoryBufferRef emit_first(aot_job *job, vsp_code_map *map, bool *described)
{
	LLVMMemoryBufferRef object = NULL;
	LLVMModuleRef first = open_first(job);
	hide_runtime(first);
	LLVMValueRef address = take_address(first);
	*described = vsp_describe_sites(first, map);
	if (emit_module(job, first, LLVMObjectFile, &object) != VSP_OK)
		object = NULL;
	LLVMDeleteGlobal(address);
	close_first(job, first);
	return object;
}

/* Places and inlined calls of the code that a copy of the module becomes. */
static vsp_status read_places(aot_job *job, vsp_unit *unit, vsp_code_map *map)
{
	bool described;
	LLVMMemoryBufferRef object = emit_first(job, map, &described);
	if (!object)
		return job->error->code;
	if (check_frame(job) != VSP_OK) {
		LLVMDisposeMemoryBuffer(object);
		return job->error->code;
	}
	vsp_unit_read_places(unit, object, VSP_MAX_CODE + map->site_count);
	described = described && vsp_describe_code(object, unit->places, unit->place_count, map);
	LLVMDisposeMemoryBuffer(object);
	return described ? VSP_OK : aot_fail_memory(job);
}

/* The same, only to learn the sizes of frames. */
static vsp_status measure_frames(aot_job *job)
{
	LLVMMemoryBufferRef object;
	LLVMModuleRef first = open_first(job);
	if (emit_module(job, first, LLVMObjectFile, &object) == VSP_OK) {
		LLVMDisposeMemoryBuffer(object);
		check_frame(job);
	}
	close_first(job, first);
	return job->error->code;
}

/*
 * Places count from the start of the program's section. Apple's linker removes functions from it
 * that are not referenced, unless they are listed here.
 */
static vsp_status keep_all(aot_job *job)
{
	unsigned count = 0;
	for (LLVMValueRef fn = LLVMGetFirstFunction(job->module); fn; fn = LLVMGetNextFunction(fn))
		count += !LLVMIsDeclaration(fn);
	LLVMValueRef *all = vsp_arena_array(&job->arena, count + 1, sizeof *all);
	if (!all)
		return aot_fail_memory(job);
	count = 0;
	for (LLVMValueRef fn = LLVMGetFirstFunction(job->module); fn; fn = LLVMGetNextFunction(fn))
		if (!LLVMIsDeclaration(fn))
			all[count++] = fn;
	LLVMValueRef list = LLVMConstArray2(LLVMPointerTypeInContext(job->context, 0), all, count);
	LLVMValueRef used = LLVMAddGlobal(job->module, LLVMTypeOf(list), "llvm.used");
	LLVMSetInitializer(used, list);
	LLVMSetLinkage(used, LLVMAppendingLinkage);
	LLVMSetSection(used, "llvm.metadata");
	return VSP_OK;
}

vsp_status aot_add_places(aot_job *job)
{
	LLVMValueRef first = first_function(job->module);
	vsp_unit unit = {0};
	vsp_code_map map = {0};
	bool text = job->options.kind == AOT_LL || job->options.kind == AOT_BC;
	vsp_status status = VSP_OK;
	if (aot_is_joined(job))
		return VSP_OK; /* aot_emit makes the table */
	if (first && !text && job->known.holds & AOT_APPLE)
		status = keep_all(job);
	if (status == VSP_OK && first && !text && !job->options.no_signals)
		status = read_places(job, &unit, &map);
	else if (status == VSP_OK && !job->known.wasm)
		status = measure_frames(job);
	if (status == VSP_OK && !text)
		LLVMStripModuleDebugInfo(job->module);
	if (status == VSP_OK)
		aot_emit_places(job, first, unit.places, unit.place_count, &map);
	vsp_free_memory(unit.places);
	vsp_describe_free(&map);
	return job->error->code;
}

/* ---- programs whose table is an object of its own ---- */

#define TABLE "vsp.places"    /* what the descriptor refers to */
#define CODE "vsp.first_code" /* the first function, from which places count */

static void share(LLVMValueRef value, const char *name)
{
	LLVMSetValueName2(value, name, strlen(name));
	LLVMSetLinkage(value, LLVMExternalLinkage);
	LLVMSetVisibility(value, LLVMHiddenVisibility);
}

/* A module with the table alone, in place of the program's. */
static void make_table(aot_job *job, bool has_code, const vsp_unit *unit, const vsp_code_map *map)
{
	LLVMTypeRef byte = LLVMInt8TypeInContext(job->context);
	LLVMDisposeModule(job->module);
	job->module = LLVMModuleCreateWithNameInContext("places", job->context);
	LLVMSetTarget(job->module, job->triple);
	LLVMSetModuleDataLayout(job->module, job->layout);
	LLVMValueRef code = NULL;
	if (has_code)
		share(code = LLVMAddGlobal(job->module, byte, CODE), CODE);
	LLVMAddGlobal(job->module, byte, TABLE);
	aot_emit_places(job, code, unit->places, unit->place_count, map);
	LLVMValueRef table = LLVMGetNamedGlobal(job->module, "vsp.place_table");
	if (table)
		share(table, TABLE);
	vsp_lower_mark_landings(job->module);
}

static vsp_status emit_table(aot_job *job, bool has_code, const vsp_unit *unit, const vsp_code_map *map)
{
	LLVMMemoryBufferRef object;
	make_table(job, has_code, unit, map);
	if (job->error->code != VSP_OK || emit_module(job, job->module, LLVMObjectFile, &object) != VSP_OK)
		return job->error->code;
	job->table_size = LLVMGetBufferSize(object);
	uint8_t *bytes = vsp_arena_array(&job->arena, job->table_size, 1);
	if (bytes)
		memcpy(bytes, LLVMGetBufferStart(object), job->table_size);
	job->table = bytes;
	LLVMDisposeMemoryBuffer(object);
	return bytes ? VSP_OK : aot_fail_memory(job);
}

/* The program's object, from which its table becomes job->table. */
static vsp_status emit_joined(aot_job *job, LLVMMemoryBufferRef *out)
{
	LLVMValueRef first = first_function(job->module), table = LLVMGetNamedGlobal(job->module, TABLE);
	bool reads = first && !job->options.no_signals;
	vsp_unit unit = {0};
	vsp_code_map map = {0};
	if (first)
		share(LLVMAddAlias2(job->module, LLVMGlobalGetValueType(first), 0, first, CODE), CODE);
	if (table)
		share(table, TABLE);
	bool good = !reads || vsp_describe_sites(job->module, &map);
	if (emit_module(job, job->module, LLVMObjectFile, out) != VSP_OK)
		*out = NULL;
	else if (check_frame(job) == VSP_OK && reads) {
		vsp_unit_read_places(&unit, *out, VSP_MAX_CODE + map.site_count);
		good = good && vsp_describe_code(*out, unit.places, unit.place_count, &map);
	}
	if (!good)
		aot_fail_memory(job);
	if (job->error->code == VSP_OK)
		emit_table(job, first, &unit, &map);
	vsp_free_memory(unit.places);
	vsp_describe_free(&map);
	if (job->error->code != VSP_OK && *out)
		LLVMDisposeMemoryBuffer(*out);
	return job->error->code;
}

vsp_status aot_emit(aot_job *job, LLVMCodeGenFileType type, LLVMMemoryBufferRef *out)
{
	vsp_status status = aot_is_joined(job) ? emit_joined(job, out) : emit_module(job, job->module, type, out);
	LLVMDisposeModule(job->module);
	job->module = NULL;
	return status;
}
