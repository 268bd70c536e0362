/*
 * The ordinary builds' version of breakage.h: LLVM does not fail on purpose.
 */
#include "breakage.h"

void vsp_breakage_add(LLVMModuleRef module, const char *function)
{
	(void)module;
	(void)function;
}
