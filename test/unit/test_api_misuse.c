/*
 * Misuse of the public API, and memory that runs out: an error and nothing worse.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <vsp/vsp.h>

#include "api_support.h"
#include "runtime/base/alloc.h"

static void null_pointers_give_errors(void **unused)
{
	(void)unused;
	vsp_error error = VSP_ERROR_INIT;
	vsp_state_view state = VSP_STATE_INIT;
	vsp_stats_view stats = VSP_STATS_INIT;
	vsp_function_stats function = VSP_FUNCTION_STATS_INIT;
	vsp_function_info info = {.size = sizeof info};
	size_t size;
	assert_null(vsp_assemble(NULL, 1, NULL, &error));
	assert_int_equal(error.code, VSP_E_ARGUMENT);
	assert_null(vsp_module_load(NULL, 1, &error));
	assert_null(vsp_module_load_file(NULL, NULL, &error));
	assert_null(vsp_module_load_raw(NULL, 1, NULL, 0, &error));
	assert_null(vsp_module_write(NULL, &size, &error));
	assert_null(vsp_module_disassemble(NULL, NULL, &error));
	assert_null(vsp_module_retain(NULL));
	vsp_module_free(NULL);
	assert_int_equal(vsp_module_function_count(NULL), 0);
	assert_int_equal(vsp_module_function(NULL, 0, &info), VSP_E_ARGUMENT);
	assert_int_equal(vsp_module_find(NULL, "x", &info), VSP_E_ARGUMENT);
	assert_int_equal(vsp_module_import_count(NULL), 0);
	assert_int_equal(vsp_module_import(NULL, 0, NULL, NULL, NULL), VSP_E_ARGUMENT);
	assert_null(vsp_instantiate(NULL, NULL, &error));
	vsp_free(NULL);
	vsp_interrupt(NULL);
	assert_int_equal(vsp_load(NULL, "", 0, &error), VSP_E_ARGUMENT);
	assert_int_equal(vsp_load_file(NULL, "x", &error), VSP_E_ARGUMENT);
	assert_int_equal(vsp_load_bytes(NULL, "", 0, NULL, 0, &error), VSP_E_ARGUMENT);
	assert_int_equal(vsp_run(NULL, &error), VSP_E_ARGUMENT);
	assert_int_equal(vsp_step(NULL, &error), VSP_E_ARGUMENT);
	assert_int_equal(vsp_call(NULL, "f", NULL, NULL, &error), VSP_E_ARGUMENT);
	assert_int_equal(vsp_reset(NULL, &error), VSP_E_ARGUMENT);
	assert_int_equal(vsp_set_host(NULL, NULL), VSP_E_ARGUMENT);
	assert_int_equal(vsp_state(NULL, &state), VSP_E_ARGUMENT);
	assert_int_equal(vsp_stats(NULL, &stats), VSP_E_ARGUMENT);
	assert_int_equal(vsp_stats_function(NULL, 0, &function), VSP_E_ARGUMENT);
	assert_null(vsp_memory(NULL, NULL));
	assert_string_equal(vsp_output(NULL, NULL), "");
	assert_int_equal(vsp_cycles(NULL), 0);
	assert_int_equal(vsp_memory_fnv1a(NULL), 0);
	assert_true(vsp_state_equal(NULL, NULL));
	assert_int_equal(vsp_state_bytesil(NULL, 0), 0);
}

static void an_instance_without_a_program_gives_errors(void **unused)
{
	(void)unused;
	vsp_error error = VSP_ERROR_INIT;
	vsp_function_stats function = VSP_FUNCTION_STATS_INIT;
	vsp_stats_view stats = VSP_STATS_INIT;
	vsp_instance *instance = vsp_new(NULL);
	assert_int_equal(vsp_run(instance, &error), VSP_E_ARGUMENT);
	assert_string_equal(error.message, "the instance has no program");
	assert_int_equal(vsp_step(instance, NULL), VSP_E_ARGUMENT);
	assert_int_equal(vsp_call(instance, "f", NULL, NULL, NULL), VSP_E_ARGUMENT);
	assert_int_equal(vsp_reset(instance, NULL), VSP_E_ARGUMENT);
	assert_null(vsp_memory(instance, NULL));
	assert_null(vsp_instance_module(instance));
	assert_int_equal(state_of(instance).end, VSP_RUN_NONE);
	assert_int_equal(vsp_stats(instance, &stats), VSP_OK);
	assert_int_equal(vsp_stats_function(instance, 0, &function), VSP_E_ARGUMENT);
	vsp_interrupt(instance);
	assert_int_equal(vsp_load(instance, "SILC", 4, &error), VSP_E_FORMAT);
	assert_int_equal(vsp_load_bytes(instance, "", 0, NULL, 0, &error), VSP_E_ARGUMENT);
	assert_int_equal(vsp_load_bytes(instance, "\x05", 1, NULL, 0, &error), VSP_E_FORMAT);
	vsp_free(instance);
}

static void a_refused_program_leaves_the_old_one(void **unused)
{
	(void)unused;
	vsp_instance *instance = instantiate(sum, NULL);
	assert_int_equal(vsp_load(instance, "nonsense", 8, NULL), VSP_E_FORMAT);
	assert_int_equal(vsp_run(instance, NULL), VSP_OK);
	assert_int_equal(state_of(instance).r[0], 15);
	vsp_free(instance);
}

static void unknown_names_and_missing_pointers_give_errors(void **unused)
{
	(void)unused;
	vsp_error error = VSP_ERROR_INIT;
	vsp_instance *instance = instantiate(functions, NULL);
	assert_int_equal(vsp_call(instance, "nothing", NULL, NULL, &error), VSP_E_ARGUMENT);
	assert_string_equal(error.message, "the program exports no function 'nothing'");
	assert_int_equal(vsp_call(instance, NULL, NULL, NULL, &error), VSP_E_ARGUMENT);
	assert_int_equal(vsp_call(instance, "add", NULL, NULL, &error), VSP_E_ARGUMENT);
	assert_string_equal(error.message, "'add' is 2 -> 1, but args is null");
	assert_int_equal(vsp_call(instance, "add", (const int64_t[]){1, 2}, NULL, &error), VSP_E_ARGUMENT);
	assert_int_equal(vsp_define_import(instance, "x", 17, 0, refuse, NULL, &error), VSP_E_ARGUMENT);
	assert_int_equal(vsp_define_import(instance, NULL, 0, 0, refuse, NULL, &error), VSP_E_ARGUMENT);
	assert_int_equal(vsp_define_import(instance, "x", 0, 0, NULL, NULL, &error), VSP_E_ARGUMENT);
	vsp_free(instance);
}

static void without_the_compiler_library_calls_say_so(void **unused)
{
	(void)unused;
	vsp_error error = VSP_ERROR_INIT;
	vsp_module *module = assemble(sum);
	if (vsp_compiler_check(&error) != VSP_OK) {
		assert_int_equal(error.code, VSP_E_UNSUPPORTED);
		assert_int_equal(vsp_aot_compile(module, "x.so", NULL, 0, &error), VSP_E_UNSUPPORTED);
	}
	assert_int_equal(vsp_aot_compile(NULL, "x.so", NULL, 0, &error), VSP_E_ARGUMENT);
	vsp_module_free(module);
}

static void a_null_among_the_options_is_refused(void **unused)
{
	(void)unused;
	static const char *const options[] = {"-O2", NULL, "--fuel=1"};
	vsp_error error = VSP_ERROR_INIT;
	vsp_module *module = assemble(sum);
	assert_int_equal(vsp_aot_compile(module, "x.o", options, 3, &error), VSP_E_ARGUMENT);
	assert_string_equal(error.message, "options[1] is null");
	assert_int_equal(vsp_aot_compile(module, "x.o", NULL, 1, &error), VSP_E_ARGUMENT);
	assert_int_equal(vsp_aot_compile(module, NULL, NULL, 0, &error), VSP_E_ARGUMENT);
	vsp_module_free(module);
}

static void texts_and_settling_want_an_instance_that_has_them(void **state)
{
	(void)state;
	vsp_error error = VSP_ERROR_INIT;
	assert_int_equal(vsp_settle(NULL), VSP_E_ARGUMENT);
	assert_null(vsp_trace_text(NULL, NULL, &error));
	assert_int_equal(error.code, VSP_E_ARGUMENT);
	assert_null(vsp_profile_text(NULL, NULL, &error));
	assert_int_equal(error.code, VSP_E_ARGUMENT);
	assert_null(vsp_llvm_text(NULL, NULL, &error));
	assert_int_equal(error.code, VSP_E_ARGUMENT);
	vsp_instance *instance = vsp_new_interpreted();
	assert_non_null(instance);
	assert_int_equal(vsp_settle(instance), VSP_OK);
	assert_null(vsp_trace_text(instance, NULL, NULL));
	assert_null(vsp_profile_text(instance, NULL, NULL));
	assert_int_equal(vsp_emit_llvm(instance, NULL, &error), VSP_E_ARGUMENT);
	vsp_free(instance);
}

/* ---- allocation failures ---- */

/* All steps of an embedder, from source to output; true when all succeeded. */
static bool whole_life(void)
{
	vsp_config config = VSP_CONFIG_INIT;
	config.capabilities = VSP_CAP_STDIO;
	vsp_error error = VSP_ERROR_INIT;
	vsp_module *module = vsp_assemble(printing, strlen(printing), NULL, &error);
	vsp_instance *instance = module ? vsp_instantiate(module, &config, &error) : NULL;
	bool good = instance && vsp_define_import(instance, "a.b", 0, 0, refuse, NULL, &error) == VSP_OK &&
	            vsp_run(instance, &error) == VSP_OK && strcmp(vsp_output(instance, NULL), "42\nx") == 0;
	if (!good)
		assert_int_not_equal(error.code, VSP_OK);
	vsp_free(instance);
	vsp_module_free(module);
	return good;
}

static void every_failed_allocation_is_survived(void **unused)
{
	(void)unused;
	assert_true(whole_life());
	vsp_alloc_fail_at(0);
	assert_true(whole_life());
	uint64_t requests = vsp_alloc_fail_at(0);
	if (!requests)
		skip(); /* not a hostile build */
	for (uint64_t n = 1; n <= requests; n++) {
		vsp_alloc_fail_at(n);
		assert_false(whole_life());
	}
	vsp_alloc_fail_at(0);
	assert_true(whole_life());
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(null_pointers_give_errors),
	        cmocka_unit_test(an_instance_without_a_program_gives_errors),
	        cmocka_unit_test(a_refused_program_leaves_the_old_one),
	        cmocka_unit_test(unknown_names_and_missing_pointers_give_errors),
	        cmocka_unit_test(without_the_compiler_library_calls_say_so),
	        cmocka_unit_test(a_null_among_the_options_is_refused),
	        cmocka_unit_test(texts_and_settling_want_an_instance_that_has_them),
	        cmocka_unit_test(every_failed_allocation_is_survived),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
