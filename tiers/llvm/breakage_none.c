/*
 * Ordinary builds, in which LLVM does not fail on purpose, see breakage.h.
 */
#include "breakage.h"

void vsp_breakage_add(LLVMModuleRef module, const char *function)
{
	(void)module;
	(void)function;
}
