/* LLVM's code generators for devices; see machine.c. */
#ifndef VSP_GPU_MACHINE_H
#define VSP_GPU_MACHINE_H

#include <llvm-c/TargetMachine.h>

#include "runtime/backends/device_code.h"

const char *vsp_gpu_triple(enum vsp_device_format format);

/* A new one, to be disposed of; null: see *why, a constant. */
LLVMTargetMachineRef vsp_gpu_machine(enum vsp_device_format format, const char **why);

#endif
