/*
 * The way to the compiler for devices, from the API and from the ahead-of-time compiler. Both go
 * through the one shared object: LLVM numbers basic blocks in variables of the process, and only
 * who makes all SPIR-V with an LLVM can know what has been numbered there (tiers/gpu/emit.c).
 */
#include "gpu.h"

#include "runtime/platform/platform.h"

/* Written once, before anything reads it; the library stays open. */
static struct {
	const vsp_gpu_api *api;
	const char *failed;
} compiler;

static void open_compiler(void)
{
	void *library = vsp_plat_dlopen(VSP_GPU_LIBRARY);
	/* A pointer to a function from dlsym goes through an integer: ISO C has no conversion. */
	vsp_gpu_provider_fn provider =
	        library ? (vsp_gpu_provider_fn)(uintptr_t)vsp_plat_dlsym(library, VSP_GPU_SYMBOL) : NULL;
	compiler.api = provider ? provider() : NULL;
	if (!compiler.api)
		compiler.failed = "the compiler for devices, " VSP_GPU_LIBRARY ", cannot be opened";
	else if (compiler.api->version != VSP_GPU_VERSION)
		compiler.failed = "the compiler for devices, " VSP_GPU_LIBRARY ", is of another version";
}

const char *vsp_gpu_make(const vsp_gpu_request *request, const char **why, vsp_device_code *code)
{
	static vsp_plat_once once = VSP_PLAT_ONCE_INIT;
	*code = (vsp_device_code){0};
	vsp_plat_call_once(&once, open_compiler);
	return compiler.failed ? compiler.failed : compiler.api->compile(request, why, code);
}

void vsp_gpu_drop(vsp_device_code *code)
{
	if (code->bytes)
		compiler.api->free(code);
}
