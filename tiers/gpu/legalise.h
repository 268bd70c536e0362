/* Replaces what devices lack; see legalise.c. */
#ifndef VSP_GPU_LEGALISE_H
#define VSP_GPU_LEGALISE_H

#include <llvm-c/Core.h>
#include <stdbool.h>

/*
 * Replaces the intrinsics of a module whose calls are all inlined. False: it calls something that
 * devices do not have.
 */
bool vsp_gpu_legalise(LLVMModuleRef module);

#endif
