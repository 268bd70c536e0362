/*
 * Sections GLOB, TYPE, TABL and DSEG: every way in which one can be malformed, with the offset and
 * the message of the error; instructions that name what is not there; and what instances make of
 * them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include "test/support/instances.h"
#include "test/support/refuse.h"

enum { NONE = 0xFFFFFFFF, PAYLOAD = 100 /* offset of the section behind FUNC, whose payload comes 8 bytes later */ };

/* Functions of one RET each: main, f (1 -> 1) and the kernel k. */
static silc_file three_functions(void)
{
	silc_file f = SILC_FILE_INIT;
	f.version = 0x0201;
	SILC_RAW(&f.code, 0x02, 0x02, 0x02);
	silc_func(&f, 0, 1, NONE, 0, 0, 0, 1);
	silc_func(&f, 1, 1, NONE, 1, 1, 0, 0);
	silc_func(&f, 2, 1, NONE, 2, 0, 2, 0);
	return f;
}

typedef struct section_case {
	const char *tag;
	uint8_t bytes[48];
	unsigned size, at; /* at: of the error in the payload */
	const char *message;
} section_case;

#define TYPES 0, 0, 0, 0, 1, 0, 1, 0, 0x7E, 0x7E
static const section_case cases[] = {
        {"GLOB", {2, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8}, 12, 0, "section GLOB: 2 entries do not fit the 8 bytes left"},
        {"GLOB", {0, 0, 0, 0, 9}, 5, 4, "section GLOB: 1 bytes too many"},
        {"GLOB", {1, 0}, 2, 0, "section GLOB: truncated: 4 bytes are needed and 2 are left"},
        {"TYPE", {9, 0, 0, 0, 1, 0, 1, 0}, 8, 0, "section TYPE: 9 entries do not fit the 4 bytes left"},
        {"TYPE", {1, 0, 0, 0, 2, 0, 1, 0, 0x7F}, 9, 8, "section TYPE: truncated: 3 bytes are needed and 1 are left"},
        {"TYPE", {0, 0, 0, 0, 0xFF, 0xFF, 0xFF}, 7, 4, "section TYPE: 3 bytes are not whole numbers of types"},
        {"TYPE", {1, 0, 0, 0, 1, 0, 0, 0, 0x7B}, 9, 8, "unknown value type 0x7B"},
        {"TYPE",
                {3, 0, 0, 0, 0, 0, 0, 0, 1, 0, 1, 0, 0x7E, 0x7E, 1, 0, 1, 0, 0x7E, 0x7E, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,
                        0xFF},
                26, 14, "types 1 and 2 are the same"},
        {"TYPE", {2, 0, 0, 0, TYPES, 0, 0, 1, 0}, 18, 14, "2 types for 3 functions"},
        {"TYPE", {2, 0, 0, 0, TYPES, 0, 0, 2, 0, 0xFF, 0xFF}, 20, 16, "type 2 of function 1 is not below 2"},
        {"TYPE", {2, 0, 0, 0, TYPES, 0, 0, 0, 0, 0xFF, 0xFF}, 20, 16,
                "function 1 takes 1 and returns 1 values, and type 0 says otherwise"},
        {"TYPE", {2, 0, 0, 0, TYPES, 0, 0, 1, 0, 0, 0}, 20, 18, "function 2 has a type, but is a transform or kernel"},
        {"TABL", {17, 0, 0, 0}, 4, 0, "section TABL: 17 entries do not fit the 0 bytes left"},
        {"TABL", {1, 0, 0, 0, 0x41, 0x42, 0x0F, 0, 0, 0, 0, 0}, 12, 4,
                "section TABL: a table of 1000001 entries; there may be 1000000"},
        {"TABL", {1, 0, 0, 0, 4, 0, 0, 0, 2, 0, 0, 0}, 12, 8, "section TABL: 2 entries do not fit the 0 bytes left"},
        {"TABL", {1, 0, 0, 0, 4, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 9, 0, 0, 0}, 20, 16,
                "section TABL: 9 entries do not fit the 0 bytes left"},
        {"TABL", {1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0}, 28, 12,
                "section TABL: a run of 2 entries from 0 on does not fit a table of 1"},
        {"TABL", {1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF, 1, 0, 0, 0, 1, 0, 0, 0}, 24, 12,
                "section TABL: a run of 1 entries from 4294967295 on does not fit a table of 1"},
        {"TABL",
                {1, 0, 0, 0, 4, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0,
                        0, 0},
                36, 24, "section TABL: a run begins at entry 1, before the end of the one before it"},
        {"TABL", {1, 0, 0, 0, 4, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 3, 0, 0, 0}, 24, 20,
                "entry 1 of table 0 is 3, which is no function"},
        {"TABL", {1, 0, 0, 0, 4, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0}, 24, 20,
                "entry 2 of table 0 is 2, which is no function"},
        {"TABL", {0, 0, 0, 0, 7}, 5, 4, "section TABL: 1 bytes too many"},
        {"DSEG", {1, 0, 0, 0, 0, 0, 1, 0, 9, 0, 0, 0}, 12, 12,
                "section DSEG: truncated: 9 bytes are needed and 0 are left"},
        {"DSEG", {1, 0, 0, 0, 0xFF, 0xFF, 0, 0, 1, 0, 0, 0, 5, 0, 0, 0}, 16, 4,
                "1 bytes at address 0xffff do not lie in the 3 initial pages"},
        {"DSEG", {1, 0, 0, 0, 0xFF, 0xFF, 2, 0, 2, 0, 0, 0, 5, 6, 0, 0}, 16, 4,
                "2 bytes at address 0x2ffff do not lie in the 3 initial pages"},
        {"DSEG", {1, 0, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF, 2, 0, 0, 0, 5, 6, 0, 0}, 16, 4,
                "2 bytes at address 0xffffffff do not lie in the 3 initial pages"},
        {"DSEG", {1, 0, 0, 0, 0, 0, 1, 0, 1, 0, 0, 0, 5, 0, 1, 0}, 16, 13, "section DSEG: padding is not zero"},
        {"DSEG", {1, 0, 0, 0, 0, 0, 1, 0, 1, 0, 0, 0, 5}, 13, 13,
                "section DSEG: truncated: 3 bytes are needed and 0 are left"},
};

static void malformed_sections_are_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		silc_file f = three_functions();
		silc_bytes payload = {0};
		silc_raw(&payload, cases[i].bytes, cases[i].size);
		silc_section(&f, cases[i].tag, &payload);
		silc_bytes_free(&payload);
		assert_refused(&f, PAYLOAD + cases[i].at, cases[i].message);
	}
}

static void there_are_at_most_65536_globals_and_16_tables(void **state)
{
	(void)state;
	for (uint32_t count = 65536; count <= 65537; count++) {
		silc_file f = three_functions();
		silc_bytes payload = {0};
		silc_uint(&payload, count, 4);
		for (uint32_t i = 0; i < count; i++)
			silc_uint(&payload, i, 8);
		silc_section(&f, "GLOB", &payload);
		silc_bytes_free(&payload);
		if (count == 65536)
			assert_accepted(&f);
		else
			assert_refused(&f, PAYLOAD, "65537 globals are more than 65536");
	}
	for (uint32_t count = 16; count <= 17; count++) {
		silc_file f = three_functions();
		silc_bytes payload = {0};
		silc_uint(&payload, count, 4);
		for (uint32_t i = 0; i < count; i++)
			silc_uint(&payload, 1000000, 8); /* and no runs */
		silc_section(&f, "TABL", &payload);
		silc_bytes_free(&payload);
		if (count == 16)
			assert_accepted(&f);
		else
			assert_refused(&f, PAYLOAD, "section TABL: 17 tables; there may be 16");
	}
}

/* The checks of the file's version. */
/* Type 65535 would be that of functions without one, which INVOKET must not call. */
static void there_are_at_most_65535_types(void **state)
{
	static const uint8_t values[] = {0x7F, 0x7E, 0x7D, 0x7C};
	(void)state;
	for (uint32_t count = 65535; count <= 65536; count++) {
		silc_file f = three_functions();
		silc_bytes payload = {0};
		silc_uint(&payload, count, 4);
		for (uint32_t i = 0; i < count; i++) {
			silc_uint(&payload, 8, 4); /* 8 -> 0 */
			for (unsigned k = 0; k < 8; k++)
				silc_uint(&payload, values[i >> 2 * k & 3], 1);
		}
		for (unsigned i = 0; i < 3; i++)
			silc_uint(&payload, 0xFFFF, 2);
		silc_section(&f, "TYPE", &payload);
		silc_bytes_free(&payload);
		if (count == 65535)
			assert_accepted(&f);
		else
			assert_refused(&f, PAYLOAD, "section TYPE: 65536 types; there may be 65535");
	}
}

static void files_that_use_version_2_1_say_so(void **state)
{
	(void)state;
	silc_bytes empty = {0};
	silc_uint(&empty, 0, 4);
	silc_file f = three_functions();
	f.version = 0x0200;
	silc_section(&f, "DSEG", &empty);
	assert_refused(&f, 4, "the file is of version 2.0, but its contents are of 2.1");
	f = three_functions();
	silc_section(&f, "DSEG", &empty);
	assert_accepted(&f);
	silc_bytes_free(&empty);
	f = three_functions();
	assert_refused(&f, 4, "the file is of version 2.1, but its contents are of 2.0");
	f = (silc_file)SILC_FILE_INIT;
	SILC_RAW(&f.code, 0x1E, 0, 0, 0, 0x01);
	assert_refused(&f, 4, "the file is of version 2.0, but its contents are of 2.1");
}

/* ---- instructions ---- */

static void numbers_of_nothing_are_refused(void **state)
{
	static const struct {
		uint8_t code[5];
		const char *message;
	} bad[] = {
	        {{0x1E, 1, 0x00, 0x10, 1}, "slot 4096 of LDLOC is not below 4096"},
	        {{0x1F, 1, 0xFF, 0xFF, 1}, "slot 65535 of STLOC is not below 4096"},
	        {{0xB0, 1, 0, 0, 1}, "global 0 of GGET is not below 0"},
	        {{0xB1, 1, 7, 0, 1}, "global 7 of GSET is not below 0"},
	        {{0xB2, 0x21, 0, 0, 1}, "table 2 of INVOKET is not below 0"},
	        {{0x1E, 0x11, 0, 0, 1}, "unused field is not zero (opcode byte 0x1E)"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		silc_file f = SILC_FILE_INIT;
		f.version = 0x0201;
		silc_raw(&f.code, bad[i].code, sizeof bad[i].code);
		assert_refused(&f, 32, bad[i].message);
	}
	silc_file f = SILC_FILE_INIT;
	f.version = 0x0201;
	SILC_RAW(&f.code, 0xB2, 0x01, 1, 0, 0x01);
	silc_bytes payload = {0};
	SILC_RAW(&payload, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
	silc_section(&f, "TABL", &payload);
	silc_bytes_free(&payload);
	silc_bytes types = {0};
	SILC_RAW(&types, 1, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF);
	silc_section(&f, "TYPE", &types);
	silc_bytes_free(&types);
	assert_refused(&f, 32, "type 1 of INVOKET is not below 1");
}

static void kernels_may_have_slots_but_no_globals(void **state)
{
	(void)state;
	for (unsigned op = 0x1E; op <= 0xB2; op = op == 0x1E ? 0xB0 : op + 1) {
		silc_file f = SILC_FILE_INIT;
		f.version = 0x0201;
		SILC_RAW(&f.code, 0x02, (uint8_t)op, 0, 0, 0, 0x02);
		silc_func(&f, 0, 1, NONE, 0, 0, 0, 1);
		silc_func(&f, 1, 5, NONE, 2, 0, 2, 0);
		silc_bytes globals = {0}, types = {0}, tables = {0};
		SILC_RAW(&globals, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
		silc_section(&f, "GLOB", &globals);
		SILC_RAW(&types, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF);
		silc_section(&f, "TYPE", &types);
		SILC_RAW(&tables, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
		silc_section(&f, "TABL", &tables);
		silc_bytes_free(&globals);
		silc_bytes_free(&types);
		silc_bytes_free(&tables);
		char message[64] = "kernels may not contain or reach ";
		strcat(message, op == 0xB0 ? "GGET" : op == 0xB1 ? "GSET" : "INVOKET");
		if (op == 0x1E)
			assert_accepted(&f);
		else
			assert_refused(&f, 33, message);
	}
}

/* ---- instances ---- */

static const char counting[] = ".section \"GLOB\"\n.word 1\n.quad 40\n"
                               ".section \"DSEG\"\n.word 1, 0x10100, 1\n.byte 2, 0, 0, 0\n"
                               ".code\n.func main() -> 1\n"
                               "GGET R0, 0\nADDI R0, R0, 1\nGSET R0, 0\n"
                               "MOVI R1, 0x10100\nLD8U R2, [R1]\nADDI R3, R2, 1\nST8 R3, [R1]\n"
                               "ADD R0, R0, R2\nRET\n.end\n";

static void a_reset_restores_globals_and_segments(void **state)
{
	(void)state;
	for (int tier = VSP_TIER_INTERP; tier <= VSP_TIER_2; tier++) {
		vsp_config config = VSP_CONFIG_INIT;
		config.tier = tier;
		config.sync_compile = 1;
		vsp_module *module = assemble(counting);
		vsp_instance *instance = instantiate_with(module, &config), *other = instantiate_with(module, &config);
		for (int round = 0; round < 3; round++) {
			assert_int_equal(vsp_run(instance, NULL), VSP_OK);
			assert_int_equal(state_of(instance).r[0], 43);
			assert_int_equal(vsp_reset(instance, NULL), VSP_OK);
		}
		assert_int_equal(vsp_run(other, NULL), VSP_OK);
		assert_int_equal(state_of(other).r[0], 43); /* instances share nothing */
		vsp_free(instance);
		vsp_free(other);
		vsp_module_free(module);
	}
}

static vsp_status run_deep(const char *activations, uint64_t max_memory, vsp_error *error)
{
	char source[256];
	snprintf(source, sizeof source,
	        ".func main\nMOVI R0, %s\nINVOKE deep\nHLT\n.end\n"
	        ".func deep(1)\nSTLOC R0, 4095\nADDI R0, R0, -1\nBZ R0, done\nINVOKE deep\ndone:\nRET\n.end\n",
	        activations);
	vsp_config config = VSP_CONFIG_INIT;
	config.tier = VSP_TIER_INTERP;
	config.max_memory = max_memory;
	vsp_module *module = assemble(source);
	vsp_instance *instance = instantiate_with(module, &config);
	vsp_status first = vsp_run(instance, error);
	assert_int_equal(vsp_reset(instance, NULL), VSP_OK);
	assert_int_equal(vsp_run(instance, NULL), first); /* what a trap left behind is free again */
	vsp_free(instance);
	vsp_module_free(module);
	return first;
}

static void slots_are_limited_to_2_to_the_20(void **state)
{
	(void)state;
	vsp_error error = VSP_ERROR_INIT;
	assert_int_equal(run_deep("256", 0, &error), VSP_OK);
	assert_int_equal(run_deep("257", 0, &error), VSP_TRAPPED);
	assert_int_equal(error.trap, VSP_TRAP_CALL_DEPTH);
}

static void tables_count_as_memory_of_the_program(void **state)
{
	static const char source[] = ".section \"TABL\"\n.word 3\n"
	                             ".word 1000000, 1\n.word 999999, 1, main\n"
	                             ".word 1000000, 1\n.word 999999, 1, main\n"
	                             ".word 1000000, 1\n.word 999999, 1, main\n"
	                             ".code\n.func main\nHLT\n.end\n";
	(void)state;
	vsp_error error = VSP_ERROR_INIT;
	vsp_config config = VSP_CONFIG_INIT;
	vsp_module *module = assemble(source);
	vsp_instance *instance = instantiate_with(module, &config);
	assert_int_equal(vsp_run(instance, NULL), VSP_OK);
	vsp_free(instance);
	config.max_memory = 1 << 20; /* beside it 17 MiB are allowed, and these take 24 */
	assert_null(vsp_instantiate(module, &config, &error));
	assert_int_equal(error.code, VSP_E_MEMORY);
	assert_string_equal(error.message, "no room for the program's globals and tables");
	vsp_module_free(module);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(malformed_sections_are_refused),
	        cmocka_unit_test(there_are_at_most_65536_globals_and_16_tables),
	        cmocka_unit_test(there_are_at_most_65535_types),
	        cmocka_unit_test(files_that_use_version_2_1_say_so),
	        cmocka_unit_test(numbers_of_nothing_are_refused),
	        cmocka_unit_test(kernels_may_have_slots_but_no_globals),
	        cmocka_unit_test(a_reset_restores_globals_and_segments),
	        cmocka_unit_test(slots_are_limited_to_2_to_the_20),
	        cmocka_unit_test(tables_count_as_memory_of_the_program),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
