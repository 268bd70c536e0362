/*
 * LLVM's verifier over what the lowering built, in builds for testing (option VSP_VERIFY_IR). Others have none: it costs a tenth of a
 * compile and finds only faults of the lowering itself.
 */
#ifndef VSP_TIERS_LLVM_VERIFY_IR_H
#define VSP_TIERS_LLVM_VERIFY_IR_H

#include <llvm-c/Types.h>
#include <stdbool.h>

/* False when LLVM refuses module; the reason is then on stderr, as these builds are for developers. */
bool vsp_verify_ir(LLVMModuleRef module);

#endif
