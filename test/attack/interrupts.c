/*
 * Interrupts endless programs of every kind of nesting (interrupts.sil) at random moments, in every
 * tier and bounds mode, and in shared objects compiled ahead of time. All must report INTERRUPTED,
 * whatever ran nested in them, and the call after a reset must not be affected.
 *
 *     interrupts interrupts.sil [PROGRAM.so ...]
 */
#include <dlfcn.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define VSP_AOT_NO_PROTOTYPES
#include <vsp/vsp.h>

enum { ROUNDS = 2, MOST_NS = 2500000, HANG_S = 60 };

/* The functions that the callback calls; the argument of a case is an index. */
static const char *const nested[] = {
        "plus_one", "divides_by_zero", "exits", "halts", "reads_outside", "loop", "no such function"};

static const struct endless {
	const char *name;
	int64_t argument;
} endless[] = {
        {"loop", 0},
        {"invoke", 0},
        {"recursion", 0},
        {"pending_calls", 0},
        {"indirect", 0},
        {"trans", 0},
        {"pipes", 0},
        {"pipe_then_loop", 0},
        {"launch", 0},
        {"launch_then_loop", 0},
        {"launch_many", 0},
        {"endless_kernel", 0},
        {"fills", 0},
        {"vmap", 0},
        {"sleeps", 0},
        {"call_then_loop", 0},
        {"call_then_loop", 1},
        {"call_then_loop", 2},
        {"call_then_loop", 3},
        {"call_then_loop", 4},
        {"call_then_loop", 5},
        {"call_then_loop", 6},
        {"call_inside_then_loop", 0},
        {"call_inside_then_loop", 1},
        {"call_inside_then_loop", 2},
        {"call_inside_then_loop", 3},
        {"call_inside_then_loop", 4},
        {"call_again_and_again", 0},
        {"call_again_and_again", 1},
        {"call_again_and_again", 2},
        {"call_again_and_again", 3},
        {"call_again_and_again", 5},
};
enum { CASES = sizeof endless / sizeof *endless };

static unsigned failures;

static void fail(const char *way, const struct endless *c, const char *format, ...)
{
	va_list args;
	failures++;
	printf("%s: %s(%lld): ", way, c->name, (long long)c->argument);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	putchar('\n');
}

static void nap(long ns) { nanosleep(&(struct timespec){0, ns}, NULL); }

/* xorshift64, Marsaglia. */
static long random_ns(void)
{
	static uint64_t x = 88172645463325252u;
	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	return (long)(x % MOST_NS);
}

/* ---- either library ---- */

typedef struct run {
	const char *way;
	void *instance;
	vsp_status (*call)(void *instance, const char *name, const int64_t *args, int64_t *results, vsp_trap *trap);
	void (*interrupt)(void *instance);
	bool (*again)(struct run *run); /* resets */
} run;

/* Whatever the result of the nested call, the program goes on. */
static int call_back(void *user, vsp_caller *caller, const int64_t *args, int64_t *results)
{
	run *r = user;
	vsp_trap trap;
	r->call(caller->instance, nested[args[0]], args, results, &trap);
	return VSP_OK;
}

static int sleep_a_little(void *user, vsp_caller *caller, const int64_t *args, int64_t *results)
{
	(void)user, (void)caller, (void)args, (void)results;
	nap(300000);
	return VSP_OK;
}

typedef struct interrupter {
	run *run;
	long after_ns;
} interrupter;

static void *interrupt_later(void *opaque)
{
	const interrupter *i = opaque;
	nap(i->after_ns);
	i->run->interrupt(i->run->instance);
	return NULL;
}

static void check_case(run *r, const struct endless *c)
{
	interrupter later = {r, random_ns()};
	pthread_t thread;
	vsp_trap trap = VSP_TRAP_NONE;
	int64_t result = 0, one = 1;
	if (pthread_create(&thread, NULL, interrupt_later, &later) != 0)
		abort();
	vsp_status status = r->call(r->instance, c->name, &c->argument, &result, &trap);
	pthread_join(thread, NULL);
	if (status != VSP_TRAPPED || trap != VSP_TRAP_INTERRUPTED)
		fail(r->way, c, "status %d, trap %d", status, trap);
	if (!r->again(r))
		fail(r->way, c, "it cannot be reset");
	else if ((status = r->call(r->instance, "plus_one", &one, &result, &trap)) != VSP_OK || result != 2)
		fail(r->way, c, "the next call: status %d, trap %d", status, trap);
}

static void check_all(run *r)
{
	for (unsigned round = 0; round < ROUNDS; round++)
		for (unsigned i = 0; i < CASES && !failures; i++)
			check_case(r, &endless[i]);
}

/* ---- libvsp ---- */

static vsp_status library_call(void *instance, const char *name, const int64_t *args, int64_t *results, vsp_trap *trap)
{
	vsp_error error = VSP_ERROR_INIT;
	vsp_status status = vsp_call(instance, name, args, results, &error);
	*trap = error.trap;
	return status;
}

static void library_interrupt(void *instance) { vsp_interrupt(instance); }
static bool library_again(run *r) { return vsp_reset(r->instance, NULL) == VSP_OK; }

static void check_library(vsp_module *module, const char *way, const vsp_config *config)
{
	run r = {.way = way, .call = library_call, .interrupt = library_interrupt, .again = library_again};
	r.instance = vsp_instantiate(module, config, NULL);
	if (!r.instance || vsp_define_import(r.instance, "host.call", 1, 1, call_back, &r, NULL) != VSP_OK ||
	        vsp_define_import(r.instance, "host.sleep", 0, 0, sleep_a_little, NULL, NULL) != VSP_OK) {
		printf("%s: no instance\n", way);
		failures++;
	} else
		check_all(&r);
	vsp_free(r.instance);
}

static void check_tiers(const char *path)
{
	static const struct {
		const char *name;
		int tier, sync;
		uint32_t threshold1, threshold2;
	} tiers[] = {{"tier 0", VSP_TIER_INTERP, 0, 0, 0}, {"baseline", VSP_TIER_BASELINE, 0, 0, 0},
	        {"tier 1", VSP_TIER_1, 1, 1, 0}, {"tier 2", VSP_TIER_2, 1, 0, 1}, {"all tiers", VSP_TIER_AUTO, 1, 2, 5},
	        {"in the background", VSP_TIER_AUTO, 0, 1, 3}};
	static const char *const modes[] = {"", "guard pages", "explicit bounds"};
	vsp_module *module = vsp_module_load_file(path, NULL, NULL);
	for (unsigned i = 0; module && i < sizeof tiers / sizeof *tiers; i++)
		for (int bounds = VSP_CONFIG_BOUNDS_GUARD; bounds <= VSP_CONFIG_BOUNDS_EXPLICIT; bounds++) {
			char way[64];
			vsp_config config = VSP_CONFIG_INIT;
			config.tier = tiers[i].tier;
			config.sync_compile = (uint8_t)tiers[i].sync;
			config.tier1_threshold = tiers[i].threshold1;
			config.tier2_threshold = tiers[i].threshold2;
			config.bounds = bounds;
			config.precise_traps = bounds == VSP_CONFIG_BOUNDS_GUARD && i % 2;
			snprintf(way, sizeof way, "%s, %s", tiers[i].name, modes[bounds]);
			check_library(module, way, &config);
		}
	failures += !module;
	vsp_module_free(module);
}

/* ---- compiled ahead of time ---- */

typedef struct program {
	vsp_aot_instance *(*instantiate)(const vsp_aot_config *, vsp_error *);
	vsp_status (*define_import)(vsp_aot_instance *, const char *, uint32_t, uint32_t, vsp_import_fn, void *);
	vsp_status (*call)(vsp_aot_instance *, const char *, const int64_t *, int64_t *);
	void (*interrupt)(vsp_aot_instance *);
	const vsp_error *(*last_error)(vsp_aot_instance *);
	vsp_status (*reset)(vsp_aot_instance *);
	void (*release)(vsp_aot_instance *);
} program;
static program compiled; /* the one being checked */

static vsp_status compiled_call(void *instance, const char *name, const int64_t *args, int64_t *results, vsp_trap *trap)
{
	vsp_status status = compiled.call(instance, name, args, results);
	*trap = status == VSP_TRAPPED ? compiled.last_error(instance)->trap : VSP_TRAP_NONE;
	return status;
}

static void compiled_interrupt(void *instance) { compiled.interrupt(instance); }

static bool compiled_again(run *r) { return compiled.reset(r->instance) == VSP_OK; }

static bool compiled_new(run *r)
{
	r->instance = compiled.instantiate(NULL, NULL);
	return r->instance && compiled.define_import(r->instance, "host.call", 1, 1, call_back, r) == VSP_OK &&
	       compiled.define_import(r->instance, "host.sleep", 0, 0, sleep_a_little, NULL) == VSP_OK;
}

static bool find(void *library, void *fn, const char *name)
{
	void *symbol = library ? dlsym(library, name) : NULL;
	memcpy(fn, &symbol, sizeof symbol);
	return symbol != NULL;
}

static void check_compiled(const char *path)
{
	run r = {.way = path, .call = compiled_call, .interrupt = compiled_interrupt, .again = compiled_again};
	void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	bool good = find(library, &compiled.instantiate, "vsp_aot_instantiate") &&
	            find(library, &compiled.define_import, "vsp_aot_define_import") &&
	            find(library, &compiled.call, "vsp_aot_call") &&
	            find(library, &compiled.interrupt, "vsp_aot_interrupt") &&
	            find(library, &compiled.last_error, "vsp_aot_last_error") &&
	            find(library, &compiled.release, "vsp_aot_free") &&
	            find(library, &compiled.reset, "vsp_aot_reset") && compiled_new(&r);
	if (good)
		check_all(&r);
	failures += !good;
	if (good)
		compiled.release(r.instance);
}

/* A loop that does not end is a failure, too. */
static void *watch(void *opaque)
{
	(void)opaque;
	nanosleep(&(struct timespec){HANG_S, 0}, NULL);
	puts("an interrupted run does not end");
	exit(EXIT_FAILURE);
}

int main(int argc, char **argv)
{
	pthread_t watchdog;
	setvbuf(stdout, NULL, _IOLBF, 0);
	if (argc < 2 || pthread_create(&watchdog, NULL, watch, NULL) != 0)
		return EXIT_FAILURE;
	check_tiers(argv[1]);
	for (int i = 2; i < argc; i++)
		check_compiled(argv[i]);
	puts(failures ? "FAIL" : "all as expected");
	return failures != 0;
}
