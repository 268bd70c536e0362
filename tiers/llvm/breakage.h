/*
 * A way to make LLVM fail for good in hostile builds: functions named llvm_fails are compiled
 * together with code that no code generator for this machine accepts. Other builds give such names
 * no meaning.
 */
#ifndef VSP_TIERS_LLVM_BREAKAGE_H
#define VSP_TIERS_LLVM_BREAKAGE_H

#include <llvm-c/Types.h>

/*
 * Adds to module the code that makes compilation of the function with that name fail. Null: no
 * function.
 */
void vsp_breakage_add(LLVMModuleRef module, const char *function);

#endif
