/*
 * Linking the runtime, which the build has optimised, into the program's module as LLVM bitcode.
 * Only the parts that the program uses remain, and none of them is visible from outside.
 */
#include "job.h"

#include <string.h>

#include <llvm-c/BitReader.h>
#include <llvm-c/Linker.h>

#include "ir/lower/landing.h"
#include "runtime/base/error.h"
#include "runtime_bitcode.h"

static LLVMModuleRef read_embedded(aot_job *job)
{
	LLVMModuleRef runtime = NULL;
	LLVMMemoryBufferRef buffer = LLVMCreateMemoryBufferWithMemoryRange(
	        (const char *)vsp_aot_runtime_bitcode, vsp_aot_runtime_bitcode_size, "runtime", false);
	if (LLVMParseBitcodeInContext2(job->context, buffer, &runtime)) {
		vsp_error_set(job->error, VSP_E_UNSUPPORTED, "the runtime's bitcode cannot be read by this LLVM");
		runtime = NULL;
	}
	LLVMDisposeMemoryBuffer(buffer);
	return runtime;
}

static LLVMModuleRef find_runtime(aot_job *job)
{
	return job->native && vsp_aot_runtime_bitcode_size ? read_embedded(job) : aot_make_runtime(job);
}

static vsp_status check_target(aot_job *job)
{
	if (job->known.holds & (AOT_POSIX | AOT_WINDOWS | AOT_WASI))
		return VSP_OK;
	return vsp_error_set(job->error, VSP_E_UNSUPPORTED,
	        "the runtime of compiled programs knows no system like that of '%s'; .ll, .bc, .s and .h can be made "
	        "for every target",
	        job->triple);
}

static LLVMValueRef find(LLVMModuleRef module, const char *name)
{
	LLVMValueRef value = LLVMGetNamedFunction(module, name);
	return value ? value : LLVMGetNamedGlobal(module, name);
}

static void hide(LLVMValueRef value)
{
	if (LLVMIsDeclaration(value) || strncmp(LLVMGetValueName(value), "llvm.", 5) == 0)
		return;
	LLVMSetVisibility(value, LLVMDefaultVisibility);
	LLVMSetLinkage(value, LLVMInternalLinkage);
}

static void hide_all(LLVMModuleRef module)
{
	for (LLVMValueRef v = LLVMGetFirstFunction(module); v; v = LLVMGetNextFunction(v))
		hide(v);
	for (LLVMValueRef v = LLVMGetFirstGlobal(module); v; v = LLVMGetNextGlobal(v))
		hide(v);
}

/* WebAssembly's way to export a function. */
static void export(aot_job *job, LLVMValueRef fn, const char *name)
{
	static const char key[] = "wasm-export-name";
	LLVMAttributeRef attribute =
	        LLVMCreateStringAttribute(job->context, key, (unsigned)strlen(key), name, (unsigned)strlen(name));
	LLVMAddAttributeAtIndex(fn, (LLVMAttributeIndex)LLVMAttributeFunctionIndex, attribute);
}

/*
 * The loader resolves a name for all objects to the first loaded definition: a program would end up
 * in the runtime of another one. So nothing inside refers to the visible names, only to the
 * functions that they are aliases of.
 */
static bool is_interposed(const aot_job *job)
{
	return job->options.kind != AOT_EXECUTABLE && job->known.holds & AOT_POSIX && !(job->known.holds & AOT_APPLE);
}

/* An alias of value that is visible from outside; references to value stay as they are. */
static void show_alias(aot_job *job, LLVMValueRef value, const char *name)
{
	char *own = aot_format(job, "%s.own", name);
	if (!own)
		return;
	LLVMSetValueName2(value, own, strlen(own));
	LLVMSetLinkage(value, LLVMInternalLinkage);
	LLVMAddAlias2(job->module, LLVMGlobalGetValueType(value), 0, value, name);
}

static void show(aot_job *job, const char *name)
{
	LLVMValueRef value = find(job->module, name);
	if (!value || LLVMIsDeclaration(value))
		return;
	if (is_interposed(job)) {
		show_alias(job, value, name);
		return;
	}
	LLVMSetLinkage(value, LLVMExternalLinkage);
	if (job->options.kind == AOT_WASM && LLVMIsAFunction(value))
		export(job, value, name);
	if (job->options.kind == AOT_SHARED && job->known.holds & AOT_WINDOWS)
		LLVMSetDLLStorageClass(value, LLVMDLLExportStorageClass);
}

/* An entry point gets the prefix and is visible. */
static void show_public(aot_job *job, const char *name, void *user)
{
	(void)user;
	LLVMValueRef value = find(job->module, name);
	const char *symbol = aot_symbol(job, name);
	if (!value || !symbol)
		return;
	LLVMSetValueName2(value, symbol, strlen(symbol));
	show(job, symbol);
}

static void show_exports(aot_job *job)
{
	for (uint32_t i = 0; i < job->data->func_count; i++) {
		const char *symbol =
		        aot_has_symbol(job, i) ? aot_symbol(job, vsp_module_func_name(job->data, i)) : NULL;
		if (symbol)
			show(job, symbol);
	}
	aot_each_public(job, show_public, NULL);
}

/* A module for WebAssembly is a command too: it begins at _start, and C's main, under the name
   clang gives it there, is for the C library. */
static void show_command(aot_job *job)
{
	LLVMValueRef main = LLVMGetNamedFunction(job->module, "__main_argc_argv"),
	             start = LLVMGetNamedFunction(job->module, "vsp_wasm_start");
	if (main)
		LLVMSetLinkage(main, LLVMExternalLinkage);
	if (start)
		LLVMSetValueName2(start, "_start", strlen("_start"));
	show(job, "_start");
	show(job, "vsp_wasm_exhausted");
	show(job, "vsp_wasm_command_exhausted");
}

/* The runtime's object sees the program's two tables, and is near. */
static vsp_status join_object(aot_job *job)
{
	bool own = job->native && vsp_aot_runtime_object_size;
	job->object_size = vsp_aot_runtime_object_size;
	job->object = own ? vsp_aot_runtime_object : aot_make_runtime_object(job, &job->object_size);
	if (!job->object)
		return job->error->code;
	hide_all(job->module);
	for (LLVMValueRef fn = LLVMGetFirstFunction(job->module); fn; fn = LLVMGetNextFunction(fn))
		if (LLVMIsDeclaration(fn) && strncmp(LLVMGetValueName(fn), "vsp_", 4) == 0)
			LLVMSetVisibility(fn, LLVMHiddenVisibility);
	LLVMValueRef services = find(job->module, "vsp_rt_services"), module = find(job->module, "vsp_aot_module");
	LLVMSetLinkage(services, LLVMExternalLinkage);
	LLVMSetVisibility(services, LLVMHiddenVisibility);
	LLVMSetSection(services, ".data.rel.ro.vsp_rt_services"); /* of its own, to be left out */
	LLVMSetLinkage(module, LLVMExternalLinkage);
	if (job->options.kind != AOT_EXECUTABLE)
		show_exports(job);
	return aot_run_passes(job, "globaldce");
}

vsp_status aot_link_runtime(aot_job *job)
{
	if (check_target(job) != VSP_OK)
		return job->error->code;
	if (aot_is_joined(job))
		return join_object(job);
	LLVMModuleRef runtime = find_runtime(job);
	if (!runtime)
		return job->error->code;
	if (LLVMLinkModules2(job->module, runtime)) /* consumes runtime */
		return vsp_error_set(job->error, VSP_E_UNSUPPORTED, "the runtime's bitcode does not fit the program");
	vsp_lower_mark_landings(job->module);
	hide_all(job->module);
	if (job->options.kind == AOT_EXECUTABLE)
		show(job, "main");
	else
		show_exports(job);
	if (job->options.kind == AOT_WASM)
		show_command(job);
	return job->error->code == VSP_OK ? aot_run_passes(job, "globaldce") : job->error->code;
}
