/*
 * Every rule of the verifier: for each, one file that breaks just it, with the offset and the
 * message of the error. Code starts at offset 32 of the file.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "test/support/refuse.h"

enum { NOP = 0x00, HLT = 0x01, RET = 0x02, JMP = 0x10, CALL = 0x15, INVOKE = 0x1A, TRANS = 0x80, NONE = 0xFFFFFFFF };
enum { FUNCTION, TRANSFORM, KERNEL };

/* ---- code of one function ---- */

typedef struct code_case {
	uint8_t code[16];
	unsigned size, pc;
	const char *message;
} code_case;

static const code_case code_cases[] = {
        /* every instruction decodes */
        {{0x05, HLT}, 2, 0, "unknown opcode (opcode byte 0x05)"},
        {{NOP, 0x4C, 0x00, 0x20, HLT}, 5, 1, "undefined type nibble (opcode byte 0x4C)"},
        {{0x24, 0x10, HLT}, 3, 0, "unused field is not zero (opcode byte 0x24)"},
        {{0x20, 0x10, 0x01, HLT}, 4, 0, "unused field is not zero (opcode byte 0x20)"},
        {{HLT, 0x4C, 0x00}, 3, 1, "truncated instruction (opcode byte 0x4C)"},
        {{HLT, 0x1D, 0x00, 0x01, 0x00, 0, 0}, 7, 1, "truncated instruction (opcode byte 0x1D)"},
        /* k of VMAP and VRED */
        {{0x8A, 0, 0xA0, HLT}, 4, 0, "undefined type nibble (opcode byte 0x8A)"},
        {{0x8B, 0, 0x10, HLT}, 4, 0, "undefined type nibble (opcode byte 0x8B)"},
        /* the last instruction */
        {{NOP}, 1, 0, "the last instruction of a function must be HLT, RET, JMP or TRAP, not NOP"},
        {{HLT, 0x0E, 0x00, 0xFB, 0xFF}, 5, 1,
                "the last instruction of a function must be HLT, RET, JMP or TRAP, not BZ"},
        {{HLT, CALL, 0, 0, 0}, 5, 1, "the last instruction of a function must be HLT, RET, JMP or TRAP, not CALL"},
        {{0x1D, 0, 0, 0}, 4, 0, "the last instruction of a function must be HLT, RET, JMP or TRAP, not BRTAB"},
        /* targets */
        {{JMP, 1, 0, 0}, 4, 0, "target 1 of JMP is not the start of an instruction"},
        {{JMP, 4, 0, 0}, 4, 0, "target 4 of JMP is outside its function"},
        {{JMP, 0xFF, 0xFF, 0xFF}, 4, 0, "target 16777215 of JMP is outside its function"},
        {{CALL, 2, 0, 0, HLT}, 5, 0, "target 2 of CALL is not the start of an instruction"},
        {{0x16, 9, 0, 0, HLT}, 5, 0, "target 9 of LOOP is outside its function"},
        {{0x08, 0x10, 0xFB, 0xFF, HLT}, 5, 0, "target -1 of BEQ is outside its function"},
        {{0x08, 0x10, 0xFF, 0xFF, HLT}, 5, 0, "target 3 of BEQ is not the start of an instruction"},
        {{0x08, 0x10, 0xFF, 0x7F, HLT}, 5, 0, "target 32771 of BEQ is outside its function"},
        {{0x1D, 0, 2, 0, 10, 0, 0, 5, 0, 0, HLT}, 11, 0, "target 5 of BRTAB is not the start of an instruction"},
        {{0x1D, 0, 2, 0, 5, 0, 0, 10, 0, 0, HLT}, 11, 0, "target 5 of BRTAB is not the start of an instruction"},
        {{0x1D, 0, 1, 0, 8, 0, 0, HLT}, 8, 0, "target 8 of BRTAB is outside its function"},
        /* indices */
        {{INVOKE, 1, 0, 0, HLT}, 5, 0, "function index 1 of INVOKE is not below 1"},
        {{TRANS, 0, 0, 0, HLT}, 5, 0, "TRANS needs a transform, which function 0 is not"},
        {{0x8D, 0x10, 0, 0, HLT}, 5, 0, "LAUNCH needs a kernel, which function 0 is not"},
        {{0x8D, 0x10, 0xFF, 0xFF, HLT}, 5, 0, "function index 65535 of LAUNCH is not below 1"},
        {{0x1C, 0, 0, 0, HLT}, 5, 0, "import index 0 is not below 0"},
        /* SYSCALLs */
        {{0xFF, 0x0D, 0, 0, HLT}, 5, 0, "unknown SYSCALL 0x0D"},
        {{0xFF, 0xF0, 0, 0, HLT}, 5, 0, "unknown SYSCALL 0xF0"},
        {{0xFF, 0x00, 1, 0, HLT}, 5, 0, "arg16 of SYSCALL is not 0"},
        {{0xFF, 0x0B, 0, 0x80, HLT}, 5, 0, "arg16 of SYSCALL is not 0"},
};

static void code_of_one_function_is_checked(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof code_cases / sizeof code_cases[0]; i++) {
		const code_case *c = &code_cases[i];
		silc_file f = SILC_FILE_INIT;
		silc_raw(&f.code, c->code, c->size);
		assert_refused(&f, 32 + c->pc, c->message);
	}
}

static void errors_in_code_name_the_instruction_and_its_function(void **state)
{
	(void)state;
	silc_file f = SILC_FILE_INIT;
	SILC_RAW(&f.code, HLT, NOP, 0x05, RET);
	silc_symbol(&f, "broken", 1, 3);
	silc_func(&f, 0, 1, NONE, 0, 0, FUNCTION, 0);
	silc_func(&f, 1, 3, 0, 0, 0, FUNCTION, 0);
	silc_bytes file = silc_finish(&f);
	vsp_error error = VSP_ERROR_INIT;
	assert_null(vsp_silc_read(file.data, file.size, &error));
	assert_int_equal(error.pc, 2);
	assert_int_equal(error.offset, 34);
	assert_string_equal(error.function, "broken");
	silc_bytes_free(&file);
}

static void every_syscall_of_the_contract_loads_and_no_other(void **state)
{
	(void)state;
	static const uint8_t known[] = {0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08, 0x09, 0x0A, 0x0B, 0x0C,
	        0x10, 0x11, 0x20, 0x21, 0xF1, 0xF2};
	for (unsigned id = 0; id < 256; id++) {
		silc_file f = SILC_FILE_INIT;
		SILC_RAW(&f.code, 0xFF, (uint8_t)id, 0, 0, HLT);
		silc_bytes file = silc_finish(&f);
		vsp_module_data *m = vsp_silc_read(file.data, file.size, NULL);
		assert_int_equal(m != NULL, memchr(known, (int)id, sizeof known) != NULL);
		vsp_module_data_free(m);
		silc_bytes_free(&file);
	}
}

static void what_the_rules_allow_is_accepted(void **state)
{
	(void)state;
	silc_file f = SILC_FILE_INIT;
	SILC_RAW(&f.code, JMP, 0, 0, 0); /* ends in JMP, to itself */
	assert_accepted(&f);
	f = (silc_file)SILC_FILE_INIT;
	SILC_RAW(&f.code, 0x04, 0xFF); /* TRAP 255 */
	assert_accepted(&f);
	f = (silc_file)SILC_FILE_INIT;
	SILC_RAW(&f.code, 0x1D, 0, 0, 0, RET); /* BRTAB without targets */
	assert_accepted(&f);
	f = (silc_file)SILC_FILE_INIT;
	SILC_RAW(&f.code, 0x1B, 0, 17, 255, RET); /* INVOKEI of a signature nothing has */
	assert_accepted(&f);
	f = (silc_file)SILC_FILE_INIT;
	SILC_RAW(&f.code, INVOKE, 0, 0, 0, RET); /* recursion outside kernels */
	assert_accepted(&f);
}

/* ---- the function table ---- */

/* HLT RET RET: functions begin at 0, 1 and 2. FUNC's entries stand at 44, 60, 76 unless there are
   symbols. */
static silc_file three_bytes(void)
{
	silc_file f = SILC_FILE_INIT;
	SILC_RAW(&f.code, HLT, RET, RET);
	return f;
}

static void functions_cover_the_code(void **state)
{
	(void)state;
	silc_file f = three_bytes();
	silc_func(&f, 1, 2, NONE, 0, 0, 0, 0);
	assert_refused(&f, 44, "function starts at 0x1, but the code before it ends at 0x0");
	f = three_bytes();
	silc_func(&f, 0, 1, NONE, 0, 0, 0, 0), silc_func(&f, 2, 1, NONE, 0, 0, 0, 0);
	assert_refused(&f, 60, "function starts at 0x2, but the code before it ends at 0x1");
	f = three_bytes();
	silc_func(&f, 0, 2, NONE, 0, 0, 0, 0), silc_func(&f, 1, 2, NONE, 0, 0, 0, 0);
	assert_refused(&f, 60, "function starts at 0x1, but the code before it ends at 0x2");
	f = three_bytes();
	silc_func(&f, 0, 3, NONE, 0, 0, 0, 0), silc_func(&f, 3, 0, NONE, 0, 0, 0, 0);
	assert_refused(&f, 64, "function without code");
	f = three_bytes();
	silc_func(&f, 0, 4, NONE, 0, 0, 0, 0);
	assert_refused(&f, 48, "function ends behind the code");
	f = three_bytes();
	silc_func(&f, 0, 2, NONE, 0, 0, 0, 0), silc_func(&f, 2, 0xFFFFFFFF, NONE, 0, 0, 0, 0);
	assert_refused(&f, 64, "function ends behind the code");
	f = three_bytes();
	silc_func(&f, 0, 2, NONE, 0, 0, 0, 0);
	assert_refused(&f, 60, "functions do not cover the code");
}

static void signatures_are_checked(void **state)
{
	(void)state;
	static const struct {
		uint8_t params, results, kind, flags;
		unsigned offset;
		const char *message;
	} cases[] = {
	        {0, 0, 3, 0, 44 + 14, "unknown function kind 3"},
	        {0, 0, 0, 2, 44 + 15, "unknown function flags 0x02"},
	        {0, 0, 0, 0x81, 44 + 15, "unknown function flags 0x81"},
	        {17, 0, 0, 0, 44 + 12, "17 parameters are more than 16"},
	        {0, 255, 0, 0, 44 + 13, "255 results are more than 16"},
	        {16, 15, TRANSFORM, 0, 44 + 12, "a transform has 16 parameters and 16 results"},
	        {0, 16, TRANSFORM, 0, 44 + 12, "a transform has 16 parameters and 16 results"},
	        {2, 1, KERNEL, 0, 44 + 12, "a kernel has 2 parameters and no results"},
	        {3, 0, KERNEL, 0, 44 + 12, "a kernel has 2 parameters and no results"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		silc_file f = three_bytes();
		silc_func(&f, 0, 3, NONE, cases[i].params, cases[i].results, cases[i].kind, cases[i].flags);
		assert_refused(&f, cases[i].offset, cases[i].message);
	}
	silc_file f = three_bytes();
	silc_func(&f, 0, 1, NONE, 16, 16, FUNCTION, 1);
	silc_func(&f, 1, 1, NONE, 16, 16, TRANSFORM, 1);
	silc_func(&f, 2, 1, NONE, 2, 0, KERNEL, 0);
	assert_accepted(&f);
}

static void function_symbols_match(void **state)
{
	(void)state;
	/* one symbol "f": 12 bytes, so FUNC's payload is at 56 */
	silc_file f = three_bytes();
	silc_symbol(&f, "f", 0, 3);
	silc_func(&f, 0, 3, 1, 0, 0, 0, 0);
	assert_refused(&f, 56 + 8, "symbol index 1 is not below 1");
	for (uint8_t kind = 0; kind < 5; kind++) {
		f = three_bytes();
		silc_symbol(&f, "f", 0, kind);
		silc_func(&f, 0, 3, 0, 0, 0, 0, 0);
		if (kind == 3)
			assert_accepted(&f);
		else
			assert_refused(&f, 56 + 8, "symbol 'f' is of another kind than its function");
	}
	f = three_bytes();
	silc_symbol(&f, "f", 1, 3);
	silc_func(&f, 0, 3, 0, 0, 0, 0, 0);
	assert_refused(&f, 56 + 8, "symbol 'f' is not at the start of its function");
	f = three_bytes();
	silc_symbol(&f, "t", 0, 2);
	silc_func(&f, 0, 1, NONE, 0, 0, 0, 0), silc_func(&f, 1, 2, 0, 16, 16, TRANSFORM, 0);
	assert_refused(&f, 72 + 8, "symbol 't' is not at the start of its function");
}

/* main: RET at 0; then a kernel of these bytes. */
static silc_file with_kernel(const uint8_t *code, size_t size)
{
	silc_file f = SILC_FILE_INIT;
	SILC_RAW(&f.code, RET);
	silc_raw(&f.code, code, size);
	silc_func(&f, 0, 1, NONE, 0, 0, FUNCTION, 0);
	silc_func(&f, 1, (uint32_t)size, NONE, 2, 0, KERNEL, 0);
	return f;
}

static void the_entry_starts_a_function_of_kind_function(void **state)
{
	(void)state;
	for (uint32_t entry = 0; entry < 5; entry++) {
		silc_file f = three_bytes();
		f.entry = entry;
		silc_func(&f, 0, 2, NONE, 0, 0, FUNCTION, 0), silc_func(&f, 2, 1, NONE, 16, 16, TRANSFORM, 0);
		static const char *const messages[] = {NULL,
		        "entry 0x1 is not the start of a function of kind function",
		        "entry 0x2 is not the start of a function of kind function",
		        "entry 0x3 is not the start of a function of kind function",
		        "entry 0x4 is not the start of a function of kind function"};
		if (messages[entry])
			assert_refused(&f, 20, messages[entry]);
		else
			assert_accepted(&f);
	}
	silc_file f = with_kernel((const uint8_t[]){RET}, 1);
	f.entry = 1;
	assert_refused(&f, 20, "entry 0x1 is not the start of a function of kind function");
}

static void functions_do_not_share_code(void **state)
{
	(void)state;
	silc_file f = SILC_FILE_INIT; /* two functions; the first jumps into the second */
	SILC_RAW(&f.code, JMP, 4, 0, 0, RET);
	silc_func(&f, 0, 4, NONE, 0, 0, 0, 0), silc_func(&f, 4, 1, NONE, 0, 0, 0, 0);
	assert_refused(&f, 32, "target 4 of JMP is outside its function");
	f = (silc_file)SILC_FILE_INIT; /* an instruction across the boundary */
	SILC_RAW(&f.code, JMP, 0, 0, 0, RET);
	silc_func(&f, 0, 2, NONE, 0, 0, 0, 0), silc_func(&f, 2, 3, NONE, 0, 0, 0, 0);
	assert_refused(&f, 32, "truncated instruction (opcode byte 0x10)");
	f = (silc_file)SILC_FILE_INIT; /* INVOKE of a kernel */
	SILC_RAW(&f.code, INVOKE, 1, 0, 0, RET, RET);
	silc_func(&f, 0, 5, NONE, 0, 0, 0, 0), silc_func(&f, 5, 1, NONE, 2, 0, KERNEL, 0);
	assert_refused(&f, 32, "INVOKE needs a function, which function 1 is not");
}

/* ---- memory ---- */

static void memory_holds_stack_and_data(void **state)
{
	(void)state;
	static const struct {
		uint32_t initial, maximum, stack_top;
		unsigned offset;
		const char *message;
	} cases[] = {
	        {3, 65537, 0x20000, 44 + 4, "maximum of 65537 pages is above 65536"},
	        {5, 4, 0x20000, 44, "initial 5 pages are more than the maximum of 4"},
	        {3, 3, 0xFFFF, 44 + 8, "stack_top 0xffff is below 0x10000"},
	        {3, 3, 0x30001, 12, "0 bytes of data at stack_top 0x30001 do not fit 3 initial pages"},
	        {0, 0, 0x10000, 12, "0 bytes of data at stack_top 0x10000 do not fit 0 initial pages"},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		silc_file f = three_bytes();
		silc_memo(&f, cases[i].initial, cases[i].maximum, cases[i].stack_top);
		assert_refused(&f, cases[i].offset, cases[i].message);
	}
	silc_file f = three_bytes();
	silc_memo(&f, 3, 3, 0x30000);
	assert_accepted(&f);
	f = three_bytes();
	silc_memo(&f, 65536, 65536, 0xFFFFFFFF);
	assert_accepted(&f);
	f = three_bytes();
	silc_memo(&f, 1, 1, 0x10000);
	assert_accepted(&f);
}

static void data_fits_the_initial_pages(void **state)
{
	(void)state;
	static const uint8_t page[65537];
	silc_file f = three_bytes();
	silc_raw(&f.data, page, 65536);
	assert_accepted(&f); /* the default: 3 pages, stack_top 0x20000 */
	f = three_bytes();
	silc_raw(&f.data, page, 65537);
	assert_refused(&f, 12, "65537 bytes of data at stack_top 0x20000 do not fit 3 initial pages");
	f = three_bytes();
	silc_raw(&f.data, page, 16);
	silc_memo(&f, 65536, 65536, 0xFFFFFFF8);
	assert_refused(&f, 12, "16 bytes of data at stack_top 0xfffffff8 do not fit 65536 initial pages");
}

/* ---- symbols ---- */

static void symbols_obey_their_rules(void **state)
{
	(void)state;
	char long_name[257];
	memset(long_name, 'n', 256);
	long_name[256] = 0;
	const struct {
		const char *name;
		uint32_t address;
		uint8_t kind;
		const char *message;
	} cases[] = {
	        {"", 0, 0, "a name has 1..255 bytes, not 0"},
	        {long_name, 0, 0, "a name has 1..255 bytes, not 256"},
	        {"\xC0\x80", 0, 0, "name is not valid UTF-8"},
	        {"s", 0, 5, "symbol 's' is of unknown kind 5"},
	        {"s", 5, 0, "symbol 's' at 0x5 is not at the start of an instruction"},
	        {"s", 1, 3, "symbol 's' at 0x1 is not at the start of an instruction"},
	        {"s", 0xFFFFFFFF, 0, "symbol 's' at 0xffffffff is not at the start of an instruction"},
	        {long_name + 1, 0, 0, NULL},
	        {"s", 4, 2, NULL},
	        {"s", 0xFFFFFFFF, 1, NULL},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		silc_file f = SILC_FILE_INIT;
		SILC_RAW(&f.code, JMP, 0, 0, 0, HLT);
		silc_symbol(&f, "first", 0, 0); /* symbols from 40, this one 12 bytes from 44 */
		silc_symbol(&f, cases[i].name, cases[i].address, cases[i].kind);
		if (cases[i].message)
			assert_refused(&f, 56, cases[i].message);
		else
			assert_accepted(&f);
	}
}

static void names_of_functions_are_unique(void **state)
{
	(void)state;
	for (uint8_t first = 0; first < 5; first++)
		for (uint8_t second = 0; second < 5; second++) {
			silc_file f = three_bytes();
			silc_symbol(&f, "same", 0, first); /* 11 bytes from 40 */
			silc_symbol(&f, "other", 0, 3);    /* 12 bytes from 51 */
			silc_symbol(&f, "same", 1, second);
			if (first >= 2 && second >= 2)
				assert_refused(
				        &f, 63, "the name 'same' is used by two functions, transforms or kernels");
			else
				assert_accepted(&f);
		}
}

/* ---- imports, models, lines ---- */

static void assert_section_refused(const char *tag, silc_bytes *payload, uint64_t offset, const char *message)
{
	silc_file f = SILC_FILE_INIT;
	SILC_RAW(&f.code, JMP, 0, 0, 0, HLT, HLT); /* starts: 0, 4, 5; the section's payload is at 48 */
	silc_section(&f, tag, payload);
	silc_bytes_free(payload);
	if (message)
		assert_refused(&f, offset, message);
	else
		assert_accepted(&f);
}

static void imports_obey_their_rules(void **state)
{
	(void)state;
	static const struct {
		const char *name;
		uint8_t params, results;
		const char *message;
	} cases[] = {
	        {"", 0, 0, "a name has 1..255 bytes, not 0"},
	        {"\xFF.x", 0, 0, "name is not valid UTF-8"},
	        {"log", 0, 0, "import 'log' is not of the form module.name"},
	        {".log", 0, 0, "import '.log' is not of the form module.name"},
	        {"env.", 0, 0, "import 'env.' is not of the form module.name"},
	        {"a.b", 17, 0, "import 'a.b' has more than 16 parameters or results"},
	        {"a.b", 0, 17, "import 'a.b' has more than 16 parameters or results"},
	        {"a.b.c", 16, 16, NULL},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		silc_bytes b = {0};
		silc_uint(&b, 2, 4);
		silc_name(&b, "a.b"), silc_uint(&b, 0, 2);
		silc_name(&b, cases[i].name), SILC_RAW(&b, cases[i].params, cases[i].results);
		assert_section_refused("IMPT", &b, 48 + 4 + 7, cases[i].message);
	}
}

static void models_have_names(void **state)
{
	(void)state;
	silc_bytes b = {0};
	silc_uint(&b, 2, 4);
	silc_name(&b, "m"), silc_uint(&b, 2, 4), silc_uint(&b, 0, 2);
	silc_name(&b, "\x80"), silc_uint(&b, 0, 4);
	assert_section_refused("MODL", &b, 48 + 4 + 9, "name is not valid UTF-8");
}

static void line_rows_obey_their_rules(void **state)
{
	(void)state;
	static const struct {
		uint8_t row[4];
		const char *message;
	} cases[] = {
	        {{0, 0, 0, 1}, "row 1 of the line table: its address is not behind that of the row before"},
	        {{1, 0, 0, 1}, "row 1 of the line table: its address is not the start of an instruction"},
	        {{6, 0, 0, 1}, "row 1 of the line table: its address is not the start of an instruction"},
	        {{4, 1, 0, 1}, "row 1 of the line table: there is no such file"},
	        {{4, 0, 0, 0}, "row 1 of the line table: columns count from 1"},
	        {{4, 0, 0, 1}, NULL},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		silc_bytes b = {0};
		silc_uint(&b, 1, 4), silc_name(&b, "f");
		silc_uint(&b, 2, 4), SILC_RAW(&b, 0, 0, 0xE4, 0x00, 1); /* row 0: line 100, in two bytes */
		silc_raw(&b, cases[i].row, 4);
		assert_section_refused("LINE", &b, 48 + 4 + 3 + 4 + 5, cases[i].message);
	}
	silc_bytes b = {0};
	silc_uint(&b, 2, 4), silc_name(&b, "f"), silc_name(&b, "\xC3"), silc_uint(&b, 0, 4);
	assert_section_refused("LINE", &b, 48 + 4 + 3, "file name is not valid UTF-8");
}

/* ---- kernels ---- */

static void kernels_contain_only_what_is_allowed(void **state)
{
	(void)state;
	static const struct {
		uint8_t code[8];
		unsigned size;
		const char *mnemonic; /* null: allowed */
	} cases[] = {
	        {{HLT, RET}, 2, "HLT"},
	        {{0x03, RET}, 2, "YIELD"},
	        {{0x13, 1, 0, 0, RET}, 5, "JC"},
	        {{CALL, 1, 0, 0, RET}, 5, "CALL"},
	        {{0x1B, 0, 0, 0, RET}, 5, "INVOKEI"},
	        {{0x24, 0, RET}, 3, "PUSH"},
	        {{0x25, 0, RET}, 3, "POP"},
	        {{0x06, 0, 0, 0, RET}, 5, "LDSP"},
	        {{0x07, 0, 0, 0, RET}, 5, "STSP"},
	        {{0x3B, 0, RET}, 3, "GETSP"},
	        {{0x3C, 0, RET}, 3, "SETSP"},
	        {{0x3D, 0, 0, 0, RET}, 5, "ENTER"},
	        {{0x3E, 0, 0, 0, RET}, 5, "LEAVE"},
	        {{0x3F, 0, 0, 0, RET}, 5, "LEASP"},
	        {{0x81, 0, 0, 0, RET}, 5, "PIPE"},
	        {{0x84, 0, RET}, 3, "GRAD"},
	        {{0x85, 0, 0, RET}, 4, "DESCENT"},
	        {{0x86, RET}, 2, "EMERGE"},
	        {{0x87, 0, RET}, 3, "COLLAPSE"},
	        {{0x88, 0, 0, RET}, 4, "GRADB"},
	        {{0x8D, 0, 1, 0, RET}, 5, "LAUNCH"},
	        {{0x8E, 0, 0, RET}, 4, "MEMCPY"},
	        {{0x90, 0, RET}, 3, "MEMSIZE"},
	        {{0xA0, 0, RET}, 3, "SETMODE"},
	        {{0xC0, 0, 0, RET}, 4, "IN"},
	        {{0xE0, RET}, 2, "HINT.CPU"},
	        {{0xE7, RET}, 2, "FENCE"},
	        {{0xFF, 0x0B, 0, 0, RET}, 5, "SYSCALL"},
	        {{NOP, 0x20, 0x10, 0x00, RET}, 5, NULL},  /* MOV */
	        {{0x22, 0x10, 0, 0, RET}, 5, NULL},       /* LOAD */
	        {{0x28, 0, 0, 2, RET}, 5, NULL},          /* SSTATE */
	        {{0x16, 1, 0, 0, RET}, 5, NULL},          /* LOOP */
	        {{0x11, 1, 0, 0, RET}, 5, NULL},          /* JZ */
	        {{0x82, 0x10, 9, RET}, 4, NULL},          /* LERP.B */
	        {{0xDA, 0x10, 0x32, 0x04, 1}, 5, NULL},   /* SEL; TRAP */
	        {{0x1D, 0, 1, 0, 1, 0, 0, RET}, 8, NULL}, /* BRTAB */
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		silc_file f = with_kernel(cases[i].code, cases[i].size);
		char message[80] = "kernels may not contain or reach ";
		if (cases[i].mnemonic)
			assert_refused(&f, 33, strcat(message, cases[i].mnemonic));
		else
			assert_accepted(&f);
	}
}

static void what_kernels_reach_is_restricted_too(void **state)
{
	(void)state;
	silc_file f =
	        SILC_FILE_INIT; /* kernel -> transform -> function with SYSCALL, after a forward and a backward call */
	SILC_RAW(&f.code, 0xFF, 0x0B, 0, 0, RET); /* 0: function, print_newline */
	SILC_RAW(&f.code, TRANS, 2, 0, 0, RET);   /* 5: kernel */
	SILC_RAW(&f.code, INVOKE, 0, 0, 0, RET);  /* 10: transform */
	silc_func(&f, 0, 5, NONE, 0, 0, FUNCTION, 0);
	silc_func(&f, 5, 5, NONE, 2, 0, KERNEL, 0);
	silc_func(&f, 10, 5, NONE, 16, 16, TRANSFORM, 0);
	assert_refused(&f, 32, "kernels may not contain or reach SYSCALL");
}

static void recursion_is_refused_in_kernels_alone(void **state)
{
	(void)state;
	silc_file f = SILC_FILE_INIT; /* kernel -> f -> g -> f */
	SILC_RAW(&f.code, INVOKE, 1, 0, 0, RET);
	SILC_RAW(&f.code, INVOKE, 0, 0, 0, RET);
	SILC_RAW(&f.code, INVOKE, 0, 0, 0, RET);
	silc_func(&f, 0, 5, NONE, 0, 0, FUNCTION, 0);
	silc_func(&f, 5, 5, NONE, 0, 0, FUNCTION, 0);
	silc_func(&f, 10, 5, NONE, 2, 0, KERNEL, 0);
	assert_refused(&f, 37, "kernels may not contain or reach recursion");
	f = with_kernel((const uint8_t[]){INVOKE, 2, 0, 0, RET}, 5); /* kernel -> f -> f */
	SILC_RAW(&f.code, INVOKE, 2, 0, 0, RET);
	silc_func(&f, 6, 5, NONE, 0, 0, FUNCTION, 0);
	assert_refused(&f, 32 + 6, "kernels may not contain or reach recursion");
	f = (silc_file)SILC_FILE_INIT; /* twice the same callee, and a diamond, are no recursion */
	SILC_RAW(&f.code, RET);
	SILC_RAW(&f.code, INVOKE, 0, 0, 0, INVOKE, 0, 0, 0, RET);
	SILC_RAW(&f.code, INVOKE, 1, 0, 0, INVOKE, 0, 0, 0, INVOKE, 1, 0, 0, RET);
	silc_func(&f, 0, 1, NONE, 0, 0, FUNCTION, 0);
	silc_func(&f, 1, 9, NONE, 0, 0, FUNCTION, 0);
	silc_func(&f, 10, 13, NONE, 2, 0, KERNEL, 0);
	assert_accepted(&f);
}

/* 100,000 functions, each calling the next, from a kernel: the verifier must not recurse. */
static void deep_call_chains_are_walked(void **state)
{
	(void)state;
	enum { N = 100000 };
	silc_file f = {.version = 0x0200, .entry = 5 * N};
	silc_func(&f, 0, 5, NONE, 2, 0, KERNEL, 0);
	for (uint32_t i = 0; i < N; i++) {
		SILC_RAW(&f.code, INVOKE, (uint8_t)(i + 1), (uint8_t)((i + 1) >> 8), (uint8_t)((i + 1) >> 16), RET);
		if (i)
			silc_func(&f, 5 * i, 5, NONE, 0, 0, FUNCTION, 0);
	}
	SILC_RAW(&f.code, RET);
	silc_func(&f, 5 * N, 1, NONE, 0, 0, FUNCTION, 0);
	assert_accepted(&f);
}

/* Each function calls the next twice, so there are 2^64 ways to the last: one visit is enough. */
static void functions_that_kernels_share_are_walked_once(void **state)
{
	(void)state;
	enum { N = 64 };
	silc_file f = {.version = 0x0200, .entry = 9 * N};
	silc_func(&f, 0, 9, NONE, 2, 0, KERNEL, 0);
	for (uint8_t i = 0; i < N; i++) {
		SILC_RAW(&f.code, INVOKE, (uint8_t)(i + 1), 0, 0, INVOKE, (uint8_t)(i + 1), 0, 0, RET);
		if (i)
			silc_func(&f, 9u * i, 9, NONE, 0, 0, FUNCTION, 0);
	}
	SILC_RAW(&f.code, RET);
	silc_func(&f, 9 * N, 1, NONE, 0, 0, FUNCTION, 0);
	assert_accepted(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(code_of_one_function_is_checked),
	        cmocka_unit_test(errors_in_code_name_the_instruction_and_its_function),
	        cmocka_unit_test(every_syscall_of_the_contract_loads_and_no_other),
	        cmocka_unit_test(what_the_rules_allow_is_accepted),
	        cmocka_unit_test(functions_cover_the_code),
	        cmocka_unit_test(signatures_are_checked),
	        cmocka_unit_test(function_symbols_match),
	        cmocka_unit_test(the_entry_starts_a_function_of_kind_function),
	        cmocka_unit_test(functions_do_not_share_code),
	        cmocka_unit_test(memory_holds_stack_and_data),
	        cmocka_unit_test(data_fits_the_initial_pages),
	        cmocka_unit_test(symbols_obey_their_rules),
	        cmocka_unit_test(names_of_functions_are_unique),
	        cmocka_unit_test(imports_obey_their_rules),
	        cmocka_unit_test(models_have_names),
	        cmocka_unit_test(line_rows_obey_their_rules),
	        cmocka_unit_test(kernels_contain_only_what_is_allowed),
	        cmocka_unit_test(what_kernels_reach_is_restricted_too),
	        cmocka_unit_test(recursion_is_refused_in_kernels_alone),
	        cmocka_unit_test(deep_call_chains_are_walked),
	        cmocka_unit_test(functions_that_kernels_share_are_walked_once),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
