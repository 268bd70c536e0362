/*
 * Analyses of calls for optimised code: the functions that an INVOKEI may call, when they are few,
 * and the recursions that are unrolled.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include <vsp/vsp.h>

#include "frontend/asm/assembler.h"
#include "ir/callees.h"
#include "ir/recursion.h"

static vsp_module_data *read(const char *source)
{
	vsp_error error = VSP_ERROR_INIT;
	vsp_assemble_options how = {.file = "test"};
	vsp_module_data *m = vsp_assemble_source(source, strlen(source), &how, &error);
	if (!m)
		fail_msg("line %u: %s", (unsigned)error.line, error.message);
	return m;
}

static unsigned few(const vsp_module_data *m, unsigned counts, uint32_t out[VSP_FEW_CALLEES])
{
	return vsp_few_callees(m, &(vsp_insn){.form = VSP_I_INVOKEI, .imm = counts}, out);
}

static void test_few_callees_are_listed(void **state)
{
	(void)state;
	vsp_module_data *m = read(".func main\nRET\n.end\n"
	                          ".func a(1) -> 2\nRET\n.end\n"
	                          ".func b(2) -> 1\nRET\n.end\n"
	                          ".kernel k\nRET\n.end\n"
	                          ".func c(1) -> 2\nRET\n.end\n"
	                          ".func d(2)\nRET\n.end\n");
	uint32_t out[VSP_FEW_CALLEES];
	assert_int_equal(few(m, 1 | 2 << 8, out), 2);
	assert_int_equal(out[0], 1);
	assert_int_equal(out[1], 4);
	assert_int_equal(few(m, 2 | 0 << 8, out), 1); /* not the kernel, which takes two as well */
	assert_int_equal(out[0], 5);
	assert_int_equal(few(m, 3 | 3 << 8, out), 0);
	vsp_module_data_free(m);
}

static void test_many_callees_are_not(void **state)
{
	(void)state;
	char source[512] = ".func main\nRET\n.end\n";
	uint32_t out[VSP_FEW_CALLEES];
	for (unsigned n = 1; n <= VSP_FEW_CALLEES + 1; n++) {
		char function[] = ".func f0(1)\nRET\n.end\n";
		function[7] = (char)('0' + n);
		strcat(source, function);
		vsp_module_data *m = read(source);
		assert_int_equal(few(m, 1, out), n <= VSP_FEW_CALLEES ? n : 0);
		vsp_module_data_free(m);
	}
}

static void test_small_recursions_unroll(void **state)
{
	(void)state;
	vsp_module_data *m =
	        read(".func main\nINVOKE once\nRET\n.end\n"
	             ".func once(1)\nBZ R0, stop\nADDI R0, R0, -1\nINVOKE once\nstop: RET\n.end\n"
	             ".func other(1)\nINVOKE once\nRET\n.end\n"
	             /* 13 instructions, of which 4 + 16 copies are too many. */
	             ".func wide(1)\nBZ R0, end\nADDI R0, R0, -1\nINVOKE wide\nINVOKE wide\nINVOKE wide\nINVOKE wide\n"
	             "NOP\nNOP\nNOP\nNOP\nNOP\nNOP\nend: RET\n.end\n");
	assert_false(vsp_recursion_unrolls(m, 0));
	assert_true(vsp_recursion_unrolls(m, 1));
	assert_false(vsp_recursion_unrolls(m, 2));
	assert_false(vsp_recursion_unrolls(m, 3));
	vsp_module_data_free(m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_few_callees_are_listed),
	        cmocka_unit_test(test_many_callees_are_not),
	        cmocka_unit_test(test_small_recursions_unroll),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
