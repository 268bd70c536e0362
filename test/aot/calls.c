/*
 * Tests repeated calls of exported functions on one instance, since later calls take a shorter
 * path: calls PROGRAM.so. After traps, HLT, callbacks that call, other threads, interrupts,
 * rounding modes and null pointers each call must give the result of a first call.
 */
#include <dlfcn.h>
#include <fenv.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define VSP_AOT_NO_PROTOTYPES
#include <vsp/vsp_aot.h>

typedef vsp_status export_fn(vsp_aot_instance *, const int64_t *, int64_t *);

static struct program {
	vsp_aot_instance *(*instantiate)(const vsp_aot_config *, vsp_error *);
	void (*release)(vsp_aot_instance *);
	vsp_status (*define_import)(vsp_aot_instance *, const char *, uint32_t, uint32_t, vsp_import_fn, void *);
	int64_t (*reg)(vsp_aot_instance *, unsigned);
	uint8_t *(*memory)(vsp_aot_instance *, uint64_t *);
	void (*interrupt)(vsp_aot_instance *);
	const vsp_error *(*last_error)(vsp_aot_instance *);
	export_fn *inc, *load, *third, *stop, *nested, *spin, *swap3, *faults, *stops;
} p;

static int failures;
#define CHECK(condition) \
	do { \
		if (!(condition)) { \
			if (failures++ < 10) \
				fprintf(stderr, "FAIL: %s:%d: %s\n", __FILE__, __LINE__, #condition); \
		} \
	} while (0)

static bool find(void *library, void *fn, const char *name)
{
	void *symbol = library ? dlsym(library, name) : NULL;
	memcpy(fn, &symbol, sizeof symbol);
	return symbol != NULL;
}

static bool open_program(const char *path)
{
	void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	return find(library, &p.instantiate, "vsp_aot_instantiate") && find(library, &p.release, "vsp_aot_free") &&
	       find(library, &p.define_import, "vsp_aot_define_import") && find(library, &p.reg, "vsp_aot_register") &&
	       find(library, &p.memory, "vsp_aot_memory") && find(library, &p.interrupt, "vsp_aot_interrupt") &&
	       find(library, &p.last_error, "vsp_aot_last_error") && find(library, &p.inc, "inc") &&
	       find(library, &p.load, "load") && find(library, &p.third, "third") && find(library, &p.stop, "stop") &&
	       find(library, &p.nested, "nested") && find(library, &p.spin, "spin") &&
	       find(library, &p.swap3, "swap3") && find(library, &p.faults, "faults") &&
	       find(library, &p.stops, "stops");
}

static int again(void *user, vsp_caller *caller, const int64_t *args, int64_t *results)
{
	(void)user;
	if (args[0] > 0) {
		int64_t less = args[0] - 1;
		CHECK(p.nested(caller->instance, &less, results) == VSP_OK);
		return VSP_OK;
	}
	int64_t bad = 16, three[3] = {1, 2, 3};
	CHECK(p.load(caller->instance, &bad, results) == VSP_TRAPPED);
	CHECK(p.swap3(caller->instance, three, three) == VSP_OK && three[0] == 3 && three[2] == 1);
	CHECK(fegetround() == FE_UPWARD);
	CHECK(p.inc(caller->instance, args, results) == VSP_OK);
	return VSP_OK;
}

static vsp_aot_instance *make(void)
{
	vsp_aot_instance *instance = p.instantiate(NULL, NULL);
	CHECK(instance && p.define_import(instance, "host.again", 1, 1, again, NULL) == VSP_OK);
	return instance;
}

/* Everything that leaves the instance usable, in turn. */
static void round_of_calls(vsp_aot_instance *instance, int64_t n)
{
	int64_t result = -1, inside = 0x20000 + 8 * (n & 7), outside = 8 + n, three[3] = {n, n + 1, n + 2};
	double third;
	CHECK(p.inc(instance, &n, &result) == VSP_OK && result == n + 1);
	CHECK(p.reg(instance, 0) == n + 1 && p.reg(instance, 9) == 77 && p.reg(instance, 1) == 0);
	memcpy(p.memory(instance, NULL) + inside, &n, sizeof n);
	CHECK(p.load(instance, &inside, &result) == VSP_OK && result == n);
	CHECK(p.load(instance, &outside, &result) == VSP_TRAPPED && result == n);
	CHECK(p.last_error(instance)->trap == VSP_TRAP_OUT_OF_BOUNDS &&
	        !strcmp(p.last_error(instance)->function, "load") && p.last_error(instance)->line == 19);
	CHECK(p.reg(instance, 0) == 0);
	CHECK(p.swap3(instance, three, three) == VSP_OK && three[0] == n + 2 && three[1] == n + 1 && three[2] == n);
	CHECK(p.third(instance, NULL, (int64_t *)&third) == VSP_OK && third == 1.0 / 3.0);
	fesetround(FE_UPWARD);
	CHECK(p.third(instance, NULL, (int64_t *)&third) == VSP_OK && third == 0x1.5555555555555p-2);
	int64_t deep = n & 3;
	CHECK(p.nested(instance, &deep, &result) == VSP_OK && result == 1 + 100 * (deep + 1));
	CHECK(fegetround() == FE_UPWARD);
	CHECK(p.faults(instance, &deep, &result) == VSP_TRAPPED && !strcmp(p.last_error(instance)->function, "faults"));
	CHECK(p.stops(instance, &deep, &result) == VSP_HALTED && p.reg(instance, 0) == 1 + 100 * deep);
	fesetround(FE_TONEAREST);
	CHECK(p.stop(instance, &n, &result) == VSP_HALTED && p.reg(instance, 5) == n);
	CHECK(p.inc(instance, NULL, &result) == VSP_E_ARGUMENT && p.inc(instance, &n, NULL) == VSP_E_ARGUMENT);
	CHECK(strstr(p.last_error(instance)->message, "'inc' is 1 -> 1, but results is null") != NULL);
}

static void *calls_on_this_thread(void *instance)
{
	for (int64_t n = 0; n < 50; n++)
		round_of_calls(instance, n);
	return NULL;
}

/* A request that finds nothing running is for the next call, whichever path that takes. */
static void check_pending_interrupt(export_fn *fn)
{
	vsp_aot_instance *instance = make();
	int64_t n = 0x20000, result;
	CHECK(p.inc(instance, &n, &result) == VSP_OK);
	p.interrupt(instance);
	CHECK(fn(instance, &n, &result) == VSP_TRAPPED && p.last_error(instance)->trap == VSP_TRAP_INTERRUPTED);
	CHECK(fn(instance, &n, &result) == VSP_E_ARGUMENT);
	p.release(instance);
}

static void *interrupt_soon(void *instance)
{
	nanosleep(&(struct timespec){.tv_nsec = 20000000}, NULL);
	p.interrupt(instance);
	return NULL;
}

/* A later thread may get the stack of an earlier one, and the same address of thread-local
   variables. */
static void *spin_until_interrupted(void *instance)
{
	pthread_t thread;
	int64_t n = 1, result;
	CHECK(p.inc(instance, &n, &result) == VSP_OK);
	CHECK(pthread_create(&thread, NULL, interrupt_soon, instance) == 0);
	CHECK(p.spin(instance, &n, &result) == VSP_TRAPPED && p.last_error(instance)->trap == VSP_TRAP_INTERRUPTED);
	pthread_join(thread, NULL);
	return NULL;
}

/* A child has the thread that forked, and none of the timers that interrupt loops. */
static void check_fork(vsp_aot_instance *instance)
{
	int status = -1;
	int64_t n = 1, result;
	CHECK(p.inc(instance, &n, &result) == VSP_OK);
	fflush(stderr);
	pid_t child = fork();
	if (child == 0) {
		alarm(20);
		round_of_calls(instance, 3);
		spin_until_interrupted(instance);
		_exit(failures != 0);
	}
	CHECK(child > 0 && waitpid(child, &status, 0) == child && status == 0);
	round_of_calls(instance, 4);
}

static void on_another_thread(void *(*fn)(void *), vsp_aot_instance *instance)
{
	pthread_t thread;
	CHECK(pthread_create(&thread, NULL, fn, instance) == 0);
	pthread_join(thread, NULL);
}

int main(int argc, char **argv)
{
	if (argc != 2 || !open_program(argv[1])) {
		fprintf(stderr, "FAIL: %s\n", argc == 2 ? dlerror() : "one argument");
		return 1;
	}
	int64_t n = 1, result;
	CHECK(p.inc(NULL, &n, &result) == VSP_E_ARGUMENT);
	vsp_aot_instance *unlinked = p.instantiate(NULL, NULL), *instance = make();
	CHECK(p.inc(unlinked, &n, &result) == VSP_E_LINK && p.inc(unlinked, &n, &result) == VSP_E_LINK);
	p.release(unlinked);
	calls_on_this_thread(instance);
	for (int i = 0; i < 3; i++)
		on_another_thread(calls_on_this_thread, instance);
	calls_on_this_thread(instance);
	check_fork(instance);
	on_another_thread(spin_until_interrupted, instance);
	p.release(instance);
	check_pending_interrupt(p.inc);
	check_pending_interrupt(p.load);
	check_pending_interrupt(p.spin);
	puts(failures ? "FAIL" : "all as expected");
	return failures != 0;
}
