/*
 * The loads and stores whose traps must be kept. With guard pages an access whose result nobody
 * needs still traps, so none may vanish. LLVM removes, narrows and sinks ordinary loads freely, and
 * moves stores behind loops, but does neither to volatile ones. So lowering makes all accesses of
 * linear memory volatile. Once the code is simple, vsp_loads_free makes those accesses ordinary
 * that the passes which follow cannot lose. After these passes vsp_loads_hold makes all loads
 * volatile again, for code generation.
 */
#ifndef VSP_LLVM_KEPT_LOADS_H
#define VSP_LLVM_KEPT_LOADS_H

#include <llvm-c/Core.h>

/* How loads of linear memory are recognised; kind 0: there are none. */
typedef struct vsp_loads {
	unsigned kind;
	LLVMValueRef tag;
} vsp_loads;

vsp_loads vsp_loads_free(LLVMModuleRef module);
void vsp_loads_hold(LLVMModuleRef module, const vsp_loads *loads);

#endif
