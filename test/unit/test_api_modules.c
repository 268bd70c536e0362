/*
 * The public API of modules: assembling, writing, loading and asking.
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

static unsigned reports;
static void count_report(void *user, int severity, const char *text)
{
	assert_ptr_equal(user, &reports);
	assert_int_equal(severity, VSP_REPORT_ERROR);
	assert_non_null(strstr(text, "bad.sil:"));
	assert_int_equal(text[strlen(text) - 1], '\n');
	reports++;
}

static void source_errors_are_all_reported(void **unused)
{
	(void)unused;
	vsp_error error = VSP_ERROR_INIT;
	vsp_source_options options = VSP_SOURCE_INIT;
	options.name = "bad.sil";
	options.report = count_report;
	options.user = &reports;
	static const char bad[] = "FOO R0\nMOVI R99, 1\nHLT\n";
	reports = 0;
	assert_null(vsp_assemble(bad, strlen(bad), &options, &error));
	assert_int_equal(reports, 2);
	assert_int_equal(error.code, VSP_E_SYNTAX);
	assert_string_equal(error.file, "bad.sil");
	assert_int_equal(error.line, 1);
}

static void a_module_survives_writing_and_loading(void **unused)
{
	(void)unused;
	vsp_error error = VSP_ERROR_INIT;
	vsp_module *first = assemble(".func f(2) -> 1\nADD R0, R1\nRET\n.end\n.export f\n.func main\nHLT\n.end\n");
	size_t size = 0, again_size = 0, length = 0;
	uint8_t *bytes = vsp_module_write(first, &size, &error);
	vsp_module *second = vsp_module_load(bytes, size, &error);
	assert_non_null(second);
	vsp_function_info info = {.size = sizeof info};
	assert_int_equal(vsp_module_find(second, "f", &info), VSP_OK);
	assert_int_equal(info.params, 2);
	assert_int_equal(info.results, 1);
	assert_int_equal(info.exported, 1);
	assert_string_equal(info.name, "f");
	char *text = vsp_module_disassemble(second, &length, &error);
	assert_int_equal(strlen(text), length);
	vsp_module *third = vsp_assemble(text, length, NULL, &error);
	uint8_t *again = vsp_module_write(third, &again_size, &error);
	assert_int_equal(again_size, size);
	assert_memory_equal(again, bytes, size);
	vsp_bytes_free(text);
	vsp_bytes_free(again);
	vsp_bytes_free(bytes);
	vsp_module_free(first);
	vsp_module_free(second);
	vsp_module_free(third);
}

static void a_module_lives_as_long_as_its_last_owner(void **unused)
{
	(void)unused;
	vsp_module *module = assemble(sum);
	vsp_instance *instance = vsp_instantiate(module, NULL, NULL);
	assert_ptr_equal(vsp_module_retain(module), module);
	vsp_module_free(module);
	vsp_module_free(module);
	assert_int_equal(vsp_run(instance, NULL), VSP_OK);
	assert_int_equal(state_of(instance).r[0], 15);
	vsp_free(instance);
}

static void module_questions_have_answers(void **unused)
{
	(void)unused;
	vsp_module *module = assemble(".import env.f(1) -> 2\n.func main\nHLT\n.end\n.func hidden\nRET\n.end\n");
	const char *name = NULL, *file = NULL;
	uint32_t params = 0, results = 0, line = 0;
	vsp_function_info info = {.size = sizeof info};
	assert_int_equal(vsp_module_import_count(module), 1);
	assert_int_equal(vsp_module_import(module, 0, &name, &params, &results), VSP_OK);
	assert_string_equal(name, "env.f");
	assert_int_equal(params, 1);
	assert_int_equal(results, 2);
	assert_int_equal(vsp_module_import(module, 1, NULL, NULL, NULL), VSP_E_ARGUMENT);
	assert_int_equal(vsp_module_function_count(module), 2);
	assert_int_equal(vsp_module_function(module, 2, &info), VSP_E_ARGUMENT);
	assert_int_equal(vsp_module_find(module, "hidden", &info), VSP_E_ARGUMENT);
	assert_int_equal(vsp_module_line(module, 0, &file, &line), VSP_OK);
	assert_int_equal(line, 3);
	assert_string_equal(file, "<source>");
	assert_int_equal(vsp_module_line(module, 1u << 30, &file, &line), VSP_E_ARGUMENT);
	vsp_module_free(module);
}

static void files_that_cannot_be_read_are_named(void **unused)
{
	(void)unused;
	vsp_error error = VSP_ERROR_INIT;
	assert_null(vsp_module_load_file("/nonexistent/x.sil", NULL, &error));
	assert_int_equal(error.code, VSP_E_IO);
	assert_string_equal(error.message, "cannot read '/nonexistent/x.sil': No such file or directory");
}

/* A folder that is to be searched has a name. */
static void sources_may_name_folders(void **state)
{
	(void)state;
	vsp_error error = VSP_ERROR_INIT;
	vsp_source_options options = VSP_SOURCE_INIT;
	options.include_dir_count = 1;
	assert_null(vsp_assemble("HLT", 3, &options, &error));
	assert_int_equal(error.code, VSP_E_ARGUMENT);
	static const char *const folders[] = {"/nowhere"};
	static const char source[] = ".include \"none.sil\"";
	options.include_dirs = folders;
	assert_null(vsp_assemble(source, sizeof source - 1, &options, &error));
	assert_int_equal(error.code, VSP_E_SYNTAX);
	vsp_module *module = vsp_assemble("HLT", 3, &options, &error);
	assert_non_null(module);
	vsp_module_free(module);
}

static void names_are_known(void **unused)
{
	(void)unused;
	assert_string_equal(vsp_status_name(VSP_E_LINK), "VSP_E_LINK");
	assert_string_equal(vsp_trap_name(VSP_TRAP_BAD_MODE), "BAD_MODE");
	assert_string_equal(vsp_trap_name((vsp_trap)99), "unknown");
	assert_string_equal(vsp_trap_text(VSP_TRAP_DIV_BY_ZERO), "integer division by zero");
	assert_string_equal(vsp_version(), VSP_VERSION);
	assert_string_equal(vsp_backend_name(0), "cpu");
	assert_null(vsp_backend_name(UINT32_MAX));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(source_errors_are_all_reported),
	        cmocka_unit_test(a_module_survives_writing_and_loading),
	        cmocka_unit_test(a_module_lives_as_long_as_its_last_owner),
	        cmocka_unit_test(module_questions_have_answers),
	        cmocka_unit_test(files_that_cannot_be_read_are_named),
	        cmocka_unit_test(sources_may_name_folders),
	        cmocka_unit_test(names_are_known),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
