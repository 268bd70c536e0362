/*
 * Runs, calls and steps of the interpreter.
 */
#include "interp_support.h"

#include "tiers/interp/decode_tables.h"
#include "tiers/interp/exec.h"

static void a_loop_sums(void **state)
{
	(void)state;
	program prog = {0}, *p = &prog;
	SET(1, 10);
	uint32_t head = PUT(ADD, 0, 0, 1, 0);
	PUT(ADDI_8, 1, 1, 0, -1);
	PUT(BNZ, 1, 0, 0, head);
	PUT(HLT, 0, 0, 0, 0);
	machine v;
	machine_open(&v, p, NULL);
	assert_int_equal(machine_run(&v), VSP_OK);
	assert_int_equal(v.rt.end, VSP_END_HALTED);
	assert_int_equal(v.rt.r[0], 55);
	assert_int_equal(v.rt.flags, VSP_SR_Z);
	machine_close(&v);
}

static void invoke_opens_an_activation(void **state)
{
	(void)state;
	program prog = {0}, *p = &prog;
	func(p, VSP_KIND_FUNCTION, 0, 0);
	SET(0, 20);
	SET(1, 7);
	PUT(INVOKE, 0, 0, 0, 1);
	PUT(RET, 0, 0, 0, 0);
	func(p, VSP_KIND_FUNCTION, 1, 1); /* fib */
	SET(1, 2);
	uint32_t small = PUT(BLT, 0, 1, 0, p->size + 4);
	PUT(MOV, 4, 0, 0, 0);
	PUT(ADDI_8, 0, 4, 0, -1);
	PUT(INVOKE, 0, 0, 0, 1);
	PUT(MOV, 5, 0, 0, 0);
	PUT(ADDI_8, 0, 4, 0, -2);
	PUT(INVOKE, 0, 0, 0, 1);
	PUT(ADD, 0, 0, 5, 0);
	land(p, small);
	PUT(RET, 0, 0, 0, 0);
	machine v;
	machine_open(&v, p, NULL);
	assert_int_equal(machine_run(&v), VSP_OK);
	assert_int_equal(v.rt.end, VSP_END_RETURNED);
	assert_int_equal(v.rt.r[0], 6765);
	assert_int_equal(v.rt.r[1], 7);
	assert_int_equal(v.rt.end_pc, 24);
	machine_close(&v);
}

/* Without them programs run as well, only slower. One pair for each part of the list. */
static void tail_calls_have_pairs(void **state)
{
	(void)state;
	static const vsp_pair pairs[] = {
	        {.first = VSP_I_ADD, .second = VSP_I_SUB},
	        {.first = VSP_I_MOV, .second = VSP_I_ADD},
	        {.first = VSP_I_LOAD, .second = VSP_I_ADD},
	        {.first = VSP_I_ADD, .second = VSP_I_SUB, .lazy = true},
	};
	if (strcmp(vsp_exec_loop.name, "tail") != 0)
		skip();
	for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++)
		assert_int_not_equal(vsp_decode_pair(&pairs[i]), 0);
	assert_int_not_equal(vsp_decode_loop_end(VSP_I_ADD, VSP_I_ADDI_32, VSP_I_BLT, false), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_loop_sums),
	        cmocka_unit_test(invoke_opens_an_activation),
	        cmocka_unit_test(tail_calls_have_pairs),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
