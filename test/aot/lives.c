/*
 * Tests instances over several runs: lives PROGRAM.so [DEPTH], a set maximum. Resets after an
 * interrupt, the last error, a program and its host that call each other until the machine's stack
 * ends, and forks.
 */
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define VSP_AOT_NO_PROTOTYPES
#include <vsp/vsp_aot.h>

static struct program {
	vsp_aot_instance *(*instantiate)(const vsp_aot_config *, vsp_error *);
	void (*release)(vsp_aot_instance *), (*interrupt)(vsp_aot_instance *);
	vsp_status (*reset)(vsp_aot_instance *), (*run)(vsp_aot_instance *);
	vsp_status (*call)(vsp_aot_instance *, const char *, const int64_t *, int64_t *);
	vsp_status (*define_import)(vsp_aot_instance *, const char *, uint32_t, uint32_t, vsp_import_fn, void *);
	const vsp_error *(*last_error)(vsp_aot_instance *);
	uint8_t *(*memory)(vsp_aot_instance *, uint64_t *);
} p;

static int failures;
#define CHECK(condition) \
	do { \
		if (!(condition)) { \
			if (failures++ < 10) \
				fprintf(stderr, "FAIL: %s:%d: %s\n", __FILE__, __LINE__, #condition); \
		} \
	} while (0)

static void find(void *library, void *fn, const char *name)
{
	void *symbol = dlsym(library, name);
	CHECK(symbol != NULL);
	memcpy(fn, &symbol, sizeof symbol);
}

static unsigned deepest;        /* nested calls of callbacks */
static vsp_trap innermost;      /* the reason why the innermost ended */
static vsp_status reset_inside; /* the status that a callback got */
static vsp_status freed_call;   /* the same of an instance that it had freed */

static bool fork_wanted;
static pid_t child;
static pthread_t interrupter;

static void *interrupt_soon(void *instance)
{
	nanosleep(&(struct timespec){.tv_nsec = 50000000}, NULL);
	p.interrupt(instance);
	return NULL;
}

static int fork_when_wanted(vsp_aot_instance *instance)
{
	if (!fork_wanted)
		return 0;
	fork_wanted = false;
	child = fork();
	if (child == 0)
		alarm(20);
	return pthread_create(&interrupter, NULL, interrupt_soon, instance) != 0;
}

/* Calls the program again, which calls this again. */
static int again(void *user, vsp_caller *caller, const int64_t *args, int64_t *results)
{
	unsigned *depth = user;
	if (args[0] == 0) {
		reset_inside = p.reset(caller->instance);
		return VSP_OK;
	}
	if (args[0] == -2) {
		p.release(caller->instance);
		freed_call = p.call(caller->instance, "down", args, results);
		return VSP_OK;
	}
	if (args[0] < 0)
		return fork_when_wanted(caller->instance);
	if (++*depth > deepest)
		deepest = *depth;
	vsp_status status = p.call(caller->instance, "down", args, results);
	if (status != VSP_OK && *depth == deepest)
		innermost = p.last_error(caller->instance)->trap;
	--*depth;
	return status;
}

static unsigned depth_now;
static vsp_aot_instance *make(void)
{
	vsp_aot_instance *instance = p.instantiate(NULL, NULL);
	CHECK(instance && p.define_import(instance, "host.again", 1, 1, again, &depth_now) == VSP_OK);
	return instance;
}

static void check_reset(void)
{
	vsp_aot_instance *instance = make();
	int64_t value = -1;
	CHECK(p.call(instance, "count", NULL, &value) == VSP_OK && value == 11);
	CHECK(p.call(instance, "count", NULL, &value) == VSP_OK && value == 12);
	CHECK(p.reset(instance) == VSP_OK);
	CHECK(p.call(instance, "count", NULL, &value) == VSP_OK && value == 11);
	uint64_t before, grown;
	p.memory(instance, &before);
	CHECK(p.call(instance, "grow", NULL, &value) == VSP_OK);
	p.memory(instance, &grown);
	CHECK(grown > before && p.reset(instance) == VSP_OK);
	p.memory(instance, &grown);
	CHECK(grown == before);
	p.interrupt(instance);
	CHECK(p.call(instance, "count", NULL, &value) == VSP_TRAPPED);
	CHECK(p.last_error(instance)->trap == VSP_TRAP_INTERRUPTED);
	CHECK(p.call(instance, "count", NULL, &value) == VSP_E_ARGUMENT && p.run(instance) == VSP_E_ARGUMENT);
	CHECK(strstr(p.last_error(instance)->message, "vsp_aot_reset"));
	CHECK(p.reset(instance) == VSP_OK && p.last_error(instance)->code == VSP_OK);
	CHECK(p.call(instance, "count", NULL, &value) == VSP_OK && value == 11);
	p.interrupt(instance); /* forgotten, like one that met no run */
	CHECK(p.reset(instance) == VSP_OK && p.call(instance, "count", NULL, &value) == VSP_OK);
	int64_t none = 0;
	reset_inside = VSP_OK;
	CHECK(p.call(instance, "ask", &none, &value) == VSP_OK && reset_inside == VSP_E_ARGUMENT);
	CHECK(p.reset(NULL) == VSP_E_ARGUMENT);
	p.release(instance);
}

static void check_empty(vsp_aot_instance *instance)
{
	const vsp_error *error = p.last_error(instance);
	CHECK(error->code == VSP_OK && error->trap == VSP_TRAP_NONE && !*error->message && !*error->function &&
	        error->frames == 0 && error->pc == VSP_NO_PC);
}

/* After each kind of end, the error of an earlier one is gone. */
static void check_last_error(void)
{
	static const struct last {
		const char *name;
		vsp_status status;
	} good[] = {{"halt", VSP_HALTED}, {"count", VSP_OK}, {"short_", VSP_OK}, {"third", VSP_OK}};
	vsp_aot_instance *instance = make();
	int64_t value;
	for (unsigned i = 0; i < sizeof good / sizeof *good; i++)
		for (unsigned again = 0; again < 2; again++) {
			CHECK(p.call(instance, "fault", NULL, NULL) == VSP_TRAPPED);
			CHECK(p.last_error(instance)->code == VSP_TRAPPED && *p.last_error(instance)->message);
			CHECK(p.call(instance, good[i].name, NULL, &value) == good[i].status);
			check_empty(instance);
		}
	CHECK(p.call(instance, "fault", NULL, NULL) == VSP_TRAPPED && p.run(instance) == VSP_OK);
	check_empty(instance);
	p.release(instance);
}

/* The same by the functions themselves, which take a shorter path when the instance has been
   called before. */
static void check_direct(void *library)
{
	vsp_status (*fault)(vsp_aot_instance *, const int64_t *, int64_t *),
	        (*good[4])(vsp_aot_instance *, const int64_t *, int64_t *);
	vsp_aot_instance *instance = make();
	int64_t value;
	find(library, &fault, "fault");
	find(library, &good[0], "halt");
	find(library, &good[1], "count");
	find(library, &good[2], "short_");
	find(library, &good[3], "third");
	for (unsigned round = 0; round < 3; round++)
		for (unsigned i = 0; i < 4; i++) {
			CHECK(fault(instance, NULL, NULL) == VSP_TRAPPED &&
			        p.last_error(instance)->code == VSP_TRAPPED);
			CHECK(good[i](instance, NULL, &value) == (i ? VSP_OK : VSP_HALTED));
			check_empty(instance);
		}
	p.release(instance);
}

/* An instance that a callback frees is released when its outermost run ends, which it does at
   once. */
static void check_free(void *library)
{
	vsp_status (*ask)(vsp_aot_instance *, const int64_t *, int64_t *);
	int64_t none = 0, free_it = -2, value = 7;
	find(library, &ask, "ask");
	CHECK(p.call(make(), "ask", &free_it, &value) == VSP_TRAPPED && freed_call == VSP_E_ARGUMENT && value == 7);
	vsp_aot_instance *instance = make();
	CHECK(ask(instance, &none, &value) == VSP_OK);
	freed_call = VSP_OK;
	value = 7;
	CHECK(ask(instance, &free_it, &value) == VSP_TRAPPED && freed_call == VSP_E_ARGUMENT && value == 7);
}

/* This definition precedes the C library's, for the compiled program too. */
static bool refusing;
__attribute__((visibility("default"))) int madvise(void *address, size_t size, int advice)
{
	if (!refusing)
		return (int)syscall(SYS_madvise, address, size, advice);
	errno = ENOMEM;
	return -1;
}

/* Where a reset finds no memory, nothing runs until one does. Memory without guard pages is never
   refused. */
static void check_failed_reset(void)
{
	vsp_aot_instance *instance = make();
	int64_t value;
	uint64_t size = 1;
	CHECK(p.call(instance, "count", NULL, &value) == VSP_OK && value == 11);
	refusing = true;
	vsp_status status = p.reset(instance);
	refusing = false;
	p.memory(instance, &size);
	CHECK(status == (getenv("VSP_TEST_EXPLICIT") ? VSP_OK : VSP_E_MEMORY));
	if (status != VSP_OK) {
		CHECK(size == 0);
		CHECK(p.call(instance, "count", NULL, &value) == VSP_E_ARGUMENT);
		CHECK(strstr(p.last_error(instance)->message, "vsp_aot_reset"));
		CHECK(p.run(instance) == VSP_E_ARGUMENT);
	}
	CHECK(p.reset(instance) == VSP_OK);
	CHECK(p.call(instance, "count", NULL, &value) == VSP_OK && value == 11);
	p.release(instance);
}

/* The ranges of a kernel that trapped are forgotten when its run ends. */
static void check_ranges(void *library)
{
	vsp_status (*stray)(vsp_aot_instance *, const int64_t *, int64_t *),
	        (*poke)(vsp_aot_instance *, const int64_t *, int64_t *);
	vsp_aot_instance *instance = make();
	find(library, &stray, "stray");
	find(library, &poke, "poke");
	for (unsigned round = 0; round < 2; round++) {
		CHECK(poke(instance, NULL, NULL) == VSP_OK);
		bool checked = stray(instance, NULL, NULL) == VSP_TRAPPED;
		CHECK(checked == (getenv("VSP_TEST_CHECKED") != NULL));
		CHECK(poke(instance, NULL, NULL) == VSP_OK);
	}
	p.release(instance);
}

/* The callback's own frames count too. depth: a set maximum, or 0. */
static void check_recursion(unsigned depth)
{
	vsp_aot_instance *instance = make();
	int64_t huge = 1000000000, few = 20, value = -1;
	CHECK(p.call(instance, "down", &few, &value) == VSP_OK && value == 20);
	deepest = 0;
	CHECK(p.call(instance, "down", &huge, &value) == VSP_TRAPPED);
	CHECK(innermost == VSP_TRAP_CALL_DEPTH && depth_now == 0);
	CHECK(depth ? deepest == depth + 1 : deepest > 1000);
	CHECK(p.last_error(instance)->trap == VSP_TRAP_HOST); /* the callback had an error to return */
	CHECK(p.call(instance, "down", &few, &value) == VSP_OK && value == 20);
	p.release(instance);
}

/* A run whose callback forks goes on in both processes, and can be interrupted in both. */
static void check_fork(void)
{
	vsp_aot_instance *instance = make();
	int64_t endless = 0, few = 10, value;
	for (unsigned generation = 0; generation < 2; generation++) {
		CHECK(p.call(instance, "loop", &few, &value) == VSP_OK);
		fork_wanted = true;
		child = -1;
		CHECK(p.call(instance, "loop", &endless, &value) == VSP_TRAPPED);
		CHECK(p.last_error(instance)->trap == VSP_TRAP_INTERRUPTED);
		pthread_join(interrupter, NULL);
		CHECK(p.reset(instance) == VSP_OK && p.call(instance, "loop", &few, &value) == VSP_OK);
		int status = 0;
		if (child == 0 && generation == 0)
			continue;
		CHECK(child == 0 || (waitpid(child, &status, 0) == child && status == 0));
		if (child == 0 || generation > 0) /* not the first process */
			_exit(failures != 0);
		break;
	}
	p.release(instance);
}

int main(int argc, char **argv)
{
	void *library = argc > 1 ? dlopen(argv[1], RTLD_NOW | RTLD_LOCAL) : NULL;
	if (!library) {
		fprintf(stderr, "FAIL: %s\n", argc > 1 ? dlerror() : "one argument");
		return 1;
	}
	find(library, &p.instantiate, "vsp_aot_instantiate");
	find(library, &p.release, "vsp_aot_free");
	find(library, &p.interrupt, "vsp_aot_interrupt");
	find(library, &p.reset, "vsp_aot_reset");
	find(library, &p.run, "vsp_aot_run");
	find(library, &p.call, "vsp_aot_call");
	find(library, &p.define_import, "vsp_aot_define_import");
	find(library, &p.last_error, "vsp_aot_last_error");
	find(library, &p.memory, "vsp_aot_memory");
	if (!failures) {
		check_reset();
		check_last_error();
		check_direct(library);
		check_ranges(library);
		check_free(library);
		check_failed_reset();
		check_fork();
		check_recursion(argc > 2 ? (unsigned)atoi(argv[2]) : 0);
	}
	puts(failures ? "FAIL" : "all as expected");
	return failures != 0;
}
