/*
 * The two compilers of device code at once: two_compilers LIBRARY FOLDER ROUNDS makes the items of
 * batch instructions by libvsp-gpu on one thread and kernels as SPIR-V by vsp_aot_compile on
 * another. Each time the bytes must be the first ones: where both have the same LLVM, they also
 * have the same numbers of basic blocks in it.
 */
#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tiers/gpu.h"
#include "vsp/vsp.h"

/* Kernels with many basic blocks, which is what LLVM numbers. */
static const char program[] =
        "MOVI R0, 1\nMOVI R1, 0\nLAUNCH k, R0, R1\nLAUNCH l, R0, R1\nHLT\n"
        ".kernel k\nMOVI R2, 0\nagain:\nADDI R2, R2, 1\nBLT R2, R0, again\n"
        "BZ R2, other\nMUL R3, R2, R0\nJMP end\nother: MULI R3, R0, 3\nend: STORE R3, [R1 + 16]\nRET\n.end\n"
        ".kernel l\nBNZ R0, some\nSTORE R0, [R1 + 24]\nRET\nsome: BRTAB R0, a, b\nRET\n"
        "a: STORE R1, [R1 + 32]\nRET\nb: STORE R0, [R1 + 40]\nRET\n.end\n";

static struct {
	const vsp_gpu_api *api;
	const vsp_module *module;
	char path[512];
	int rounds;
} job;

/* ---- libvsp-gpu ---- */

static bool make_item(unsigned item, vsp_device_code *first)
{
	static const vsp_module_data no_program = {.arena = VSP_ARENA_INIT};
	uint32_t kernel = VSP_DEVICE_ITEM(item);
	vsp_gpu_request request = {.data = &no_program, .format = VSP_DEVICE_SPIRV, .kernels = &kernel, .count = 1};
	vsp_device_code code;
	const char *why = NULL, *failed = job.api->compile(&request, &why, &code);
	if (failed || why) {
		fprintf(stderr, "two_compilers: item %u: %s\n", item, failed ? failed : why);
		return false;
	}
	bool same = !first->bytes || (code.size == first->size && memcmp(code.bytes, first->bytes, code.size) == 0);
	if (!same)
		fprintf(stderr, "two_compilers: item %u has other code than the first time\n", item);
	if (first->bytes)
		job.api->free(&code);
	else
		*first = code;
	return same;
}

static void *make_items(void *good)
{
	vsp_device_code first[VSP_DEVICE_ITEMS] = {{0}};
	for (int round = job.rounds; *(bool *)good && round > 0; round--)
		for (unsigned item = 0; *(bool *)good && item < VSP_DEVICE_ITEMS; item++)
			*(bool *)good = make_item(item, &first[item]);
	for (unsigned item = 0; item < VSP_DEVICE_ITEMS; item++)
		job.api->free(&first[item]);
	return NULL;
}

/* ---- libvsp-aot ---- */

enum { MOST = 1 << 16 };

static size_t read_code(uint8_t *bytes)
{
	FILE *f = fopen(job.path, "rb");
	size_t size = f ? fread(bytes, 1, MOST, f) : 0;
	if (f)
		fclose(f);
	return size;
}

static bool make_kernels(uint8_t *first, size_t *first_size)
{
	static uint8_t bytes[MOST];
	vsp_error error = VSP_ERROR_INIT;
	if (vsp_aot_compile(job.module, job.path, NULL, 0, &error) != VSP_OK) {
		fprintf(stderr, "two_compilers: %s\n", error.message);
		return false;
	}
	size_t size = read_code(bytes);
	if (!*first_size) {
		memcpy(first, bytes, size);
		*first_size = size;
	}
	if (size && size == *first_size && memcmp(bytes, first, size) == 0)
		return true;
	fprintf(stderr, "two_compilers: the kernels have other code than the first time\n");
	return false;
}

static void *make_programs(void *good)
{
	static uint8_t first[MOST];
	size_t size = 0;
	for (int round = job.rounds * VSP_DEVICE_ITEMS / 2; *(bool *)good && round > 0; round--)
		*(bool *)good = make_kernels(first, &size);
	return NULL;
}

/* ---- both ---- */

static bool make_both(void)
{
	bool items = true, programs = true;
	pthread_t a, b;
	if (pthread_create(&a, NULL, make_items, &items) != 0)
		return false;
	if (pthread_create(&b, NULL, make_programs, &programs) != 0)
		programs = false;
	else
		pthread_join(b, NULL);
	pthread_join(a, NULL);
	return items && programs;
}

static bool open_all(char **argv)
{
	vsp_error error = VSP_ERROR_INIT;
	void *library = dlopen(argv[1], RTLD_NOW);
	vsp_gpu_provider_fn provider = library ? (vsp_gpu_provider_fn)(uintptr_t)dlsym(library, VSP_GPU_SYMBOL) : NULL;
	job.api = provider ? provider() : NULL;
	job.module = vsp_assemble(program, sizeof program - 1, NULL, &error);
	job.rounds = atoi(argv[3]);
	snprintf(job.path, sizeof job.path, "%s/kernels.spv", argv[2]);
	if (!job.api || !job.module)
		fprintf(stderr, "two_compilers: %s\n", job.api ? error.message : dlerror());
	return job.api && job.module;
}

int main(int argc, char **argv)
{
	if (argc != 4) {
		fprintf(stderr, "two_compilers LIBRARY FOLDER ROUNDS\n");
		return 2;
	}
	return open_all(argv) && make_both() ? 0 : 1;
}
