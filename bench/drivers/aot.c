/*
 * Runs one kernel compiled ahead of time, as a host with dlopen does: bench_aot FILE.so N REPEATS.
 * Prints what native.c prints; the first call includes dlopen and the instance. bench_aot FILE.so N
 * call COUNT: nanoseconds per call of the exported kernel(N), least of 5 runs.
 */
#include <dlfcn.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <vsp/vsp_aot.h>

#include "clock.h"

/* The entry points used, by address, with pointers to types that this driver need not know. */
typedef void *instantiate_fn(const void *config, vsp_error *error);
typedef vsp_status kernel_fn(void *instance, const int64_t *args, int64_t *results);
typedef void free_fn(void *instance);

static void *find(void *library, const char *name)
{
	void *address = library ? dlsym(library, name) : NULL;
	if (!address) {
		fprintf(stderr, "bench_aot: %s\n", dlerror());
		exit(2);
	}
	return address;
}

static int64_t call(kernel_fn *kernel, void *instance, int64_t n)
{
	int64_t result = 0;
	if (kernel(instance, &n, &result) != VSP_OK) {
		fputs("bench_aot: the kernel failed\n", stderr);
		exit(2);
	}
	return result;
}

static void time_calls(kernel_fn *kernel, void *instance, int64_t n, int repeats, uint64_t begin)
{
	for (int i = 0; i < repeats; i++) {
		uint64_t start = bench_now();
		int64_t result = call(kernel, instance, n);
		uint64_t end = bench_now();
		if (i == 0)
			printf("%" PRId64 "\n%" PRIu64 "\n", result, end - begin);
		printf("%" PRIu64 "\n", end - start);
	}
}

static void time_overhead(kernel_fn *kernel, void *instance, int64_t n, int64_t count)
{
	double least = 1e18;
	for (int run = 0; run < 5; run++) {
		uint64_t begin = bench_now();
		for (int64_t i = 0; i < count; i++)
			call(kernel, instance, n);
		double each = (double)(bench_now() - begin) / (double)count;
		least = each < least ? each : least;
	}
	printf("%.2f\n", least);
}

int main(int argc, char **argv)
{
	int overhead = argc == 5 && !strcmp(argv[3], "call");
	if (argc != 4 && !overhead) {
		fputs("usage: bench_aot FILE.so N REPEATS | bench_aot FILE.so N call COUNT\n", stderr);
		return 2;
	}
	int64_t n = strtoll(argv[2], NULL, 0);
	uint64_t begin = bench_now();
	void *library = dlopen(argv[1], RTLD_NOW | RTLD_LOCAL);
	instantiate_fn *instantiate = (instantiate_fn *)find(library, "vsp_aot_instantiate");
	kernel_fn *kernel = (kernel_fn *)find(library, "kernel");
	free_fn *release = (free_fn *)find(library, "vsp_aot_free");
	vsp_error error = VSP_ERROR_INIT;
	void *instance = instantiate(NULL, &error);
	if (!instance) {
		fprintf(stderr, "bench_aot: %s\n", error.message);
		return 2;
	}
	if (overhead)
		time_overhead(kernel, instance, n, atoll(argv[4]));
	else
		time_calls(kernel, instance, n, atoi(argv[3]), begin);
	release(instance);
	return 0;
}
