/*
 * Tests a compiled program on the CUDA driver of tests (fake_cuda.h): aot_cuda SQUARE.so, which is
 * test/programs/kernel_square.sil with device code. The driver gets PTX, the results are the
 * device's, and whichever of its calls fails, the program ends as on the CPU or says what failed.
 */
#include <dlfcn.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define VSP_AOT_NO_PROTOTYPES
#include <vsp/vsp_aot.h>

#include "fake_cuda.h"

enum { RESULT = 285, MARK = 1000 };

static struct {
	vsp_aot_instance *(*instantiate)(const vsp_aot_config *, vsp_error *);
	vsp_status (*run)(vsp_aot_instance *);
	int64_t (*result)(vsp_aot_instance *, unsigned);
	const vsp_error *(*last_error)(vsp_aot_instance *);
	vsp_status (*backend)(const vsp_aot_instance *, uint32_t, vsp_backend_stats *);
	void (*release)(vsp_aot_instance *);
} program;
static fake_cuda *fake;
static int failures;

static bool check(bool good, const char *what)
{
	if (!good)
		printf("FAIL: %s\n", what);
	failures += !good;
	return good;
}

static void find(void *library, void *to, const char *name)
{
	void *symbol = library ? dlsym(library, name) : NULL;
	check(symbol, name);
	memcpy(to, &symbol, sizeof symbol);
}

/* What the kernel computes: the driver of tests runs no PTX. */
static void square(uint64_t item, void **a)
{
	uint64_t first, count, argument, i;
	uint8_t *memory;
	uint32_t to, value;
	memcpy(&memory, a[0], 8);
	memcpy(&first, a[2], 8);
	memcpy(&count, a[3], 8);
	memcpy(&argument, a[4], 8);
	if (item >= count)
		return;
	i = first + item;
	value = (uint32_t)(i * i);
	memcpy(&to, memory + argument + 16, sizeof to);
	memcpy(memory + to + 4 * i, &value, sizeof value);
}

static vsp_aot_instance *make(uint32_t backend, vsp_error *error)
{
	vsp_aot_config config = VSP_AOT_CONFIG_INIT;
	config.capabilities = VSP_CAP_GPU;
	config.backend = backend;
	return program.instantiate(&config, error);
}

static uint64_t launches(vsp_aot_instance *instance, const char *name)
{
	vsp_backend_stats stats = VSP_BACKEND_STATS_INIT;
	for (uint32_t i = 0; program.backend(instance, i, &stats) == VSP_OK; i++)
		if (strcmp(stats.name, name) == 0)
			return stats.operations[VSP_OPERATION_LAUNCH];
	return MARK;
}

static void it_runs_on_the_device(void)
{
	vsp_error error = VSP_ERROR_INIT;
	vsp_aot_instance *instance = make(VSP_BACKEND_GPU, &error);
	if (!check(instance, error.message))
		return;
	check(program.run(instance) == VSP_OK && program.result(instance, 0) == RESULT, "the result");
	check(launches(instance, "cuda") == 1 && launches(instance, "cpu") == 0, "the device ran it");
	check(fake->launches == 1 && strcmp(fake->name, "vsp_kernel_1") == 0, "the driver ran the kernel");
	check(strstr(fake->code, ".target sm_50") && strstr(fake->code, ".entry vsp_kernel_1"), "the driver got PTX");
	program.release(instance);
	check(fake->objects == 0, "everything is released");
}

static void without_a_wish_it_runs_on_the_cpu(void)
{
	vsp_aot_instance *instance = make(VSP_BACKEND_AUTO, NULL);
	int calls = fake->calls;
	check(program.run(instance) == VSP_OK && program.result(instance, 0) == RESULT, "the CPU's result");
	check(launches(instance, "cpu") == 1 && fake->calls == calls, "the driver is not reached");
	program.release(instance);
}

static void without_the_capability_it_is_refused(void)
{
	vsp_error error = VSP_ERROR_INIT;
	vsp_aot_config config = VSP_AOT_CONFIG_INIT;
	config.backend = VSP_BACKEND_GPU;
	check(!program.instantiate(&config, &error) && error.code == VSP_E_ARGUMENT && strstr(error.message, "--allow"),
	        "a GPU without the capability");
	config.backend = VSP_BACKEND_NPU + 1;
	check(!program.instantiate(&config, &error) && error.code == VSP_E_ARGUMENT, "no kind of back end");
	config.backend = VSP_BACKEND_NPU;
	check(!program.instantiate(&config, &error) && error.code == VSP_E_UNSUPPORTED, "an NPU without models");
}

/* One call of the driver fails. False: it was not reached. */
static bool fail_call(int n)
{
	vsp_error error = VSP_ERROR_INIT;
	fake->fail_at = fake->calls + n;
	vsp_aot_instance *instance = make(VSP_BACKEND_GPU, &error);
	vsp_status status = instance ? program.run(instance) : error.code;
	bool reached = fake->calls >= fake->fail_at;
	if (instance && status == VSP_OK)
		check(program.result(instance, 0) == RESULT, "a result after a failure");
	else if (instance)
		check(reached && program.last_error(instance)->trap == VSP_TRAP_BACKEND, "the trap of a failure");
	else
		check(reached && status == VSP_E_UNSUPPORTED && strstr(error.message, "FAKE"),
		        "the error of a failure");
	fake->fail_at = 0;
	program.release(instance);
	check(fake->objects == 0, "everything is released after a failure");
	return reached;
}

int main(int argc, char **argv)
{
	void *library = argc == 2 ? dlopen(argv[1], RTLD_NOW | RTLD_LOCAL) : NULL;
	find(library, &program.instantiate, "vsp_aot_instantiate");
	find(library, &program.run, "vsp_aot_run");
	find(library, &program.result, "vsp_aot_register");
	find(library, &program.last_error, "vsp_aot_last_error");
	find(library, &program.backend, "vsp_aot_backend");
	find(library, &program.release, "vsp_aot_free");
	find(dlopen("libcuda.so.1", RTLD_NOW), &fake, FAKE_CUDA_SYMBOL);
	if (failures)
		return 1;
	fake->kernel = square;
	it_runs_on_the_device();
	without_a_wish_it_runs_on_the_cpu();
	without_the_capability_it_is_refused();
	int n = 1;
	while (n < 200 && fail_call(n))
		n++;
	check(n > 20 && n < 200, "each call fails once");
	return failures != 0;
}
