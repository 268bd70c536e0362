/* The record of a trap: which place is given by whom, calls of machine code, and the error made of
   it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "runtime/trap.h"

enum { MAIN, OUTER, INNER, FUNCS };
static vsp_rt_func funcs[FUNCS] = {{.start = 0}, {.start = 100}, {.start = 200}};
static vsp_rt rt;

static int setup(void **state)
{
	(void)state;
	memset(&rt, 0, sizeof rt);
	rt.funcs = funcs;
	rt.func_count = FUNCS;
	return 0;
}

static void expect_frames(const vsp_trap_frame *wanted, uint32_t count)
{
	assert_int_equal(rt.trap.frame_count, count);
	for (uint32_t i = 0; i < count; i++) {
		assert_int_equal(rt.trap.frames[i].pc, wanted[i].pc);
		assert_int_equal(rt.trap.frames[i].func, wanted[i].func);
	}
}
#define FRAMES(...) \
	expect_frames((const vsp_trap_frame[]){__VA_ARGS__}, \
	        sizeof((const vsp_trap_frame[]){__VA_ARGS__}) / sizeof(vsp_trap_frame))

/* ---- places ---- */

static void the_place_given_first_is_the_traps(void **state)
{
	(void)state;
	assert_int_equal(vsp_rt_fail(&rt, VSP_TRAP_FUEL, NULL), VSP_TRAP_FUEL);
	assert_int_equal(rt.end, VSP_END_NONE);
	vsp_trap_at(&rt, 210, INNER);
	vsp_trap_at(&rt, 110, OUTER);
	FRAMES({210, INNER});
	assert_int_equal(rt.end, VSP_END_TRAPPED);
	assert_int_equal(rt.end_pc, 210);
}

static void a_place_without_an_address_is_not_missing(void **state)
{
	(void)state;
	vsp_rt_fail(&rt, VSP_TRAP_FUEL, NULL);
	vsp_trap_at(&rt, VSP_NO_PC, INNER);
	vsp_trap_at(&rt, 110, OUTER);
	FRAMES({VSP_NO_PC, INNER});
}

static void a_run_leaves_the_place_of_its_instruction_missing(void **state)
{
	(void)state;
	vsp_rt_fail(&rt, VSP_TRAP_DIV_BY_ZERO, NULL);
	vsp_trap_at(&rt, 210, INNER);
	assert_int_equal(vsp_trap_leave_run(&rt), VSP_TRAP_DIV_BY_ZERO);
	vsp_trap_at(&rt, 110, OUTER);
	vsp_trap_at(&rt, 10, MAIN);
	FRAMES({210, INNER}, {110, OUTER});
	assert_int_equal(rt.end_pc, 210);
}

/* As when code that returns a status leaves a run nested in another: nobody between the two can
   tell its place. */
static void runs_left_one_behind_the_other_miss_one_place(void **state)
{
	(void)state;
	vsp_rt_fail(&rt, VSP_TRAP_DIV_BY_ZERO, NULL);
	vsp_trap_at(&rt, 210, INNER);
	vsp_trap_leave_run(&rt);
	vsp_trap_leave_run(&rt);
	vsp_trap_at(&rt, 110, OUTER);
	FRAMES({210, INNER}, {110, OUTER});
}

static void a_trap_has_no_code_of_an_earlier_one(void **state)
{
	(void)state;
	vsp_trap_explicit(&rt, 5, "five");
	assert_int_equal(rt.trap.code, 5);
	assert_string_equal(rt.trap.message, "five");
	vsp_rt_fail(&rt, VSP_TRAP_DIV_BY_ZERO, NULL);
	assert_int_equal(rt.trap.code, 0);
}

static void a_run_that_exits_has_no_places(void **state)
{
	(void)state;
	rt.end = VSP_END_EXITED;
	assert_int_equal(vsp_trap_leave_run(&rt), VSP_RT_EXIT);
	assert_int_equal(rt.trap.frame_count, 0);
}

static void a_new_trap_forgets_the_last_one(void **state)
{
	(void)state;
	vsp_rt_fail(&rt, VSP_TRAP_FUEL, "more");
	vsp_trap_at(&rt, 210, INNER);
	vsp_trap_add_caller(&rt, 110, OUTER);
	vsp_rt_fail(&rt, VSP_TRAP_HOST, NULL);
	vsp_trap_at(&rt, 10, MAIN);
	FRAMES({10, MAIN});
	assert_string_equal(rt.trap.message, "");
}

static void places_beyond_the_last_are_dropped(void **state)
{
	(void)state;
	vsp_rt_fail(&rt, VSP_TRAP_FUEL, NULL);
	vsp_trap_at(&rt, 210, INNER);
	for (uint32_t i = 0; i < 100; i++)
		vsp_trap_add_caller(&rt, 100 + i, OUTER);
	vsp_trap_leave_run(&rt);
	vsp_trap_at(&rt, 10, MAIN);
	assert_int_equal(rt.trap.frame_count, VSP_TRAP_FRAMES);
	assert_int_equal(rt.trap.frames[VSP_TRAP_FRAMES - 1].pc, 100 + VSP_TRAP_FRAMES - 2);
}

static void an_interrupt_keeps_the_places(void **state)
{
	(void)state;
	vsp_rt_fail(&rt, VSP_TRAP_FUEL, "more");
	vsp_trap_at(&rt, 210, INNER);
	vsp_trap_becomes_interrupt(&rt);
	FRAMES({210, INNER});
	assert_int_equal(rt.trap.kind, VSP_TRAP_INTERRUPTED);
	assert_string_equal(rt.trap.message, "");
}

/* ---- machine code: byte n of it is of the instruction at code address n ---- */

static char machine_code[300];
static const vsp_code_site sites[] = {{120, 1}, {20, VSP_NO_SITE}}; /* called by OUTER, itself called by MAIN */
static bool inlined, marks;

static void find(void *arg, const void *machine_pc, vsp_machine_place *place)
{
	(void)arg;
	uintptr_t at = (uintptr_t)machine_pc - (uintptr_t)machine_code;
	if (at >= sizeof machine_code)
		return;
	place->pc = (uint32_t)at;
	place->marks = marks;
	if (inlined && at >= 200) {
		place->site = 0;
		place->sites = sites;
	}
}

static void left(vsp_plat_outcome outcome, vsp_plat_region *region, uint32_t entered_at)
{
	vsp_trap_code code = {.func = MAIN, .pc = entered_at, .find = find};
	vsp_trap_left_code(&rt, outcome, region, &code);
}

static int setup_code(void **state)
{
	inlined = marks = false;
	return setup(state);
}

static void a_guard_page_is_a_trap_at_the_machines_place(void **state)
{
	(void)state;
	static uint8_t memory[0x10000];
	rt.memory.base = memory;
	vsp_plat_region region = {
	        .fault = memory + 0x8000, .pc = machine_code + 210, .frames = {machine_code + 210}, .frame_count = 1};
	left(VSP_PLAT_FAULT, &region, 0);
	FRAMES({210, INNER}, {0, MAIN});
	assert_int_equal(rt.trap.kind, VSP_TRAP_STACK_OVERFLOW);
	assert_string_equal(rt.trap.message, "access at address 32768");
}

static void marked_accesses_know_better(void **state)
{
	(void)state;
	vsp_plat_region region = {.fault = machine_code, .pc = machine_code + 210};
	marks = true;
	rt.access_pc = 220;
	left(VSP_PLAT_FAULT, &region, VSP_NO_PC);
	FRAMES({220, INNER});
	left(VSP_PLAT_STOPPED, &region, VSP_NO_PC); /* not at an access */
	FRAMES({210, INNER});
	assert_int_equal(rt.trap.kind, VSP_TRAP_INTERRUPTED);
}

static void unknown_code_has_the_function_that_was_entered(void **state)
{
	(void)state;
	vsp_plat_region region = {.fault = machine_code, .pc = NULL};
	left(VSP_PLAT_FAULT, &region, 5);
	FRAMES({VSP_NO_PC, MAIN});
}

static void frames_are_calls_around_the_place(void **state)
{
	(void)state;
	vsp_plat_region region = {.frames = {machine_code + 230, machine_code + 215, machine_code + 200,
	                                  machine_code + 110, machine_code + 10},
	        .frame_count = 5};
	vsp_rt_fail(&rt, VSP_TRAP_FUEL, NULL);
	vsp_trap_at(&rt, 230, INNER); /* named by the code; the frame at INNER's start only passes the call on */
	left(VSP_PLAT_LEFT, &region, 0);
	FRAMES({230, INNER}, {215, INNER}, {110, OUTER}, {10, MAIN});
}

static void the_innermost_frame_is_a_caller_where_its_place_is_missing(void **state)
{
	(void)state;
	vsp_plat_region region = {.frames = {machine_code + 110, machine_code + 10}, .frame_count = 2};
	vsp_rt_fail(&rt, VSP_TRAP_FUEL, NULL);
	vsp_trap_at(&rt, 230, INNER); /* in tier 0 */
	vsp_trap_leave_run(&rt);
	left(VSP_PLAT_LEFT, &region, 0);
	FRAMES({230, INNER}, {110, OUTER}, {10, MAIN});
}

static void a_place_that_stays_missing_is_dropped(void **state)
{
	(void)state;
	vsp_plat_region region = {.frame_count = 0};
	vsp_rt_fail(&rt, VSP_TRAP_FUEL, NULL);
	vsp_trap_at(&rt, 230, INNER);
	vsp_trap_leave_run(&rt);
	left(VSP_PLAT_LEFT, &region, 7);
	FRAMES({230, INNER}, {7, MAIN});
}

static void inlined_calls_have_places(void **state)
{
	(void)state;
	vsp_plat_region region = {.frames = {machine_code + 230}, .frame_count = 1};
	inlined = true;
	vsp_rt_fail(&rt, VSP_TRAP_FUEL, NULL);
	vsp_trap_at(&rt, 230, INNER);
	left(VSP_PLAT_LEFT, &region, 0);
	FRAMES({230, INNER}, {120, OUTER}, {20, MAIN});
}

static void other_ends_have_no_places(void **state)
{
	(void)state;
	vsp_plat_region region = {.frames = {machine_code + 230}, .frame_count = 1};
	rt.end = VSP_END_HALTED;
	left(VSP_PLAT_LEFT, &region, 0);
	assert_int_equal(rt.trap.frame_count, 0);
}

/* ---- text ---- */

static void find_source(const void *arg, uint32_t pc, uint32_t func, vsp_source_place *place)
{
	(void)arg;
	if (func != INNER)
		return;
	place->function = "inner";
	place->file = "a.sil";
	place->line = pc;
	place->column = 3;
}

static void codes_with_a_meaning_have_a_text(void **state)
{
	(void)state;
	vsp_error error = VSP_ERROR_INIT;
	vsp_trap_explicit(&rt, 0xE1, NULL);
	vsp_trap_at(&rt, 210, INNER);
	vsp_trap_report(&rt, &(vsp_trap_source){find_source, NULL}, &error);
	assert_string_equal(error.message, "integer overflow");
	vsp_trap_explicit(&rt, 0xE3, NULL);
	vsp_trap_report(&rt, &(vsp_trap_source){find_source, NULL}, &error);
	assert_string_equal(error.message, "out of bounds table access");
	vsp_trap_explicit(&rt, 0xE5, NULL);
	vsp_trap_report(&rt, &(vsp_trap_source){find_source, NULL}, &error);
	assert_string_equal(error.message, "TRAP instruction or failed assertion");
}

static void the_error_is_where_the_trap_is(void **state)
{
	(void)state;
	vsp_error error = VSP_ERROR_INIT;
	vsp_rt_fail(&rt, VSP_TRAP_EXPLICIT, "%d apples", 3);
	rt.trap.code = 9;
	vsp_trap_at(&rt, 210, INNER);
	vsp_trap_add_caller(&rt, 10, MAIN);
	vsp_trap_report(&rt, &(vsp_trap_source){find_source, NULL}, &error);
	assert_int_equal(error.code, VSP_TRAPPED);
	assert_string_equal(error.message, "TRAP instruction or failed assertion: 3 apples");
	assert_int_equal(error.trap, VSP_TRAP_EXPLICIT);
	assert_int_equal(error.trap_code, 9);
	assert_int_equal(error.pc, 210);
	assert_int_equal(error.line, 210);
	assert_int_equal(error.column, 3);
	assert_string_equal(error.file, "a.sil");
	assert_string_equal(error.function, "inner");
	assert_int_equal(error.frames, 2);
	assert_string_equal(error.trace[0].function, "inner");
	assert_string_equal(error.trace[1].function, "");
	assert_int_equal(error.trace[1].pc, 10);
	assert_int_equal(error.trace[1].line, 0);
}

static void numbers_of_no_trap_have_words(void **state)
{
	(void)state;
	assert_string_equal(vsp_trap_kind_name(VSP_TRAP_NONE), "NONE");
	assert_string_equal(vsp_trap_kind_text(VSP_TRAP_BAD_MODE), "undefined compatibility mode");
	assert_string_equal(vsp_trap_kind_name(VSP_TRAP_BAD_MODE + 1), "unknown");
	assert_string_equal(vsp_trap_kind_text(UINT32_MAX), "unknown");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup(name, setup_code)
	const struct CMUnitTest tests[] = {
	        TEST(the_place_given_first_is_the_traps),
	        TEST(a_place_without_an_address_is_not_missing),
	        TEST(a_run_leaves_the_place_of_its_instruction_missing),
	        TEST(runs_left_one_behind_the_other_miss_one_place),
	        TEST(a_trap_has_no_code_of_an_earlier_one),
	        TEST(a_run_that_exits_has_no_places),
	        TEST(a_new_trap_forgets_the_last_one),
	        TEST(places_beyond_the_last_are_dropped),
	        TEST(an_interrupt_keeps_the_places),
	        TEST(a_guard_page_is_a_trap_at_the_machines_place),
	        TEST(marked_accesses_know_better),
	        TEST(unknown_code_has_the_function_that_was_entered),
	        TEST(frames_are_calls_around_the_place),
	        TEST(the_innermost_frame_is_a_caller_where_its_place_is_missing),
	        TEST(a_place_that_stays_missing_is_dropped),
	        TEST(inlined_calls_have_places),
	        TEST(other_ends_have_no_places),
	        TEST(codes_with_a_meaning_have_a_text),
	        TEST(the_error_is_where_the_trap_is),
	        TEST(numbers_of_no_trap_have_words),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
