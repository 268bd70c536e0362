/*
 * Traps of the interpreter: kind, place, and that nothing of the trapping instruction happened;
 * limits and interrupts.
 */
#include "interp_support.h"

#include "runtime/platform/platform.h"

static const vsp_bounds both_bounds[] = {VSP_BOUNDS_AUTO, VSP_BOUNDS_EXPLICIT};
enum { MEMORY_END = 3 * VSP_PAGE };

/* Runs one instruction with R1 = base, R2 = index and R0 = 0x1122334455667788, and expects a trap
   of a kind at it; 0: none. */
static void expect(vsp_form form, uint64_t base, uint64_t index, int64_t imm, unsigned kind)
{
	for (int i = 0; i < 2; i++) {
		program prog = {0}, *p = &prog;
		SET(0, 0x1122334455667788);
		SET(1, base);
		SET(2, index);
		bool indexed = vsp_form_immediate(form) == VSP_O_NONE;
		bool absolute = form == VSP_I_LOAD_A || form == VSP_I_STORE_A;
		uint32_t at = put(p, form, 0, absolute ? 0 : 1, indexed ? 2 : 0, 0, imm);
		PUT(HLT, 0, 0, 0, 0);
		machine v;
		machine_open(&v, p, &(machine_options){.bounds = both_bounds[i]});
		uint64_t before = vsp_memory_hash(&v.rt.memory);
		vsp_status status = machine_run(&v);
		if (kind) {
			assert_int_equal(status, VSP_TRAPPED);
			assert_int_equal(v.error.trap, kind);
			assert_int_equal(v.error.pc, at);
			assert_int_equal(v.rt.end_pc, at);
			assert_int_equal(v.rt.r[0], 0x1122334455667788);
			assert_int_equal(vsp_memory_hash(&v.rt.memory), before);
		} else
			assert_int_equal(status, VSP_OK);
		machine_close(&v);
	}
}

static void accesses_are_valid_to_the_last_byte(void **state)
{
	(void)state;
	expect(VSP_I_LOAD, MEMORY_END - 8, 0, 0, 0);
	expect(VSP_I_LOAD, MEMORY_END - 7, 0, 0, VSP_TRAP_OUT_OF_BOUNDS);
	expect(VSP_I_STORE, MEMORY_END - 8, 0, 0, 0);
	for (int over = 1; over < 8; over++)
		expect(VSP_I_STORE, MEMORY_END - 8 + over, 0, 0, VSP_TRAP_OUT_OF_BOUNDS);
	expect(VSP_I_ST32, MEMORY_END - 3, 0, 0, VSP_TRAP_OUT_OF_BOUNDS);
	expect(VSP_I_ST16, MEMORY_END - 1, 0, 0, VSP_TRAP_OUT_OF_BOUNDS);
	expect(VSP_I_ST8, MEMORY_END - 1, 0, 0, 0);
	expect(VSP_I_LD8U, VSP_NULL_ZONE, 0, 0, 0);
	expect(VSP_I_LD8U, VSP_NULL_ZONE, 0, -1, VSP_TRAP_STACK_OVERFLOW);
	expect(VSP_I_STORE, VSP_NULL_ZONE - 4, 0, 0, VSP_TRAP_STACK_OVERFLOW);
	expect(VSP_I_LOAD, VSP_STACK_ZONE, 0, 0, VSP_TRAP_STACK_OVERFLOW);
	expect(VSP_I_LOAD, VSP_STACK_ZONE, 0, -1, VSP_TRAP_OUT_OF_BOUNDS);
	expect(VSP_I_LOAD, 0, 0, 0, VSP_TRAP_OUT_OF_BOUNDS);
}

static void addresses_are_exact_integers(void **state)
{
	(void)state;
	expect(VSP_I_LOAD, 0, 0, -8, VSP_TRAP_OUT_OF_BOUNDS);                 /* negative */
	expect(VSP_I_LOAD, 0xFFFFFFFF, 0, INT16_MAX, VSP_TRAP_OUT_OF_BOUNDS); /* beyond 2^32 does not wrap */
	expect(VSP_I_LOAD, 0xABCD00000000 + DATA, 0, 0, 0);                   /* only W(b) counts */
	expect(VSP_I_LDX_64, DATA, (uint64_t)-2, 0, 0);                       /* the sum wraps modulo 2^32 */
	expect(VSP_I_LDX_64, DATA + 4, 0x20000000, 0, 0);
	expect(VSP_I_LDX_8U, MEMORY_END, 0, 0, VSP_TRAP_OUT_OF_BOUNDS);
	expect(VSP_I_STX_64, MEMORY_END - 4, 0, 0, VSP_TRAP_OUT_OF_BOUNDS);
	expect(VSP_I_STX_16, MEMORY_END - 1, 0, 0, VSP_TRAP_OUT_OF_BOUNDS);
	expect(VSP_I_LOAD_A, 0, 0, 0xFFFFFFFF, VSP_TRAP_OUT_OF_BOUNDS);
	expect(VSP_I_STORE_A, 0, 0, 0xFFFF, VSP_TRAP_STACK_OVERFLOW);
}

/* Runs a program to its trap. */
static void trapped(machine *v, program *p, const machine_options *o, unsigned kind)
{
	machine_open(v, p, o);
	assert_int_equal(machine_run(v), VSP_TRAPPED);
	assert_int_equal(v->error.trap, kind);
}

static void push_runs_into_the_null_zone(void **state)
{
	(void)state;
	for (int i = 0; i < 2; i++) {
		program prog = {0}, *p = &prog;
		uint32_t head = PUT(PUSH, 1, 0, 0, 0);
		PUT(ADDI_8, 0, 0, 0, 1);
		PUT(JMP, 0, 0, 0, head);
		machine v;
		trapped(&v, p, &(machine_options){.bounds = both_bounds[i]}, VSP_TRAP_STACK_OVERFLOW);
		assert_int_equal(v.rt.sp, VSP_NULL_ZONE);
		assert_int_equal(v.rt.r[0], (DATA - VSP_NULL_ZONE) / 8);
		assert_int_equal(v.error.pc, head);
		machine_close(&v);
	}
}

static void division_by_zero_keeps_registers_and_flags(void **state)
{
	(void)state;
	program prog = {0}, *p = &prog;
	SET(0, 5);
	PUT(SUB, 1, 1, 0, 0); /* -5: N */
	uint32_t at = PUT(DIV, 0, 0, 2, 0);
	PUT(HLT, 0, 0, 0, 0);
	machine v;
	trapped(&v, p, NULL, VSP_TRAP_DIV_BY_ZERO);
	assert_int_equal(v.error.pc, at);
	assert_int_equal(v.rt.r[0], 5);
	assert_int_equal(v.rt.flags, VSP_SR_N);
	machine_close(&v);
}

static void flags_shown_by_a_trap_are_those_of_the_last_writer(void **state)
{
	(void)state;
	/* The writer overflows and its operands are overwritten before the trap. */
	program prog = {0}, *p = &prog;
	SET(1, INT64_MAX);
	PUT(ADDI_8, 1, 1, 0, 1);
	SET(1, 0);
	PUT(LOAD, 0, 1, 0, 0);
	PUT(HLT, 0, 0, 0, 0);
	machine v;
	trapped(&v, p, NULL, VSP_TRAP_OUT_OF_BOUNDS);
	assert_int_equal(v.rt.flags, VSP_SR_N | VSP_SR_O);
	machine_close(&v);
}

static void explicit_traps_carry_their_code(void **state)
{
	(void)state;
	program prog = {0}, *p = &prog;
	PUT(TRAP, 0, 0, 0, 200);
	machine v;
	trapped(&v, p, NULL, VSP_TRAP_EXPLICIT);
	assert_int_equal(v.error.trap_code, 200);
	machine_close(&v);
}

static void recursion_ends_at_the_depth_that_was_set(void **state)
{
	(void)state;
	program prog = {0}, *p = &prog;
	func(p, VSP_KIND_FUNCTION, 0, 0);
	PUT(INVOKE, 0, 0, 0, 1);
	PUT(HLT, 0, 0, 0, 0);
	func(p, VSP_KIND_FUNCTION, 1, 0);
	PUT(ADDI_8, 0, 0, 0, 1);
	uint32_t at = PUT(INVOKE, 0, 0, 0, 1);
	PUT(RET, 0, 0, 0, 0);
	machine v;
	trapped(&v, p, &(machine_options){.max_depth = 100}, VSP_TRAP_CALL_DEPTH);
	assert_int_equal(v.rt.r[0], 100);
	assert_int_equal(v.error.pc, at);
	assert_int_equal(v.error.frames, 16);
	assert_int_equal(v.error.trace[1].pc, at);
	machine_close(&v);
	trapped(&v, p, NULL, VSP_TRAP_CALL_DEPTH);
	assert_true(v.rt.r[0] >= VSP_MIN_DEPTH);
	machine_close(&v);
}

static void the_back_trace_names_each_call(void **state)
{
	(void)state;
	program prog = {0}, *p = &prog;
	func(p, VSP_KIND_FUNCTION, 0, 0);
	PUT(MOVI_8, 0, 0, 0, 3);
	uint32_t first = PUT(INVOKE, 0, 0, 0, 1);
	PUT(HLT, 0, 0, 0, 0);
	func(p, VSP_KIND_FUNCTION, 1, 0);
	PUT(MOV, 1, 0, 0, 0);
	uint32_t second = PUT(INVOKE, 0, 0, 0, 2);
	PUT(RET, 0, 0, 0, 0);
	func(p, VSP_KIND_FUNCTION, 0, 0);
	uint32_t at = PUT(TRAP, 0, 0, 0, 1);
	machine v;
	trapped(&v, p, NULL, VSP_TRAP_EXPLICIT);
	assert_int_equal(v.error.frames, 3);
	assert_int_equal(v.error.trace[0].pc, at);
	assert_int_equal(v.error.trace[1].pc, second);
	assert_int_equal(v.error.trace[2].pc, first);
	machine_close(&v);
}

static void pending_calls_are_limited(void **state)
{
	(void)state;
	program prog = {0}, *p = &prog;
	PUT(ADDI_8, 0, 0, 0, 1);
	uint32_t at = PUT(CALL, 0, 0, 0, 0);
	PUT(HLT, 0, 0, 0, 0);
	machine v;
	trapped(&v, p, NULL, VSP_TRAP_CALL_DEPTH);
	assert_int_equal(v.rt.r[0], VSP_MAX_CALLS + 1);
	assert_int_equal(v.error.pc, at);
	machine_close(&v);
}

static void indirect_calls_check_index_kind_and_signature(void **state)
{
	(void)state;
	static const struct {
		uint64_t index;
		int64_t signature;
		bool good;
	} cases[] = {{1, 1 | 1 << 8, true}, {2, 1 | 1 << 8, false}, {UINT64_MAX, 0, false},
	        {0x100000001, 1 | 1 << 8, false}, {1, 1, false}, {1, 2 | 1 << 8, false}};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		program prog = {0}, *p = &prog;
		func(p, VSP_KIND_FUNCTION, 0, 0);
		SET(5, cases[i].index);
		uint32_t at = PUT(INVOKEI, 5, 0, 0, cases[i].signature);
		PUT(HLT, 0, 0, 0, 0);
		func(p, VSP_KIND_FUNCTION, 1, 1);
		PUT(ADDI_8, 0, 0, 0, 9);
		PUT(RET, 0, 0, 0, 0);
		machine v;
		machine_open(&v, p, NULL);
		vsp_status status = machine_run(&v);
		assert_int_equal(status, cases[i].good ? VSP_OK : VSP_TRAPPED);
		assert_int_equal(v.rt.r[0], cases[i].good ? 9 : 0);
		if (!cases[i].good) {
			assert_int_equal(v.error.trap, VSP_TRAP_BAD_FUNCTION);
			assert_int_equal(v.error.pc, at);
		}
		machine_close(&v);
	}
}

static void fuel_ends_at_the_head_of_a_block(void **state)
{
	(void)state;
	program prog = {0}, *p = &prog;
	SET(0, 100);
	uint32_t head = PUT(ADDI_8, 0, 0, 0, -1); /* Z and N stay 0 */
	PUT(BNZ, 0, 0, 0, head);
	PUT(HLT, 0, 0, 0, 0);
	machine v;
	trapped(&v, p, &(machine_options){.fuel = 3 + 2 * 10 + 1}, VSP_TRAP_FUEL);
	assert_int_equal(v.rt.r[0], 100 - 11);
	assert_int_equal(v.error.pc, head);
	assert_int_equal(v.rt.flags, 0);
	assert_int_equal(vsp_exec_instructions(v.x), 3 + 2 * 10);
	machine_close(&v);
	machine_open(&v, p, &(machine_options){.fuel = 1 + 2 * 100 + 1});
	assert_int_equal(machine_run(&v), VSP_OK);
	assert_int_equal(v.rt.fuel, 0);
	assert_int_equal(vsp_exec_instructions(v.x), 1 + 2 * 100 + 1);
	machine_close(&v);
}

/* ---- interrupts ---- */

static void interrupt_soon(void *opaque)
{
	uint64_t until = vsp_plat_clock_ns() + 3000000;
	while (vsp_plat_clock_ns() < until) {
	}
	vsp_exec_interrupt(opaque);
}

static void interrupted(program *p)
{
	machine v;
	machine_open(&v, p, NULL);
	vsp_plat_thread *thread = vsp_plat_thread_start(interrupt_soon, v.x);
	if (!thread) /* a platform without threads: the interrupt waits for the run */
		vsp_exec_interrupt(v.x);
	assert_int_equal(machine_run(&v), VSP_TRAPPED);
	assert_int_equal(v.error.trap, VSP_TRAP_INTERRUPTED);
	if (thread)
		vsp_plat_thread_join(thread);
	machine_close(&v);
}

static void every_kind_of_loop_can_be_interrupted(void **state)
{
	(void)state;
	program prog = {0}, *p = &prog;
	PUT(JMP, 0, 0, 0, 0);
	interrupted(p);
	prog = (program){0};
	PUT(ADDI_8, 1, 1, 0, 1);
	PUT(BGE, 1, 0, 0, 0);
	PUT(HLT, 0, 0, 0, 0);
	interrupted(p);
	prog = (program){0};
	PUT(LOOP, 0, 0, 0, 0);
	PUT(HLT, 0, 0, 0, 0);
	interrupted(p);
	prog = (program){0};
	PUT(ADD, 2, 2, 2, 0);
	PUT(ADDI_8, 1, 1, 0, 1);
	PUT(BNE, 1, 0, 0, 0);
	PUT(HLT, 0, 0, 0, 0);
	interrupted(p);
	/* Recursion that grows and shrinks: fib(90). */
	prog = (program){0};
	func(p, VSP_KIND_FUNCTION, 0, 0);
	PUT(MOVI_8, 0, 0, 0, 90);
	PUT(INVOKE, 0, 0, 0, 1);
	PUT(HLT, 0, 0, 0, 0);
	func(p, VSP_KIND_FUNCTION, 1, 1);
	PUT(MOV, 4, 0, 0, 0);
	uint32_t end = PUT(BZ, 0, 0, 0, p->size + 4);
	PUT(ADDI_8, 0, 4, 0, -1);
	PUT(INVOKE, 0, 0, 0, 1);
	PUT(ADDI_8, 0, 4, 0, -1);
	PUT(INVOKE, 0, 0, 0, 1);
	land(p, end);
	PUT(RET, 0, 0, 0, 0);
	interrupted(p);
}

static void an_interrupt_waits_for_the_next_run(void **state)
{
	(void)state;
	program prog = {0}, *p = &prog;
	PUT(HLT, 0, 0, 0, 0);
	machine v;
	machine_open(&v, p, NULL);
	vsp_exec_interrupt(v.x);
	assert_int_equal(machine_run(&v), VSP_TRAPPED);
	assert_int_equal(v.error.trap, VSP_TRAP_INTERRUPTED);
	assert_int_equal(machine_run(&v), VSP_OK);
	machine_close(&v);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(accesses_are_valid_to_the_last_byte),
	        cmocka_unit_test(addresses_are_exact_integers),
	        cmocka_unit_test(push_runs_into_the_null_zone),
	        cmocka_unit_test(division_by_zero_keeps_registers_and_flags),
	        cmocka_unit_test(flags_shown_by_a_trap_are_those_of_the_last_writer),
	        cmocka_unit_test(explicit_traps_carry_their_code),
	        cmocka_unit_test(recursion_ends_at_the_depth_that_was_set),
	        cmocka_unit_test(the_back_trace_names_each_call),
	        cmocka_unit_test(pending_calls_are_limited),
	        cmocka_unit_test(indirect_calls_check_index_kind_and_signature),
	        cmocka_unit_test(fuel_ends_at_the_head_of_a_block),
	        cmocka_unit_test(every_kind_of_loop_can_be_interrupted),
	        cmocka_unit_test(an_interrupt_waits_for_the_next_run),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
