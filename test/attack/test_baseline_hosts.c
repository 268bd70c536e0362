/*
 * Baseline code in hosts as they are: forks while it runs and with code that was made, small
 * stacks, interrupts at any moment, exact fuel, no signal handlers, and many instances made and
 * freed. Where this build has no stencils, the same holds for the interpreter.
 */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "test/support/instances.h"

/*
 * work(n) calls the host once, and then sums 1 to n; other(n) is compiled later; deep(n) calls
 * itself n times; fault() writes outside memory after n rounds.
 */
static const char program[] =
        "\t.import \"env.hook\" (0) -> 0\n"
        "\t.export work\n\t.func work(1) -> 1\n\tHCALL env.hook\n\tMOVI R1, 0\n"
        "next:\tADD R1, R1, R0\n\tADDI R0, R0, -1\n\tBNZ R0, next\n\tMOV R0, R1\n\tRET\n\t.end\n"
        "\t.export other\n\t.func other(1) -> 1\n\tMOVI R1, 0\n"
        "more:\tADDI R1, R1, 3\n\tADDI R0, R0, -1\n\tBNZ R0, more\n\tMOV R0, R1\n\tRET\n\t.end\n"
        "\t.export deep\n\t.func deep(1) -> 1\n\tBZ R0, end\n\tADDI R0, R0, -1\n\tINVOKE deep\n"
        "\tADDI R0, R0, 1\nend:\tRET\n\t.end\n"
        "\t.export spin\n\t.func spin\nagain:\tADDI R0, R0, 1\n\tJMP again\n\t.end\n"
        "\t.export fault\n\t.func fault(1) -> 1\n\tMOVI R2, 0x70000000\nround:\tADDI R0, R0, -1\n\tBNZ R0, round\n"
        "\tST32 R0, [R2]\n\tRET\n\t.end\n"
        "\t.func main\n\tHLT\n\t.end\n\t.entry main\n";

static vsp_instance *make(vsp_module *module, vsp_config config)
{
	config.tier = VSP_TIER_BASELINE;
	return instantiate_with(module, &config);
}

static vsp_config plain(void)
{
	vsp_config config = VSP_CONFIG_INIT;
	return config;
}

static bool gives(vsp_instance *instance, const char *name, int64_t n, int64_t wanted)
{
	int64_t value = -1;
	return vsp_call(instance, name, &n, &value, NULL) == VSP_OK && value == wanted;
}

/* A hook that does nothing. */
static int pass(void *user, vsp_caller *caller, const int64_t *args, int64_t *results)
{
	(void)user, (void)caller, (void)args, (void)results;
	return 0;
}

static void hook(vsp_instance *instance, vsp_import_fn fn, void *user)
{
	assert_int_equal(vsp_define_import(instance, "env.hook", 0, 0, fn, user, NULL), VSP_OK);
}

static void wait_for(pid_t child)
{
	int status = -1;
	assert_true(child > 0);
	assert_int_equal(waitpid(child, &status, 0), child);
	if (status != 0)
		fail_msg("the child ended with %x", (unsigned)status);
}

/* ---- fork ---- */

/* The exit status of a child: what was copied before the fork and what is copied after it. */
static int use_all(vsp_instance *instance, vsp_module *module)
{
	if (!gives(instance, "other", 1000, 3000) || !gives(instance, "deep", 100, 100))
		return 1;
	if (!gives(instance, "work", 1000, 500500))
		return 2;
	vsp_error error = VSP_ERROR_INIT;
	int64_t n = 1000, value;
	if (vsp_call(instance, "fault", &n, &value, &error) != VSP_TRAPPED || error.trap != VSP_TRAP_OUT_OF_BOUNDS)
		return 3;
	vsp_instance *fresh = make(module, plain());
	hook(fresh, pass, NULL);
	if (!gives(fresh, "work", 1000, 500500))
		return 4;
	vsp_free(fresh);
	vsp_free(instance);
	vsp_module_free(module);
	return 0;
}

static void children_use_code_that_was_made_and_make_more(void **state)
{
	(void)state;
	vsp_module *module = assemble(program);
	for (unsigned i = 0; i < 10; i++) {
		vsp_instance *instance = make(module, plain());
		hook(instance, pass, NULL);
		assert_true(gives(instance, "work", 1000, 500500));
		pid_t child = fork();
		if (child == 0) {
			alarm(20);
			_exit(use_all(instance, module));
		}
		assert_true(gives(instance, "other", 10, 30)); /* the parent goes on meanwhile */
		wait_for(child);
		assert_true(gives(instance, "work", 1000, 500500));
		vsp_free(instance);
	}
	vsp_module_free(module);
}

/* Once, while *user is negative. */
static int fork_here(void *user, vsp_caller *caller, const int64_t *args, int64_t *results)
{
	pid_t *child = user;
	(void)caller, (void)args, (void)results;
	if (*child < 0)
		*child = fork();
	return 0;
}

/* The child returns from the callback into code that was copied by its parent. */
static void a_fork_in_a_callback_returns_twice(void **state)
{
	(void)state;
	vsp_module *module = assemble(program);
	vsp_instance *instance = make(module, plain());
	pid_t child = -1;
	hook(instance, fork_here, &child);
	bool good = gives(instance, "work", 1000000, 500000500000);
	if (child == 0) {
		alarm(20);
		_exit(good ? use_all(instance, module) : 5);
	}
	assert_true(good);
	wait_for(child);
	vsp_free(instance);
	vsp_module_free(module);
}

static void *work_on(void *instance)
{
	for (unsigned i = 0; i < 20; i++)
		if (!gives(instance, "work", 1000000, 500000500000))
			return instance;
	return NULL;
}

/* Another thread is inside baseline code; the child has that instance in a state that it cannot
   use, and everything else. */
static void forks_while_another_thread_runs(void **state)
{
	(void)state;
	vsp_module *module = assemble(program);
	vsp_instance *busy = make(module, plain()), *own = make(module, plain());
	pthread_t thread;
	void *failed = busy;
	hook(busy, pass, NULL);
	hook(own, pass, NULL);
	assert_int_equal(pthread_create(&thread, NULL, work_on, busy), 0);
	for (unsigned i = 0; i < 10; i++) {
		pid_t child = fork();
		if (child == 0) {
			alarm(20);
			_exit(use_all(own, module));
		}
		wait_for(child);
	}
	pthread_join(thread, &failed);
	assert_null(failed);
	vsp_free(busy);
	vsp_free(own);
	vsp_module_free(module);
}

/* ---- small stacks ---- */

enum { GUARD = 1 << 16, CANARY = 0xA5 };

typedef struct job {
	vsp_instance *instance;
	const char *name;
	int64_t argument, result;
	vsp_status status;
	vsp_error error;
} job;

static void *do_job(void *opaque)
{
	job *j = opaque;
	j->error = (vsp_error)VSP_ERROR_INIT;
	j->status = vsp_call(j->instance, j->name, &j->argument, &j->result, &j->error);
	return NULL;
}

/* On a stack of this size, below which nothing may be written. */
static void run_on(size_t size, job *j)
{
	pthread_attr_t attributes;
	pthread_t thread;
	unsigned char *low = mmap(NULL, GUARD + size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	assert_true(low != MAP_FAILED);
	memset(low, CANARY, GUARD);
	pthread_attr_init(&attributes);
	assert_int_equal(pthread_attr_setstack(&attributes, low + GUARD, size), 0);
	assert_int_equal(pthread_create(&thread, &attributes, do_job, j), 0);
	pthread_join(thread, NULL);
	pthread_attr_destroy(&attributes);
	for (size_t i = 0; i < GUARD; i++)
		assert_int_equal(low[i], CANARY);
	munmap(low, GUARD + size);
}

/* Calls the program again from a callback, as deep as it goes; *user is the first trap. */
static int call_again(void *user, vsp_caller *caller, const int64_t *args, int64_t *results)
{
	int64_t n = 3, value;
	vsp_error error = VSP_ERROR_INIT;
	(void)args, (void)results;
	vsp_status status = vsp_call(caller->instance, "work", &n, &value, &error);
	if (!*(vsp_trap *)user)
		*(vsp_trap *)user = error.trap;
	return status == VSP_OK ? 0 : -1;
}

static void small_stacks_are_not_left(void **state)
{
	static const size_t sizes[] = {64 << 10, 128 << 10, 256 << 10, 1 << 20, 8 << 20};
	(void)state;
	vsp_module *module = assemble(program);
	for (unsigned i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		vsp_instance *instance = make(module, plain());
		hook(instance, pass, NULL);
		job deep = {.instance = instance, .name = "deep", .argument = 5000};
		run_on(sizes[i], &deep); /* frames of baseline code are not on the machine's stack */
		assert_true(deep.status == VSP_OK ? deep.result == 5000 : deep.error.trap == VSP_TRAP_CALL_DEPTH);
		job endless = {.instance = instance, .name = "deep", .argument = -1};
		run_on(sizes[i], &endless);
		assert_int_equal(endless.status, VSP_TRAPPED);
		assert_int_equal(endless.error.trap, VSP_TRAP_CALL_DEPTH);
		vsp_free(instance);
		instance = make(module, plain());
		vsp_trap first = VSP_TRAP_NONE;
		hook(instance, call_again, &first);
		job nested = {.instance = instance, .name = "work", .argument = 3};
		run_on(sizes[i], &nested);
		assert_int_equal(nested.status, VSP_TRAPPED);
		assert_int_equal(nested.error.trap, VSP_TRAP_HOST);
		assert_int_equal(first, VSP_TRAP_CALL_DEPTH);
		vsp_free(instance);
	}
	vsp_module_free(module);
}

/* ---- limits ---- */

static vsp_error end_with_fuel(vsp_module *module, int tier, int64_t fuel, bool no_signals, int64_t *value)
{
	vsp_config config = VSP_CONFIG_INIT;
	vsp_error error = VSP_ERROR_INIT;
	config.tier = tier;
	config.limit_fuel = 1;
	config.fuel = fuel;
	config.no_signals = no_signals;
	vsp_instance *instance = instantiate_with(module, &config);
	int64_t n = 30;
	*value = -1;
	hook(instance, pass, NULL);
	vsp_call(instance, "work", &n, value, &error);
	vsp_free(instance);
	return error;
}

/* Every number of instructions: the trap is at the same place, whatever the kind of code. */
static void fuel_ends_at_the_same_instruction(void **state)
{
	(void)state;
	vsp_module *module = assemble(program);
	for (int64_t fuel = 0; fuel < 110; fuel++)
		for (int no_signals = 0; no_signals < 2; no_signals++) {
			int64_t a, b;
			vsp_error in_tier_0 = end_with_fuel(module, VSP_TIER_INTERP, fuel, no_signals, &a),
			          copied = end_with_fuel(module, VSP_TIER_BASELINE, fuel, no_signals, &b);
			assert_int_equal(in_tier_0.code, copied.code);
			assert_int_equal(in_tier_0.trap, copied.trap);
			assert_int_equal(in_tier_0.pc, copied.pc);
			assert_int_equal(a, b);
		}
	vsp_module_free(module);
}

/* With all checks in the code, and traps named exactly. */
static void faults_are_traps_without_signal_handlers(void **state)
{
	(void)state;
	vsp_module *module = assemble(program);
	uint32_t pc = 0;
	for (unsigned i = 0; i < 8; i++) {
		vsp_config config = VSP_CONFIG_INIT;
		vsp_error error = VSP_ERROR_INIT;
		config.no_signals = i & 1;
		config.precise_traps = i >> 1 & 1;
		config.bounds = i & 4 ? VSP_CONFIG_BOUNDS_EXPLICIT : VSP_CONFIG_BOUNDS_AUTO;
		vsp_instance *instance = make(module, config);
		int64_t n = 1000, value;
		hook(instance, pass, NULL);
		assert_int_equal(vsp_call(instance, "fault", &n, &value, &error), VSP_TRAPPED);
		assert_int_equal(error.trap, VSP_TRAP_OUT_OF_BOUNDS);
		assert_true(!i || error.pc == pc);
		pc = error.pc;
		vsp_free(instance);
	}
	vsp_module_free(module);
}

/* ---- interrupts ---- */

typedef struct interrupter {
	vsp_instance *instance;
	long after_ns;
} interrupter;

static void *interrupt_later(void *opaque)
{
	const interrupter *i = opaque;
	nanosleep(&(struct timespec){.tv_nsec = i->after_ns}, NULL);
	vsp_interrupt(i->instance);
	return NULL;
}

/* From the moment when the function is still interpreted, through that of copying, to copied
   code. */
static void interrupts_come_at_any_moment(void **state)
{
	(void)state;
	vsp_module *module = assemble(program);
	for (unsigned round = 0; round < 120; round++) {
		vsp_config config = VSP_CONFIG_INIT;
		config.no_signals = round % 2;
		vsp_instance *instance = make(module, config);
		interrupter later = {instance, (long)(round * round) * 100};
		pthread_t thread;
		vsp_error error = VSP_ERROR_INIT;
		hook(instance, pass, NULL);
		assert_int_equal(pthread_create(&thread, NULL, interrupt_later, &later), 0);
		assert_int_equal(vsp_call(instance, "spin", NULL, NULL, &error), VSP_TRAPPED);
		assert_int_equal(error.trap, VSP_TRAP_INTERRUPTED);
		pthread_join(thread, NULL);
		assert_int_equal(vsp_reset(instance, NULL), VSP_OK);
		assert_true(gives(instance, "work", 100, 5050));
		vsp_free(instance);
	}
	vsp_module_free(module);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(children_use_code_that_was_made_and_make_more),
	        cmocka_unit_test(a_fork_in_a_callback_returns_twice),
	        cmocka_unit_test(forks_while_another_thread_runs),
	        cmocka_unit_test(small_stacks_are_not_left),
	        cmocka_unit_test(fuel_ends_at_the_same_instruction),
	        cmocka_unit_test(faults_are_traps_without_signal_handlers),
	        cmocka_unit_test(interrupts_come_at_any_moment),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
