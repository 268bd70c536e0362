/*
 * The pure functions of runtime/compiled.def as LLVM IR. The build embeds them as bitcode; here the ones a module calls are added to it
 * as available_externally, so that LLVM inlines them where that pays and calls the core's otherwise.
 */
#include "bodies.h"

#include <llvm-c/BitReader.h>
#include <llvm-c/Linker.h>
#include <llvm-c/Target.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

extern const uint8_t vsp_bodies[];
extern const size_t vsp_bodies_size;

static const char *const pure_names[] = {
#define PURE1(name) "vsp_call_" #name,
#define PURE2(name) "vsp_call_" #name,
#define PURE3(name) "vsp_call_" #name,
#include "runtime/compiled.def"
};
enum { PURE_NAMES = sizeof pure_names / sizeof pure_names[0] };

static bool calls_any(LLVMModuleRef module)
{
	for (unsigned i = 0; i < PURE_NAMES; i++)
		if (LLVMGetNamedFunction(module, pure_names[i]))
			return true;
	return false;
}

/* The machine is the caller's, not the one the bitcode was made for. */
static void drop_machine(LLVMValueRef fn)
{
	static const char *const names[] = {"target-cpu", "target-features", "tune-cpu"};
	for (unsigned i = 0; i < sizeof names / sizeof names[0]; i++)
		LLVMRemoveStringAttributeAtIndex(
		        fn, (unsigned)LLVMAttributeFunctionIndex, names[i], (unsigned)strlen(names[i]));
}

static void prepare(LLVMModuleRef bodies, LLVMModuleRef module)
{
	LLVMSetTarget(bodies, LLVMGetTarget(module));
	LLVMSetModuleDataLayout(bodies, LLVMGetModuleDataLayout(module));
	for (LLVMValueRef fn = LLVMGetFirstFunction(bodies); fn; fn = LLVMGetNextFunction(fn)) {
		drop_machine(fn);
		if (!LLVMIsDeclaration(fn))
			LLVMSetLinkage(fn, LLVMAvailableExternallyLinkage);
	}
}

bool vsp_bodies_link(LLVMModuleRef module)
{
	if (!vsp_bodies_size || !calls_any(module))
		return true;
	LLVMMemoryBufferRef buffer =
	        LLVMCreateMemoryBufferWithMemoryRange((const char *)vsp_bodies, vsp_bodies_size, "bodies", false);
	LLVMModuleRef bodies = NULL;
	/* Reads a function when it is linked; those that nothing calls are not. */
	if (LLVMGetBitcodeModuleInContext2(LLVMGetModuleContext(module), buffer, &bodies)) {
		LLVMDisposeMemoryBuffer(buffer);
		return false;
	}
	prepare(bodies, module);
	return !LLVMLinkModules2(module, bodies);
}
