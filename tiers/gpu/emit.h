/* Makes device code of LLVM's modules; see emit.c. */
#ifndef VSP_GPU_EMIT_H
#define VSP_GPU_EMIT_H

#include <llvm-c/TargetMachine.h>

#include "runtime/backends/device_code.h"

/*
 * Sets the bytes and the size of code, which are to be freed with vsp_gpu_free. Return null, or a
 * constant that says why there is no code. The machine's form of assembly (PTX), or SPIR-V.
 */
const char *vsp_gpu_emit_text(LLVMTargetMachineRef machine, LLVMModuleRef module, vsp_device_code *code);
const char *vsp_gpu_emit_spirv(LLVMModuleRef module, vsp_device_code *code);

#endif
