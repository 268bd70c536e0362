/* The optimiser's passes; see pipeline.c. */
#ifndef VSP_LLVM_PIPELINE_H
#define VSP_LLVM_PIPELINE_H

#include <llvm-c/TargetMachine.h>
#include <stdbool.h>

/* Like -O1 to -O3 of clang. Level 1 inlines nothing and vectorises no loop. Level 2 is tier 2. */
typedef enum vsp_pipeline_level { VSP_PIPELINE_1, VSP_PIPELINE_2, VSP_PIPELINE_3 } vsp_pipeline_level;

/*
 * Optimises the module in place. precise: every access stays as it is. Returns null, or the reason
 * why it has failed.
 */
const char *vsp_pipeline_run(
        LLVMModuleRef module, LLVMTargetMachineRef machine, vsp_pipeline_level level, bool precise);

#endif
