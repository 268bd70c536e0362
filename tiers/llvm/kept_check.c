/*
 * Run by CMake: do kept passes (kept_passes.h) make the objects that LLVM's C interface makes, module after module? Status 0: yes.
 */
#include "kept_passes.h"

#include <llvm-c/Target.h>
#include <stdio.h>

/* A function that adds n to its argument and one that calls it, in a context of their own. */
static LLVMModuleRef make_module(LLVMContextRef context, unsigned n, const char *triple)
{
	LLVMModuleRef module = LLVMModuleCreateWithNameInContext("check", context);
	LLVMSetTarget(module, triple);
	LLVMTypeRef word = LLVMInt64TypeInContext(context), type = LLVMFunctionType(word, &word, 1, false);
	LLVMValueRef add = LLVMAddFunction(module, "add", type), twice = LLVMAddFunction(module, "twice", type);
	LLVMBuilderRef b = LLVMCreateBuilderInContext(context);
	LLVMPositionBuilderAtEnd(b, LLVMAppendBasicBlockInContext(context, add, ""));
	LLVMBuildRet(b, LLVMBuildAdd(b, LLVMGetParam(add, 0), LLVMConstInt(word, n, false), ""));
	LLVMPositionBuilderAtEnd(b, LLVMAppendBasicBlockInContext(context, twice, ""));
	LLVMValueRef argument = LLVMGetParam(twice, 0);
	argument = LLVMBuildCall2(b, type, add, &argument, 1, "");
	LLVMBuildRet(b, LLVMBuildCall2(b, type, add, &argument, 1, ""));
	LLVMDisposeBuilder(b);
	return module;
}

static LLVMMemoryBufferRef emit(LLVMTargetMachineRef machine, llvm_kept_passes *kept, unsigned n, const char *triple)
{
	LLVMContextRef context = LLVMContextCreate();
	LLVMModuleRef module = make_module(context, n, triple);
	LLVMMemoryBufferRef object = NULL;
	char *message = NULL;
	if (kept)
		object = vsp_kept_run(kept, module);
	else if (LLVMTargetMachineEmitToMemoryBuffer(machine, module, LLVMObjectFile, &message, &object))
		object = NULL;
	LLVMDisposeModule(module);
	LLVMContextDispose(context);
	return object;
}

static bool same(LLVMMemoryBufferRef a, LLVMMemoryBufferRef b)
{
	return a && b && LLVMGetBufferSize(a) == LLVMGetBufferSize(b) && LLVMGetBufferSize(a) > 100 &&
	       memcmp(LLVMGetBufferStart(a), LLVMGetBufferStart(b), LLVMGetBufferSize(a)) == 0;
}

int main(void)
{
	static llvm_kept_passes kept;
	LLVMTargetRef target;
	char *message = NULL, *triple = LLVMGetDefaultTargetTriple();
	if (LLVMInitializeNativeTarget() || LLVMInitializeNativeAsmPrinter() ||
	        LLVMGetTargetFromTriple(triple, &target, &message))
		return 2;
	LLVMTargetMachineRef machine = LLVMCreateTargetMachine(
	        target, triple, "", "", LLVMCodeGenLevelDefault, LLVMRelocPIC, LLVMCodeModelSmall);
	if (!machine || !vsp_kept_open(&kept, machine))
		return 2;
	for (unsigned n = 1; n < 4; n++)
		if (!same(emit(machine, &kept, n, triple), emit(machine, NULL, n, triple)))
			return 1;
	puts("the objects are the same");
	return 0;
}
