/*
 * The pure functions of runtime/compiled.def as LLVM IR. The build embeds them as bitcode. This
 * file adds those that a module calls to it as available_externally functions: LLVM inlines them
 * where that pays, and otherwise calls the compiled ones in the core.
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

/* Uses the caller's machine in place of the one for which the bitcode was made. */
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
	/* A function is read when it is linked; functions that nothing calls are not read. */
	if (LLVMGetBitcodeModuleInContext2(LLVMGetModuleContext(module), buffer, &bodies)) {
		LLVMDisposeMemoryBuffer(buffer);
		return false;
	}
	prepare(bodies, module);
	return !LLVMLinkModules2(module, bodies);
}
