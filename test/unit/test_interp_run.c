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

/* More CALLs one after the other than may be pending. */
static void calls_that_have_returned_are_not_pending(void **state)
{
	(void)state;
	program prog = {0}, *p = &prog;
	SET(12, VSP_MAX_CALLS + 10);
	uint32_t call = PUT(CALL, 0, 0, 0, p->size + 4);
	PUT(LOOP, 0, 0, 0, call);
	PUT(HLT, 0, 0, 0, 0);
	land(p, call);
	PUT(ADDI_8, 0, 0, 0, 1);
	PUT(RET, 0, 0, 0, 0);
	machine v;
	machine_open(&v, p, NULL);
	assert_int_equal(machine_run(&v), VSP_OK);
	assert_int_equal(v.rt.r[0], VSP_MAX_CALLS + 10);
	assert_int_equal(v.rt.calls, 0);
	machine_close(&v);
}

/* Memory without guard pages moves as it grows. */
static void memory_is_found_where_it_has_moved(void **state)
{
	(void)state;
	program prog = {0}, *p = &prog;
	SET(1, 1);
	SET(2, DATA);
	SET(12, 13);
	uint32_t head = PUT(MEMGROW, 3, 1, 0, 0);
	PUT(ADDI_8, 0, 0, 0, 1);
	PUT(STORE, 0, 2, 0, 0);
	PUT(LOOP, 0, 0, 0, head);
	PUT(HLT, 0, 0, 0, 0);
	machine v;
	machine_open(&v, p, &(machine_options){.bounds = VSP_BOUNDS_EXPLICIT});
	assert_int_equal(machine_run(&v), VSP_OK);
	assert_int_equal(v.rt.r[3], 15);
	assert_int_equal(v.rt.memory.base[DATA], 13);
	machine_close(&v);
}

/* The flags at the end of a comparison of 5 in R3 with number, also in R7. R0 has another number,
   so that it shows where it is read instead. */
static unsigned flags_after(bool immediate, int64_t number)
{
	program prog = {0}, *p = &prog;
	SET(0, -100);
	SET(3, 5);
	SET(7, number);
	if (immediate)
		PUT(CMPI, 3, 0, 0, number);
	else
		PUT(CMP, 3, 7, 0, 0);
	PUT(RET, 0, 0, 0, 0);
	machine v;
	machine_open(&v, p, NULL);
	assert_int_equal(machine_run(&v), VSP_OK);
	unsigned flags = v.rt.flags;
	machine_close(&v);
	return flags;
}

static void flags_of_a_comparison_are_shown_at_the_end(void **state)
{
	(void)state;
	for (unsigned immediate = 0; immediate < 2; immediate++) {
		assert_int_equal(flags_after(immediate, 5), VSP_SR_Z);
		assert_int_equal(flags_after(immediate, 6), VSP_SR_N);
		assert_int_equal(flags_after(immediate, 4), 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(a_loop_sums),
	        cmocka_unit_test(invoke_opens_an_activation),
	        cmocka_unit_test(calls_that_have_returned_are_not_pending),
	        cmocka_unit_test(memory_is_found_where_it_has_moved),
	        cmocka_unit_test(flags_of_a_comparison_are_shown_at_the_end),
	        cmocka_unit_test(tail_calls_have_pairs),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
