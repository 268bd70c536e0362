/*
 * Runs one kernel through libvsp: bench_vsp FILE N REPEATS TIER (interp, 1, 2, auto) [CACHE|-
 * [gpu]]. Prints what native.c prints, the time of the first call from nothing loaded to its end.
 * bench_vsp check: status 0 when compiled tiers are there, else 3 and the reason.
 */
#include "vsp.h"

static int check(void)
{
	vsp_error error = VSP_ERROR_INIT;
	if (vsp_compiler_check(&error) == VSP_OK)
		return 0;
	puts(error.message);
	return 3;
}

int main(int argc, char **argv)
{
	if (argc == 2 && !strcmp(argv[1], "check"))
		return check();
	if (argc < 5 || argc > 7) {
		fputs("usage: bench_vsp FILE N REPEATS interp|1|2|auto [CACHE|- [gpu]]\n", stderr);
		return 2;
	}
	int64_t n = strtoll(argv[2], NULL, 0);
	int repeats = atoi(argv[3]);
	vsp_error error = VSP_ERROR_INIT;
	uint64_t begin = bench_now();
	vsp_module *module = bench_load(argv[1]);
	const char *cache = argc > 5 && strcmp(argv[5], "-") != 0 ? argv[5] : NULL;
	int backend = argc == 7 ? VSP_BACKEND_GPU : VSP_BACKEND_AUTO;
	vsp_instance *instance = bench_instantiate_on(module, bench_tier(argv[4]), cache, backend);
	for (int i = 0; i < repeats; i++) {
		uint64_t call = bench_now();
		int64_t result = bench_call(instance, n, &error);
		uint64_t end = bench_now();
		if (i == 0)
			printf("%" PRId64 "\n%" PRIu64 "\n", result, end - begin);
		printf("%" PRIu64 "\n", end - call);
	}
	vsp_free(instance);
	vsp_module_free(module);
	return 0;
}
