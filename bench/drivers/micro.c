/*
 * Measures single operations through libvsp; times in nanoseconds.
 *
 *     bench_micro call FILE TIER COUNT      per call of kernel(1) from the host, least of 5 runs
 *     bench_micro handle FILE TIER COUNT    the same by a handle; kernel adds 1
 *     bench_micro import FILE TIER COUNT    per call of the import bench.next by the program's
 *     kernel(COUNT), its loop included
 *     bench_micro phases FILE TIER WARM     load, instantiate, first and second kernel(1), and the
 *     result; the phases of WARM come
 *                                           before, untimed, so that one-time costs such as loading
 *                                           the compiler are not in them
 *     bench_micro compile FILE TIER COUNT   f0(1), f1(1) and so on, all in one instance: the time
 *     of the first call of each less its second, and the
 *                                           result; f0 starts the compiler, which is warm for the
 *                                           others
 *     bench_micro warmup FILE TIER N MS     start (from the first call's) and length of each
 *     kernel(N), for MS milliseconds
 */
#include "vsp.h"

enum { RUNS = 5, MAX_CALLS = 1 << 20 };

static int next(void *user, vsp_caller *caller, const int64_t *args, int64_t *results)
{
	(void)user;
	(void)caller;
	results[0] = args[0] + 1;
	return VSP_OK;
}

static double least(double a, double b) { return a < b ? a : b; }

static int time_call(char **argv)
{
	vsp_error error = VSP_ERROR_INIT;
	vsp_module *module = bench_load(argv[0]);
	vsp_instance *instance = bench_instantiate(module, bench_tier(argv[1]));
	int64_t count = atoll(argv[2]);
	double best = 1e18;
	bench_call(instance, 1, &error);
	for (int run = 0; run < RUNS; run++) {
		uint64_t begin = bench_now();
		for (int64_t i = 0; i < count; i++)
			bench_call(instance, 1, &error);
		best = least(best, (double)(bench_now() - begin) / (double)count);
	}
	printf("%.2f\n", best);
	vsp_free(instance);
	vsp_module_free(module);
	return 0;
}

static int time_handle(char **argv)
{
	vsp_error error = VSP_ERROR_INIT;
	vsp_module *module = bench_load(argv[0]);
	vsp_instance *instance = bench_instantiate(module, bench_tier(argv[1]));
	vsp_function function = VSP_FUNCTION_INIT;
	int64_t count = atoll(argv[2]), value = 0;
	double best = 1e18;
	if (vsp_module_lookup(module, "kernel", 1, 1, &function, &error) != VSP_OK)
		bench_fail("kernel", &error);
	bench_call(instance, 1, &error);
	for (int run = 0; run < RUNS; run++) {
		uint64_t begin = bench_now();
		value = 0;
		for (int64_t i = 0; i < count; i++)
			vsp_call_function(instance, &function, &value, &value, &error);
		best = least(best, (double)(bench_now() - begin) / (double)count);
		if (value != count) {
			fputs("bench_micro: the program counted wrongly\n", stderr);
			return 2;
		}
	}
	printf("%.2f\n", best);
	vsp_free(instance);
	vsp_module_free(module);
	return 0;
}

static int time_import(char **argv)
{
	vsp_error error = VSP_ERROR_INIT;
	vsp_module *module = bench_load(argv[0]);
	vsp_instance *instance = bench_instantiate(module, bench_tier(argv[1]));
	if (vsp_define_import(instance, "bench.next", 1, 1, next, NULL, &error) != VSP_OK)
		bench_fail("bench.next", &error);
	int64_t count = atoll(argv[2]);
	double best = 1e18;
	bench_call(instance, 1, &error);
	for (int run = 0; run < RUNS; run++) {
		uint64_t begin = bench_now();
		int64_t result = bench_call(instance, count, &error);
		best = least(best, (double)(bench_now() - begin) / (double)count);
		if (result != count) {
			fputs("bench_micro: the program counted wrongly\n", stderr);
			return 2;
		}
	}
	printf("%.2f\n", best);
	vsp_free(instance);
	vsp_module_free(module);
	return 0;
}

static int64_t run_phases(const char *path, int tier, uint64_t phase[4])
{
	vsp_error error = VSP_ERROR_INIT;
	uint64_t begin = bench_now();
	vsp_module *module = bench_load(path);
	uint64_t loaded = bench_now();
	vsp_instance *instance = bench_instantiate(module, tier);
	uint64_t made = bench_now();
	int64_t result = bench_call(instance, 1, &error);
	uint64_t called = bench_now();
	bench_call(instance, 1, &error);
	phase[0] = loaded - begin;
	phase[1] = made - loaded;
	phase[2] = called - made;
	phase[3] = bench_now() - called;
	vsp_free(instance);
	vsp_module_free(module);
	return result;
}

static int time_phases(char **argv)
{
	uint64_t phase[4];
	int tier = bench_tier(argv[1]);
	run_phases(argv[2], tier, phase);
	int64_t result = run_phases(argv[0], tier, phase);
	printf("%" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRId64 "\n", phase[0], phase[1], phase[2], phase[3],
	        result);
	return 0;
}

static uint64_t time_function(vsp_instance *instance, const char *name, int64_t *result, vsp_error *error)
{
	int64_t argument = 1;
	uint64_t begin = bench_now();
	if (vsp_call(instance, name, &argument, result, error) != VSP_OK)
		bench_fail(name, error);
	return bench_now() - begin;
}

static int time_compile(char **argv)
{
	vsp_error error = VSP_ERROR_INIT;
	vsp_module *module = bench_load(argv[0]);
	vsp_instance *instance = bench_instantiate(module, bench_tier(argv[1]));
	int count = atoi(argv[2]);
	for (int i = 0; i < count; i++) {
		char name[16];
		int64_t result, again;
		snprintf(name, sizeof name, "f%d", i);
		uint64_t first = time_function(instance, name, &result, &error);
		uint64_t second = time_function(instance, name, &again, &error);
		printf("%" PRIu64 " %" PRId64 "\n", first > second ? first - second : 0, result);
	}
	vsp_free(instance);
	vsp_module_free(module);
	return 0;
}

static int time_warmup(char **argv)
{
	vsp_error error = VSP_ERROR_INIT;
	uint64_t (*times)[2] = malloc(sizeof *times * MAX_CALLS);
	if (!times)
		return 2;
	vsp_module *module = bench_load(argv[0]);
	vsp_instance *instance = bench_instantiate(module, bench_tier(argv[1]));
	int64_t n = atoll(argv[2]);
	uint64_t limit = strtoull(argv[3], NULL, 10) * 1000000, first = bench_now(), begin = first;
	size_t calls = 0;
	while (calls < MAX_CALLS && begin - first < limit) {
		bench_call(instance, n, &error);
		uint64_t end = bench_now();
		times[calls][0] = begin - first;
		times[calls++][1] = end - begin;
		begin = end;
	}
	for (size_t i = 0; i < calls; i++)
		printf("%" PRIu64 " %" PRIu64 "\n", times[i][0], times[i][1]);
	free(times);
	vsp_free(instance);
	vsp_module_free(module);
	return 0;
}

/* Modes with the number of their arguments. */
static const struct mode {
	const char *name;
	int count;
	int (*run)(char **argv);
} modes[] = {
        {"call", 3, time_call},
        {"handle", 3, time_handle},
        {"import", 3, time_import},
        {"phases", 3, time_phases},
        {"compile", 3, time_compile},
        {"warmup", 4, time_warmup},
};

int main(int argc, char **argv)
{
	for (size_t i = 0; i < sizeof modes / sizeof *modes; i++)
		if (argc > 1 && !strcmp(argv[1], modes[i].name) && argc == modes[i].count + 2)
			return modes[i].run(argv + 2);
	fputs("usage: bench_micro call|handle|import|compile FILE TIER COUNT | phases FILE TIER WARM | warmup FILE "
	      "TIER N "
	      "MS\n",
	        stderr);
	return 2;
}
