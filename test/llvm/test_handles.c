/*
 * Calls by handle: in every tier and on every way in they do what the interpreter does by name, and
 * handles that do not fit are refused. Each call is made several times, since only later ones begin
 * at once.
 */
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

static const char program[] =
        "\t.import host.here(1) -> 1\n"
        "\t.export add\n\t.func add(2) -> 1\n\tADD R0, R1\n\tRET\n\t.end\n"
        "\t.export turn\n\t.func turn(4) -> 4\n\tXCHG R0, R3\n\tXCHG R1, R2\n\tMOVI R9, 77\n\tRET\n\t.end\n"
        "\t.export keep\n\t.func keep(1) -> 1\n\tPUSH R0\n\tMOVI R0, 0\n\tPOP R0\n\tRET\n\t.end\n"
        "\t.export stop\n\t.func stop(1) -> 1\n\tMOVI R1, 9\n\tHLT\n\t.end\n"
        "\t.export fail\n\t.func fail(1) -> 1\n\tMOVI R1, 0\n\tDIV R0, R1\n\tRET\n\t.end\n"
        "\t.export beyond\n\t.func beyond(1) -> 1\n\tMOVI R1, 0x7fffffff\n\tLOAD R0, [R1]\n\tRET\n\t.end\n"
        "\t.export sum\n\t.func sum(1) -> 1\n\tBZ R0, end\n\tMOV R4, R0\n\tADDI R0, R0, -1\n"
        "\tINVOKE sum\n\tADD R0, R0, R4\nend:\tRET\n\t.end\n"
        "\t.export calls\n\t.func calls(1) -> 1\n\tHCALL host.here\n\tADDI R0, R0, 1\n\tRET\n\t.end\n"
        "\t.export spin\n\t.func spin\nagain:\tADDI R0, R0, 1\n\tJMP again\n\t.end\n"
        "\t.func hidden\n\tRET\n\t.end\n"
        "\t.export main\n\t.func main\n\tHLT\n\t.end\n\t.entry main\n";

static const int tiers[] = {VSP_TIER_INTERP, VSP_TIER_BASELINE, VSP_TIER_1, VSP_TIER_2, VSP_TIER_AUTO};
enum { TIERS = sizeof tiers / sizeof *tiers, TIMES = 4 };

/* What the import does, and what it saw. */
static struct {
	vsp_function call; /* null: returns its argument */
	bool calls, frees;
	vsp_status status;
	vsp_error error;
} host;

static int here(void *user, vsp_caller *caller, const int64_t *args, int64_t *results)
{
	(void)user;
	results[0] = args[0];
	if (host.frees)
		vsp_free(caller->instance);
	if (host.calls)
		host.status = vsp_call_function(caller->instance, &host.call, args, results, &host.error);
	return VSP_OK;
}

static vsp_instance *make(vsp_module *module, int tier, int64_t fuel)
{
	vsp_config config = VSP_CONFIG_INIT;
	config.tier = tier;
	config.sync_compile = 1;
	config.tier1_threshold = config.tier2_threshold = 1;
	config.fuel = fuel;
	config.limit_fuel = fuel != 0;
	vsp_instance *instance = instantiate_with(module, &config);
	assert_int_equal(vsp_define_import(instance, "host.here", 1, 1, here, NULL, NULL), VSP_OK);
	return instance;
}

static void calls_by_handle_equal_calls_by_name(void **unused)
{
	(void)unused;
	static const struct {
		const char *name;
		uint32_t params, results;
	} functions[] = {{"add", 2, 1}, {"turn", 4, 4}, {"keep", 1, 1}, {"sum", 1, 1}, {"calls", 1, 1}};
	static const int64_t args[] = {30, -12, INT64_MIN, 4};
	vsp_module *module = assemble(program);
	for (int t = 0; t < TIERS; t++) {
		vsp_instance *instance = make(module, tiers[t], 0), *plain = make(module, VSP_TIER_INTERP, 0);
		for (size_t i = 0; i < sizeof functions / sizeof *functions; i++) {
			vsp_function f =
			        handle_of(module, functions[i].name, functions[i].params, functions[i].results);
			int64_t wanted[4] = {1, 2, 3, 4};
			assert_int_equal(vsp_call(plain, functions[i].name, args, wanted, NULL), VSP_OK);
			for (int n = 0; n < TIMES; n++) {
				int64_t got[4] = {1, 2, 3, 4};
				assert_int_equal(vsp_call_function(instance, &f, args, got, NULL), VSP_OK);
				assert_memory_equal(got, wanted, sizeof got);
				assert_true(vsp_state_equal(instance, plain));
				assert_int_equal(state_of(instance).end, VSP_RUN_RETURNED);
			}
		}
		vsp_free(instance);
		vsp_free(plain);
	}
	vsp_module_free(module);
}

static void other_ends_of_calls_are_those_by_name(void **unused)
{
	(void)unused;
	static const char *const names[] = {"stop", "fail", "beyond"};
	vsp_module *module = assemble(program);
	vsp_instance *plain = make(module, VSP_TIER_INTERP, 0);
	vsp_function add = handle_of(module, "add", 2, 1);
	for (int t = 0; t < TIERS; t++) {
		vsp_instance *instance = make(module, tiers[t], 0);
		for (int n = 0; n < TIMES * 3; n++) {
			const char *name = names[n % 3];
			vsp_function f = handle_of(module, name, 1, 1);
			vsp_error wanted = VSP_ERROR_INIT, error = VSP_ERROR_INIT;
			int64_t args[] = {5, 6}, result = 42;
			vsp_status status = vsp_call(plain, name, args, &result, &wanted);
			assert_int_equal(vsp_call_function(instance, &f, args, &result, &error), status);
			assert_int_equal(result, 42);
			assert_int_equal(error.trap, wanted.trap);
			assert_int_equal(error.pc, wanted.pc);
			assert_string_equal(error.message, wanted.message);
			assert_string_equal(error.function, wanted.function);
			assert_int_equal(error.frames, wanted.frames);
			assert_int_equal(state_of(instance).end, state_of(plain).end);
			assert_int_equal(vsp_call_function(instance, &add, args, &result, &error), VSP_OK);
			assert_int_equal(result, 11);
			assert_int_equal(error.code, VSP_OK);
			assert_string_equal(error.message, "");
		}
		vsp_free(instance);
	}
	vsp_free(plain);
	vsp_module_free(module);
}

static void handles_tell_types(void **unused)
{
	(void)unused;
	vsp_module *module = assemble(program);
	vsp_function f = VSP_FUNCTION_INIT, none = {0};
	vsp_error error = VSP_ERROR_INIT;
	assert_int_equal(vsp_module_lookup(module, "add", 2, 2, &f, &error), VSP_E_LINK);
	assert_string_equal(error.message, "'add' is 2 -> 1, but the host calls it as 2 -> 2");
	assert_int_equal(vsp_module_lookup(module, "hidden", 0, 0, &f, &error), VSP_E_ARGUMENT);
	assert_string_equal(error.message, "the program exports no function 'hidden'");
	assert_int_equal(vsp_module_lookup(NULL, "add", 2, 1, &f, &error), VSP_E_ARGUMENT);
	assert_int_equal(vsp_module_lookup(module, NULL, 2, 1, &f, &error), VSP_E_ARGUMENT);
	assert_int_equal(vsp_module_lookup(module, "add", 2, 1, NULL, &error), VSP_E_ARGUMENT);
	assert_int_equal(vsp_module_lookup(module, "add", 2, 1, &none, &error), VSP_E_ARGUMENT);
	assert_int_equal(f.module, 0);
	f = handle_of(module, "add", 2, 1);
	assert_int_equal(f.params, 2);
	assert_int_equal(f.results, 1);
	assert_int_equal(f.kind, 0);
	assert_int_equal(f.type, VSP_NO_TYPE_INDEX);
	vsp_module_free(module);
}

static void assert_refused(vsp_instance *instance, const vsp_function *function)
{
	int64_t args[] = {1, 2}, result = 7;
	vsp_error error = VSP_ERROR_INIT;
	assert_int_equal(vsp_call_function(instance, function, args, &result, &error), VSP_E_ARGUMENT);
	assert_int_equal(result, 7);
}

static void handles_that_do_not_fit_are_refused(void **unused)
{
	(void)unused;
	vsp_module *module = assemble(program), *other = assemble(program);
	vsp_function f = handle_of(module, "add", 2, 1), foreign = handle_of(other, "add", 2, 1),
	             empty = VSP_FUNCTION_INIT;
	for (int t = 0; t < TIERS; t++) {
		vsp_instance *instance = make(module, tiers[t], 0);
		int64_t args[] = {1, 2}, result;
		for (int n = 0; n < TIMES; n++) {
			assert_int_equal(vsp_call_function(instance, &f, args, &result, NULL), VSP_OK);
			assert_refused(instance, &foreign);
			assert_refused(instance, &empty);
			assert_refused(instance, NULL);
			vsp_function wrong = f;
			wrong.index = UINT32_MAX;
			assert_refused(instance, &wrong);
			wrong.index = vsp_module_function_count(module) - 2; /* hidden */
			assert_refused(instance, &wrong);
			assert_int_equal(vsp_call_function(instance, &f, NULL, &result, NULL), VSP_E_ARGUMENT);
			assert_int_equal(vsp_call_function(instance, &f, args, NULL, NULL), VSP_E_ARGUMENT);
		}
		assert_int_equal(vsp_load(instance, "x", 1, NULL), VSP_E_FORMAT); /* the program stays */
		assert_int_equal(vsp_call_function(instance, &f, args, &result, NULL), VSP_OK);
		vsp_free(instance);
	}
	assert_refused(NULL, &f);
	vsp_module_free(other);
	vsp_module *again = assemble(program); /* perhaps where the other one was */
	vsp_instance *instance = make(again, VSP_TIER_INTERP, 0);
	assert_refused(instance, &foreign);
	vsp_free(instance);
	vsp_module_free(again);
	vsp_module_free(module);
}

static void a_new_program_refuses_old_handles(void **unused)
{
	(void)unused;
	vsp_module *module = assemble(program);
	vsp_function f = handle_of(module, "add", 2, 1);
	size_t size;
	uint8_t *bytes = vsp_module_write(module, &size, NULL);
	vsp_instance *instance = make(module, VSP_TIER_2, 0);
	int64_t args[] = {1, 2}, result;
	for (int n = 0; n < TIMES; n++)
		assert_int_equal(vsp_call_function(instance, &f, args, &result, NULL), VSP_OK);
	assert_int_equal(vsp_load(instance, bytes, size, NULL), VSP_OK);
	assert_refused(instance, &f);
	f = handle_of(vsp_instance_module(instance), "add", 2, 1);
	assert_int_equal(vsp_call_function(instance, &f, args, &result, NULL), VSP_OK);
	vsp_free(instance);
	vsp_bytes_free(bytes);
	vsp_module_free(module);
}

static void callbacks_call_by_handle(void **unused)
{
	(void)unused;
	vsp_module *module = assemble(program);
	vsp_function calls = handle_of(module, "calls", 1, 1);
	for (int t = 0; t < TIERS; t++) {
		vsp_instance *instance = make(module, tiers[t], 0);
		for (int n = 0; n < TIMES; n++) {
			int64_t args[] = {10}, result = 0;
			host.calls = true;
			host.call = handle_of(module, "sum", 1, 1);
			assert_int_equal(vsp_call_function(instance, &calls, args, &result, NULL), VSP_OK);
			assert_int_equal(result, 56);
			host.call = handle_of(module, "fail", 1, 1);
			host.error = (vsp_error)VSP_ERROR_INIT;
			assert_int_equal(vsp_call_function(instance, &calls, args, &result, NULL), VSP_OK);
			assert_int_equal(host.status, VSP_TRAPPED);
			assert_int_equal(host.error.trap, VSP_TRAP_DIV_BY_ZERO);
			assert_int_equal(result, 11);
			host.calls = false;
		}
		vsp_free(instance);
	}
	vsp_module_free(module);
}

static void callbacks_free_the_instance(void **unused)
{
	(void)unused;
	vsp_module *module = assemble(program);
	vsp_function calls = handle_of(module, "calls", 1, 1);
	for (int t = 0; t < TIERS; t++) {
		vsp_instance *instance = make(module, tiers[t], 0);
		int64_t args[] = {10}, result = 0;
		for (int n = 0; n < TIMES; n++)
			assert_int_equal(vsp_call_function(instance, &calls, args, &result, NULL), VSP_OK);
		host.frees = true;
		assert_int_equal(vsp_call_function(instance, &calls, args, &result, NULL), VSP_OK);
		host.frees = false;
		assert_int_equal(result, 11);
	}
	vsp_module_free(module);
}

/* ---- threads and interrupts ---- */

struct job {
	vsp_instance *instance;
	const vsp_function *function;
	int64_t result;
};

static void *call_elsewhere(void *opaque)
{
	struct job *job = opaque;
	for (int n = 0; n < TIMES; n++)
		vsp_call_function(job->instance, job->function, (const int64_t[]){20, 22}, &job->result, NULL);
	return NULL;
}

static void instances_move_between_threads(void **unused)
{
	(void)unused;
	vsp_module *module = assemble(program);
	vsp_function add = handle_of(module, "add", 2, 1);
	for (int t = 0; t < TIERS; t++) {
		struct job job = {make(module, tiers[t], 0), &add, 0};
		for (int n = 0; n < TIMES; n++) {
			pthread_t other;
			job.result = 0;
			call_elsewhere(&job);
			assert_int_equal(job.result, 42);
			job.result = 0;
			assert_int_equal(pthread_create(&other, NULL, call_elsewhere, &job), 0);
			pthread_join(other, NULL);
			assert_int_equal(job.result, 42);
		}
		vsp_free(job.instance);
	}
	vsp_module_free(module);
}

static void *interrupt_soon(void *instance)
{
	nanosleep(&(struct timespec){.tv_nsec = 20000000}, NULL);
	vsp_interrupt(instance);
	return NULL;
}

static void calls_by_handle_are_interrupted(void **unused)
{
	(void)unused;
	vsp_module *module = assemble(program);
	vsp_function add = handle_of(module, "add", 2, 1), spin = handle_of(module, "spin", 0, 0);
	int64_t args[] = {1, 2}, result;
	for (int t = 0; t < TIERS; t++) {
		vsp_instance *instance = make(module, tiers[t], 0);
		for (int n = 0; n < TIMES; n++) {
			pthread_t other;
			vsp_error error = VSP_ERROR_INIT;
			assert_int_equal(vsp_call_function(instance, &add, args, &result, NULL), VSP_OK);
			assert_int_equal(pthread_create(&other, NULL, interrupt_soon, instance), 0);
			assert_int_equal(vsp_call_function(instance, &spin, NULL, NULL, &error), VSP_TRAPPED);
			assert_int_equal(error.trap, VSP_TRAP_INTERRUPTED);
			pthread_join(other, NULL);
			assert_refused(instance, &add);
			assert_int_equal(vsp_reset(instance, NULL), VSP_OK);
			assert_int_equal(vsp_call_function(instance, &add, args, &result, NULL), VSP_OK);
			vsp_interrupt(instance); /* before it runs: the next call's */
			assert_int_equal(vsp_call_function(instance, &add, args, &result, &error), VSP_TRAPPED);
			assert_int_equal(vsp_reset(instance, NULL), VSP_OK);
		}
		vsp_free(instance);
	}
	vsp_module_free(module);
}

/* ---- limits ---- */

/* add has two instructions. */
static void fuel_is_used_by_every_call(void **unused)
{
	(void)unused;
	enum { CALLS = 20 };
	vsp_module *module = assemble(program);
	vsp_function add = handle_of(module, "add", 2, 1);
	for (int t = 0; t < TIERS; t++) {
		vsp_instance *instance = make(module, tiers[t], 2 * CALLS + 1);
		int64_t args[] = {1, 2}, result;
		vsp_error error = VSP_ERROR_INIT;
		for (int n = 0; n < CALLS; n++)
			assert_int_equal(vsp_call_function(instance, &add, args, &result, &error), VSP_OK);
		assert_int_equal(vsp_cycles(instance), 2 * CALLS);
		assert_int_equal(vsp_call_function(instance, &add, args, &result, &error), VSP_TRAPPED);
		assert_int_equal(error.trap, VSP_TRAP_FUEL);
		vsp_free(instance);
	}
	vsp_module_free(module);
}

static void a_handle_finds_newer_code(void **unused)
{
	(void)unused;
	vsp_module *module = assemble(program);
	vsp_function sum = handle_of(module, "sum", 1, 1);
	vsp_config config = VSP_CONFIG_INIT;
	vsp_stats_view stats = VSP_STATS_INIT;
	vsp_instance *instance = instantiate_with(module, &config);
	vsp_define_import(instance, "host.here", 1, 1, here, NULL, NULL);
	for (int n = 0; n < 20000; n++) {
		int64_t args[] = {n % 50}, result;
		assert_int_equal(vsp_call_function(instance, &sum, args, &result, NULL), VSP_OK);
		assert_int_equal(result, args[0] * (args[0] + 1) / 2);
		if (n % 1000 == 999)
			vsp_settle(instance);
	}
	assert_int_equal(vsp_stats(instance, &stats), VSP_OK);
	assert_int_equal(stats.tier, stats.reason[0] ? 0 : 2); /* a reason: there is no compiler */
	vsp_free(instance);
	vsp_module_free(module);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(calls_by_handle_equal_calls_by_name),
	        cmocka_unit_test(other_ends_of_calls_are_those_by_name),
	        cmocka_unit_test(handles_tell_types),
	        cmocka_unit_test(handles_that_do_not_fit_are_refused),
	        cmocka_unit_test(a_new_program_refuses_old_handles),
	        cmocka_unit_test(callbacks_call_by_handle),
	        cmocka_unit_test(callbacks_free_the_instance),
	        cmocka_unit_test(instances_move_between_threads),
	        cmocka_unit_test(calls_by_handle_are_interrupted),
	        cmocka_unit_test(fuel_is_used_by_every_call),
	        cmocka_unit_test(a_handle_finds_newer_code),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
