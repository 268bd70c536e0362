/*
 * The baseline compiler: its table of stencils, and that functions run in copied code, leave it for
 * the interpreter and come back.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include <vsp/vsp.h>

#include "tiers/api/api.h"

/* Are there stencils in this build? */
static bool has_stencils(void)
{
	static const vsp_module_data none;
	vsp_account account = {0};
	vsp_baseline *b = vsp_baseline_create(&none, &account, 0, NULL, NULL);
	vsp_baseline_destroy(b);
	return b != NULL;
}

#ifndef VSP_TEST_EVERY /* more where a case takes long, in an emulator */
#define VSP_TEST_EVERY 1
#endif
/* Is this combination tried? */
static bool is_sampled(size_t i, size_t k) { return (i + k) % VSP_TEST_EVERY == 0; }

static vsp_instance *start(const char *source, int tier)
{
	vsp_error error = VSP_ERROR_INIT;
	vsp_config config = VSP_CONFIG_INIT;
	config.tier = tier;
	config.profile = VSP_PROFILE_CALLS;
	vsp_module *module = vsp_assemble(source, strlen(source), NULL, &error);
	assert_non_null(module);
	vsp_instance *instance = vsp_instantiate(module, &config, &error);
	assert_non_null(instance);
	vsp_module_free(module);
	return instance;
}

static vsp_state_view run(vsp_instance *instance, vsp_status expected)
{
	vsp_error error = VSP_ERROR_INIT;
	vsp_state_view state = VSP_STATE_INIT;
	assert_int_equal(vsp_run(instance, &error), expected);
	assert_int_equal(vsp_state(instance, &state), VSP_OK);
	return state;
}

static vsp_function_stats stats_of(const vsp_instance *instance, uint32_t function)
{
	vsp_function_stats stats = VSP_FUNCTION_STATS_INIT;
	assert_int_equal(vsp_stats_function(instance, function, &stats), VSP_OK);
	return stats;
}

/* Operands in more registers than are kept, and each of an instruction in the same. */
static const char pressure[] =
        ".func main() -> 0\n"
        "MOVI R0, 1\nMOVI R1, 2\nMOVI R2, 3\nMOVI R3, 4\nMOVI R4, 5\nMOVI R5, 6\nMOVI R6, 7\nMOVI R7, 8\n"
        "MOVI R8, 100\nMOVI R9, 0x20000\nMOVI RA, -3\nMOVI RB, 0\n"
        "again:\n"
        "ADD R0, R1, R2\nSUB R1, R0, R3\nMUL R2, R2, R2\nXOR R3, R4, R3\nADD R4, R4, R5\nOR R5, R6, R7\n"
        "AND R6, R5, R0\nADD R7, R7, R7\nST32 R7, [R9]\nLD32U RB, [R9]\nADDI RB, RB, -5\nXORI R2, RB, -7\n"
        "MULI R3, R3, -3\nSHLI R6, R6, 3\nADD R6, RA, R6\nSTX.64 R0, [R9 + RB*8]\n"
        "MOVI RB, 1\nSTX.64 R0, [R9 + RB*8]\nLDX.64 R5, [R9 + RB*8]\n"
        "ADDI R8, R8, -1\nBNZ R8, again\nHLT\n.end\n";

static void assert_like_the_interpreter(const char *source)
{
	vsp_instance *a = start(source, VSP_TIER_INTERP), *b = start(source, VSP_TIER_BASELINE);
	vsp_error ignored = VSP_ERROR_INIT;
	vsp_status status = vsp_run(a, &ignored);
	vsp_state_view x = VSP_STATE_INIT, y = run(b, status);
	assert_int_equal(vsp_state(a, &x), VSP_OK);
	assert_memory_equal(x.r, y.r, sizeof x.r);
	assert_int_equal(x.pc, y.pc);
	assert_int_equal(x.sr, y.sr);
	vsp_free(a);
	vsp_free(b);
}

static void registers_are_those_of_the_interpreter(void **unused)
{
	(void)unused;
	static const char *const programs[] = {pressure,
	        /* a trap in the middle of a loop shows the registers at that instruction */
	        ".func main() -> 0\nMOVI R0, 0x20000\nMOVI R1, 0\nnext: ADDI R1, R1, 3\nADD R0, R0, R0\n"
	        "ST32 R1, [R0]\nJMP next\n.end\n",
	        /* and a division by 0 */
	        ".func main() -> 0\nMOVI R0, 5\nMOVI R1, 1000\nnext: ADDI R0, R0, -1\nDIV R1, R1, R0\nJMP "
	        "next\n.end\n",
	        /* floats in more registers than are kept, some used as integers too */
	        ".func main() -> 0\nMOVI R0, 0x20000\nMOVI R1, 1.5\nMOVI R2, 0.25\nMOVI R3, 3.0\nMOVI R4, -2.0\n"
	        "MOVI R5, 9.0\nMOVI R6, 7.0\nMOVI R7, 0.5\nMOVI R8, 100.0\nMOVI R9, 1\n"
	        "next: ADD.F R1, R1, R2\nMUL.F R3, R1, R4\nSUB.F R5, R5, R6\nDIV.F R6, R3, R7\nADD.F R7, R7, R8\n"
	        "SLT.F RA, R1, R8\nXOR RB, R1, R3\nI2F RC, R9\nADD.F R8, R8, RC\nFMA.F R2, R2, R7, RC\n"
	        "F2I RD, R8\nSEL RE, R9, R1, R3\nSTORE R1, [R0]\nADDI R0, R0, 8\nADDI R9, R9, 1\nJMP next\n.end\n"};
	for (size_t i = 0; i < sizeof programs / sizeof programs[0]; i++)
		assert_like_the_interpreter(programs[i]);
}

/* Flags of an instruction are shown by a trap before the next one that writes flags. */
static void flags_are_those_of_the_interpreter(void **unused)
{
	(void)unused;
	static const char *const writers[] = {"ADD R1, R2, R3", "SUB R1, R1, R3", "ADD R1, R1, R3", "ADD R3, R1, R3",
	        "ADD R1, R1, R1", "ADDI R1, R1, -100", "ADDI R2, R1, -100", "MUL R1, R1, R3", "XOR R1, R1, R1",
	        "CMP R1, R3", "SHLI R1, R1, 62", "NEG R1, R1", "NOT R1, R1", "SUB R3, R1, R3"};
	static const char *const between[] = {
	        "", "MOV R3, R2", "MOVI R1, 0", "INVOKE two", "MOV R2, R0", "BZ R9, join\njoin:", "XCHG R1, R2"};
	for (size_t i = 0; i < sizeof writers / sizeof writers[0]; i++)
		for (size_t k = 0; k < sizeof between / sizeof between[0]; k++) {
			if (!is_sampled(i, k))
				continue;
			char source[512];
			snprintf(source, sizeof source,
			        ".func main() -> 0\nMOVI R1, 5\nMOVI R2, 9\nMOVI R3, 7\nMOVI R4, 0x20000\nMOVI R5, 3\n"
			        "again: ADD R6, R5, R5\n%s\n%s\nLD32U R7, [R4]\nADDI R5, R5, -1\nMULI R4, R4, 4096\n"
			        "BNZ R5, again\nHLT\n.end\n.func two() -> 2\nMOVI R0, 1\nMOVI R1, 4\nRET\n.end\n",
			        writers[i], between[k]);
			assert_like_the_interpreter(source);
		}
}

/* Instructions that change registers or flags which no operand names, between flags and a trap that
   shows them. */
static void flags_outlive_changes_that_no_operand_names(void **unused)
{
	(void)unused;
	static const char *const writers[] = {"MODU.W R5, R6, R4", "DIV R5, R6, R4", "DIV.W R5, R6, R4",
	        "MOD R5, R6, R4", "MOD.W R5, R6, R4", "DIVU R5, R6, R4", "DIVU.W R5, R6, R4", "SUB R5, R4, R6",
	        "ADD R4, R4, R6", "ADDI R4, R4, -8", "CMP R4, R6"};
	static const char *const between[] = {"LSTATE [0x22000]", "MOVI RE, 0x22000\nLSTATE.B [RE]", "TRUNCATE 8",
	        "TRUNCATE 16", "DEMOTE 8", "XORDEM 8", "RECEIVE 0", "SENSE R4", "SHIFTL", "FOLD"};
	for (size_t i = 0; i < sizeof writers / sizeof writers[0]; i++)
		for (size_t k = 0; k < sizeof between / sizeof between[0]; k++) {
			if (!is_sampled(i, k))
				continue;
			char source[256];
			snprintf(source, sizeof source,
			        ".func main() -> 0\nMOVI R4, 7\nMOVI R6, 9\n%s\n%s\nMOVI RD, 0xFFFC\nLOAD RF, [RD]\n"
			        "ADDI RF, RF, 5\nHLT\n.end\n",
			        writers[i], between[k]);
			assert_like_the_interpreter(source);
		}
}

/* An access that faults leaves its base, its index and what would have been its result as they
   were. */
static void faults_change_no_register(void **unused)
{
	(void)unused;
	static const char *const accesses[] = {"LDX.8U R%u, [R%u + R%u]", "LDX.8S R%u, [R%u + R%u]",
	        "LDX.16U R%u, [R%u + R%u*2]", "LDX.16S R%u, [R%u + R%u*2]", "LDX.32U R%u, [R%u + R%u*4]",
	        "LDX.32S R%u, [R%u + R%u*4]", "LDX.64 R%u, [R%u + R%u*8]", "LD8U R%u, [R%u + 1]",
	        "LD16S R%u, [R%u + 1]", "LOAD R%u, [R%u + 1]", "STX.8 R%u, [R%u + R%u]", "STX.64 R%u, [R%u + R%u*8]",
	        "ST32 R%u, [R%u + 1]"};
	for (size_t i = 0; i < sizeof accesses / sizeof accesses[0]; i++)
		for (unsigned k = 0; k < 27; k++) {
			char access[64], source[256];
			if (!is_sampled(i, k))
				continue;
			snprintf(access, sizeof access, accesses[i], k % 3, k / 3 % 3, k / 9);
			/* Some are used as floats too, so that they are kept in float registers. */
			snprintf(source, sizeof source,
			        ".func main() -> 0\nMOVI R0, 200\nMOVI R1, 22500\nMOVI R2, 300\n%s%s\nMOV R3, "
			        "R0\nHLT\n.end\n",
			        i % 2 ? "" : "ADD.F R4, R0, R0\nMUL.F R4, R0, R0\nSUB.F R4, R0, R0\n", access);
			assert_like_the_interpreter(source);
		}
}

static void functions_run_in_copied_code(void **unused)
{
	(void)unused;
	if (!has_stencils())
		skip();
	vsp_instance *instance = start(pressure, VSP_TIER_BASELINE);
	assert_int_equal(stats_of(instance, 0).code_size, 0);
	run(instance, VSP_TRAPPED); /* an index that is far too large */
	assert_true(stats_of(instance, 0).code_size > 0);
	assert_string_equal(stats_of(instance, 0).reason, "");
	vsp_free(instance);
}

/* Not times, which depend on the machine: the code for ten times as many instructions is ten times
   as large. */
static void code_grows_with_the_function(void **unused)
{
	(void)unused;
	uint64_t sizes[2];
	if (!has_stencils())
		skip();
	for (unsigned k = 0; k < 2; k++) {
		unsigned n = k ? 20000 : 2000;
		char *source = malloc(n * 16 + 64);
		assert_non_null(source);
		size_t length = (size_t)sprintf(source, ".func main() -> 0\n");
		for (unsigned i = 0; i < n; i++)
			length += (size_t)sprintf(source + length, "ADD R%u, R%u, R1\n", i % 7, i % 5);
		sprintf(source + length, "HLT\n.end\n");
		vsp_instance *instance = start(source, VSP_TIER_BASELINE);
		run(instance, VSP_OK);
		sizes[k] = stats_of(instance, 0).code_size;
		assert_true(sizes[k] > n);
		vsp_free(instance);
		free(source);
	}
	assert_true(sizes[1] < 11 * sizes[0]);
}

/* Frames of two kinds of code lie between one another. */
static void recursion_goes_through_both_kinds_of_code(void **unused)
{
	(void)unused;
	static const char source[] = ".func main() -> 0\nMOVI R0, 500\nINVOKE sum\nHLT\n.end\n"
	                             ".func sum(1) -> 1\nMOV R1, R0\nBZ R0, end\nADDI R0, R0, -1\nINVOKE sum\n"
	                             "PUSH R1\nPOP R2\nADD R0, R0, R2\nend: RET\n.end\n";
	vsp_instance *instance = start(source, VSP_TIER_BASELINE);
	assert_int_equal(run(instance, VSP_OK).r[0], 500 * 501 / 2);
	vsp_free(instance);
}

/*
 * Too large to be compiled at once: by another thread where the processor is idle, otherwise when
 * the program has run for long enough. The result stays what it was interpreted.
 */
static void a_large_function_gets_code_in_tier_auto(void **state)
{
	enum { ADDITIONS = 4000, ROUNDS = 20 };
	static const char head[] = ".func kernel(1) -> 1\nMOVI R2, %d\nagain:\n", addition[] = "ADDI R0, R0, 3\n",
	                  tail[] = "ADDI R1, R1, 1\nBLT R1, R2, again\nRET\n.end\n.export kernel\n";
	(void)state;
	if (!has_stencils())
		skip();
	char *source = malloc(sizeof head + sizeof tail + 32 + ADDITIONS * sizeof addition);
	assert_non_null(source);
	char *end = source + sprintf(source, head, ROUNDS);
	for (int i = 0; i < ADDITIONS; i++)
		end = strcpy(end, addition) + sizeof addition - 1;
	strcpy(end, tail);
	vsp_instance *instance = start(source, VSP_TIER_AUTO);
	vsp_baseline_stats made;
	do {
		vsp_error error = VSP_ERROR_INIT;
		int64_t value = 7;
		assert_int_equal(vsp_call(instance, "kernel", &value, &value, &error), VSP_OK);
		assert_int_equal(value, 7 + 3 * ADDITIONS * ROUNDS);
		made = vsp_baseline_stats_of(instance->baseline, 0);
	} while (!made.code_size && !*made.reason);
	assert_string_equal(made.reason, "");
	vsp_free(instance);
	free(source);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(registers_are_those_of_the_interpreter),
	        cmocka_unit_test(flags_are_those_of_the_interpreter),
	        cmocka_unit_test(flags_outlive_changes_that_no_operand_names),
	        cmocka_unit_test(faults_change_no_register),
	        cmocka_unit_test(functions_run_in_copied_code),
	        cmocka_unit_test(code_grows_with_the_function),
	        cmocka_unit_test(a_large_function_gets_code_in_tier_auto),
	        cmocka_unit_test(recursion_goes_through_both_kinds_of_code),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
