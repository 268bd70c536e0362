/*
 * The call of LLVM's verifier, see verify_ir.h.
 */
#include "verify_ir.h"

#include <llvm-c/Analysis.h>
#include <stddef.h>

bool vsp_verify_ir(LLVMModuleRef module) { return !LLVMVerifyModule(module, LLVMPrintMessageAction, NULL); }
