/*
 * Writes the device code of what is computed of batch instructions: emit_items LIBRARY FOLDER
 * ROUNDS makes FOLDER/N.spv and FOLDER/N.ptx for each item N, for validators, and ROUNDS times more
 * on each of several threads. Each time the bytes must be the first ones: LLVM remembers numbers of
 * earlier modules, which once got into later ones.
 */
#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tiers/gpu.h"

/* The first code of each item. */
static vsp_device_code first[VSP_DEVICE_ITEMS][VSP_DEVICE_FORMATS];

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

static int is_first(const vsp_device_code *code, const vsp_device_code *expected, unsigned item)
{
	if (code->size == expected->size && memcmp(code->bytes, expected->bytes, code->size) == 0)
		return 0;
	fprintf(stderr, "emit_items: item %u has other code than the first time\n", item);
	return 1;
}

static int emit(const vsp_gpu_api *api, unsigned item, enum vsp_device_format format, const char *folder)
{
	static const vsp_module_data no_program = {.arena = VSP_ARENA_INIT};
	uint32_t kernel = VSP_DEVICE_ITEM(item);
	vsp_gpu_request request = {.data = &no_program, .format = format, .kernels = &kernel, .count = 1};
	vsp_device_code code, *expected = &first[item][format];
	const char *why = NULL, *failed = api->compile(&request, &why, &code);
	if (failed || why) {
		fprintf(stderr, "emit_items: item %u: %s\n", item, failed ? failed : why);
		return 1;
	}
	if (!expected->bytes) {
		*expected = code;
		return write_file(folder, item, format == VSP_DEVICE_PTX ? "ptx" : "spv", &code);
	}
	int result = is_first(&code, expected, item);
	api->free(&code);
	return result;
}

static int emit_all(const vsp_gpu_api *api, const char *folder)
{
	int failed = 0;
	for (unsigned item = 0; !failed && item < VSP_DEVICE_ITEMS; item++)
		failed = emit(api, item, VSP_DEVICE_SPIRV, folder) || emit(api, item, VSP_DEVICE_PTX, folder);
	return failed;
}

static void free_all(const vsp_gpu_api *api)
{
	for (unsigned item = 0; item < VSP_DEVICE_ITEMS; item++)
		for (unsigned format = 0; format < VSP_DEVICE_FORMATS; format++)
			api->free(&first[item][format]);
}

/* ---- threads ---- */

enum { THREADS = 3 };

static struct {
	const vsp_gpu_api *api;
	const char *folder;
	int rounds;
} job;

static void *repeat(void *failed)
{
	for (int round = job.rounds; !*(int *)failed && round > 0; round--)
		*(int *)failed = emit_all(job.api, job.folder);
	return NULL;
}

static int emit_on_threads(void)
{
	pthread_t threads[THREADS];
	int failed[THREADS] = {0}, any = 0;
	for (int i = 0; i < THREADS; i++)
		any |= pthread_create(&threads[i], NULL, repeat, &failed[i]);
	for (int i = 0; i < THREADS && !any; i++)
		pthread_join(threads[i], NULL);
	for (int i = 0; i < THREADS; i++)
		any |= failed[i];
	return any;
}

int main(int argc, char **argv)
{
	void *library = argc == 4 ? dlopen(argv[1], RTLD_NOW) : NULL;
	vsp_gpu_provider_fn provider = library ? (vsp_gpu_provider_fn)(uintptr_t)dlsym(library, VSP_GPU_SYMBOL) : NULL;
	int failed = !provider;
	if (failed)
		fprintf(stderr, "emit_items: %s\n", argc == 4 ? dlerror() : "emit_items LIBRARY FOLDER ROUNDS");
	if (!failed) {
		job.api = provider();
		job.folder = argv[2];
		job.rounds = atoi(argv[3]);
		failed = emit_all(job.api, job.folder) || emit_on_threads();
		free_all(job.api);
	}
	return failed;
}
