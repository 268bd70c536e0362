/*
 * Threads and stacks of hosts: all signals blocked, as in servers, and stacks of the host's own, as
 * for coroutines. Programs trap and are interrupted there as anywhere, in every tier, and the
 * host's threads are left unchanged.
 */
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <ucontext.h>

#include <cmocka.h>

#include "runtime/platform/platform.h"
#include "test/support/instances.h"

static const char program[] =
        "\t.import host.here(1) -> 1\n"
        "\t.export spin\n\t.func spin\nagain:\tADDI R0, R0, 1\n\tJMP again\n\t.end\n"
        "\t.export beyond\n\t.func beyond\n\tMOVI R0, 0x7fffffff\n\tLOAD R1, [R0]\n\tRET\n\t.end\n"
        "\t.export sum\n\t.func sum(1) -> 1\n\tBZ R0, end\n\tMOV R4, R0\n\tADDI R0, R0, -1\n"
        "\tINVOKE sum\n\tADD R0, R0, R4\nend:\tRET\n\t.end\n"
        "\t.export down\n\t.func down(1) -> 1\n\tBZ R0, last\n\tADDI R0, R0, -1\n\tHCALL host.here\n"
        "\tADDI R0, R0, 1\nlast:\tRET\n\t.end\n"
        "\t.func main\n\tHLT\n\t.end\n\t.entry main\n";

static const int tiers[] = {VSP_TIER_INTERP, VSP_TIER_1, VSP_TIER_2};
enum { TIERS = sizeof tiers / sizeof *tiers };

static const char *seen; /* where the last callback was */
static vsp_trap innermost;
static unsigned depth, deepest;

/* Calls the program again, which calls this again. */
static int here(void *user, vsp_caller *caller, const int64_t *args, int64_t *results)
{
	vsp_error error = VSP_ERROR_INIT;
	(void)user;
	seen = __builtin_frame_address(0);
	if (++depth > deepest)
		deepest = depth;
	vsp_status status = vsp_call(caller->instance, "down", args, results, &error);
	if (status != VSP_OK && depth == deepest)
		innermost = error.trap;
	depth--;
	return status;
}

static vsp_instance *make(vsp_module *module, int tier)
{
	vsp_config config = VSP_CONFIG_INIT;
	config.tier = tier;
	config.sync_compile = 1;
	config.tier1_threshold = config.tier2_threshold = 1;
	vsp_instance *instance = instantiate_with(module, &config);
	assert_int_equal(vsp_define_import(instance, "host.here", 1, 1, here, NULL, NULL), VSP_OK);
	return instance;
}

/* ---- blocked signals ---- */

static void assert_blocked(int number)
{
	sigset_t now;
	pthread_sigmask(SIG_SETMASK, NULL, &now);
	assert_int_equal(sigismember(&now, number), 1);
}

static void *interrupt_soon(void *instance)
{
	nanosleep(&(struct timespec){.tv_nsec = 50000000}, NULL);
	vsp_interrupt(instance);
	return NULL;
}

static void traps_and_interrupts(vsp_instance *instance)
{
	vsp_error error = VSP_ERROR_INIT;
	pthread_t other;
	for (unsigned i = 0; i < 3; i++) {
		assert_int_equal(vsp_call(instance, "beyond", NULL, NULL, &error), VSP_TRAPPED);
		assert_int_equal(error.trap, VSP_TRAP_OUT_OF_BOUNDS);
	}
	assert_int_equal(pthread_create(&other, NULL, interrupt_soon, instance), 0);
	assert_int_equal(vsp_call(instance, "spin", NULL, NULL, &error), VSP_TRAPPED);
	assert_int_equal(error.trap, VSP_TRAP_INTERRUPTED);
	pthread_join(other, NULL);
	assert_int_equal(vsp_reset(instance, &error), VSP_OK);
}

static void *with_all_blocked(void *module)
{
	sigset_t all;
	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, NULL);
	for (unsigned i = 0; i < TIERS; i++) {
		vsp_instance *instance = make(module, tiers[i]);
		traps_and_interrupts(instance);
		vsp_free(instance);
		assert_blocked(SIGSEGV);
		assert_blocked(SIGBUS);
		assert_blocked(SIGURG);
	}
	return NULL;
}

static void threads_may_block_all_signals(void **state)
{
	(void)state;
	pthread_t thread;
	vsp_module *module = assemble(program);
	assert_int_equal(pthread_create(&thread, NULL, with_all_blocked, module), 0);
	pthread_join(thread, NULL);
	vsp_module_free(module);
}

static int look_at_mask(void *user, vsp_caller *caller, const int64_t *args, int64_t *results)
{
	(void)user, (void)caller, (void)args, (void)results;
	assert_blocked(SIGSEGV);
	assert_blocked(SIGURG);
	return 0;
}

/* Callbacks are the host's; an instance that has run on an ordinary thread is no different. */
static void *call_back(void *opaque)
{
	sigset_t all;
	int64_t one = 1, value = 0;
	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, NULL);
	assert_int_equal(vsp_call(opaque, "down", &one, &value, NULL), VSP_OK);
	assert_int_equal(vsp_call(opaque, "beyond", NULL, NULL, NULL), VSP_TRAPPED);
	return NULL;
}

static void callbacks_have_the_mask_of_the_host(void **state)
{
	(void)state;
	pthread_t thread;
	vsp_module *module = assemble(program);
	for (unsigned i = 0; i < TIERS; i++) {
		vsp_instance *instance = make(module, tiers[i]);
		assert_int_equal(vsp_define_import(instance, "host.here", 1, 1, look_at_mask, NULL, NULL), VSP_OK);
		assert_int_equal(vsp_call(instance, "beyond", NULL, NULL, NULL), VSP_TRAPPED);
		assert_int_equal(pthread_create(&thread, NULL, call_back, instance), 0);
		pthread_join(thread, NULL);
		vsp_free(instance);
	}
	vsp_module_free(module);
}

/* ---- stacks ---- */

static struct coroutine {
	ucontext_t own, back;
	char *stack;
	size_t size;
	vsp_instance *instance;
	bool named;
} co;

static void body(void)
{
	vsp_error error = VSP_ERROR_INIT;
	int64_t n = 1000, value = 0, one = 1;
	if (co.named)
		assert_int_equal(vsp_set_stack(co.instance, co.stack, co.size, &error), VSP_OK);
	for (unsigned i = 0; i < 3; i++) {
		assert_int_equal(vsp_call(co.instance, "sum", &n, &value, &error), VSP_OK);
		assert_int_equal(value, 500500);
		assert_int_equal(vsp_call(co.instance, "beyond", NULL, NULL, &error), VSP_TRAPPED);
		assert_int_equal(error.trap, VSP_TRAP_OUT_OF_BOUNDS);
		assert_int_equal(vsp_call(co.instance, "down", &one, &value, &error), VSP_OK);
		bool there = seen >= co.stack && seen < co.stack + co.size;
		assert_int_equal(there, co.named && co.size >= 512 << 10);
	}
	int64_t huge = 1000000000;
	deepest = 0;
	assert_int_equal(vsp_call(co.instance, "down", &huge, &value, &error), VSP_TRAPPED);
	assert_int_equal(innermost, VSP_TRAP_CALL_DEPTH);
	assert_true(deepest > 100);
	assert_int_equal(vsp_call(co.instance, "sum", &n, &value, &error), VSP_OK);
}

/* In the middle of a block whose other bytes must not change. */
static void run_coroutine(vsp_module *module, int tier, size_t size, bool named)
{
	enum { AROUND = 1 << 20 };
	char *block = malloc(size + 2 * AROUND);
	assert_non_null(block);
	memset(block, 0x5A, size + 2 * AROUND);
	co = (struct coroutine){.stack = block + AROUND, .size = size, .instance = make(module, tier), .named = named};
	assert_int_equal(getcontext(&co.own), 0);
	co.own.uc_stack.ss_sp = co.stack;
	co.own.uc_stack.ss_size = size;
	co.own.uc_link = &co.back;
	makecontext(&co.own, body, 0);
	assert_int_equal(swapcontext(&co.back, &co.own), 0);
	for (size_t i = 0; i < AROUND; i++)
		if (block[i] != 0x5A || block[AROUND + size + i] != 0x5A)
			fail_msg("memory beside a stack of %zu bytes was written", size);
	assert_int_equal(state_of(co.instance).tier, tier == VSP_TIER_INTERP ? 0 : tier);
	int64_t n = 10, value = 0; /* and on the thread's own stack again */
	assert_int_equal(vsp_call(co.instance, "sum", &n, &value, NULL), VSP_OK);
	assert_int_equal(value, 55);
	vsp_free(co.instance);
	free(block);
}

static void programs_run_on_stacks_of_the_hosts_own(void **state)
{
	static const size_t sizes[] = {32 << 10, 256 << 10, 2 << 20};
	(void)state;
	if (!vsp_plat_changes_stacks())
		skip();
	vsp_module *module = assemble(program);
	for (unsigned i = 0; i < TIERS; i++)
		for (unsigned s = 0; s < sizeof sizes / sizeof *sizes; s++)
			for (int named = 0; named < 2; named++)
				run_coroutine(module, tiers[i], sizes[s], named);
	vsp_module_free(module);
}

/* ---- a nested call on another thread ---- */

static void *sum_elsewhere(void *instance)
{
	int64_t n = 100, value = 0;
	if (vsp_call(instance, "sum", &n, &value, NULL) != VSP_OK)
		value = 0;
	return value == 5050 ? instance : NULL;
}

/* The callback waits for a thread that calls the program, and then the program goes on here
   without an end. */
static int work_elsewhere(void *user, vsp_caller *caller, const int64_t *args, int64_t *results)
{
	pthread_t *interrupter = user, thread;
	void *done = NULL;
	(void)args, (void)results;
	if (pthread_create(&thread, NULL, sum_elsewhere, caller->instance) != 0)
		return 1;
	pthread_join(thread, &done);
	return !done || pthread_create(interrupter, NULL, interrupt_soon, caller->instance) != 0;
}

static void a_run_is_interrupted_behind_a_call_on_another_thread(void **state)
{
	(void)state;
	vsp_module *module =
	        assemble("\t.import host.work(0) -> 0\n"
	                 "\t.func main\n\tMOVI R0, 5000\nwarm:\tADDI R0, R0, -1\n\tBNZ R0, warm\n\tHCALL host.work\n"
	                 "again:\tADDI R1, R1, 1\n\tJMP again\n\t.end\n"
	                 "\t.export sum\n\t.func sum(1) -> 1\n\tMOVI R1, 0\nnext:\tADD R1, R1, R0\n\tADDI R0, R0, -1\n"
	                 "\tBNZ R0, next\n\tMOV R0, R1\n\tRET\n\t.end\n\t.entry main\n");
	for (unsigned i = 0; i < TIERS; i++) {
		vsp_config config = VSP_CONFIG_INIT;
		vsp_error error = VSP_ERROR_INIT;
		pthread_t interrupter;
		config.tier = tiers[i];
		config.sync_compile = 1;
		vsp_instance *instance = instantiate_with(module, &config);
		assert_int_equal(
		        vsp_define_import(instance, "host.work", 0, 0, work_elsewhere, &interrupter, NULL), VSP_OK);
		assert_int_equal(vsp_run(instance, &error), VSP_TRAPPED);
		assert_int_equal(error.trap, VSP_TRAP_INTERRUPTED);
		pthread_join(interrupter, NULL);
		vsp_free(instance);
	}
	vsp_module_free(module);
}

/* ---- from one stack of the host's to another ---- */

enum { SECOND = 128 << 10, BESIDE = 1 << 20, DEEP = 20000 };
static ucontext_t first, second, outside;

/* On the second coroutine: deeper than it has room for. */
static void call_on_second(void)
{
	int64_t n = DEEP, value = 0;
	assert_int_equal(vsp_call(co.instance, "sum", &n, &value, NULL), VSP_OK);
	assert_int_equal(value, (int64_t)DEEP * (DEEP + 1) / 2);
}

/* The callback, on the instance's stack, goes on in the second coroutine. */
static int hop(void *user, vsp_caller *caller, const int64_t *args, int64_t *results)
{
	(void)user, (void)caller, (void)args, (void)results;
	assert_int_equal(getcontext(&second), 0);
	second.uc_stack.ss_sp = co.stack + BESIDE;
	second.uc_stack.ss_size = SECOND;
	second.uc_link = &outside;
	makecontext(&second, call_on_second, 0);
	return swapcontext(&outside, &second);
}

static void call_on_first(void)
{
	int64_t one = 1, value = 0;
	assert_int_equal(vsp_call(co.instance, "down", &one, &value, NULL), VSP_OK);
}

static void a_callback_may_go_on_in_another_coroutine(void **state)
{
	static char stack[SECOND];
	(void)state;
	if (!vsp_plat_changes_stacks())
		skip();
	vsp_module *module = assemble(program);
	for (unsigned i = 0; i < TIERS; i++) {
		co = (struct coroutine){.instance = make(module, tiers[i]), .stack = malloc(SECOND + 2 * BESIDE)};
		assert_non_null(co.stack);
		memset(co.stack, 0x5A, SECOND + 2 * BESIDE);
		assert_int_equal(vsp_define_import(co.instance, "host.here", 1, 1, hop, NULL, NULL), VSP_OK);
		assert_int_equal(getcontext(&first), 0);
		first.uc_stack.ss_sp = stack;
		first.uc_stack.ss_size = sizeof stack;
		first.uc_link = &co.back;
		makecontext(&first, call_on_first, 0);
		assert_int_equal(swapcontext(&co.back, &first), 0);
		for (size_t n = 0; n < BESIDE; n++)
			if (co.stack[n] != 0x5A || co.stack[BESIDE + SECOND + n] != 0x5A)
				fail_msg("memory beside the second stack was written in tier %d", tiers[i]);
		vsp_free(co.instance);
		free(co.stack);
	}
	vsp_module_free(module);
}

static void *on_thread(void *opaque)
{
	int64_t n = 1000, value = 0;
	assert_int_equal(vsp_call(opaque, "sum", &n, &value, NULL), VSP_OK);
	assert_int_equal(value, 500500);
	return NULL;
}

static void compiled_code_runs_on_threads_with_small_stacks(void **state)
{
	(void)state;
	if (!vsp_plat_changes_stacks())
		skip();
	pthread_t thread;
	pthread_attr_t small;
	vsp_module *module = assemble(program);
	vsp_instance *instance = make(module, VSP_TIER_2);
	pthread_attr_init(&small);
	assert_int_equal(pthread_attr_setstacksize(&small, 64 << 10), 0);
	assert_int_equal(pthread_create(&thread, &small, on_thread, instance), 0);
	pthread_join(thread, NULL);
	pthread_attr_destroy(&small);
	assert_int_equal(state_of(instance).tier, 2);
	vsp_free(instance);
	vsp_module_free(module);
}

static void stacks_that_cannot_be_are_refused(void **state)
{
	(void)state;
	vsp_module *module = assemble(program);
	vsp_instance *instance = make(module, VSP_TIER_INTERP);
	vsp_error error = VSP_ERROR_INIT;
	char bytes[16];
	assert_int_equal(vsp_set_stack(NULL, bytes, 16, &error), VSP_E_ARGUMENT);
	assert_int_equal(vsp_set_stack(instance, NULL, 16, &error), VSP_E_ARGUMENT);
	assert_int_equal(vsp_set_stack(instance, bytes, SIZE_MAX, &error), VSP_E_ARGUMENT);
	assert_int_equal(vsp_set_stack(instance, NULL, 0, NULL), VSP_OK);
	vsp_free(instance);
	vsp_module_free(module);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(threads_may_block_all_signals),
	        cmocka_unit_test(callbacks_have_the_mask_of_the_host),
	        cmocka_unit_test(programs_run_on_stacks_of_the_hosts_own),
	        cmocka_unit_test(a_run_is_interrupted_behind_a_call_on_another_thread),
	        cmocka_unit_test(a_callback_may_go_on_in_another_coroutine),
	        cmocka_unit_test(compiled_code_runs_on_threads_with_small_stacks),
	        cmocka_unit_test(stacks_that_cannot_be_are_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
