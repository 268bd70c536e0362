/*
 * The public API of runs: ways to make an instance, steps, calls, ends, memory, and threads that
 * share a module.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <vsp/vsp.h>

#include "api_support.h"
#include "runtime/platform/platform.h"

static void the_classic_calls_run_a_program(void **unused)
{
	(void)unused;
	static const uint8_t code[] = {0x21, 0x00, 5, 0x21, 0x01, 10, 0x4C, 0x00, 0x01, 0x01};
	vsp_error error = VSP_ERROR_INIT;
	vsp_instance *instance = vsp_new_interpreted();
	assert_int_equal(vsp_load_bytes(instance, code, sizeof code, "data", 4, &error), VSP_OK);
	uint64_t size = 0;
	assert_memory_equal(vsp_memory(instance, &size) + 0x20000, "data", 4);
	assert_int_equal(size, 3 * 65536);
	assert_int_equal(vsp_run(instance, &error), VSP_OK);
	vsp_state_view state = state_of(instance);
	assert_int_equal(state.r[0], 15);
	assert_int_equal(state.end, VSP_RUN_HALTED);
	assert_int_equal(state.pc, 9);
	assert_int_equal(state.sp, 0x20000);
	assert_int_equal(state.sr, 0x10);
	assert_int_equal(vsp_reset(instance, &error), VSP_OK);
	state = state_of(instance);
	assert_int_equal(state.r[0], 0);
	assert_int_equal(state.end, VSP_RUN_NONE);
	vsp_free(instance);
}

static void every_way_of_making_an_instance_works(void **unused)
{
	(void)unused;
	for (int tier = -2; tier <= 3; tier++) {
		vsp_instance *instance = vsp_new_jit(tier);
		assert_int_equal(instance != NULL, tier >= 0 && tier <= 2);
		vsp_free(instance);
	}
	vsp_instance *instance = vsp_new(NULL);
	assert_non_null(instance);
	vsp_free(instance);
	vsp_config wrong = VSP_CONFIG_INIT;
	wrong.bounds = 7;
	assert_null(vsp_new(&wrong));
}

static void stepping_shows_each_instruction(void **unused)
{
	(void)unused;
	vsp_instance *instance = instantiate(sum, NULL), *other = instantiate(sum, NULL);
	assert_int_equal(vsp_step(instance, NULL), VSP_OK);
	assert_int_equal(state_of(instance).r[0], 5);
	assert_int_equal(state_of(instance).pc, 3);
	assert_int_equal(vsp_step(instance, NULL), VSP_OK);
	assert_int_equal(state_of(instance).r[1], 10);
	vsp_error error = VSP_ERROR_INIT;
	assert_int_equal(vsp_call(instance, "main", NULL, NULL, &error), VSP_E_ARGUMENT);
	assert_int_equal(vsp_step(instance, NULL), VSP_OK);
	assert_int_equal(vsp_step(instance, NULL), VSP_HALTED);
	assert_int_equal(vsp_run(other, NULL), VSP_OK);
	assert_true(vsp_state_equal(instance, other));
	vsp_free(instance);
	vsp_free(other);
}

static void run_continues_a_stepped_run(void **unused)
{
	(void)unused;
	vsp_instance *instance = instantiate("MOVI R0, 1\nADDI R0, R0, 1\nADDI R0, R0, 1\nHLT\n", NULL);
	assert_int_equal(vsp_step(instance, NULL), VSP_OK);
	assert_int_equal(vsp_run(instance, NULL), VSP_OK);
	assert_int_equal(state_of(instance).r[0], 3);
	vsp_free(instance);
}

static void calls_pass_arguments_and_results(void **unused)
{
	(void)unused;
	vsp_instance *instance = instantiate(functions, NULL);
	int64_t results[16] = {0}, many[16] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
	vsp_error error = VSP_ERROR_INIT;
	assert_int_equal(vsp_call(instance, "add", (const int64_t[]){-3, 45}, results, &error), VSP_OK);
	assert_int_equal(results[0], 42);
	assert_int_equal(vsp_call(instance, "swap", many, results, &error), VSP_OK);
	assert_int_equal(results[0], 16);
	assert_int_equal(results[15], 1);
	assert_int_equal(results[7], 8);
	results[0] = 77;
	assert_int_equal(vsp_call(instance, "stop", NULL, results, &error), VSP_HALTED);
	assert_int_equal(results[0], 77);
	assert_int_equal(state_of(instance).r[0], 9);
	vsp_free(instance);
}

static void traps_say_what_and_where(void **unused)
{
	(void)unused;
	vsp_instance *instance = instantiate(functions, NULL);
	int64_t result = 5;
	vsp_error error = VSP_ERROR_INIT;
	assert_int_equal(vsp_call(instance, "fail", (const int64_t[]){1}, &result, &error), VSP_TRAPPED);
	assert_int_equal(result, 5);
	assert_int_equal(error.trap, VSP_TRAP_DIV_BY_ZERO);
	assert_string_equal(error.function, "fail");
	assert_string_equal(error.file, "<source>");
	assert_int_equal(error.line, 13);
	assert_int_equal(error.frames, 1);
	assert_string_equal(error.trace[0].function, "fail");
	vsp_state_view state = state_of(instance);
	assert_int_equal(state.end, VSP_RUN_TRAPPED);
	assert_int_equal(state.trap, VSP_TRAP_DIV_BY_ZERO);
	assert_int_equal(state.pc, error.pc);
	assert_int_equal(state.sr & 0x10, 0);
	/* A trap does not end the instance's life. */
	assert_int_equal(vsp_call(instance, "add", (const int64_t[]){1, 2}, &result, &error), VSP_OK);
	assert_int_equal(result, 3);
	vsp_free(instance);
}

static void exit_codes_are_shown(void **unused)
{
	(void)unused;
	vsp_instance *instance = instantiate("MOVI R0, 263\nSYSCALL 0\nHLT\n", NULL);
	assert_int_equal(vsp_run(instance, NULL), VSP_OK);
	assert_int_equal(state_of(instance).end, VSP_RUN_EXITED);
	assert_int_equal(state_of(instance).exit_code, 7);
	vsp_free(instance);
}

static void memory_persists_until_reset(void **unused)
{
	(void)unused;
	vsp_instance *instance =
	        instantiate("LOAD R0, [cell]\nADDI R0, R0, 1\nSTORE R0, [cell]\nHLT\n.data\ncell: .quad 40\n", NULL);
	uint64_t before = vsp_memory_fnv1a(instance);
	assert_int_equal(vsp_run(instance, NULL), VSP_OK);
	assert_int_equal(vsp_run(instance, NULL), VSP_OK);
	assert_int_equal(state_of(instance).r[0], 42);
	assert_int_not_equal(vsp_memory_fnv1a(instance), before);
	assert_int_equal(vsp_reset(instance, NULL), VSP_OK);
	assert_int_equal(vsp_memory_fnv1a(instance), before);
	assert_int_equal(vsp_run(instance, NULL), VSP_OK);
	assert_int_equal(state_of(instance).r[0], 41);
	vsp_free(instance);
}

/* ---- threads ---- */

enum { THREADS = 4 };

typedef struct work {
	vsp_module *module;
	int64_t result;
} work;

static void run_many(void *arg)
{
	work *w = arg;
	for (int i = 0; i < 50; i++) {
		vsp_instance *instance = vsp_instantiate(w->module, NULL, NULL);
		int64_t result = 0;
		if (vsp_call(instance, "add", (const int64_t[]){i, 1}, &result, NULL) == VSP_OK)
			w->result += result;
		vsp_free(instance);
	}
	vsp_module_free(w->module);
}

static void threads_share_a_module(void **unused)
{
	(void)unused;
	vsp_module *module = assemble(functions);
	vsp_plat_thread *threads[THREADS];
	work works[THREADS];
	for (int i = 0; i < THREADS; i++) {
		works[i] = (work){vsp_module_retain(module), 0};
		threads[i] = vsp_plat_thread_start(run_many, &works[i]);
		if (!threads[i])
			run_many(&works[i]);
	}
	vsp_module_free(module);
	for (int i = 0; i < THREADS; i++) {
		if (threads[i])
			vsp_plat_thread_join(threads[i]);
		assert_int_equal(works[i].result, 50 * 49 / 2 + 50);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(the_classic_calls_run_a_program),
	        cmocka_unit_test(every_way_of_making_an_instance_works),
	        cmocka_unit_test(stepping_shows_each_instruction),
	        cmocka_unit_test(run_continues_a_stepped_run),
	        cmocka_unit_test(calls_pass_arguments_and_results),
	        cmocka_unit_test(traps_say_what_and_where),
	        cmocka_unit_test(exit_codes_are_shown),
	        cmocka_unit_test(memory_persists_until_reset),
	        cmocka_unit_test(threads_share_a_module),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
