/*
 * Measures instances that live for one call: how many a second, from one thread or two, and how
 * long the slowest of a hundred take, beside the time to map, touch and unmap one page.
 *
 *     bench_instances FILE COUNT THREADS
 *
 * FILE exports kernel(1) -> 1, which adds 1. Prints a line for each way: its name, instances a
 * second, and the median and the 99th percentile of one thread in nanoseconds; the last line is
 * memory: bytes resident and bytes of page tables for each of 10,000 live instances that have run.
 */
#include "vsp.h"

#include <pthread.h>
#include <sys/mman.h>
#include <unistd.h>

enum { MAX_THREADS = 2, LIVE = 10000 };

/* One way to get an instance and to get rid of it; the first of a run also checks the result. */
typedef struct way {
	const char *name;
	vsp_instance *(*get)(struct way *way);
	vsp_module *module;
	vsp_pool *pool;
	vsp_snapshot *snapshot;
	int count;
	int wrong;
	double *times; /* of the first thread */
} way;

static vsp_instance *get_new(way *w) { return vsp_instantiate(w->module, NULL, NULL); }
static vsp_instance *get_pooled(way *w) { return vsp_pool_take(w->pool, NULL); }
static vsp_instance *get_started(way *w) { return vsp_instantiate_from(w->snapshot, NULL, NULL); }

static void *run(void *opaque)
{
	way *w = opaque;
	for (int i = 0; i < w->count; i++) {
		int64_t value = i, result = 0;
		uint64_t begin = bench_now();
		vsp_instance *instance = w->get(w);
		if (!instance || vsp_call(instance, "kernel", &value, &result, NULL) != VSP_OK || result != value + 1)
			w->wrong++;
		vsp_free(instance);
		if (w->times)
			w->times[i] = (double)(bench_now() - begin);
	}
	return NULL;
}

static void *run_page(void *opaque)
{
	way *w = opaque;
	for (int i = 0; i < w->count; i++) {
		uint64_t begin = bench_now();
		volatile char *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		if (page == MAP_FAILED) {
			w->wrong++;
			continue;
		}
		page[0] = 1;
		munmap((char *)page, 4096);
		if (w->times)
			w->times[i] = (double)(bench_now() - begin);
	}
	return NULL;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return x < y ? -1 : x > y;
}

static void measure(way *w, void *(*body)(void *), int threads)
{
	way others[MAX_THREADS];
	pthread_t handles[MAX_THREADS];
	int warm = w->count;
	w->count = warm / 10 + 1;
	body(w);
	w->count = warm;
	uint64_t begin = bench_now();
	for (int i = 1; i < threads; i++) {
		others[i] = *w;
		others[i].times = NULL;
		if (pthread_create(&handles[i], NULL, body, &others[i]))
			exit(2);
	}
	body(w);
	for (int i = 1; i < threads; i++) {
		pthread_join(handles[i], NULL);
		w->wrong += others[i].wrong;
	}
	double seconds = (double)(bench_now() - begin) / 1e9;
	if (w->wrong) {
		fprintf(stderr, "bench_instances: %s: %d of the results are wrong\n", w->name, w->wrong);
		exit(2);
	}
	qsort(w->times, (size_t)w->count, sizeof *w->times, compare);
	printf("%s %.0f %.0f %.0f\n", w->name, threads * w->count / seconds, w->times[w->count / 2],
	        w->times[(size_t)w->count * 99 / 100]);
}

/* A line of /proc/self/status in bytes; 0 where there is none. */
static double status_bytes(const char *field)
{
	char line[256];
	double kib = 0;
	FILE *file = fopen("/proc/self/status", "r");
	while (file && fgets(line, sizeof line, file))
		if (!strncmp(line, field, strlen(field)))
			kib = atof(line + strlen(field));
	if (file)
		fclose(file);
	return kib * 1024;
}

static void measure_memory(vsp_module *module)
{
	static vsp_instance *live[LIVE];
	double resident = status_bytes("VmRSS:"), tables = status_bytes("VmPTE:");
	int made = 0;
	for (; made < LIVE; made++) {
		int64_t value = made, result = 0;
		live[made] = vsp_instantiate(module, NULL, NULL);
		if (!live[made] || vsp_call(live[made], "kernel", &value, &result, NULL) != VSP_OK ||
		        result != made + 1)
			break;
	}
	printf("memory %d %.0f %.0f\n", made, (status_bytes("VmRSS:") - resident) / made,
	        (status_bytes("VmPTE:") - tables) / made);
	for (int i = 0; i < made; i++)
		vsp_free(live[i]);
}

int main(int argc, char **argv)
{
	vsp_error error = VSP_ERROR_INIT;
	int count = argc == 4 ? atoi(argv[2]) : 0, threads = argc == 4 ? atoi(argv[3]) : 0;
	if (count < 1 || threads < 1 || threads > MAX_THREADS) {
		fputs("usage: bench_instances FILE COUNT THREADS (1 or 2)\n", stderr);
		return 2;
	}
	double *times = calloc((size_t)count, sizeof *times);
	vsp_module *module = bench_load(argv[1]);
	vsp_instance *origin = vsp_instantiate(module, NULL, &error);
	vsp_snapshot *snapshot = vsp_snapshot_new(origin, &error);
	vsp_pool *pool = vsp_pool_new(module, NULL, &error);
	if (!times || !origin || !snapshot || !pool)
		bench_fail("cannot begin", &error);
	way base = {.module = module, .pool = pool, .snapshot = snapshot, .count = count, .times = times};
	way page = base, pooled = base, fresh = base, started = base;
	page.name = "page";
	pooled.name = "pool", pooled.get = get_pooled;
	fresh.name = "new", fresh.get = get_new;
	started.name = "snapshot", started.get = get_started;
	measure(&page, run_page, threads);
	measure(&pooled, run, threads);
	measure(&fresh, run, threads);
	measure(&started, run, threads);
	vsp_pool_free(pool);
	vsp_snapshot_free(snapshot);
	vsp_free(origin);
	if (threads == 1)
		measure_memory(module);
	vsp_module_free(module);
	free(times);
	return 0;
}
