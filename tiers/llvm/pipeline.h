/* The optimiser's passes for tier 2; see pipeline.c. */
#ifndef VSP_LLVM_PIPELINE_H
#define VSP_LLVM_PIPELINE_H

#include <llvm-c/TargetMachine.h>
#include <stdbool.h>

/* Optimises the module in place. precise: every access stays as it is. Null, or why not. */
const char *vsp_pipeline_run(LLVMModuleRef module, LLVMTargetMachineRef machine, bool precise);

#endif
