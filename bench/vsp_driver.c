/*
 * Runs one kernel through libvsp: vsp_driver FILE N REPEATS TIER (interp, 1, 2, auto). Prints the result of kernel(N), the time
 * from nothing loaded to the end of the first call, then the time of each call, in nanoseconds: the same output as driver.c's,
 * so that the runner treats them alike.
 */
#define _GNU_SOURCE
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <vsp/vsp.h>

static uint64_t now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static int fail(const char *what, const vsp_error *error)
{
	fprintf(stderr, "vsp_driver: %s: %s\n", what, error->message);
	return 2;
}

static int tier_of(const char *name)
{
	return !strcmp(name, "interp") ? VSP_TIER_INTERP : !strcmp(name, "auto") ? VSP_TIER_AUTO : atoi(name);
}

int main(int argc, char **argv)
{
	if (argc != 5) {
		fputs("usage: vsp_driver FILE N REPEATS interp|1|2|auto\n", stderr);
		return 2;
	}
	vsp_error error = VSP_ERROR_INIT;
	vsp_config config = VSP_CONFIG_INIT;
	config.tier = tier_of(argv[4]);
	config.sync_compile = config.tier > 0;
	int64_t n = strtoll(argv[2], NULL, 0), result = 0;
	int repeats = atoi(argv[3]);
	uint64_t begin = now();
	vsp_module *module = vsp_module_load_file(argv[1], &error);
	if (!module)
		return fail(argv[1], &error);
	vsp_instance *instance = vsp_instantiate(module, &config, &error);
	if (!instance)
		return fail("cannot instantiate", &error);
	for (int i = 0; i < repeats; i++) {
		uint64_t call = now();
		if (vsp_call(instance, "kernel", &n, &result, &error) != VSP_OK)
			return fail("kernel", &error);
		uint64_t end = now();
		if (i == 0)
			printf("%" PRId64 "\n%" PRIu64 "\n", result, end - begin);
		printf("%" PRIu64 "\n", end - call);
	}
	vsp_free(instance);
	vsp_module_free(module);
	return 0;
}
