/*
 * Keeping the traps of loads and stores. With guard pages an access that nobody needs traps all the same, so none may vanish;
 * LLVM removes, narrows and sinks ordinary loads as it likes, and moves stores behind loops, and neither if they are volatile.
 * Lowering makes all accesses of linear memory volatile. Once the code is simple, vsp_loads_free lets go of those that cannot
 * be lost in the passes that follow; behind those passes vsp_loads_hold makes all loads volatile again, for code generation.
 */
#ifndef VSP_LLVM_KEPT_LOADS_H
#define VSP_LLVM_KEPT_LOADS_H

#include <llvm-c/Core.h>

/* How loads of linear memory are known; kind 0: there are none. */
typedef struct vsp_loads {
	unsigned kind;
	LLVMValueRef tag;
} vsp_loads;

vsp_loads vsp_loads_free(LLVMModuleRef module);
void vsp_loads_hold(LLVMModuleRef module, const vsp_loads *loads);

#endif
