/*
 * Device code of kernels: SPIR-V and PTX. All LLVM objects are made and freed within one call.
 */
#ifndef VSP_GPU_COMPILE_H
#define VSP_GPU_COMPILE_H

#include "tiers/gpu.h"

/* The functions behind vsp_gpu_api, except that LLVM's fatal errors are the caller's to guard
   against. */
const char *vsp_gpu_compile(const vsp_gpu_request *request, const char **why, vsp_device_code *code);
void vsp_gpu_free(vsp_device_code *code);

#endif
