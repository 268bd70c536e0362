/*
 * WASI through the public API: programs that import it, definitions that replace single functions,
 * and programs that do not fit.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include <vsp/vsp.h>

/* The registers after fd_prestat_get of 3, args_sizes_get, and environ_sizes_get. */
static const char sizes[] = ".import wasi_snapshot_preview1.args_sizes_get(2) -> 1\n"
                            ".import wasi_unstable.environ_sizes_get(2) -> 1\n"
                            ".data\nresult: .word 0, 0, 0, 0\n.code\n"
                            "MOVI R0, result - 0x10000\nMOVI R1, result + 4 - 0x10000\n"
                            "HCALL wasi_snapshot_preview1.args_sizes_get\nMOV R4, R0\n"
                            "MOVI R0, result + 8 - 0x10000\nMOVI R1, result + 12 - 0x10000\n"
                            "HCALL wasi_unstable.environ_sizes_get\nMOV R5, R0\n"
                            "MOVI R2, result\nLD32U R6, [R2]\nLD32U R7, [R2 + 4]\nLD32U R8, [R2 + 8]\n"
                            "LD32U R9, [R2 + 12]\nHLT\n";

static vsp_instance *load(const char *source)
{
	vsp_error error = VSP_ERROR_INIT;
	vsp_module *module = vsp_assemble(source, strlen(source), NULL, &error);
	if (!module)
		print_error("%s\n", error.message);
	assert_non_null(module);
	vsp_instance *instance = vsp_instantiate(module, NULL, &error);
	assert_non_null(instance);
	vsp_module_free(module);
	return instance;
}

static vsp_wasi *create(uint32_t capabilities)
{
	static const char *const args[] = {"program", "x"}, *const env[] = {"A=1"};
	vsp_wasi_config config = VSP_WASI_CONFIG_INIT;
	config.capabilities = capabilities;
	config.args = args;
	config.arg_count = 2;
	config.env = env;
	config.env_count = 1;
	vsp_wasi *wasi = vsp_wasi_new(&config, NULL);
	assert_non_null(wasi);
	return wasi;
}

static int64_t reg(const vsp_instance *instance, unsigned i)
{
	vsp_state_view state = VSP_STATE_INIT;
	assert_int_equal(vsp_state(instance, &state), VSP_OK);
	return state.r[i];
}

static void a_program_gets_what_was_configured(void **state)
{
	(void)state;
	vsp_instance *instance = load(sizes);
	vsp_wasi *wasi = create(VSP_CAP_ARGS);
	vsp_error error = VSP_ERROR_INIT;
	assert_int_equal(vsp_wasi_define(wasi, instance, &error), VSP_OK);
	assert_int_equal(vsp_run(instance, &error), VSP_OK);
	static const int64_t wanted[] = {0, 0, 2, 10, 1, 4};
	for (unsigned i = 0; i < 6; i++)
		assert_int_equal(reg(instance, 4 + i), wanted[i]);
	vsp_free(instance);
	vsp_wasi_free(wasi);
}

static void a_program_without_a_capability_goes_on(void **state)
{
	(void)state;
	vsp_instance *instance = load(sizes);
	vsp_wasi *wasi = create(0);
	assert_int_equal(vsp_wasi_define(wasi, instance, NULL), VSP_OK);
	assert_int_equal(vsp_run(instance, NULL), VSP_OK);
	assert_int_equal(reg(instance, 4), 76);
	assert_int_equal(reg(instance, 5), 0);
	vsp_free(instance);
	vsp_wasi_free(wasi);
}

/* A host may answer single calls itself. */
static int answer(void *user, vsp_caller *caller, const int64_t *args, int64_t *results)
{
	uint8_t *at = vsp_wasm_at(caller, (uint32_t)args[0], 4);
	(*(int *)user)++;
	assert_non_null(at);
	at[0] = 99;
	results[0] = 52;
	return VSP_OK;
}

static void a_host_may_define_a_function_again(void **state)
{
	(void)state;
	int calls = 0;
	vsp_instance *instance = load(sizes);
	vsp_wasi *wasi = create(VSP_CAP_ARGS);
	assert_int_equal(vsp_wasi_define(wasi, instance, NULL), VSP_OK);
	assert_int_equal(
	        vsp_define_import(instance, "wasi_snapshot_preview1.args_sizes_get", 2, 1, answer, &calls, NULL),
	        VSP_OK);
	assert_int_equal(vsp_run(instance, NULL), VSP_OK);
	assert_int_equal(calls, 1);
	assert_int_equal(reg(instance, 4), 52);
	assert_int_equal(reg(instance, 6), 99);
	vsp_free(instance);
	vsp_wasi_free(wasi);
}

static void proc_exit_is_the_end(void **state)
{
	(void)state;
	vsp_instance *instance =
	        load(".import wasi_unstable.proc_exit(1) -> 0\nMOVI R0, 0x1FF\nHCALL wasi_unstable.proc_exit\n"
	             "TRAP 1\n");
	vsp_wasi *wasi = create(0);
	vsp_state_view view = VSP_STATE_INIT;
	assert_int_equal(vsp_wasi_define(wasi, instance, NULL), VSP_OK);
	assert_int_equal(vsp_run(instance, NULL), VSP_OK);
	vsp_state(instance, &view);
	assert_int_equal(view.end, VSP_RUN_EXITED);
	assert_int_equal(view.exit_code, 0xFF);
	vsp_free(instance);
	vsp_wasi_free(wasi);
}

/* Only WASI's own function ends a run by what it returns. */
static int return_255(void *user, vsp_caller *caller, const int64_t *args, int64_t *results)
{
	(void)user, (void)caller, (void)args, (void)results;
	return 255;
}

static void no_other_import_ends_a_run(void **state)
{
	(void)state;
	vsp_error error = VSP_ERROR_INIT;
	vsp_instance *instance = load(".import env.f(1) -> 0\nHCALL env.f\nHLT\n");
	assert_int_equal(vsp_define_import(instance, "env.f", 1, 0, return_255, NULL, NULL), VSP_OK);
	assert_int_equal(vsp_run(instance, &error), VSP_TRAPPED);
	assert_int_equal(error.trap, VSP_TRAP_HOST);
	vsp_free(instance);
}

static void other_imports_are_missing_still(void **state)
{
	(void)state;
	vsp_error error = VSP_ERROR_INIT;
	vsp_instance *instance = load(".import wasi_snapshot_preview1.fd_close(1) -> 1\n.import env.a(1) -> 0\n"
	                              ".import wasi_snapshot_preview1.fd_dup(2) -> 1\nHCALL env.a\nHLT\n");
	vsp_wasi *wasi = create(0);
	assert_int_equal(vsp_wasi_define(wasi, instance, NULL), VSP_OK);
	assert_int_equal(vsp_run(instance, &error), VSP_E_LINK);
	assert_string_equal(error.message,
	        "the program imports 'env.a' (1 -> 0) and 'wasi_snapshot_preview1.fd_dup' (2 -> 1), "
	        "which the host does not define");
	vsp_free(instance);
	instance =
	        load(".import wasi_snapshot_preview1.fd_close(2) -> 1\nHCALL wasi_snapshot_preview1.fd_close\nHLT\n");
	assert_int_equal(vsp_wasi_define(wasi, instance, NULL), VSP_OK);
	assert_int_equal(vsp_run(instance, &error), VSP_E_LINK);
	assert_string_equal(error.message,
	        "the program imports 'wasi_snapshot_preview1.fd_close' as 2 -> 1, but the host "
	        "defines it as 1 -> 1");
	vsp_free(instance);
	vsp_wasi_free(wasi);
}

/* More names than a message has room for. */
static void long_lists_of_missing_imports_are_cut(void **state)
{
	(void)state;
	vsp_error error = VSP_ERROR_INIT;
	char source[8192] = "";
	for (int i = 0; i < 60; i++)
		snprintf(source + strlen(source), sizeof source - strlen(source),
		        ".import env.missing_function_%02d(0) -> 0\n", i);
	strcat(source, "HLT\n");
	vsp_instance *instance = load(source);
	assert_int_equal(vsp_run(instance, &error), VSP_E_LINK);
	assert_non_null(strstr(error.message, "the program imports 'env.missing_function_00' (0 -> 0), "
	                                      "'env.missing_function_01' (0 -> 0), "));
	assert_non_null(strstr(error.message, " more, which the host does not define"));
	vsp_free(instance);
}

static void null_pointers_are_arguments(void **state)
{
	(void)state;
	vsp_error error = VSP_ERROR_INIT;
	vsp_wasi *wasi = create(0);
	assert_int_equal(vsp_wasi_define(NULL, NULL, &error), VSP_E_ARGUMENT);
	assert_int_equal(vsp_wasi_define(wasi, NULL, &error), VSP_E_ARGUMENT);
	assert_int_equal(vsp_wasi_define(wasi, NULL, NULL), VSP_E_ARGUMENT);
	vsp_wasi_free(wasi);
	vsp_wasi_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_program_gets_what_was_configured),
	        cmocka_unit_test(a_program_without_a_capability_goes_on),
	        cmocka_unit_test(a_host_may_define_a_function_again),
	        cmocka_unit_test(proc_exit_is_the_end),
	        cmocka_unit_test(no_other_import_ends_a_run),
	        cmocka_unit_test(other_imports_are_missing_still),
	        cmocka_unit_test(long_lists_of_missing_imports_are_cut),
	        cmocka_unit_test(null_pointers_are_arguments),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
