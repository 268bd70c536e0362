/*
 * The assembler: bytes of every directive and spelling, computed by hand from the instruction set's
 * pages; layout; symbols, tables and sections. Messages are tested by test_asm_errors.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "frontend/asm/assembler.h"
#include "frontend/silc/silc.h"
#include "runtime/base/alloc.h"

static void show_message(void *user, const vsp_diagnostic *diagnostic)
{
	char text[1024];
	(void)user;
	vsp_diagnostic_format(diagnostic, false, text, sizeof text);
	print_error("%s", text);
}

/* Files that sources here include, by path. */
static void read_file(void *user, vsp_named_file *file)
{
	static const char *const files[][2] = {{"dir/inner.inc", "\tMOVI R1, 2\n.include \"sub/deep.inc\"\n"},
	        {"dir/sub/deep.inc", "\tMOVI R2, 3\n"}, {"dir/m.onnx", "\x08\x01model"}};
	(void)user;
	for (size_t i = 0; i < 3; i++)
		if (strcmp(file->path, files[i][0]) == 0) {
			file->size = strlen(files[i][1]);
			file->bytes = vsp_alloc(1, file->size);
			assert_non_null(file->bytes);
			memcpy(file->bytes, files[i][1], file->size);
			return;
		}
	file->why = "no such file";
}

static vsp_module_data *assemble(const char *source)
{
	vsp_error error = VSP_ERROR_INIT;
	const vsp_assemble_options options = {.file = "dir/t.sil", .report = show_message, .read_file = read_file};
	vsp_module_data *m = vsp_assemble_source(source, strlen(source), &options, &error);
	if (!m)
		fail_msg("%s\n%s", error.message, source);
	return m;
}

static int hex_digit(char c) { return c <= '9' ? c - '0' : c - 'A' + 10; }

/* Compares bytes with hexadecimal digits; spaces are skipped. */
static void assert_bytes(const uint8_t *bytes, size_t size, const char *hex)
{
	size_t n = 0;
	for (const char *p = hex; *p; p++) {
		if (*p == ' ')
			continue;
		assert_true(n < size);
		uint8_t expected = (uint8_t)(hex_digit(p[0]) << 4 | hex_digit(p[1]));
		if (bytes[n] != expected)
			fail_msg("byte %zu is %02X, expected %02X in %s", n, bytes[n], expected, hex);
		n++, p++;
	}
	assert_int_equal(n, size);
}

static void assert_code(const char *source, const char *hex)
{
	vsp_module_data *m = assemble(source);
	assert_bytes(m->code, m->code_size, hex);
	vsp_module_data_free(m);
}

static void assert_data(const char *source, const char *hex)
{
	char whole[4096];
	snprintf(whole, sizeof whole, "HLT\n.data\n%s", source);
	vsp_module_data *m = assemble(whole);
	assert_bytes(m->data, m->data_size, hex);
	vsp_module_data_free(m);
}

/* One instruction before the HLT that ends the code. */
static void assert_insn(const char *source, const char *hex)
{
	char text[512], expected[512];
	snprintf(text, sizeof text, "%s\nHLT", source);
	snprintf(expected, sizeof expected, "%s 01", hex);
	assert_code(text, expected);
}

static void the_first_program(void **state)
{
	(void)state;
	assert_code("MOVI R0, 5\nMOVI R1, 10\nADD  R0, R1\nHLT\n", "210005 21010A 4C0001 01");
}

static void comments_and_the_immediate_sign(void **state)
{
	(void)state;
	assert_code(
	        "; one\n# two\n// three\nMOVI R0, #5 ; four\nMOVI R1, #-1 # five\nMOVI R2, #'a'// six\n  # 7\nHLT #8\n",
	        "210005 2101FF 210261 01");
	assert_code("x: #9 a comment behind a label\nMOVI R0, 6 / 2 // not a division\r\nHLT", "210003 01");
	assert_code("\xEF\xBB\xBFHLT", "01");
}

static void words_in_any_case(void **state)
{
	(void)state;
	assert_code(".CODE\nmovi r0, 5\nMoVi Rf, 1\nadd R10, r11, R15\nLdsp rA, [sP + 8 * 0]\nhlt",
	        "210005 210F01 4CBA0F 060A0000 01");
}

static void numbers(void **state)
{
	(void)state;
	assert_insn("MOVI R0, 0x7f", "21007F");
	assert_insn("MOVI R0, 0b101", "210005");
	assert_insn("MOVI R0, 0o17", "21000F");
	assert_insn("MOVI R0, 010", "21000A");
	assert_insn("MOVI R0, '\\n'", "21000A");
	assert_insn("MOVI R0, '\\x41'", "210041");
	assert_insn("MOVI R0, '\xC3\xA9'", "2D00E9000000");
	assert_insn("MOVI R0, 1_000", "2D00E8030000");
	assert_insn("MOVI R0, 18446744073709551615", "2100FF");
	assert_insn("MOVI R0, -9223372036854775808", "2E000000000000000080");
	assert_insn("MOVI R0, 1.5", "2E00000000000000F83F");
	assert_insn("MOVI R0, -1.5", "2E00000000000000F8BF");
	assert_insn("MOVI R0, 1.5s", "2D000000C03F");
	assert_insn("MOVI R0, -1.5s", "2E000000C0BF00000000");
	assert_insn("MOVI R0, 0.0", "210000");
	assert_insn("MOVI R0, 1e3", "2E000000000000408F40");
	assert_insn("MOVI R0, 0.5 + 1", "2E00000000000000F83F");
}

static void shortest_immediate(void **state)
{
	(void)state;
	assert_insn("MOVI R3, -128", "210380");
	assert_insn("MOVI R3, 128", "2D0380000000");
	assert_insn("MOVI R3, -2147483648", "2D0300000080");
	assert_insn("MOVI R3, 2147483648", "2E030000008000000000");
	assert_insn("MOVI.8 R3, 1", "210301");
	assert_insn("MOVI.32 R3, 1", "2D0301000000");
	assert_insn("MOVI.64 R3, 1", "2E030100000000000000");
	assert_insn("ADDI R1, R2, 127", "A8217F");
	assert_insn("ADDI R1, R2, 128", "B82180000000");
	assert_insn("ADDI.32 R1, R2, 1", "B82101000000");
	assert_insn("ADDI.W R1, R2, 1", "DB2101");
	assert_insn("MULI.W R1, R2, 1000", "BF21E8030000");
}

static void expressions(void **state)
{
	static const struct {
		const char *text;
		int value;
	} cases[] = {{"1 + 2 * 3", 7}, {"(1 + 2) * 3", 9}, {"-7 / 2", -3}, {"7 / -2", -3}, {"-7 / -2", 3},
	        {"-7 % 2", -1}, {"7 % -2", 1}, {"1 << 4 | 1", 17}, {"-16 >> 2", -4}, {"~0", -1}, {"!5", 0}, {"!0", 1},
	        {"3 < 4", 1}, {"4 <= 3", 0}, {"4 > 3", 1}, {"3 >= 4", 0}, {"3 == 3", 1}, {"3 != 3", 0}, {"6 & 3", 2},
	        {"6 ^ 3", 5}, {"1 && 0", 0}, {"0 || 2", 1}, {"1 ? 2 : 3", 2}, {"0 ? 2 : 0 ? 3 : 4", 4},
	        {"10 - 3 - 2", 5}, {"- - 3", 3}, {"1 | 2 ^ 3 & 1", 3}, {"2 + 3 << 1", 10}, {"1 < 2 == 1", 1},
	        {"0 && 1 / 0", 0}, {"1 || 1 / 0", 1}, {"1 ? 5 : 1 / 0", 5}, {"1.5 < 2", 1}, {"2.5 > 2", 1},
	        {"2.5 <= 2.5", 1}, {"2.5 >= 3", 0}, {"2.5 == 5.0 / 2", 1}, {"2.5 != 2.5", 0}, {"1.5 - 0.5 == 1", 1},
	        {"1.5 * 2 == 3", 1}, {"+5", 5}};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		char text[64], hex[16];
		snprintf(text, sizeof text, "MOVI R0, %s", cases[i].text);
		snprintf(hex, sizeof hex, "2100%02X", (unsigned)cases[i].value & 0xFF);
		assert_insn(text, hex);
	}
}

static void constants_and_forward_references(void **state)
{
	(void)state;
	assert_code("MOVI R0, size * 2\n.const size = later + 1\n.const later, 4\n.const third 7\nMOVI R1, third\nHLT",
	        "21000A 210107 01");
	/* A chain in order has no limit. */
	char *text = malloc(1 << 20), *p = text;
	assert_non_null(text);
	p += sprintf(p, ".const c0 = 0\n");
	for (int i = 1; i < 5000; i++)
		p += sprintf(p, ".const c%d = c%d + 1\n", i, i - 1);
	sprintf(p, "MOVI R0, c4999 - 4990\nHLT\n");
	assert_code(text, "210009 01");
	/* Doubling 60 times takes 60 steps, not 2^60. */
	p = text + sprintf(text, ".const d0 = 1\n");
	for (int i = 1; i < 60; i++)
		p += sprintf(p, ".const d%d = d%d + d%d\n", i, i - 1, i - 1);
	sprintf(p, "MOVI.64 R0, d59\nHLT\n");
	assert_code(text, "2E000000000000000008 01");
	free(text);
}

static void spellings_of_three_registers(void **state)
{
	(void)state;
	assert_insn("ADD R1, R2, R3", "4C2103");
	assert_insn("ADD R1, R2", "4C1102");
	assert_insn("ADD.W R1, R2", "4C1112");
	assert_insn("ADD R1, R2, 5", "A82105");
	assert_insn("ADD R1, 5", "A81105");
	assert_insn("ADDI R1, 5", "A81105");
	assert_insn("SUB R1, R2, 5", "A821FB");
	assert_insn("SUB R1, 5", "A811FB");
	assert_insn("SUB R1, 128", "A81180");
	assert_insn("SUB R1, R2, 129", "B8217FFFFFFF");
	assert_insn("SUB.W R1, R2, 5", "DB21FB");
	assert_insn("SHL R1, R2, 3", "AD2103");
	assert_insn("SHL.W R1, R2, 3", "DD2103");
	assert_insn("SARI.W R1, R2, 31", "DD215F");
	assert_insn("ROTR R1, R2, 63", "DE217F");
	assert_insn("CMP R1, 300", "BD012C010000");
	assert_insn("CMP R1, R2", "582100");
	assert_insn("MUL.F R1, R2", "521102");
	assert_insn("MUL.S R1, R2, R3", "522113");
	assert_insn("POW.B R1, -2", "4211FE");
	assert_insn("XORL L1, L2, LF", "60210F");
	assert_insn("SGT R1, R2, R3", "D83122");
	assert_insn("SGE.S R1, R2, R3", "D931B2");
	assert_insn("SEL R1, R2, R3, R4", "DA3124");
	assert_insn("FMA.F R1, R2, R3, R4", "942143");
	assert_insn("SIN.F R1, R2", "922100");
	assert_insn("FMATH R1, R2, 0", "922100");
	assert_insn("FMATH R1, R2, expm1", "9221F0");
	assert_insn("FMATH2 R1, R2, R3, hypot", "932113");
	assert_insn("VMAP.7 R1, R2, R3", "8A2173");
	assert_insn("VMAP.COPY R1, R2, R3", "8A2173");
	assert_insn("I2S R1, R2", "702110");
	assert_insn("LERP R1, R2, 255", "8221FF");
}

static void old_spellings_and_the_classic_dialect(void **state)
{
	(void)state;
	assert_insn("ADDINT R0, R1, R2", "4C1002");
	assert_insn("SQRTFLOAT R0, R1", "561000");
	assert_insn("CVTI2F R0, R1", "701000");
	assert_code(".dialect classic\nADD R0, R1, R2\nMUL R0, R1\nROOT R0, R1, 3\nINV R4\n.dialect integer\nADD R0, "
	            "R1\nHLT",
	        "461002 400001 431003 4404 4C0001 01");
}

static void memory_operands(void **state)
{
	(void)state;
	assert_insn("LOAD R1, [R2]", "22210000");
	assert_insn("LOAD R1, [R2 + 16]", "22211000");
	assert_insn("STORE R1, [R2-8]", "2321F8FF");
	assert_insn("LOAD R1, [R2 - 8 + 16]", "22210800");
	assert_insn("LOAD R1, [0x20000]", "2B0100000200");
	assert_insn("LDSP R1, [SP + 8]", "06010800");
	assert_insn("STSP R1, [SP]", "07010000");
	assert_insn("LD8U R1, [R2 + 1]", "30210100");
	assert_insn("LDX.64 R1, [R2 + R3*8]", "392163");
	assert_insn("LDX.8U R1, [R2 + R3]", "392103");
	assert_insn("STX.16 R1, [R2+R3 * 2]", "3A2123");
	assert_insn("LSTATE [0x20000]", "27000002");
	assert_insn("SSTATE [R3 + 16]", "2A301000");
	assert_insn("LASTATE: LEASP R1, -4", "3F01FCFF");
	assert_insn("PREFETCH [1]", "E6010000");
}

static void branches(void **state)
{
	(void)state;
	assert_code("top: BEQ R1, R2, top\nBGT R1, R2, top\nJZ R3, top\nJNZ R3, end\nJZ end\nLOOP top\nend: HLT",
	        "0821FCFF 0A12F8FF 0E03F4FF 0F030800 11180000 16000000 01");
	assert_code("BRTAB R2, a, b, a\na: RET\nb: HLT", "1D020300 0D0000 0E0000 0D0000 02 01");
	assert_code("BRTAB R2\nHLT", "1D020000 01");
	assert_code("BRTAB R2, a, a, a, a, a, a\na: HLT", "1D020600 160000 160000 160000 160000 160000 160000 01");
	assert_code("JMP L1\nL1: JMP 4\n", "10040000 10040000");
}

static void calls(void **state)
{
	(void)state;
	assert_code(".import env.f(2) -> 1\n.import env.g\nHCALL env.g\nHCALL 0\nSYSCALL 0x0A\nSYSCALL "
	            "print_int\nSYSCALL 2, 0\nINVOKE f\n"
	            "INVOKE 1\nTRANS t\nLAUNCH k, R1, R2\nINVOKEI R3, 2, 1\nMOVI R0, f\nCALL there\nthere: HLT\n"
	            ".func f(2) -> 1\nRET\n.end\n.transform t\nRET\n.end\n.kernel k\nRET\n.end",
	        "1C010000 1C000000 FF0A0000 FF020000 FF020000 1A010000 1A010000 80020000 8D210300 1B030201 210001 "
	        "152F0000 01 02 02 02");
}

static void far_branches_become_inverse_and_jump(void **state)
{
	(void)state;
	/* 8,191 STOREs of 4 bytes and the branch: the target is 32,768 bytes after its end, one
	   too far. */
	char *text = malloc(1 << 20), *p = text;
	assert_non_null(text);
	for (int n = 8191; n <= 8192; n++) {
		p = text + sprintf(text, "start: BLTU R1, R2, end\n");
		for (int i = 0; i < n; i++)
			p += sprintf(p, "STORE R1, [R2]\n");
		sprintf(p, "end: HLT\n");
		vsp_module_data *m = assemble(text);
		if (n == 8191) {
			assert_int_equal(m->code_size, 4 + 4 * n + 1);
			assert_bytes(m->code, 4, "0C21FC7F");
		} else {
			assert_int_equal(m->code_size, 8 + 4 * n + 1);
			assert_bytes(m->code, 8, "0D210400 10088000");
		}
		vsp_module_data_free(m);
	}
	/* Backwards: -32,768 is in range from the end of the branch. */
	p = text + sprintf(text, "start: NOP\n");
	for (int i = 0; i < 8191; i++)
		p += sprintf(p, "STORE R1, [R2]\n");
	sprintf(p, "BZ R3, start\nHLT\n");
	vsp_module_data *m = assemble(text);
	assert_bytes(m->code + 1 + 4 * 8191, 9, "0F030400 10000000 01");
	vsp_module_data_free(m);
	free(text);
}

static void one_relaxation_causes_another(void **state)
{
	(void)state;
	/* The second branch is exactly in range until the first, inside its span, grows by 4. */
	char *text = malloc(1 << 21), *p = text;
	assert_non_null(text);
	p += sprintf(p, "BZ R1, mid\nBZ R2, far\n");
	for (int i = 0; i < 8190; i++)
		p += sprintf(p, "STORE R1, [R2]\n");
	p += sprintf(p, "mid: NOP\n");
	for (int i = 0; i < 8190; i++)
		p += sprintf(p, "STORE R1, [R2]\n");
	sprintf(p, "far: HLT\n");
	vsp_module_data *m = assemble(text);
	/* BZ R2, far spans 65,521 bytes and grows; with it BZ R1, mid spans 8 + 32,760 = 32,768
	   and grows too. */
	assert_bytes(m->code, 16, "0F010400 10088000 0F020400 10010001");
	vsp_module_data_free(m);
	free(text);
}

static void label_values_take_the_shortest_form(void **state)
{
	(void)state;
	assert_code("MOVI R0, end\nMOVI R1, end - start\nstart: NOP\nend: HLT", "210007 210101 00 01");
	char *text = malloc(1 << 16), *p = text;
	assert_non_null(text);
	p += sprintf(p, "MOVI R0, end\n");
	for (int i = 0; i < 125; i++)
		p += sprintf(p, "NOP\n");
	sprintf(p, "end: HLT\n");
	vsp_module_data *m = assemble(text);
	assert_bytes(m->code, 6, "2D0083000000"); /* 3 + 125 = 128 does not fit, so the address is 6 + 125 = 131 */
	vsp_module_data_free(m);
	free(text);
}

static void alignment_in_code(void **state)
{
	(void)state;
	assert_code("HLT\n.align 4\nx: JMP x", "01 00 00 00 10040000");
	assert_code(".align 8\nHLT", "01");
}

static void data_directives(void **state)
{
	(void)state;
	assert_data(".byte 1, -1, 255, 'a'\n.half 0x1234, -2\n.word 0xDEADBEEF\n.quad -3",
	        "01 FF FF 61 3412 FEFF EFBEADDE FDFFFFFFFFFFFFFF");
	assert_data(
	        ".float 1.5, 2, 0.1s\n.double 1.5, -1", "0000C03F 00000040 CDCCCC3D 000000000000F83F 000000000000F0BF");
	assert_data(".ascii \"a\\n\\x00\\\"\", \"b\"\n.asciz \"\xC3\xA9\"", "610A0022 62 C3A900");
	assert_data(".byte 1\n.space 3\n.space 2, 0xAA\n.align 8\n.byte 2", "01 000000 AAAA 0000 02");
	assert_data("s: [80, 00, 11, 22, 33, 44, 55, 66, 77, 88, 99, aA, BB, cc, Dd, 1e] ; a state",
	        "80001122334455667788 99AABBCCDD1E");
	assert_data(".word end - start\nstart: .byte 0, 0, 0\nend:", "03000000 000000");
	assert_data("x: .word x, y\ny: .word code\n.code\ncode: HLT\n.data", "00000200 08000200 01000000");
	assert_data(".const n = 2\n.space n\n.space later\n.const later = 1", "0000 00");
}

static void a_state_in_code_is_data(void **state)
{
	(void)state;
	vsp_module_data *m =
	        assemble("LSTATE [s]\ns: [80, 00, 00, 00, 00, 00, 00, 00, 00, 00, 00, 00, 00, 00, 00, 01]\nHLT");
	assert_bytes(m->code, m->code_size, "27000002 01");
	assert_int_equal(m->data_size, 16);
	vsp_module_data_free(m);
}

static void check_symbol(const vsp_module_data *m, uint32_t i, const char *name, unsigned kind, uint32_t address)
{
	assert_true(i < m->symbol_count);
	assert_string_equal(m->symbols[i].name, name);
	assert_int_equal(m->symbols[i].kind, kind);
	assert_int_equal(m->symbols[i].address, address);
}

static void symbols_in_order_of_definition(void **state)
{
	(void)state;
	vsp_module_data *m = assemble(".data\nd: .byte 1\n.code\n.func f\ninner: RET\n.local: RET\n.end\nHLT\nlate: "
	                              "HLT\n.transform t\nRET\n.end\n"
	                              ".kernel k\nRET\n.end\n.const c = 1\n.data\n.hidden: .byte 2\ne:");
	assert_int_equal(m->symbol_count, 8);
	check_symbol(m, 0, "d", VSP_SYM_DATA, 0x20000);
	check_symbol(m, 1, "f", VSP_SYM_FUNCTION, 2);
	check_symbol(m, 2, "inner", VSP_SYM_LABEL, 2);
	check_symbol(m, 3, "main", VSP_SYM_FUNCTION, 0);
	check_symbol(m, 4, "late", VSP_SYM_LABEL, 1);
	check_symbol(m, 5, "t", VSP_SYM_TRANSFORM, 4);
	check_symbol(m, 6, "k", VSP_SYM_KERNEL, 5);
	check_symbol(m, 7, "e", VSP_SYM_DATA, 0x20002);
	assert_int_equal(m->func_count, 4);
	assert_int_equal(m->entry, 0);
	assert_int_equal(m->funcs[0].flags, VSP_FUNC_EXPORTED);
	assert_int_equal(m->funcs[1].flags, 0);
	assert_int_equal(m->funcs[2].params, 16);
	assert_int_equal(m->funcs[3].params, 2);
	assert_int_equal(m->funcs[3].results, 0);
	vsp_module_data_free(m);
}

static void local_labels_belong_to_their_function(void **state)
{
	(void)state;
	assert_code(".func f\n.x: JMP .x\n.end\n.func g\n.x: JMP .x\n.end", "10000000 10040000");
}

static void a_label_may_be_called_main_or_like_an_instruction(void **state)
{
	(void)state;
	vsp_module_data *m = assemble("JMP main\nloop: HLT\nmain: JMP loop");
	assert_bytes(m->code, m->code_size, "10050000 01 10040000");
	check_symbol(m, 0, "main", VSP_SYM_FUNCTION, 0);
	check_symbol(m, 2, "main", VSP_SYM_LABEL, 5);
	vsp_module_data_free(m);
}

static void entries_and_exports(void **state)
{
	(void)state;
	vsp_module_data *m = assemble(".export g as \"the name\"\n.export h\n.func f(1) -> 2\nRET\n.end\n.func "
	                              "g\nRET\n.end\n.func h\nRET\n.end");
	assert_int_equal(m->entry, 0);
	assert_int_equal(m->funcs[0].params, 1);
	assert_int_equal(m->funcs[0].results, 2);
	assert_int_equal(m->funcs[0].flags, 0);
	assert_int_equal(vsp_module_find_export(m, "the name"), 1);
	assert_int_equal(vsp_module_find_export(m, "h"), 2);
	assert_int_equal(vsp_module_find_export(m, "g"), VSP_NO_PC);
	vsp_module_data_free(m);
	m = assemble(".func f\nRET\n.end\n.func main\nRET\n.end");
	assert_int_equal(m->entry, 1);
	vsp_module_data_free(m);
	m = assemble(".entry g\n.func main\nRET\n.end\n.func g\nRET\n.end");
	assert_int_equal(m->entry, 1);
	vsp_module_data_free(m);
	m = assemble(".transform t\nRET\n.end\n.func g\nRET\n.end");
	assert_int_equal(m->entry, 1);
	vsp_module_data_free(m);
}

static const vsp_section *find_section(const vsp_module_data *m, const char *tag)
{
	for (uint32_t i = 0; i < m->section_count; i++)
		if (memcmp(m->sections[i].tag, tag, 4) == 0)
			return &m->sections[i];
	return NULL;
}

static void memory_directives(void **state)
{
	(void)state;
	vsp_module_data *m = assemble("HLT");
	assert_int_equal(m->initial_pages, 3);
	assert_int_equal(m->max_pages, 65536);
	assert_int_equal(m->stack_top, 0x20000);
	assert_null(find_section(m, "MEMO"));
	assert_int_equal(m->mode, 4);
	vsp_module_data_free(m);
	m = assemble(".mode sil-16\n.memory 4, 8\n.stack 100\nMOVI R0, d\nHLT\n.data\nd: .byte 1");
	assert_int_equal(m->mode, 1);
	assert_int_equal(m->initial_pages, 4);
	assert_int_equal(m->max_pages, 8);
	assert_int_equal(m->stack_top, 0x10070);
	assert_bytes(m->code, m->code_size, "2D0070000100 01");
	const vsp_section *memo = find_section(m, "MEMO");
	assert_non_null(memo);
	assert_bytes(memo->payload, memo->size, "04000000 08000000 70000100");
	vsp_module_data_free(m);
	m = assemble("HLT\n.data\n.space 65536\n.byte 1");
	assert_int_equal(m->initial_pages, 4);
	vsp_module_data_free(m);
}

static void includes_are_relative_to_the_including_file(void **state)
{
	(void)state;
	vsp_module_data *m = assemble("MOVI R0, 1\n.include \"inner.inc\"\nHLT");
	assert_bytes(m->code, m->code_size, "210001 210102 210203 01");
	assert_int_equal(m->file_count, 3);
	assert_string_equal(m->files[0], "dir/t.sil");
	assert_string_equal(m->files[1], "dir/inner.inc");
	assert_string_equal(m->files[2], "dir/sub/deep.inc");
	assert_int_equal(m->line_count, 4);
	assert_int_equal(m->lines[2].file, 2);
	assert_int_equal(m->lines[3].line, 3);
	assert_int_equal(m->lines[3].address, 9);
	vsp_module_data_free(m);
}

static void lines_and_columns(void **state)
{
	(void)state;
	vsp_module_data *m = assemble("x: NOP\n\n\tMOVI R0, 5\nHLT");
	assert_int_equal(m->line_count, 3);
	assert_int_equal(m->lines[0].column, 4);
	assert_int_equal(m->lines[1].line, 3);
	assert_int_equal(m->lines[1].column, 2);
	vsp_module_data_free(m);
	vsp_assemble_options options = {.file = "t", .no_lines = true};
	m = vsp_assemble_source("HLT", 3, &options, NULL);
	assert_non_null(m);
	assert_int_equal(m->line_count, 0);
	assert_null(find_section(m, "LINE"));
	vsp_module_data_free(m);
}

static void models_and_imports(void **state)
{
	(void)state;
	vsp_module_data *m = assemble(".model \"emerge\" \"m.onnx\"\n.model second \"m.onnx\"\n.import \"odd "
	                              "name.f\"(16) -> 16\nMOVI R0, second\nHLT");
	assert_int_equal(m->model_count, 2);
	assert_string_equal(m->models[0].name, "emerge");
	assert_bytes(m->models[1].data, m->models[1].size, "08016D6F64656C");
	assert_bytes(m->code, m->code_size, "210001 01");
	assert_string_equal(m->imports[0].name, "odd name.f");
	assert_int_equal(m->imports[0].params, 16);
	vsp_module_data_free(m);
}

static void explicit_symbols(void **state)
{
	(void)state;
	vsp_module_data *m = assemble(".symbol \"a b\", label, 1\n.symbol f, function, 0\n.symbol \"a b\", data, "
	                              "0x20000\n.func f\nNOP\nx: RET\n.end\n"
	                              ".func g\nRET\n.end");
	assert_int_equal(m->symbol_count, 3);
	check_symbol(m, 0, "a b", VSP_SYM_LABEL, 1);
	check_symbol(m, 1, "f", VSP_SYM_FUNCTION, 0);
	check_symbol(m, 2, "a b", VSP_SYM_DATA, 0x20000);
	assert_int_equal(m->funcs[0].symbol, 1);
	assert_int_equal(m->funcs[1].symbol, VSP_NO_SYMBOL);
	vsp_module_data_free(m);
	m = assemble(".symbol\nHLT");
	assert_true(m->symbols_stored);
	assert_int_equal(m->symbol_count, 0);
	vsp_module_data_free(m);
	m = assemble(".symbol none\nHLT");
	assert_false(m->symbols_stored);
	vsp_module_data_free(m);
}

static void explicit_lines(void **state)
{
	(void)state;
	vsp_module_data *m =
	        assemble(".file \"a.c\"\n.file \"b.c\"\nNOP\n.loc 1, 7, 2\nNOP\n.loc 0, 0xFFFFFFFF, 1\nHLT");
	assert_int_equal(m->file_count, 2);
	assert_string_equal(m->files[1], "b.c");
	assert_int_equal(m->line_count, 2);
	assert_int_equal(m->lines[0].address, 1);
	assert_int_equal(m->lines[0].file, 1);
	assert_int_equal(m->lines[0].line, 7);
	assert_int_equal(m->lines[0].column, 2);
	assert_true(m->lines[1].line == 0xFFFFFFFF);
	vsp_module_data_free(m);
}

static void raw_sections(void **state)
{
	(void)state;
	vsp_module_data *m = assemble(
	        "NOP\nHLT\n.section \"note\"\n.byte 1, 2\n.word 3\n.section \"FUNC\", none\n.section \"none\"\n.code");
	const vsp_section *note = find_section(m, "note");
	assert_non_null(note);
	assert_bytes(note->payload, note->size, "0102 03000000");
	assert_null(find_section(m, "FUNC"));
	assert_true(m->implicit_main);
	assert_int_equal(find_section(m, "none")->size, 0);
	vsp_module_data_free(m);
	/* FUNC by hand: code 0..2, no symbol, one parameter, two results. */
	m = assemble("NOP\nRET\n.section \"FUNC\"\n.word 0, 2, 0xFFFFFFFF\n.byte 1, 2, 0, 0\n");
	assert_int_equal(m->func_count, 1);
	assert_int_equal(m->funcs[0].params, 1);
	assert_int_equal(m->funcs[0].results, 2);
	assert_int_equal(m->funcs[0].symbol, VSP_NO_SYMBOL);
	vsp_module_data_free(m);
}

/* A sample operand of the kind, in a program where label t is at address 0 and functions are
   numbered as below. */
static const char *sample_operand(unsigned kind)
{
	static const char *const samples[VSP_OPERANDS] = {[VSP_O_WA] = "R1",
	        [VSP_O_RA] = "R1",
	        [VSP_O_MA] = "R1",
	        [VSP_O_RB] = "R2",
	        [VSP_O_MB] = "R2",
	        [VSP_O_RC] = "R3",
	        [VSP_O_RD] = "R4",
	        [VSP_O_I8] = "-7",
	        [VSP_O_I16] = "-700",
	        [VSP_O_I32] = "-70000",
	        [VSP_O_I64] = "-7000000000",
	        [VSP_O_U8] = "200",
	        [VSP_O_U16] = "50000",
	        [VSP_O_U24] = "10000000",
	        [VSP_O_COUNT8] = "33",
	        [VSP_O_COUNT5] = "31",
	        [VSP_O_COUNT6] = "63",
	        [VSP_O_PARAMS] = "3",
	        [VSP_O_RESULTS] = "2",
	        [VSP_O_SLOT] = "4095",
	        [VSP_O_GLOBAL] = "1",
	        [VSP_O_ELEMENTS] = "1",
	        [VSP_O_TYPE] = "1",
	        [VSP_O_MEM_B] = "[R2 - 9]",
	        [VSP_O_MEM_D] = "[R2 + 3000000000]",
	        [VSP_O_MEM_SP] = "[SP + 9]",
	        [VSP_O_MEM_A24] = "[10000000]",
	        [VSP_O_MEM_A32] = "[4000000000]",
	        [VSP_O_MEM_X1] = "[R2 + R3]",
	        [VSP_O_MEM_X2] = "[R2 + R3*2]",
	        [VSP_O_MEM_X4] = "[R2 + R3*4]",
	        [VSP_O_MEM_X8] = "[R2 + R3*8]",
	        [VSP_O_TARGET16] = "t",
	        [VSP_O_TARGET24] = "t",
	        [VSP_O_TABLE] = "t, t",
	        [VSP_O_FUNCTION] = "f",
	        [VSP_O_TRANSFORM] = "tr",
	        [VSP_O_KERNEL16] = "k",
	        [VSP_O_IMPORT] = "m.i",
	        [VSP_O_SYSCALL] = "2"};
	return samples[kind];
}

static int64_t sample_immediate(unsigned kind)
{
	static const int64_t values[VSP_OPERANDS] = {[VSP_O_I8] = -7,
	        [VSP_O_I16] = -700,
	        [VSP_O_I32] = -70000,
	        [VSP_O_I64] = -7000000000,
	        [VSP_O_U8] = 200,
	        [VSP_O_U16] = 50000,
	        [VSP_O_U24] = 10000000,
	        [VSP_O_COUNT8] = 33,
	        [VSP_O_COUNT5] = 31,
	        [VSP_O_COUNT6] = 63,
	        [VSP_O_PARAMS] = 3 | 2 << 8,
	        [VSP_O_SLOT] = 4095,
	        [VSP_O_GLOBAL] = 1,
	        [VSP_O_TYPE] = 1,
	        [VSP_O_MEM_B] = -9,
	        [VSP_O_MEM_D] = 3000000000,
	        [VSP_O_MEM_SP] = 9,
	        [VSP_O_MEM_A24] = 10000000,
	        [VSP_O_MEM_A32] = 4000000000,
	        [VSP_O_TARGET16] = 0,
	        [VSP_O_TARGET24] = 0,
	        [VSP_O_TABLE] = 2,
	        [VSP_O_FUNCTION] = 1,
	        [VSP_O_TRANSFORM] = 2,
	        [VSP_O_KERNEL16] = 3,
	        [VSP_O_IMPORT] = 0,
	        [VSP_O_SYSCALL] = 2};
	return values[kind];
}

static void sets_register(vsp_insn *insn, unsigned kind)
{
	bool indexed = kind >= VSP_O_MEM_X1 && kind <= VSP_O_MEM_X8;
	if (kind == VSP_O_WA || kind == VSP_O_RA || kind == VSP_O_MA)
		insn->a = 1;
	if (kind == VSP_O_RB || kind == VSP_O_MB || kind == VSP_O_MEM_B || kind == VSP_O_MEM_D || indexed)
		insn->b = 2;
	if (kind == VSP_O_ELEMENTS)
		insn->b = 1;
	if (kind == VSP_O_RC || indexed)
		insn->c = 3;
	if (kind == VSP_O_RD)
		insn->d = 4;
}

/* For four functions. */
static const char tables_text[] =
        ".section \"GLOB\"\n.word 2\n.quad 0, 0\n"
        ".section \"TYPE\"\n.word 2\n.half 0, 0, 1, 0\n.byte 0x7F, -1, -1, -1, -1, -1, -1, -1, -1\n"
        ".section \"TABL\"\n.word 2, 0, 0, 0, 0\n.code\n";

static void every_form_by_its_canonical_mnemonic(void **state)
{
	(void)state;
	for (unsigned f = 0; f < VSP_FORMS; f++) {
		const vsp_form_info *info = &vsp_forms[f];
		vsp_insn insn = {.form = (uint16_t)f};
		char text[512];
		bool tables = info->operands[1] == VSP_O_GLOBAL || info->operands[1] == VSP_O_ELEMENTS;
		int n = snprintf(text, sizeof text, "%s.import m.i\nt: %s ", tables ? tables_text : "", info->mnemonic);
		for (int i = 0; i < 4 && info->operands[i] != VSP_O_NONE; i++) {
			n += snprintf(text + n, sizeof text - (size_t)n, "%s%s", i ? ", " : "",
			        sample_operand(info->operands[i]));
			sets_register(&insn, info->operands[i]);
		}
		snprintf(text + n, sizeof text - (size_t)n,
		        "\nHLT\n.func f\nRET\n.end\n.transform tr\nRET\n.end\n.kernel k\nRET\n.end\n");
		insn.imm = sample_immediate(vsp_form_immediate((vsp_form)f));
		uint8_t expected[32] = {0};
		vsp_insn_encode(&insn, (const uint32_t[]){0, 0}, expected);
		vsp_module_data *m = assemble(text);
		uint32_t size = vsp_insn_size((vsp_form)f, 2);
		assert_true(m->code_size == size + 4);
		if (memcmp(m->code, expected, size) != 0)
			fail_msg("%s is not encoded as it should be", info->name);
		vsp_module_data_free(m);
	}
}

static void every_alias_assembles(void **state)
{
	(void)state;
	for (size_t i = 0; i < vsp_alias_count; i++) {
		const vsp_alias *alias = &vsp_aliases[i];
		const vsp_form_info *info = &vsp_forms[alias->form];
		char text[512];
		int n = snprintf(text, sizeof text, "%s\nt: %s ",
		        alias->kind == VSP_ALIAS_CLASSIC ? ".dialect classic" : "", alias->spelling);
		for (int o = 0; o < 4 && info->operands[o] != VSP_O_NONE; o++)
			n += snprintf(text + n, sizeof text - (size_t)n, "%s%s", o ? ", " : "",
			        sample_operand(info->operands[o]));
		snprintf(text + n, sizeof text - (size_t)n, "\nHLT\n");
		vsp_module_data *m = assemble(text);
		vsp_insn insn;
		assert_null(vsp_insn_decode(m->code, m->code_size, 0, &insn));
		assert_int_equal(insn.form, alias->form);
		vsp_module_data_free(m);
	}
}

static void long_programs_take_linear_time(void **state)
{
	/* 100,000 instructions, every eighth a forward branch almost out of reach: no time is
	   asserted, but anything quadratic would run into the test's limit. */
	enum { COUNT = 100000 };
	(void)state;
	char *text = malloc((size_t)COUNT * 48), *p = text;
	assert_non_null(text);
	for (int i = 0; i < COUNT; i++) {
		if (i % 8 == 0 && i + 8190 < COUNT)
			p += sprintf(p, "l%d: BZ R1, l%d\n", i, (i + 8190) / 8 * 8);
		else if (i % 8 == 0)
			p += sprintf(p, "l%d: NOP\n", i);
		else
			p += sprintf(p, "STORE R1, [R2 + %d]\n", i % 1000);
	}
	sprintf(p, "HLT\n");
	vsp_module_data *m = assemble(text);
	assert_int_equal(m->symbol_count, COUNT / 8 + 1);
	vsp_module_data_free(m);
	free(text);
}

static void hostile_bytes_are_only_errors(void **state)
{
	(void)state;
	char text[300];
	uint32_t seed = 1;
	for (int round = 0; round < 3000; round++) {
		size_t n = (size_t)(round % 300);
		for (size_t i = 0; i < n; i++) {
			seed = seed * 1664525 + 1013904223;
			text[i] = round % 2 ? (char)(seed >> 24) : " \n.:[]()R0519,,+-*\"'#;/JMPADHLTx"[seed >> 27];
		}
		vsp_error error = VSP_ERROR_INIT;
		vsp_module_data *m = vsp_assemble_source(text, n, NULL, &error);
		assert_true(m || error.code == VSP_E_SYNTAX);
		vsp_module_data_free(m);
	}
}

static void failing_allocations_are_reported(void **state)
{
	static const char source[] = ".import a.b\n.const n = 4\n.data\nx: .word n, x\n.code\nMOVI R0, x\nHCALL "
	                             "a.b\nJMP e\ne: HLT\n.func f\nRET\n.end\n";
	(void)state;
	vsp_alloc_fail_at(0);
	vsp_module_data_free(vsp_assemble_source(source, sizeof source - 1, NULL, NULL));
	uint64_t count = vsp_alloc_fail_at(0);
	for (uint64_t n = 1; n <= count; n++) {
		vsp_error error = VSP_ERROR_INIT;
		vsp_alloc_fail_at(n);
		vsp_module_data *m = vsp_assemble_source(source, sizeof source - 1, NULL, &error);
		vsp_alloc_fail_at(0);
		assert_null(m);
		assert_int_equal(error.code, VSP_E_MEMORY);
	}
}

static void messages_are_cut_to_the_buffer(void **state)
{
	char whole[256], cut[20];
	vsp_diagnostic d = {VSP_SEV_ERROR, "a.sil", 3, 2, 4, "unknown instruction 'MOVV'", "\tMOVV R0, 1", 11, "MOVI"};
	(void)state;
	size_t length = vsp_diagnostic_format(&d, false, whole, sizeof whole);
	assert_int_equal(length, strlen(whole));
	assert_string_equal(whole, "a.sil:3:2: error: unknown instruction 'MOVV'\n    3 |         MOVV R0, 1\n      |  "
	                           "       ^~~~\n      |         MOVI\n");
	assert_int_equal(vsp_diagnostic_format(&d, false, cut, sizeof cut), length);
	assert_string_equal(cut, "a.sil:3:2: error: u");
	assert_int_equal(vsp_diagnostic_format(&d, false, NULL, 0), length);
	assert_true(vsp_diagnostic_format(&d, true, whole, sizeof whole) > strlen("a.sil:3:2: "));
	assert_non_null(strstr(whole, "\033[0;1;31merror: "));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(the_first_program),
	        cmocka_unit_test(comments_and_the_immediate_sign),
	        cmocka_unit_test(words_in_any_case),
	        cmocka_unit_test(numbers),
	        cmocka_unit_test(shortest_immediate),
	        cmocka_unit_test(expressions),
	        cmocka_unit_test(constants_and_forward_references),
	        cmocka_unit_test(spellings_of_three_registers),
	        cmocka_unit_test(old_spellings_and_the_classic_dialect),
	        cmocka_unit_test(memory_operands),
	        cmocka_unit_test(branches),
	        cmocka_unit_test(calls),
	        cmocka_unit_test(far_branches_become_inverse_and_jump),
	        cmocka_unit_test(one_relaxation_causes_another),
	        cmocka_unit_test(label_values_take_the_shortest_form),
	        cmocka_unit_test(alignment_in_code),
	        cmocka_unit_test(data_directives),
	        cmocka_unit_test(a_state_in_code_is_data),
	        cmocka_unit_test(symbols_in_order_of_definition),
	        cmocka_unit_test(local_labels_belong_to_their_function),
	        cmocka_unit_test(a_label_may_be_called_main_or_like_an_instruction),
	        cmocka_unit_test(entries_and_exports),
	        cmocka_unit_test(memory_directives),
	        cmocka_unit_test(includes_are_relative_to_the_including_file),
	        cmocka_unit_test(lines_and_columns),
	        cmocka_unit_test(models_and_imports),
	        cmocka_unit_test(explicit_symbols),
	        cmocka_unit_test(explicit_lines),
	        cmocka_unit_test(raw_sections),
	        cmocka_unit_test(every_form_by_its_canonical_mnemonic),
	        cmocka_unit_test(every_alias_assembles),
	        cmocka_unit_test(long_programs_take_linear_time),
	        cmocka_unit_test(hostile_bytes_are_only_errors),
	        cmocka_unit_test(failing_allocations_are_reported),
	        cmocka_unit_test(messages_are_cut_to_the_buffer),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
