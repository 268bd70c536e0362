/*
 * Tests two compiled programs in one process, each entered by 50 threads with instances of their
 * own, which compute and trap at guard pages; and libraries opened and closed many times: threads
 * ENERGY.so OTHER.so.
 */
#include <dlfcn.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define VSP_AOT_NO_PROTOTYPES
#include <vsp/vsp_aot.h>

enum { THREADS = 50, ROUNDS = 200, PROGRAMS = 2 };

typedef vsp_status call_fn(vsp_aot_instance *, const char *, const int64_t *, int64_t *);

typedef struct program {
	vsp_aot_instance *(*instantiate)(const vsp_aot_config *, vsp_error *);
	call_fn *call;
	const vsp_error *(*last_error)(vsp_aot_instance *);
	void (*release)(vsp_aot_instance *);
} program;

typedef struct worker {
	const program *program;
	pthread_t thread;
	int64_t n;
	bool good;
} worker;

static bool find(void *library, void *fn, size_t size, const char *name)
{
	void *symbol = library ? dlsym(library, name) : NULL;
	memcpy(fn, &symbol, size);
	return symbol != NULL;
}

static bool open_program(const char *path, program *p)
{
	void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	return find(library, &p->instantiate, sizeof p->instantiate, "vsp_aot_instantiate") &&
	       find(library, &p->call, sizeof p->call, "vsp_aot_call") &&
	       find(library, &p->last_error, sizeof p->last_error, "vsp_aot_last_error") &&
	       find(library, &p->release, sizeof p->release, "vsp_aot_free");
}

/* 0 + 1 + ... + n, and a load at address n, which is below all memory. */
static bool check(const program *p, vsp_aot_instance *instance, int64_t n)
{
	int64_t result = -1;
	if (p->call(instance, "count", &n, &result) != VSP_OK || result != n * (n + 1) / 2)
		return false;
	if (p->call(instance, "peek", &n, &result) != VSP_TRAPPED)
		return false;
	const vsp_error *error = p->last_error(instance);
	return error->trap == VSP_TRAP_OUT_OF_BOUNDS && strcmp(error->function, "peek") == 0 && error->line != 0;
}

static void *work(void *arg)
{
	worker *w = arg;
	vsp_aot_instance *instance = w->program->instantiate(NULL, NULL);
	w->good = instance != NULL;
	for (int64_t i = 0; i < ROUNDS && w->good; i++)
		w->good = check(w->program, instance, w->n + i);
	w->program->release(instance);
	return NULL;
}

int main(int argc, char **argv)
{
	static worker workers[PROGRAMS][THREADS];
	program programs[PROGRAMS];
	bool good = argc == 1 + PROGRAMS;
	for (int i = 0; i < 1000 && good; i++) {
		void *library = dlopen(argv[1 + i % PROGRAMS], RTLD_NOW | RTLD_LOCAL);
		good = library && dlclose(library) == 0;
	}
	for (int i = 0; i < PROGRAMS && good; i++)
		good = open_program(argv[1 + i], &programs[i]);
	for (int t = 0; t < THREADS && good; t++)
		for (int i = 0; i < PROGRAMS; i++) {
			workers[i][t] = (worker){.program = &programs[i], .n = t};
			good &= pthread_create(&workers[i][t].thread, NULL, work, &workers[i][t]) == 0;
		}
	for (int t = 0; t < THREADS && good; t++)
		for (int i = 0; i < PROGRAMS; i++) {
			pthread_join(workers[i][t].thread, NULL);
			good &= workers[i][t].good;
		}
	puts(good ? "all as expected" : "FAIL");
	return !good;
}
