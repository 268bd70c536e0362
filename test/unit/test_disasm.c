/*
 * The disassembler's text, for modules put together by hand. The round-trip test checks that the
 * text assembles to the identical file.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "frontend/disasm/disassembler.h"
#include "runtime/base/alloc.h"

static void assert_text(const vsp_module_data *m, const char *expected)
{
	size_t length;
	char *text = vsp_disassemble(m, &length);
	assert_non_null(text);
	assert_string_equal(text, expected);
	assert_int_equal(length, strlen(expected));
	vsp_free_memory(text);
}

/* MOVI R0, 5; MOVI R1, 10; ADD R0, R0, R1; HLT */
static const uint8_t sum[] = {0x21, 0x00, 5, 0x21, 0x01, 10, 0x4C, 0x00, 0x01, 0x01};

static const uint8_t sum_func[16] = {0, 0, 0, 0, 10, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};

/* sum as a file of version 2 has it: with a function table, exported under a name. */
static void assert_exported(const char *name, const char *expected)
{
	vsp_symbol symbols[] = {{name, 0, VSP_SYM_FUNCTION}};
	vsp_func funcs[] = {{.start = 0, .size = sizeof sum, .symbol = 0, .flags = VSP_FUNC_EXPORTED}};
	vsp_section sections[] = {{{'F', 'U', 'N', 'C'}, sizeof sum_func, sum_func}};
	vsp_module_data m = {.code = sum,
	        .code_size = sizeof sum,
	        .mode = 4,
	        .symbols_stored = true,
	        .symbols = symbols,
	        .symbol_count = 1,
	        .funcs = funcs,
	        .func_count = 1,
	        .initial_pages = 3,
	        .max_pages = 65536,
	        .stack_top = 0x20000,
	        .sections = sections,
	        .section_count = 1};
	assert_text(&m, expected);
}

static void a_program_with_function_table(void **state)
{
	(void)state;
	assert_exported("main", "\t.mode   SIL-128\n"
	                        "\n\t.code\n"
	                        "\n\t.export main\n"
	                        ".func main(0)\n"
	                        "\tMOVI    R0, 5\n"
	                        "\tMOVI    R1, 10\n"
	                        "\tADD     R0, R0, R1\n"
	                        "\tHLT\n"
	                        ".end\n"
	                        "\t.section \"LINE\", none\n");
}

static void an_exported_name_that_is_no_identifier(void **state)
{
	(void)state;
	assert_exported("two words", "\t.mode   SIL-128\n"
	                             "\n\t.code\n"
	                             "\n\t.export FUNC_000000 as \"two words\"\n"
	                             ".func FUNC_000000(0)\n"
	                             "\tMOVI    R0, 5\n"
	                             "\tMOVI    R1, 10\n"
	                             "\tADD     R0, R0, R1\n"
	                             "\tHLT\n"
	                             ".end\n"
	                             "\t.section \"LINE\", none\n");
}

static void a_program_without_any_section(void **state)
{
	(void)state;
	vsp_func funcs[] = {{.start = 0, .size = sizeof sum, .symbol = VSP_NO_SYMBOL, .flags = VSP_FUNC_EXPORTED}};
	vsp_module_data m = {.code = sum,
	        .code_size = sizeof sum,
	        .mode = 0,
	        .funcs = funcs,
	        .func_count = 1,
	        .initial_pages = 3,
	        .max_pages = 65536,
	        .stack_top = 0x20000};
	assert_text(&m, "\t.mode   SIL-8\n"
	                "\n\t.code\n\n"
	                "\tMOVI    R0, 5\n"
	                "\tMOVI    R1, 10\n"
	                "\tADD     R0, R0, R1\n"
	                "\tHLT\n"
	                "\t.symbol none\n"
	                "\t.section \"FUNC\", none\n"
	                "\t.section \"LINE\", none\n");
}

static void names_that_are_no_identifiers_stand_only_in_symbol_lines(void **state)
{
	(void)state;
	/* again: JMP again */
	static const uint8_t code[] = {0x10, 0, 0, 0};
	static const uint8_t data[] = {'h', 'e', 'l', 'l', 'o', '\n', 0, 1, 2, 0xFF};
	static const uint8_t extra[] = {1, 2, 3};
	vsp_symbol symbols[] = {{"R1", 0, VSP_SYM_LABEL}, {"a \"b\"\n", 0, VSP_SYM_LABEL},
	        {"tail", 0x20007, VSP_SYM_DATA}, {"tail", 0x20000, VSP_SYM_DATA}};
	vsp_func funcs[] = {{.start = 0, .size = sizeof code, .symbol = VSP_NO_SYMBOL, .flags = VSP_FUNC_EXPORTED}};
	vsp_section sections[] = {{{'n', 'o', 't', 'e'}, sizeof extra, extra}};
	vsp_module_data m = {.code = code,
	        .code_size = sizeof code,
	        .data = data,
	        .data_size = sizeof data,
	        .mode = 4,
	        .symbols_stored = true,
	        .symbols = symbols,
	        .symbol_count = 4,
	        .funcs = funcs,
	        .func_count = 1,
	        .initial_pages = 3,
	        .max_pages = 65536,
	        .stack_top = 0x20000,
	        .sections = sections,
	        .section_count = 1};
	assert_text(&m, "\t.mode   SIL-128\n"
	                "\n\t.code\n\n"
	                "L_000000:\n"
	                "\tJMP     L_000000\n"
	                "\n\t.data\n"
	                "\t.asciz  \"hello\\n\"\n"
	                "tail:\n"
	                "\t.byte   0x01, 0x02, 0xFF\n"
	                "\t.symbol \"R1\", label, 0x0000\n"
	                "\t.symbol \"a \\\"b\\\"\\n\", label, 0x0000\n"
	                "\t.symbol \"tail\", data, 0x20007\n"
	                "\t.symbol \"tail\", data, 0x20000\n"
	                "\t.section \"FUNC\", none\n"
	                "\t.section \"LINE\", none\n"
	                "\t.section \"note\"\n"
	                "\t.byte   0x01, 0x02, 0x03\n");
}

static void assert_insn(const vsp_insn *insn, const char *expected)
{
	vsp_module_data m = {.code_size = 0};
	char text[64];
	assert_int_equal(vsp_disassemble_insn(&m, insn, text, sizeof text), strlen(expected));
	assert_string_equal(text, expected);
}

static void the_shortest_spelling_that_gives_the_same_form(void **state)
{
	(void)state;
	assert_insn(&(vsp_insn){.form = VSP_I_MOVI_8, .a = 1, .imm = -128}, "MOVI    R1, -128");
	assert_insn(&(vsp_insn){.form = VSP_I_MOVI_32, .a = 1, .imm = 127}, "MOVI.32 R1, 127");
	assert_insn(&(vsp_insn){.form = VSP_I_MOVI_32, .a = 1, .imm = 128}, "MOVI    R1, 128");
	assert_insn(&(vsp_insn){.form = VSP_I_MOVI_64, .a = 15, .imm = 5}, "MOVI.64 RF, 5");
	assert_insn(&(vsp_insn){.form = VSP_I_MOVI_64, .a = 15, .imm = INT64_MIN}, "MOVI    RF, 0x8000000000000000");
	assert_insn(&(vsp_insn){.form = VSP_I_ADDI_W_32, .a = 1, .b = 2, .imm = 3}, "ADDI.W.32 R1, R2, 3");
	assert_insn(&(vsp_insn){.form = VSP_I_ADDI_W_32, .a = 1, .b = 2, .imm = -1000}, "ADDI.W  R1, R2, -1000");
	assert_insn(&(vsp_insn){.form = VSP_I_ADD_W, .a = 1, .b = 2, .c = 3}, "ADD.W   R1, R2, R3");
	assert_insn(&(vsp_insn){.form = VSP_I_LOAD, .a = 1, .b = 2, .imm = -8}, "LOAD    R1, [R2 - 8]");
	assert_insn(&(vsp_insn){.form = VSP_I_LOAD_A, .a = 1, .imm = 0xFFFFFFFF}, "LOAD    R1, [0xFFFFFFFF]");
	assert_insn(&(vsp_insn){.form = VSP_I_SSTATE_B, .b = 3}, "SSTATE  [R3]");
	assert_insn(&(vsp_insn){.form = VSP_I_LDX_64, .a = 1, .b = 2, .c = 3}, "LDX.64  R1, [R2 + R3*8]");
	assert_insn(&(vsp_insn){.form = VSP_I_LDX_8U, .a = 1, .b = 2, .c = 3}, "LDX.8U  R1, [R2 + R3]");
	assert_insn(&(vsp_insn){.form = VSP_I_SEL, .a = 1, .b = 2, .c = 3, .d = 4}, "SEL     R1, R4, R2, R3");
	assert_insn(&(vsp_insn){.form = VSP_I_STSP, .a = 1, .imm = 16}, "STSP    R1, [SP + 16]");
	assert_insn(&(vsp_insn){.form = VSP_I_INVOKEI, .a = 1, .imm = 0x0203}, "INVOKEI R1, 3, 2");
	assert_insn(&(vsp_insn){.form = VSP_I_BNE, .a = 1, .b = 2, .imm = 0x40}, "BNE     R1, R2, 0x0040");
	assert_insn(&(vsp_insn){.form = VSP_I_LAUNCH, .a = 1, .b = 2, .imm = 7}, "LAUNCH  7, R1, R2");
	assert_insn(&(vsp_insn){.form = VSP_I_HINT_GPU}, "HINT.GPU");
}

static void a_short_buffer_cuts_the_text_and_tells_its_length(void **state)
{
	(void)state;
	vsp_module_data m = {.code_size = 0};
	vsp_insn insn = {.form = VSP_I_ADD, .a = 1, .b = 2, .c = 3};
	char text[5] = "....";
	assert_int_equal(vsp_disassemble_insn(&m, &insn, text, 3), strlen("ADD     R1, R2, R3"));
	assert_memory_equal(text, "AD\0.", 5);
	assert_int_equal(vsp_disassemble_insn(&m, &insn, NULL, 0), strlen("ADD     R1, R2, R3"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_program_with_function_table),
	        cmocka_unit_test(an_exported_name_that_is_no_identifier),
	        cmocka_unit_test(a_program_without_any_section),
	        cmocka_unit_test(names_that_are_no_identifiers_stand_only_in_symbol_lines),
	        cmocka_unit_test(the_shortest_spelling_that_gives_the_same_form),
	        cmocka_unit_test(a_short_buffer_cuts_the_text_and_tells_its_length),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
