/*
 * Reading, verifying and writing modules: files that obey every rule and come back byte for byte.
 * The rules themselves are in test_silc_rules.c and test_verify_rules.c.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "frontend/silc/silc.h"
#include "runtime/base/alloc.h"
#include "test/support/silc_builder.h"

static vsp_module_data *read_ok(const silc_bytes *file)
{
	vsp_error error = VSP_ERROR_INIT;
	vsp_module_data *m = vsp_silc_read(file->data, file->size, &error);
	assert_string_equal(error.message, "");
	assert_int_equal(error.code, VSP_OK);
	assert_non_null(m);
	return m;
}

static void assert_writes_back(const vsp_module_data *m, const silc_bytes *file)
{
	vsp_error error = VSP_ERROR_INIT;
	size_t size;
	uint8_t *again = vsp_silc_write(m, &size, &error);
	assert_non_null(again);
	assert_int_equal(size, file->size);
	assert_memory_equal(again, file->data, size);
	vsp_free_memory(again);
}

/* MOVI R0, 5; MOVI R1, 10; ADD R0, R1; HLT */
static const uint8_t sum_code[] = {0x21, 0x00, 5, 0x21, 0x01, 10, 0x4C, 0x00, 0x01, 0x01};

static void the_smallest_program_has_the_defaults(void **state)
{
	(void)state;
	silc_file f = SILC_FILE_INIT;
	silc_raw(&f.code, sum_code, sizeof sum_code);
	silc_bytes file = silc_finish(&f);
	vsp_module_data *m = read_ok(&file);
	assert_int_equal(m->code_size, sizeof sum_code);
	assert_memory_equal(m->code, sum_code, sizeof sum_code);
	assert_int_equal(m->func_count, 1);
	assert_int_equal(m->funcs[0].size, sizeof sum_code);
	assert_int_equal(m->funcs[0].params, 0);
	assert_int_equal(m->funcs[0].results, 0);
	assert_int_equal(m->funcs[0].kind, VSP_KIND_FUNCTION);
	assert_string_equal(vsp_module_func_name(m, 0), "main");
	assert_int_equal(vsp_module_find_export(m, "main"), 0);
	assert_int_equal(vsp_module_find_export(m, "other"), VSP_NO_PC);
	assert_int_equal(m->initial_pages, 3);
	assert_int_equal(m->max_pages, 65536);
	assert_int_equal(m->stack_top, 0x20000);
	assert_int_equal(m->entry_func, 0);
	assert_false(m->symbols_stored);
	assert_null(vsp_module_line_at(m, 0));
	assert_writes_back(m, &file);
	vsp_module_data_free(m);
	silc_bytes_free(&file);
}

static void every_section_is_read_and_written_back(void **state)
{
	(void)state;
	silc_bytes file = silc_sample();
	vsp_module_data *m = read_ok(&file);
	assert_int_equal(m->mode, 4);
	assert_int_equal(m->func_count, 3);
	assert_int_equal(m->symbol_count, 6);
	assert_int_equal(m->initial_pages, 4);
	assert_int_equal(m->max_pages, 100);
	assert_int_equal(m->stack_top, 0x30010);
	assert_int_equal(m->import_count, 1);
	assert_string_equal(m->imports[0].name, "env.log");
	assert_int_equal(m->imports[0].params, 2);
	assert_int_equal(m->imports[0].results, 1);
	assert_int_equal(m->file_count, 2);
	assert_string_equal(m->files[1], "b.sil");
	assert_int_equal(m->model_count, 2);
	assert_string_equal(m->models[0].name, "emerge");
	assert_memory_equal(m->models[0].data, "onx", 3);
	assert_int_equal(m->section_count, 7);
	assert_writes_back(m, &file);
	vsp_module_data_free(m);
	silc_bytes_free(&file);
}

static void look_ups_find_functions_symbols_and_lines(void **state)
{
	(void)state;
	silc_bytes file = silc_sample();
	vsp_module_data *m = read_ok(&file);
	static const uint32_t func_of[] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 2, 2, 2, 2};
	for (uint32_t pc = 0; pc < 15; pc++)
		assert_int_equal(vsp_module_func_at(m, pc), func_of[pc]);
	assert_string_equal(vsp_module_func_name(m, 1), "turn");
	assert_int_equal(vsp_module_find_export(m, "main"), 0);
	assert_int_equal(vsp_module_find_export(m, "turn"), 1);
	assert_int_equal(vsp_module_find_export(m, "k"), VSP_NO_PC);         /* not exported */
	assert_int_equal(vsp_module_find_export(m, "also_main"), VSP_NO_PC); /* not the function's symbol */
	assert_string_equal(vsp_module_symbol_at(m, 0, VSP_SYM_FUNCTION)->name, "main");
	assert_string_equal(vsp_module_symbol_at(m, 0x20000, VSP_SYM_DATA)->name, "main");
	assert_null(vsp_module_symbol_at(m, 0, VSP_SYM_LABEL));
	assert_null(vsp_module_symbol_at(m, 0x30000, VSP_SYM_DATA));
	assert_null(vsp_module_line_at(m, 3));
	assert_int_equal(vsp_module_line_at(m, 4)->line, 300);
	assert_int_equal(vsp_module_line_at(m, 7)->line, 300);
	assert_int_equal(vsp_module_line_at(m, 8)->line, 1);
	assert_int_equal(vsp_module_line_at(m, 8)->column, 200);
	assert_int_equal(vsp_module_line_at(m, 14)->address, 11);
	vsp_module_data_free(m);
	silc_bytes_free(&file);
}

static void built_sections_equal_the_ones_read(void **state)
{
	(void)state;
	typedef vsp_status build_fn(const vsp_module_data *, vsp_arena *, vsp_section *, vsp_error *);
	static build_fn *const builders[] = {vsp_silc_build_func, vsp_silc_build_memo, vsp_silc_build_impt,
	        vsp_silc_build_line, vsp_silc_build_modl};
	silc_bytes file = silc_sample();
	vsp_module_data *m = read_ok(&file);
	int found = 0;
	for (size_t b = 0; b < 5; b++) {
		vsp_section built;
		assert_int_equal(builders[b](m, &m->arena, &built, NULL), VSP_OK);
		assert_true(vsp_silc_known(built.tag));
		for (uint32_t i = 0; i < m->section_count; i++) {
			if (memcmp(m->sections[i].tag, built.tag, 4) != 0)
				continue;
			found++;
			assert_int_equal(m->sections[i].size, built.size);
			assert_memory_equal(m->sections[i].payload, built.payload, built.size);
		}
	}
	assert_int_equal(found, 5);
	vsp_module_data_free(m);
	silc_bytes_free(&file);
}

static void an_empty_symbol_table_differs_from_none(void **state)
{
	(void)state;
	silc_file f = SILC_FILE_INIT;
	silc_raw(&f.code, sum_code, sizeof sum_code);
	silc_uint(&f.symbols, 0, 4);
	silc_bytes file = silc_finish(&f);
	vsp_module_data *m = read_ok(&file);
	assert_true(m->symbols_stored);
	assert_int_equal(m->symbol_count, 0);
	assert_writes_back(m, &file);
	vsp_module_data_free(m);
	silc_bytes_free(&file);
}

static void text_is_strict_utf8(void **state)
{
	(void)state;
	static const char *const good[] = {"", "a", "\x7F", "\xC2\x80", "\xDF\xBF", "\xE0\xA0\x80", "\xED\x9F\xBF",
	        "\xEE\x80\x80", "\xEF\xBF\xBF", "\xF0\x90\x80\x80", "\xF4\x8F\xBF\xBF"};
	static const char *const bad[] = {"\x80", "\xBF", "\xC0\x80", "\xC1\xBF", "\xC2", "\xC2\x41", "\xE0\x9F\xBF",
	        "\xE1\x80", "\xED\xA0\x80", "\xF0\x8F\xBF\xBF", "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xFF",
	        "a\xE2\x82"};
	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
		assert_true(vsp_text_is_utf8(good[i], strlen(good[i])));
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		assert_false(vsp_text_is_utf8(bad[i], strlen(bad[i])));
	assert_false(vsp_text_is_utf8("a\0b", 3));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(the_smallest_program_has_the_defaults),
	        cmocka_unit_test(every_section_is_read_and_written_back),
	        cmocka_unit_test(look_ups_find_functions_symbols_and_lines),
	        cmocka_unit_test(built_sections_equal_the_ones_read),
	        cmocka_unit_test(an_empty_symbol_table_differs_from_none),
	        cmocka_unit_test(text_is_strict_utf8),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
