/* Where LLVM has no code generators for devices: see compile.h. */
#include "compile.h"

const char *vsp_gpu_compile(const vsp_gpu_request *request, const char **why, vsp_device_code *code)
{
	(void)request, (void)why;
	*code = (vsp_device_code){0};
	return "the LLVM of this build has no code generators for devices";
}

void vsp_gpu_free(vsp_device_code *code) { *code = (vsp_device_code){0}; }
