/*
 * Disassembly of files that the assembler would never write: the text must still assemble to the
 * identical bytes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "frontend/asm/assembler.h"
#include "frontend/disasm/disassembler.h"
#include "frontend/silc/silc.h"
#include "runtime/base/alloc.h"
#include "test/support/silc_builder.h"

/* Reads a file, disassembles and assembles it, and compares. Frees bytes. */
static void assert_round_trip(silc_bytes bytes)
{
	vsp_error error = VSP_ERROR_INIT;
	size_t length, size;
	vsp_module_data *first = vsp_silc_read(bytes.data, bytes.size, &error);
	if (!first)
		fail_msg("not a valid file: %s", error.message);
	char *text = vsp_disassemble(first, &length);
	assert_non_null(text);
	vsp_module_data *second = vsp_assemble_source(text, length, &(vsp_assemble_options){.file = "dis"}, &error);
	if (!second)
		fail_msg("line %u: %s in\n%s", error.line, error.message, text);
	uint8_t *again = vsp_silc_write(second, &size, &error);
	assert_non_null(again);
	if (size != bytes.size || memcmp(again, bytes.data, size) != 0)
		fail_msg("other bytes from\n%s", text);
	vsp_free_memory(again);
	vsp_free_memory(text);
	vsp_module_data_free(first);
	vsp_module_data_free(second);
	silc_bytes_free(&bytes);
}

/* Two functions of 5 bytes: JMP 0; HLT and MOVI R0, 1; NOP; HLT. */
static silc_file two_functions(void)
{
	silc_file f = SILC_FILE_INIT;
	SILC_RAW(&f.code, 0x10, 0, 0, 0, 0x01, 0x21, 0, 1, 0, 0x01);
	return f;
}

static void code_alone(void **state)
{
	(void)state;
	silc_file f = two_functions();
	assert_round_trip(silc_finish(&f));
}

static void a_symbol_table_of_no_symbols(void **state)
{
	(void)state;
	silc_file f = two_functions();
	silc_uint(&f.symbols, 0, 4);
	assert_round_trip(silc_finish(&f));
}

static void every_mode(void **state)
{
	(void)state;
	for (uint16_t mode = 0; mode < 5; mode++) {
		silc_file f = two_functions();
		f.mode = mode;
		assert_round_trip(silc_finish(&f));
	}
}

static void functions_without_names(void **state)
{
	(void)state;
	silc_file f = two_functions();
	silc_symbol(&f, "FUNC_000005", 0, 3);
	silc_func(&f, 0, 5, 0xFFFFFFFF, 0, 0, 0, 0);
	silc_func(&f, 5, 5, 0xFFFFFFFF, 2, 1, 0, 1);
	f.entry = 0;
	assert_round_trip(silc_finish(&f));
}

static void a_main_that_is_not_exported_and_not_the_entry(void **state)
{
	(void)state;
	silc_file f = two_functions();
	silc_symbol(&f, "main", 0, 3);
	silc_symbol(&f, "start", 5, 3);
	silc_func(&f, 0, 5, 0, 0, 0, 0, 0);
	silc_func(&f, 5, 5, 1, 0, 0, 0, 1);
	f.entry = 5;
	assert_round_trip(silc_finish(&f));
}

static void names_that_are_taken_or_no_names(void **state)
{
	(void)state;
	silc_file f = two_functions();
	silc_symbol(&f, "R1", 0, 0);
	silc_symbol(&f, "L_000000", 5, 0);
	silc_symbol(&f, "a b\"c\\\n", 0, 0);
	silc_symbol(&f, "\xC3\xA9t\xC3\xA9", 5, 0);
	silc_symbol(&f, "add", 0, 0);
	silc_symbol(&f, "HLT", 4, 0);
	silc_symbol(&f, "twice", 0, 0);
	silc_symbol(&f, "twice", 5, 0);
	silc_symbol(&f, "twice", 5, 3);
	silc_symbol(&f, "none", 8, 0);
	silc_symbol(&f, ".byte", 8, 0);
	silc_symbol(&f, "far", 0xFFFFFFFF, 1);
	silc_symbol(&f, "low", 0, 1);
	assert_round_trip(silc_finish(&f));
}

static void function_symbols_beside_the_table(void **state)
{
	(void)state;
	silc_file f = two_functions();
	silc_symbol(&f, "other", 0, 3);
	silc_symbol(&f, "first", 0, 3);
	silc_symbol(&f, "inner", 4, 3);
	silc_symbol(&f, "second", 5, 3);
	silc_func(&f, 0, 5, 1, 0, 0, 0, 1);
	silc_func(&f, 5, 5, 3, 0, 0, 0, 0);
	assert_round_trip(silc_finish(&f));
}

static void symbols_in_any_order(void **state)
{
	(void)state;
	silc_file f = two_functions();
	SILC_RAW(&f.data, 1, 2, 3, 4, 'h', 'e', 'l', 'l', 'o', 0, 0, 0, 0, 0, 0, 0, 0, 0, 9);
	silc_symbol(&f, "greeting", 0x20004, 1);
	silc_symbol(&f, "numbers", 0x20000, 1);
	silc_symbol(&f, "second", 5, 3);
	silc_symbol(&f, "past", 0x20013, 1);
	silc_symbol(&f, "first", 0, 3);
	silc_symbol(&f, "loop", 0, 0);
	silc_func(&f, 0, 5, 4, 0, 0, 0, 0);
	silc_func(&f, 5, 5, 2, 0, 0, 0, 1);
	assert_round_trip(silc_finish(&f));
}

static void data_before_code_in_the_symbols(void **state)
{
	(void)state;
	silc_file f = two_functions();
	for (int i = 0; i < 40; i++)
		SILC_RAW(&f.data, (uint8_t)(0x80 + i));
	silc_symbol(&f, "state", 0x20008, 1);
	silc_symbol(&f, "also", 0x20008, 1);
	silc_symbol(&f, "rest", 0x20018, 1);
	silc_symbol(&f, "main", 0, 3);
	silc_func(&f, 0, 10, 3, 0, 0, 0, 1);
	assert_round_trip(silc_finish(&f));
}

static void unknown_sections_anywhere(void **state)
{
	(void)state;
	silc_file f = two_functions();
	silc_bytes payload = {0}, empty = {0};
	SILC_RAW(&payload, 1, 2, 3, 'n', 'o', 't', 'e', 's', 0);
	silc_section(&f, "note", &payload);
	silc_memo(&f, 4, 100, 0x20000);
	silc_section(&f, "zero", &empty);
	silc_section(&f, "note", &payload);
	silc_bytes_free(&payload);
	assert_round_trip(silc_finish(&f));
}

static void memory_at_an_odd_address(void **state)
{
	(void)state;
	silc_file f = two_functions();
	SILC_RAW(&f.data, 1, 2, 3);
	silc_symbol(&f, "odd", 0x10007, 1);
	silc_memo(&f, 2, 2, 0x10007);
	assert_round_trip(silc_finish(&f));
}

static void memory_by_default_values(void **state)
{
	(void)state;
	silc_file f = two_functions();
	silc_memo(&f, 3, 65536, 0x20000);
	assert_round_trip(silc_finish(&f));
}

static void imports_with_any_name(void **state)
{
	(void)state;
	static const char *const names[][2] = {{"env.first", "env.second"}, {"env.a b", "env.c"}, {"env.x", "env.X"}};
	for (int i = 0; i < 3; i++) {
		silc_file f = SILC_FILE_INIT;
		silc_bytes payload = {0};
		SILC_RAW(&f.code, 0x1C, 1, 0, 0, 0x01);
		silc_uint(&payload, 2, 4);
		for (int n = 0; n < 2; n++) {
			silc_name(&payload, names[i][n]);
			SILC_RAW(&payload, 2, 1);
		}
		silc_section(&f, "IMPT", &payload);
		silc_bytes_free(&payload);
		assert_round_trip(silc_finish(&f));
	}
}

/* padding: numbers longer than needed. */
static silc_bytes line_payload(int padding)
{
	silc_bytes p = {0};
	silc_uint(&p, 2, 4);
	silc_name(&p, "a \"file\".sil");
	silc_name(&p, "other.sil");
	silc_uint(&p, 3, 4);
	silc_uleb(&p, 0);
	silc_uleb(&p, 1);
	silc_sleb(&p, 1000000);
	silc_uleb(&p, 7);
	if (padding)
		SILC_RAW(&p, 0x84, 0x00);
	else
		silc_uleb(&p, 4);
	silc_uleb(&p, 0);
	silc_sleb(&p, -999999);
	silc_uleb(&p, 1);
	silc_uleb(&p, 4);
	silc_uleb(&p, 0);
	silc_sleb(&p, 63);
	silc_uleb(&p, 300);
	return p;
}

static void line_tables(void **state)
{
	(void)state;
	for (int padding = 0; padding < 2; padding++) {
		silc_file f = two_functions();
		silc_bytes payload = line_payload(padding);
		silc_section(&f, "LINE", &payload);
		silc_bytes_free(&payload);
		assert_round_trip(silc_finish(&f));
	}
}

/* As many globals as there can be, a type and a table, for one function. */
static void add_tables(silc_file *f)
{
	silc_bytes globals = {0}, types = {0}, tables = {0};
	silc_uint(&globals, UINT16_MAX + 1, 4);
	for (int i = 0; i <= UINT16_MAX; i++)
		silc_uint(&globals, (uint64_t)i << 40, 8);
	silc_section(f, "GLOB", &globals);
	SILC_RAW(&types, 1, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF);
	silc_section(f, "TYPE", &types);
	SILC_RAW(&tables, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
	silc_section(f, "TABL", &tables);
	silc_bytes_free(&globals);
	silc_bytes_free(&types);
	silc_bytes_free(&tables);
}

static void every_form_with_extreme_immediates(void **state)
{
	(void)state;
	for (unsigned form = 0; form < VSP_FORMS; form++) {
		vsp_operand o = vsp_form_immediate((vsp_form)form);
		int64_t min = 0, max = 0;
		bool index = o == VSP_O_FUNCTION || o == VSP_O_TRANSFORM || o == VSP_O_KERNEL16 || o == VSP_O_IMPORT ||
		             o == VSP_O_SYSCALL || o == VSP_O_TABLE || o == VSP_O_TARGET16 || o == VSP_O_TARGET24 ||
		             o == VSP_O_TYPE;
		if (form == VSP_I_TRANS || form == VSP_I_LAUNCH || form == VSP_I_HCALL)
			continue; /* need more than one function */
		vsp_operand_range(o, &min, &max);
		for (int which = 0; which < (index ? 1 : 3); which++) {
			uint8_t code[16] = {0};
			vsp_insn insn = {.form = (uint16_t)form,
			        .imm = index        ? 0
			               : which == 0 ? min
			               : which == 1 ? max
			                            : 1};
			silc_file f = SILC_FILE_INIT;
			vsp_insn_encode(&insn, NULL, code);
			f.version = vsp_forms[form].since_2_1 ? 0x0201 : 0x0200;
			if (o == VSP_O_GLOBAL || o == VSP_O_TYPE)
				add_tables(&f);
			silc_raw(&f.code, code, vsp_insn_size((vsp_form)form, 0));
			SILC_RAW(&f.code, 0x01);
			assert_round_trip(silc_finish(&f));
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(code_alone),
	        cmocka_unit_test(a_symbol_table_of_no_symbols),
	        cmocka_unit_test(every_mode),
	        cmocka_unit_test(functions_without_names),
	        cmocka_unit_test(a_main_that_is_not_exported_and_not_the_entry),
	        cmocka_unit_test(names_that_are_taken_or_no_names),
	        cmocka_unit_test(function_symbols_beside_the_table),
	        cmocka_unit_test(symbols_in_any_order),
	        cmocka_unit_test(data_before_code_in_the_symbols),
	        cmocka_unit_test(unknown_sections_anywhere),
	        cmocka_unit_test(memory_at_an_odd_address),
	        cmocka_unit_test(memory_by_default_values),
	        cmocka_unit_test(imports_with_any_name),
	        cmocka_unit_test(line_tables),
	        cmocka_unit_test(every_form_with_extreme_immediates),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
