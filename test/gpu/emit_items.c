/*
 * Writes the device code of what is computed of batch instructions: emit_items LIBRARY FOLDER makes
 * FOLDER/N.spv and FOLDER/N.ptx for each item N, for validators.
 */
#include <dlfcn.h>
#include <stdio.h>

#include "tiers/gpu.h"

static int write_file(const char *folder, unsigned item, const char *suffix, const vsp_device_code *code)
{
	char path[512];
	snprintf(path, sizeof path, "%s/%u.%s", folder, item, suffix);
	FILE *f = fopen(path, "wb");
	if (!f || fwrite(code->bytes, 1, code->size, f) != code->size || fclose(f) != 0) {
		fprintf(stderr, "emit_items: cannot write %s\n", path);
		return 1;
	}
	return 0;
}

static int emit(const vsp_gpu_api *api, unsigned item, enum vsp_device_format format, const char *folder)
{
	static const vsp_module_data no_program = {.arena = VSP_ARENA_INIT};
	uint32_t kernel = VSP_DEVICE_ITEM(item);
	vsp_gpu_request request = {.data = &no_program, .format = format, .kernels = &kernel, .count = 1};
	vsp_device_code code;
	const char *why = NULL, *failed = api->compile(&request, &why, &code);
	if (failed || why) {
		fprintf(stderr, "emit_items: item %u: %s\n", item, failed ? failed : why);
		return 1;
	}
	int result = write_file(folder, item, format == VSP_DEVICE_PTX ? "ptx" : "spv", &code);
	api->free(&code);
	return result;
}

int main(int argc, char **argv)
{
	void *library = argc == 3 ? dlopen(argv[1], RTLD_NOW) : NULL;
	vsp_gpu_provider_fn provider = library ? (vsp_gpu_provider_fn)(uintptr_t)dlsym(library, VSP_GPU_SYMBOL) : NULL;
	int failed = !provider;
	if (failed)
		fprintf(stderr, "emit_items: %s\n", argc == 3 ? dlerror() : "emit_items LIBRARY FOLDER");
	for (unsigned item = 0; !failed && item < VSP_DEVICE_ITEMS; item++)
		failed = emit(provider(), item, VSP_DEVICE_SPIRV, argv[2]) ||
		         emit(provider(), item, VSP_DEVICE_PTX, argv[2]);
	return failed;
}
