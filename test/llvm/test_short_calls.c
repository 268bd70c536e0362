/*
 * The promises that the short ways between host and compiled code keep: modes for floats, traps,
 * interrupts, local slots, nested calls and resets, in functions that can only return and in
 * others.
 */
#include <fenv.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "test/support/instances.h"

/*
 * Of 1 and 2^-60, which are not constants, or LLVM would compute it. It is 1 in round-to-nearest
 * alone.
 */
#define SUM "\tADD.F R0, R1, R2\n"
static const int64_t parts[] = {0, 0x3FF0000000000000, 0x3C30000000000000}, one = 0x3FF0000000000000;
/* Some functions before the last one share its place among the calls that are prepared. */
#define FILLER(n) "\t.export f" #n "\n\t.func f" #n "(1) -> 1\n\tADDI R0, R0, " #n "\n\tRET\n\t.end\n"
#define FILLERS FILLER(0) FILLER(1) FILLER(2) FILLER(3) FILLER(4) FILLER(5) FILLER(6) FILLER(7) FILLER(8) FILLER(9)
#define MAIN "\t.func main\n\tHLT\n\t.end\n\t.entry main\n"

static const char floats[] = "\t.import host.here(1) -> 1\n"
                             "\t.export sum\n\t.func sum(3) -> 1\n" SUM "\tRET\n\t.end\n"
                             "\t.export stored\n\t.func stored(3) -> 1\n" SUM
                             "\tMOVI R3, 65536\n\tSTORE R0, [R3]\n\tLOAD R0, [R3]\n\tRET\n\t.end\n"
                             "\t.export through\n\t.func through(3) -> 1\n\tINVOKE sum\n\tRET\n\t.end\n"
                             "\t.export behind\n\t.func behind(3) -> 1\n\tHCALL host.here\n" SUM "\tRET\n\t.end\n" MAIN;

static const char integers[] =
        "\t.import host.here(1) -> 1\n"
        "\t.export choose\n\t.func choose(2) -> 2\n\tBLT R0, R1, less\n\tXCHG R0, R1\nless:\tRET\n\t.end\n"
        "\t.export slots\n\t.func slots(1) -> 1\n\tLDLOC R1, 5\n\tSTLOC R0, 5\n\tMOV R0, R1\n\tRET\n\t.end\n"
        "\t.export deep\n\t.func deep(1) -> 1\n\tSTLOC R0, 5\n\tPUSH R0\n\tHCALL host.here\n\tPOP R1\n"
        "\tLDLOC R0, 5\n\tBEQ R0, R1, same\n\tTRAP 9\nsame:\tRET\n\t.end\n"
        "\t.export spin\n\t.func spin(1) -> 1\n\tSTLOC R0, 5\nagain:\tADDI R0, R0, -1\n\tBNZ R0, again\n"
        "\tLDLOC R0, 5\n\tRET\n\t.end\n"
        "\t.export quotient\n\t.func quotient(2) -> 1\n\tDIV R0, R0, R1\n\tRET\n\t.end\n"
        "\t.export load\n\t.func load(1) -> 1\n\tLOAD R0, [R0]\n\tRET\n\t.end\n"
        "\t.export explicit\n\t.func explicit(1) -> 1\n\tBZ R0, fine\n\tTRAP 7\nfine:\tRET\n\t.end\n" FILLERS MAIN;

static const int tiers[] = {VSP_TIER_INTERP, VSP_TIER_1, VSP_TIER_2, VSP_TIER_AUTO};
static const int roundings[] = {FE_TONEAREST, FE_UPWARD, FE_DOWNWARD, FE_TOWARDZERO};
enum { TIERS = sizeof tiers / sizeof *tiers, ROUNDINGS = sizeof roundings / sizeof *roundings, TIMES = 4 };

#if defined(__x86_64__)
#include <xmmintrin.h>
enum { FLUSHES = 0x8040 };
static void flush_subnormals(void) { _mm_setcsr(_mm_getcsr() | FLUSHES); }
static void assert_flushes(void) { assert_int_equal(_mm_getcsr() & FLUSHES, FLUSHES); }
static void stop_flushing(void) { _mm_setcsr(_mm_getcsr() & ~(unsigned)FLUSHES); }
#else
static void flush_subnormals(void) {}
static void assert_flushes(void) {}
static void stop_flushing(void) {}
#endif

/* What the import does, and what it saw. */
static struct {
	int rounding, seen;
	bool sets, calls;
	vsp_function call;
	vsp_status status;
	int64_t result;
} host;

static int here(void *user, vsp_caller *caller, const int64_t *args, int64_t *results)
{
	(void)user;
	host.seen = fegetround();
	results[0] = args[0];
	if (host.sets)
		fesetround(host.rounding);
	if (host.calls) {
		host.status = vsp_call_function(caller->instance, &host.call, args, &host.result, NULL);
		assert_int_equal(vsp_reset(caller->instance, NULL), VSP_E_ARGUMENT); /* it is still running */
	}
	return VSP_OK;
}

static int usual_modes(void **state)
{
	(void)state;
	fesetround(FE_TONEAREST);
	stop_flushing();
	memset(&host, 0, sizeof host);
	return 0;
}

static vsp_instance *make_slowly(vsp_module *module, int tier, uint32_t threshold)
{
	vsp_config config = VSP_CONFIG_INIT;
	config.tier = tier;
	config.sync_compile = 1;
	config.tier1_threshold = config.tier2_threshold = threshold;
	vsp_instance *instance = instantiate_with(module, &config);
	assert_int_equal(vsp_define_import(instance, "host.here", 1, 1, here, NULL, NULL), VSP_OK);
	return instance;
}

static vsp_instance *make(vsp_module *module, int tier) { return make_slowly(module, tier, 1); }

static int64_t call(vsp_instance *instance, const char *name, int64_t a, int64_t b)
{
	int64_t args[] = {a, b}, results[2] = {-1, -1};
	vsp_error error = VSP_ERROR_INIT;
	if (vsp_call(instance, name, args, results, &error) != VSP_OK)
		fail_msg("%s: %s", name, error.message);
	return results[0];
}

/* ---- modes ---- */

static void floats_are_rounded_to_nearest_in_every_mode_of_the_host(void **state)
{
	(void)state;
	static const char *const names[] = {"sum", "stored", "through"};
	vsp_module *module = assemble(floats);
	for (int t = 0; t < TIERS; t++) {
		vsp_instance *instance = make(module, tiers[t]);
		for (int n = 0; n < TIMES * ROUNDINGS * 3; n++) {
			vsp_function f = handle_of(module, names[n % 3], 3, 1);
			int rounding = roundings[n / 3 % ROUNDINGS];
			int64_t result = 0;
			fesetround(rounding);
			flush_subnormals();
			assert_int_equal(vsp_call_function(instance, &f, parts, &result, NULL), VSP_OK);
			assert_int_equal(fegetround(), rounding);
			assert_flushes();
			assert_true(result == one);
		}
		vsp_free(instance);
	}
	vsp_module_free(module);
}

static void callbacks_may_change_the_modes_for_good(void **state)
{
	(void)state;
	vsp_module *module = assemble(floats);
	vsp_function behind = handle_of(module, "behind", 3, 1);
	host.sets = true;
	for (int t = 0; t < TIERS; t++) {
		vsp_instance *instance = make(module, tiers[t]);
		int was = FE_TONEAREST;
		fesetround(was);
		for (int n = 0; n < TIMES * ROUNDINGS; n++) {
			int64_t result = 0;
			host.rounding = roundings[n % ROUNDINGS];
			assert_int_equal(vsp_call_function(instance, &behind, parts, &result, NULL), VSP_OK);
			assert_int_equal(host.seen, was);
			assert_true(result == one);
			was = host.rounding;
			assert_int_equal(fegetround(), was);
		}
		vsp_free(instance);
	}
	vsp_module_free(module);
}

/* A callback of a program without floats runs one with floats, whose callbacks see its modes. */
static vsp_instance *other;
static int run_other(void *user, vsp_caller *caller, const int64_t *args, int64_t *results)
{
	(void)user, (void)caller;
	int rounding = fegetround();
	int64_t sum = 0;
	assert_int_equal(vsp_call(other, "behind", parts, &sum, NULL), VSP_OK);
	results[0] = sum == one ? args[0] : -1;
	assert_int_equal(host.seen, rounding);
	assert_int_equal(fegetround(), rounding);
	return VSP_OK;
}

static void programs_without_floats_leave_the_modes_to_those_with(void **state)
{
	(void)state;
	vsp_module *without = assemble("\t.import host.here(1) -> 1\n\t.export twice\n\t.func twice(1) -> 1\n"
	                               "\tHCALL host.here\n\tMOV R4, R0\n\tHCALL host.here\n\tADD R0, R0, R4\n"
	                               "\tRET\n\t.end\n" MAIN);
	vsp_module *with = assemble(floats);
	for (int t = 0; t < TIERS; t++) {
		vsp_instance *instance = make(without, tiers[t]);
		other = make(with, tiers[t]);
		assert_int_equal(vsp_define_import(instance, "host.here", 1, 1, run_other, NULL, NULL), VSP_OK);
		for (int n = 0; n < TIMES * ROUNDINGS; n++) {
			fesetround(roundings[n % ROUNDINGS]);
			assert_int_equal(call(instance, "twice", 1, 0), 2);
			assert_int_equal(fegetround(), roundings[n % ROUNDINGS]);
		}
		vsp_free(other);
		vsp_free(instance);
	}
	vsp_module_free(with);
	vsp_module_free(without);
}

/* ---- ends ---- */

static void assert_traps(vsp_instance *instance, const char *name, int64_t a, int64_t b, vsp_trap trap)
{
	int64_t args[] = {a, b}, result = 42;
	vsp_error error = VSP_ERROR_INIT;
	assert_int_equal(vsp_call(instance, name, args, &result, &error), VSP_TRAPPED);
	assert_int_equal(error.trap, trap);
	assert_string_equal(error.function, name);
	assert_int_equal(result, 42);
}

static void functions_that_may_trap_do(void **state)
{
	(void)state;
	vsp_module *module = assemble(integers);
	for (int t = 0; t < TIERS; t++) {
		vsp_instance *instance = make(module, tiers[t]);
		for (int n = 0; n < TIMES; n++) {
			assert_int_equal(call(instance, "quotient", 42, 6), 7);
			assert_traps(instance, "quotient", 42, 0, VSP_TRAP_DIV_BY_ZERO);
			assert_int_equal(call(instance, "load", 65536, 0), 0);
			assert_traps(instance, "load", 0x7fffffff, 0, VSP_TRAP_OUT_OF_BOUNDS);
			assert_int_equal(call(instance, "explicit", 0, 0), 0);
			assert_traps(instance, "explicit", 1, 0, VSP_TRAP_EXPLICIT);
			assert_int_equal(call(instance, "choose", 9, 3), 3);
		}
		vsp_free(instance);
	}
	vsp_module_free(module);
}

static void *interrupt_soon(void *instance)
{
	nanosleep(&(struct timespec){.tv_nsec = 20000000}, NULL);
	vsp_interrupt(instance);
	return NULL;
}

static void a_host_that_only_makes_short_calls_is_interrupted(void **state)
{
	(void)state;
	vsp_module *module = assemble(integers);
	vsp_function choose = handle_of(module, "choose", 2, 2);
	for (int t = 0; t < TIERS; t++) {
		vsp_instance *instance = make(module, tiers[t]);
		int64_t args[] = {1, 2}, results[2];
		vsp_error error = VSP_ERROR_INIT;
		pthread_t thread;
		time_t begin = time(NULL);
		assert_int_equal(pthread_create(&thread, NULL, interrupt_soon, instance), 0);
		while (vsp_call_function(instance, &choose, args, results, &error) == VSP_OK)
			if (time(NULL) - begin > 100)
				fail_msg("calls went on after the interrupt");
		assert_int_equal(error.trap, VSP_TRAP_INTERRUPTED);
		pthread_join(thread, NULL);
		assert_int_equal(vsp_call_function(instance, &choose, args, results, NULL), VSP_E_ARGUMENT);
		assert_int_equal(vsp_reset(instance, NULL), VSP_OK);
		assert_int_equal(vsp_call_function(instance, &choose, args, results, NULL), VSP_OK);
		vsp_free(instance);
	}
	vsp_module_free(module);
}

/* ---- state ---- */

static void every_call_begins_with_empty_slots(void **state)
{
	(void)state;
	vsp_module *module = assemble(integers);
	for (int t = 0; t < TIERS; t++) {
		vsp_instance *instance = make(module, tiers[t]);
		for (int n = 1; n <= TIMES; n++) {
			assert_int_equal(call(instance, "deep", n, 0), n);
			assert_int_equal(call(instance, "slots", 77 + n, 0), 0);
		}
		vsp_free(instance);
	}
	vsp_module_free(module);
}

/* spin comes to compiled code in its loop, with its slots. */
static void slots_of_loops_that_rose_are_not_those_of_the_next_call(void **state)
{
	(void)state;
	enum { THRESHOLD = 50, FAR = 1000 };
	vsp_module *module = assemble(integers);
	vsp_instance *instance = make_slowly(module, VSP_TIER_2, THRESHOLD);
	for (int n = 0; n < 2 * THRESHOLD; n++)
		assert_int_equal(call(instance, "slots", 77, 0), 0);
	for (int n = 0; n < TIMES; n++) {
		assert_int_equal(call(instance, "spin", FAR + n, 0), FAR + n);
		assert_int_equal(call(instance, "slots", 77, 0), 0);
		assert_int_equal(call(instance, "slots", 77, 0), 0);
	}
	vsp_free(instance);
	vsp_module_free(module);
}

static void many_functions_take_turns(void **state)
{
	(void)state;
	vsp_module *module = assemble(integers);
	for (int t = 0; t < TIERS; t++) {
		vsp_instance *instance = make(module, tiers[t]);
		vsp_function f[10];
		char name[] = "f0";
		for (int i = 0; i < 10; i++, name[1]++)
			f[i] = handle_of(module, name, 1, 1);
		for (int n = 0; n < 10 * TIMES; n++) {
			int64_t argument = 1000, result = 0;
			assert_int_equal(vsp_call_function(instance, &f[n * 8 % 10], &argument, &result, NULL), VSP_OK);
			assert_int_equal(result, 1000 + n * 8 % 10);
			assert_int_equal(vsp_call_function(instance, &f[n % 10], &argument, &result, NULL), VSP_OK);
			assert_int_equal(result, 1000 + n % 10);
		}
		vsp_free(instance);
	}
	vsp_module_free(module);
}

static void short_calls_from_callbacks_nest(void **state)
{
	(void)state;
	vsp_module *module = assemble(integers);
	host.calls = true;
	host.call = handle_of(module, "f9", 1, 1);
	for (int t = 0; t < TIERS; t++) {
		vsp_instance *instance = make(module, tiers[t]);
		for (int n = 0; n < TIMES; n++) {
			assert_int_equal(call(instance, "f9", 1, 0), 10);
			assert_int_equal(call(instance, "deep", 100 + n, 0), 100 + n);
			assert_int_equal(host.status, VSP_OK);
			assert_int_equal(host.result, 109 + n);
		}
		vsp_free(instance);
	}
	vsp_module_free(module);
}

/* Of functions that need a protected call, within one. */
static void protected_calls_from_callbacks_nest(void **state)
{
	(void)state;
	vsp_module *module = assemble(integers);
	host.calls = true;
	host.call = handle_of(module, "spin", 1, 1);
	for (int t = 0; t < TIERS; t++) {
		vsp_instance *instance = make(module, tiers[t]);
		for (int n = 1; n < TIMES; n++) {
			assert_int_equal(call(instance, "deep", 100 + n, 0), 100 + n);
			assert_int_equal(host.status, VSP_OK);
			assert_int_equal(host.result, 100 + n);
		}
		vsp_free(instance);
	}
	vsp_module_free(module);
}

static void the_state_shown_is_that_of_the_interpreter(void **state)
{
	(void)state;
	static const char *const names[] = {"choose", "slots", "f3", "load"};
	vsp_module *module = assemble(integers);
	for (int t = 0; t < TIERS; t++) {
		vsp_instance *instance = make(module, tiers[t]), *plain = make(module, VSP_TIER_INTERP);
		for (int n = 0; n < TIMES * 4; n++) {
			assert_int_equal(call(instance, names[n % 4], 65536, 5), call(plain, names[n % 4], 65536, 5));
			assert_true(vsp_state_equal(instance, plain));
			assert_int_equal(state_of(instance).end, VSP_RUN_RETURNED);
			if (n % 5)
				continue;
			assert_int_equal(vsp_reset(instance, NULL), VSP_OK);
			assert_int_equal(vsp_reset(plain, NULL), VSP_OK);
			assert_true(vsp_state_equal(instance, plain));
		}
		vsp_free(plain);
		vsp_free(instance);
	}
	vsp_module_free(module);
}

static void errors_of_earlier_calls_are_cleared(void **state)
{
	(void)state;
	vsp_module *module = assemble(integers);
	vsp_instance *instance = make(module, VSP_TIER_2);
	vsp_function choose = handle_of(module, "choose", 2, 2);
	int64_t args[] = {1, 2}, results[2];
	for (int n = 0; n < TIMES; n++) {
		vsp_error error = VSP_ERROR_INIT;
		error.code = VSP_E_HOST;
		strcpy(error.message, "of an earlier call");
		assert_int_equal(vsp_call_function(instance, &choose, args, results, &error), VSP_OK);
		assert_int_equal(error.code, VSP_OK);
		assert_string_equal(error.message, "");
	}
	vsp_free(instance);
	vsp_module_free(module);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test_teardown(floats_are_rounded_to_nearest_in_every_mode_of_the_host, usual_modes),
	        cmocka_unit_test_teardown(callbacks_may_change_the_modes_for_good, usual_modes),
	        cmocka_unit_test_teardown(programs_without_floats_leave_the_modes_to_those_with, usual_modes),
	        cmocka_unit_test(functions_that_may_trap_do),
	        cmocka_unit_test(a_host_that_only_makes_short_calls_is_interrupted),
	        cmocka_unit_test(every_call_begins_with_empty_slots),
	        cmocka_unit_test(slots_of_loops_that_rose_are_not_those_of_the_next_call),
	        cmocka_unit_test(many_functions_take_turns),
	        cmocka_unit_test_teardown(short_calls_from_callbacks_nest, usual_modes),
	        cmocka_unit_test_teardown(protected_calls_from_callbacks_nest, usual_modes),
	        cmocka_unit_test(the_state_shown_is_that_of_the_interpreter),
	        cmocka_unit_test(errors_of_earlier_calls_are_cleared),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
