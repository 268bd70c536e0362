/*
 * The way from kernels to device code. Each kernel is a module of its own, until it is known that
 * devices can run it: lowered, joined with the runtime's functions that it calls, inlined into one
 * function and simplified, and freed of what devices lack. What is left to optimise is left to the
 * device's own compiler.
 */
#include "compile.h"

#include <llvm-c/BitReader.h>
#include <llvm-c/Linker.h>
#include <llvm-c/TargetMachine.h>
#include <llvm-c/Transforms/PassBuilder.h>
#include <stdio.h>
#include <string.h>

#include "constants.h"
#include "emit.h"
#include "ir/lower/kernel.h"
#include "legalise.h"
#include "machine.h"
#include "runtime/base/alloc.h"

/* The runtime's functions as bitcode, made by the build. */
extern const uint8_t vsp_gpu_functions[];
extern const size_t vsp_gpu_functions_size;

/* One compilation. */
typedef struct maker {
	const vsp_gpu_request *request;
	LLVMContextRef context;
	LLVMTargetMachineRef machine;
	LLVMTargetDataRef layout;
	const char *triple;
	LLVMModuleRef all; /* everything that has been made so far */
	uint32_t needs;
} maker;

static const char no_memory[] = "out of memory",
                  no_functions[] = "this build has no device code of the runtime's functions",
                  too_much[] = "the kernel needs what devices do not have";

static const char *open_machine(maker *m)
{
	const char *why = NULL;
	m->triple = vsp_gpu_triple(m->request->format);
	m->machine = vsp_gpu_machine(m->request->format, &why);
	if (m->machine)
		m->layout = LLVMCreateTargetDataLayout(m->machine);
	return why;
}

/* ---- the runtime's functions ---- */

static void drop_machine(LLVMValueRef fn)
{
	static const char *const names[] = {
	        "target-cpu", "target-features", "tune-cpu", "frame-pointer", "stack-protector-buffer-size"};
	for (unsigned i = 0; i < sizeof names / sizeof names[0]; i++)
		LLVMRemoveStringAttributeAtIndex(
		        fn, (unsigned)LLVMAttributeFunctionIndex, names[i], (unsigned)strlen(names[i]));
}

static void inline_always(LLVMContextRef context, LLVMValueRef fn)
{
	static const char name[] = "alwaysinline";
	LLVMAttributeRef attribute =
	        LLVMCreateEnumAttribute(context, LLVMGetEnumAttributeKindForName(name, sizeof name - 1), 0);
	LLVMAddAttributeAtIndex(fn, (LLVMAttributeIndex)LLVMAttributeFunctionIndex, attribute);
}

/* Adds the functions that module calls, and what these call. */
static const char *add_functions(const maker *m, LLVMModuleRef module)
{
	LLVMModuleRef functions = NULL;
	LLVMMemoryBufferRef buffer = LLVMCreateMemoryBufferWithMemoryRange(
	        (const char *)vsp_gpu_functions, vsp_gpu_functions_size, "functions", false);
	if (!vsp_gpu_functions_size || LLVMGetBitcodeModuleInContext2(m->context, buffer, &functions)) {
		LLVMDisposeMemoryBuffer(buffer);
		return no_functions;
	}
	LLVMSetTarget(functions, m->triple);
	LLVMSetModuleDataLayout(functions, m->layout);
	for (LLVMValueRef fn = LLVMGetFirstFunction(functions); fn; fn = LLVMGetNextFunction(fn)) {
		drop_machine(fn);
		if (!LLVMIsDeclaration(fn))
			inline_always(m->context, fn);
	}
	return LLVMLinkModules2(module, functions) ? no_functions : NULL;
}

/* Everything but entry points is internal, so that it goes once it is inlined. */
static void hide(LLVMModuleRef module, const char *entry_prefix)
{
	for (LLVMValueRef fn = LLVMGetFirstFunction(module); fn; fn = LLVMGetNextFunction(fn))
		if (!LLVMIsDeclaration(fn) && strncmp(LLVMGetValueName(fn), entry_prefix, strlen(entry_prefix)) != 0)
			LLVMSetLinkage(fn, LLVMInternalLinkage);
	for (LLVMValueRef g = LLVMGetFirstGlobal(module); g; g = LLVMGetNextGlobal(g))
		LLVMSetLinkage(g, LLVMInternalLinkage);
}

/* ---- passes ---- */

static const char *run_passes(const maker *m, LLVMModuleRef module, const char *passes)
{
	LLVMPassBuilderOptionsRef options = LLVMCreatePassBuilderOptions();
	LLVMErrorRef error = LLVMRunPasses(module, passes, m->machine, options);
	LLVMDisposePassBuilderOptions(options);
	LLVMConsumeError(error);
	return error ? "LLVM's pass pipeline failed" : NULL;
}

/* ---- what is needed ---- */

static uint32_t need_of(LLVMTypeRef type)
{
	LLVMTypeKind kind = LLVMGetTypeKind(type);
	return kind == LLVMDoubleTypeKind ? VSP_DEVICE_F64 : kind == LLVMFloatTypeKind ? VSP_DEVICE_F32 : 0;
}

static uint32_t needs_of(LLVMModuleRef module)
{
	uint32_t needs = 0;
	for (LLVMValueRef fn = LLVMGetFirstFunction(module); fn; fn = LLVMGetNextFunction(fn))
		for (LLVMBasicBlockRef b = LLVMGetFirstBasicBlock(fn); b; b = LLVMGetNextBasicBlock(b))
			for (LLVMValueRef i = LLVMGetFirstInstruction(b); i; i = LLVMGetNextInstruction(i)) {
				needs |= need_of(LLVMTypeOf(i));
				if (LLVMGetNumOperands(i) > 0)
					needs |= need_of(LLVMTypeOf(LLVMGetOperand(i, 0)));
			}
	for (LLVMValueRef fn = LLVMGetFirstFunction(module); fn; fn = LLVMGetNextFunction(fn))
		if (!LLVMIsDeclaration(fn) && LLVMGetFirstUse(LLVMGetParam(fn, VSP_KERNEL_BUDGET)))
			needs |= VSP_DEVICE_LOOPS;
	return needs;
}

/* Does a variable remain that all work items would share, or a function that is not inlined? */
static bool is_closed(LLVMModuleRef module)
{
	for (LLVMValueRef fn = LLVMGetFirstFunction(module); fn; fn = LLVMGetNextFunction(fn))
		if (!LLVMIsDeclaration(fn) && LLVMGetLinkage(fn) == LLVMInternalLinkage)
			return false;
	return true;
}

/* ---- units ---- */

/* Makes module fit for devices and adds it to the others; it is consumed. */
static const char *finish(maker *m, LLVMModuleRef module)
{
	static const char passes[] = "always-inline,globaldce,function(sroa,early-cse<memssa>,simplifycfg,sccp,loop-"
	                             "mssa(licm),gvn,sroa,simplifycfg,adce),globaldce";
	const char *why = add_functions(m, module);
	hide(module, "vsp_kernel_");
	if (!why)
		why = run_passes(m, module, passes);
	if (!why && (!vsp_gpu_legalise(module) || !is_closed(module)))
		why = too_much;
	if (!why)
		why = run_passes(m, module, "function(early-cse,adce),globaldce");
	if (!why && m->request->format == VSP_DEVICE_SPIRV && !vsp_gpu_move_constants(module))
		why = too_much;
	if (why) {
		LLVMDisposeModule(module);
		return why;
	}
	m->needs |= needs_of(module);
	return LLVMLinkModules2(m->all, module) ? "kernels do not fit into one unit" : NULL;
}

static vsp_lower *open_lower(const maker *m, const vsp_lower_options *options)
{
	return vsp_lower_create(m->context, m->request->data, options, "vsp", m->triple, m->layout);
}

static vsp_lower_options options_of(const maker *m)
{
	return (vsp_lower_options){.deterministic = m->request->deterministic,
	        .optimise = true,
	        .refuse = true,
	        .status = true,
	        .device = true};
}

/* The functions of runtime/arith/device_items.c. */
static const char *const items[VSP_DEVICE_ITEMS] = {
        [VSP_ITEM_GRADB] = "vsp_item_gradb",
        [VSP_ITEM_DESCB] = "vsp_item_descb",
        [VSP_ITEM_VRED_XOR] = "vsp_item_vred_xor",
        [VSP_ITEM_WORK] = "vsp_item_work",
#define VMAP(name, selector, value) [VSP_ITEM_VMAP + (selector)] = "vsp_item_vmap_" #name,
#include "runtime/arith/vmap.def"
};

static bool is_item(uint32_t kernel) { return kernel > VSP_DEVICE_ITEM(VSP_DEVICE_ITEMS); }

static vsp_lower_reason lower_kernel(const maker *m, vsp_lower *lower, uint32_t kernel, const char *name)
{
	if (!is_item(kernel))
		return vsp_lower_kernel(lower, kernel, m->request->format, name);
	vsp_lower_item_kernel(lower, m->request->format, name, items[VSP_DEVICE_ITEM(kernel)]);
	return VSP_LOWER_OK;
}

static const char *add_kernel(maker *m, uint32_t func)
{
	char name[32];
	vsp_lower_options options = options_of(m);
	vsp_lower *lower = open_lower(m, &options);
	if (!lower)
		return no_memory;
	snprintf(name, sizeof name, VSP_DEVICE_KERNEL, (unsigned)func);
	vsp_lower_reason why = lower_kernel(m, lower, func, name);
	if (why != VSP_LOWER_OK) {
		vsp_lower_destroy(lower);
		return vsp_lower_reason_text(why);
	}
	return finish(m, vsp_lower_end(lower));
}

static const char *add_kernels(maker *m, const char **why)
{
	for (uint32_t i = 0; i < m->request->count; i++)
		why[i] = add_kernel(m, m->request->kernels[i]);
	return NULL;
}

/* ---- code ---- */

static const char *emit(const maker *m, vsp_device_code *code)
{
	code->needs = m->needs;
	return m->request->format == VSP_DEVICE_SPIRV ? vsp_gpu_emit_spirv(m->all, code)
	                                              : vsp_gpu_emit_text(m->machine, m->all, code);
}

static bool is_empty(LLVMModuleRef module) { return !LLVMGetFirstFunction(module); }

static const char *make(maker *m, const char **why, vsp_device_code *code)
{
	const char *failed = open_machine(m);
	if (failed)
		return failed;
	m->all = LLVMModuleCreateWithNameInContext("vsp", m->context);
	LLVMSetTarget(m->all, m->triple);
	LLVMSetModuleDataLayout(m->all, m->layout);
	failed = add_kernels(m, why);
	return failed || is_empty(m->all) ? failed : emit(m, code);
}

const char *vsp_gpu_compile(const vsp_gpu_request *request, const char **why, vsp_device_code *code)
{
	maker m = {.request = request, .context = LLVMContextCreate()};
	*code = (vsp_device_code){0};
	const char *failed = make(&m, why, code);
	if (m.all)
		LLVMDisposeModule(m.all);
	if (m.layout)
		LLVMDisposeTargetData(m.layout);
	if (m.machine)
		LLVMDisposeTargetMachine(m.machine);
	LLVMContextDispose(m.context);
	return failed;
}

void vsp_gpu_free(vsp_device_code *code)
{
	vsp_free_memory(code->bytes);
	*code = (vsp_device_code){0};
}
