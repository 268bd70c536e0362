/*
 * The passes of tier 2.
 */
#include "pipeline.h"

#include <llvm-c/Transforms/PassBuilder.h>
#include <stddef.h>

static const char passes[] = "default<O2>";

const char *vsp_pipeline_run(LLVMModuleRef module, LLVMTargetMachineRef machine)
{
	LLVMPassBuilderOptionsRef options = LLVMCreatePassBuilderOptions();
	LLVMErrorRef error = LLVMRunPasses(module, passes, machine, options);
	LLVMDisposePassBuilderOptions(options);
	if (!error)
		return NULL;
	LLVMConsumeError(error);
	return "LLVM's pass pipeline failed";
}
