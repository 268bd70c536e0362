/*
 * LLVM's verifier for the IR that the lowering builds, in builds for testing (option
 * VSP_VERIFY_IR). Other builds leave it out: it takes a tenth of a compilation and finds only
 * faults of the lowering itself.
 */
#ifndef VSP_TIERS_LLVM_VERIFY_IR_H
#define VSP_TIERS_LLVM_VERIFY_IR_H

#include <llvm-c/Types.h>
#include <stdbool.h>

/*
 * False: LLVM refuses the module. The reason is then on stderr, because these builds are for
 * developers.
 */
bool vsp_verify_ir(LLVMModuleRef module);

#endif
