/*
 * The version of verify_ir.h for builds without LLVM's verifier.
 */
#include "verify_ir.h"

bool vsp_verify_ir(LLVMModuleRef module)
{
	(void)module;
	return true;
}
