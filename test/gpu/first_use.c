/*
 * Threads that use the GPU for the first time at once: first_use runs a kernel on an instance of
 * each of several threads, with back end gpu, as a process's first use of it. OpenCL's drivers find
 * their devices at the first call, and some tell other threads half of it meanwhile. Status 77:
 * there is no device.
 */
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "vsp/vsp.h"

enum { THREADS = 6, ITEMS = 1024, RESULT = 0x20010 };

static const char program[] = ".data\n.align 4\nblock: .word 1, y, 4096, 2\ny: .space 4096\n.code\n"
                              "MOVI R0, 1024\nMOVI R1, block\nLAUNCH k, R0, R1\nHLT\n"
                              ".kernel k\nLD32U R2, [R1 + 4]\nMUL R3, R0, R0\nSTX.32 R3, [R2 + R0*4]\nRET\n.end\n";

static vsp_module *module;
static pthread_barrier_t all_are_here;

static vsp_instance *open_instance(vsp_error *error)
{
	vsp_config config = VSP_CONFIG_INIT;
	config.capabilities = VSP_CAP_GPU;
	config.backend = VSP_BACKEND_GPU;
	return vsp_instantiate(module, &config, error);
}

static bool is_right(vsp_instance *instance)
{
	uint64_t size, wrong = 0;
	const uint8_t *memory = vsp_memory(instance, &size);
	for (uint32_t i = 0; i < ITEMS; i++) {
		uint32_t value;
		memcpy(&value, memory + RESULT + 4 * i, sizeof value);
		wrong += value != i * i;
	}
	return !wrong;
}

static void *use(void *good)
{
	vsp_error error = VSP_ERROR_INIT;
	vsp_instance *instance = open_instance(&error);
	pthread_barrier_wait(&all_are_here);
	*(bool *)good = instance && vsp_run(instance, &error) == VSP_OK && is_right(instance);
	if (!*(bool *)good)
		fprintf(stderr, "first_use: %s\n", error.message);
	vsp_free(instance);
	return NULL;
}

static bool use_on_threads(void)
{
	pthread_t threads[THREADS];
	bool good[THREADS], all = true;
	pthread_barrier_init(&all_are_here, NULL, THREADS);
	for (int i = 0; i < THREADS; i++)
		if (pthread_create(&threads[i], NULL, use, &good[i]) != 0)
			return false;
	for (int i = 0; i < THREADS; i++) {
		pthread_join(threads[i], NULL);
		all = all && good[i];
	}
	pthread_barrier_destroy(&all_are_here);
	return all;
}

/* Is there a device? It is asked afterwards, because looking is a first use too. */
static bool has_device(void)
{
	vsp_backend_view view = VSP_BACKEND_VIEW_INIT;
	for (uint32_t i = 0; vsp_backend_describe(i, NULL, &view) == VSP_OK; i++)
		if (view.kind == VSP_BACKEND_GPU && !view.missing[0])
			return true;
	return false;
}

int main(void)
{
	vsp_error error = VSP_ERROR_INIT;
	module = vsp_assemble(program, sizeof program - 1, NULL, &error);
	if (!module) {
		fprintf(stderr, "first_use: %s\n", error.message);
		return 1;
	}
	bool good = use_on_threads();
	vsp_module_free(module);
	if (good)
		return 0;
	return has_device() ? 1 : 77;
}
