/*
 * Hostile builds can have LLVM fail for good: functions named llvm_fails are compiled together with something that no code generator for this
 * machine takes. Others have no such functions.
 */
#ifndef VSP_TIERS_LLVM_BREAKAGE_H
#define VSP_TIERS_LLVM_BREAKAGE_H

#include <llvm-c/Types.h>

/* Adds to module what compiling the function of that name (null: none) is to fail on. */
void vsp_breakage_add(LLVMModuleRef module, const char *function);

#endif
