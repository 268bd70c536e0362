/*
 * Breakage for hostile builds, see breakage.h: a function on scalable vectors, whose length the
 * machine decides and which only some machines have.
 */
#include "breakage.h"

#include <llvm-c/Core.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/base/alloc.h"

uint64_t vsp_breakage_alloc_at(uint64_t n);

/*
 * Tests find it by its name: it is vsp_alloc_fail_at of the shared object, which has an allocator
 * of its own.
 */
__attribute__((visibility("default"))) uint64_t vsp_breakage_alloc_at(uint64_t n) { return vsp_alloc_fail_at(n); }

/*
 * If the variable names a FIFO, the failure waits for a byte from it, so that a test can choose the
 * moment.
 */
static void wait_at_gate(void)
{
	const char *path = getenv("VSP_BREAKAGE_GATE");
	FILE *gate = path ? fopen(path, "rb") : NULL;
	if (!gate)
		return;
	fgetc(gate);
	fclose(gate);
}

void vsp_breakage_add(LLVMModuleRef module, const char *function)
{
	if (!function || strcmp(function, "llvm_fails") != 0)
		return;
	wait_at_gate();
	LLVMContextRef context = LLVMGetModuleContext(module);
	LLVMTypeRef pointer = LLVMPointerTypeInContext(context, 0),
	            vector = LLVMScalableVectorType(LLVMInt32TypeInContext(context), 4),
	            type = LLVMFunctionType(LLVMVoidTypeInContext(context), &pointer, 1, 0);
	LLVMValueRef fn = LLVMAddFunction(module, "llvm_fails", type);
	LLVMBuilderRef at = LLVMCreateBuilderInContext(context);
	LLVMPositionBuilderAtEnd(at, LLVMAppendBasicBlockInContext(context, fn, "entry"));
	LLVMValueRef value = LLVMBuildLoad2(at, vector, LLVMGetParam(fn, 0), "");
	LLVMBuildStore(at, LLVMBuildAdd(at, value, value, ""), LLVMGetParam(fn, 0));
	LLVMBuildRetVoid(at);
	LLVMDisposeBuilder(at);
}
