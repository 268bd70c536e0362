/*
 * Numbers of results in SPIR-V: modules in which a basic block has the number of another result are
 * numbered anew, and those of which nobody can tell what a number means are refused.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "tiers/gpu/spirv_numbers.h"

enum { HEAD = 5, MOST = 128, BOUND = 3 };
#define INSN(code, words) ((uint32_t)(words) << 16 | (code))
#define NAME(id) INSN(5, 3), id, 0x61
#define TYPE_VOID(id) INSN(19, 2), id
#define TYPE_INT(id, width) INSN(21, 4), id, width, 0
#define TYPE_FUNCTION(id, result) INSN(33, 3), id, result
#define CONSTANT(type, id, value) INSN(43, 4), type, id, value
#define CONSTANT64(type, id, value) INSN(43, 5), type, id, value, 0
#define FUNCTION(type, id, of) INSN(54, 5), type, id, 0, of
#define FUNCTION_END INSN(56, 1)
#define ADD(type, id, a, b) INSN(128, 5), type, id, a, b
#define LABEL(id) INSN(248, 2), id
#define BRANCH(id) INSN(249, 2), id
#define RETURN INSN(253, 1)

typedef struct module {
	uint32_t words[MOST], blocks;
	size_t count;
} module;

static enum vsp_spirv_numbers number(module *m, uint32_t bound, uint32_t leave, const uint32_t *words, size_t count)
{
	const uint32_t head[HEAD] = {0x07230203, 0x10000, 0, bound, 0};
	memcpy(m->words, head, sizeof head);
	memcpy(m->words + HEAD, words, count * sizeof *words);
	m->count = HEAD + count;
	return vsp_spirv_number(m->words, &m->count, leave, &m->blocks);
}
#define WORDS(...) (const uint32_t[]){__VA_ARGS__}, sizeof(const uint32_t[]){__VA_ARGS__} / sizeof(uint32_t)
#define NUMBER(m, bound, leave, ...) number(m, bound, leave, WORDS(__VA_ARGS__))

static void expect_words(const module *m, uint32_t bound, const uint32_t *words, size_t count)
{
	assert_int_equal(m->words[BOUND], bound);
	assert_int_equal(m->count, HEAD + count);
	assert_memory_equal(m->words + HEAD, words, count * sizeof *words);
}
#define EXPECT(m, bound, ...) expect_words(m, bound, WORDS(__VA_ARGS__))

static void test_a_block_with_the_number_of_a_type_gets_its_own(void **state)
{
	(void)state;
	module m;
	assert_int_equal(NUMBER(&m, 6, 0, TYPE_VOID(2), TYPE_FUNCTION(3, 2), FUNCTION(2, 5, 3), LABEL(2), BRANCH(3),
	                         LABEL(3), RETURN, FUNCTION_END),
	        VSP_SPIRV_NUMBERED);
	EXPECT(&m, 6, TYPE_VOID(1), TYPE_FUNCTION(2, 1), FUNCTION(1, 3, 2), LABEL(4), BRANCH(5), LABEL(5), RETURN,
	        FUNCTION_END);
	assert_int_equal(m.blocks, 2);
}

static void test_a_block_may_have_a_number_above_the_bound(void **state)
{
	(void)state;
	module m;
	assert_int_equal(NUMBER(&m, 4, 0, TYPE_VOID(1), TYPE_FUNCTION(2, 1), FUNCTION(1, 3, 2), LABEL(700), RETURN,
	                         FUNCTION_END),
	        VSP_SPIRV_NUMBERED);
	EXPECT(&m, 5, TYPE_VOID(1), TYPE_FUNCTION(2, 1), FUNCTION(1, 3, 2), LABEL(4), RETURN, FUNCTION_END);
}

static void test_a_block_with_too_large_a_number_is_wrong_wherever_it_is(void **state)
{
	(void)state;
	module m;
	assert_int_equal(NUMBER(&m, 4, 0, TYPE_VOID(1), TYPE_FUNCTION(2, 1), FUNCTION(1, 3, 2), LABEL(0x3FFFFF), RETURN,
	                         LABEL(5), RETURN, FUNCTION_END),
	        VSP_SPIRV_WRONG);
}

static void test_blocks_of_two_functions_may_have_the_same_number(void **state)
{
	(void)state;
	module m;
	assert_int_equal(NUMBER(&m, 6, 0, TYPE_VOID(1), TYPE_FUNCTION(2, 1), FUNCTION(1, 3, 2), LABEL(5), BRANCH(5),
	                         FUNCTION_END, FUNCTION(1, 4, 2), LABEL(5), BRANCH(5), FUNCTION_END),
	        VSP_SPIRV_NUMBERED);
	EXPECT(&m, 7, TYPE_VOID(1), TYPE_FUNCTION(2, 1), FUNCTION(1, 3, 2), LABEL(5), BRANCH(5), FUNCTION_END,
	        FUNCTION(1, 4, 2), LABEL(6), BRANCH(6), FUNCTION_END);
}

static void test_blocks_of_one_function_with_the_same_number_are_mixed(void **state)
{
	(void)state;
	module m;
	assert_int_equal(NUMBER(&m, 6, 0, TYPE_VOID(1), TYPE_FUNCTION(2, 1), FUNCTION(1, 3, 2), LABEL(5), BRANCH(5),
	                         LABEL(5), RETURN, FUNCTION_END),
	        VSP_SPIRV_MIXED);
}

static void test_a_branch_to_another_function_is_wrong(void **state)
{
	(void)state;
	module m;
	assert_int_equal(NUMBER(&m, 6, 0, TYPE_VOID(1), TYPE_FUNCTION(2, 1), FUNCTION(1, 3, 2), LABEL(5), RETURN,
	                         FUNCTION_END, FUNCTION(1, 4, 2), LABEL(2), BRANCH(5), FUNCTION_END),
	        VSP_SPIRV_WRONG);
}

static void test_two_results_with_one_number_are_wrong(void **state)
{
	(void)state;
	module m;
	assert_int_equal(NUMBER(&m, 4, 0, TYPE_INT(1, 32), CONSTANT(1, 2, 7), CONSTANT(1, 2, 8)), VSP_SPIRV_WRONG);
	/* also when they are the same: it is not what LLVM does, so nobody knows what else is
	   wrong */
	assert_int_equal(NUMBER(&m, 4, 0, TYPE_INT(1, 32), CONSTANT(1, 2, 7), CONSTANT(1, 2, 7)), VSP_SPIRV_WRONG);
}

static void test_numbers_without_a_result_are_wrong(void **state)
{
	(void)state;
	module m;
	assert_int_equal(NUMBER(&m, 9, 0, TYPE_INT(1, 32), CONSTANT(3, 2, 7)), VSP_SPIRV_WRONG);
	assert_int_equal(NUMBER(&m, 3, 0, TYPE_INT(1, 32), CONSTANT(1, 9, 7)), VSP_SPIRV_WRONG);
	assert_int_equal(NUMBER(&m, 3, 0, TYPE_INT(1, 32), CONSTANT(UINT32_MAX, 2, 7)), VSP_SPIRV_WRONG);
}

static void test_unknown_and_cut_instructions_are_wrong(void **state)
{
	(void)state;
	module m;
	assert_int_equal(NUMBER(&m, 9, 0, INSN(9999, 1)), VSP_SPIRV_WRONG);
	assert_int_equal(NUMBER(&m, 9, 0, 0), VSP_SPIRV_WRONG);
	assert_int_equal(NUMBER(&m, 9, 0, INSN(19, 3), 1), VSP_SPIRV_WRONG);
	assert_int_equal(NUMBER(&m, 9, 0, INSN(19, 1)), VSP_SPIRV_WRONG);
	assert_int_equal(NUMBER(&m, 9, 0, INSN(19, 3), 1, 1), VSP_SPIRV_WRONG);
	assert_int_equal(NUMBER(&m, 9, 0, TYPE_VOID(1), INSN(248, 1)), VSP_SPIRV_WRONG);
	m.count = 2;
	assert_int_equal(vsp_spirv_number(m.words, &m.count, 0, &m.blocks), VSP_SPIRV_WRONG);
}

static void test_empty_blocks_in_front_and_names_go(void **state)
{
	(void)state;
	module m;
	assert_int_equal(NUMBER(&m, 9, 2, NAME(7), TYPE_VOID(1), TYPE_FUNCTION(2, 1), FUNCTION(1, 3, 2), LABEL(7),
	                         BRANCH(8), LABEL(8), BRANCH(7), LABEL(7), BRANCH(6), LABEL(6), RETURN, FUNCTION_END),
	        VSP_SPIRV_NUMBERED);
	EXPECT(&m, 6, TYPE_VOID(1), TYPE_FUNCTION(2, 1), FUNCTION(1, 3, 2), LABEL(4), BRANCH(5), LABEL(5), RETURN,
	        FUNCTION_END);
	assert_int_equal(m.blocks, 4);
}

static void test_only_empty_blocks_are_left_out(void **state)
{
	(void)state;
	module m;
	assert_int_equal(
	        NUMBER(&m, 9, 1, TYPE_VOID(1), TYPE_FUNCTION(2, 1), FUNCTION(1, 3, 2), LABEL(7), RETURN, FUNCTION_END),
	        VSP_SPIRV_WRONG);
	assert_int_equal(NUMBER(&m, 9, 1, TYPE_VOID(1), TYPE_FUNCTION(2, 1), FUNCTION(1, 3, 2), LABEL(7), BRANCH(5),
	                         LABEL(6), BRANCH(5), LABEL(5), RETURN, FUNCTION_END),
	        VSP_SPIRV_WRONG);
	assert_int_equal(NUMBER(&m, 9, 1, TYPE_VOID(1), TYPE_FUNCTION(2, 1), FUNCTION(1, 3, 2), LABEL(7), BRANCH(6)),
	        VSP_SPIRV_WRONG);
}

/* Literals of a switch are as wide as its value, and look like numbers. */
static void test_a_switch_has_literals_as_wide_as_its_value(void **state)
{
	(void)state;
	module m;
	assert_int_equal(NUMBER(&m, 9, 0, TYPE_VOID(1), TYPE_INT(2, 64), TYPE_FUNCTION(3, 1), CONSTANT64(2, 4, 7),
	                         FUNCTION(1, 5, 3), LABEL(6), ADD(2, 7, 4, 4), INSN(251, 6), 7, 8, 9999, 8888, 8,
	                         LABEL(8), RETURN, FUNCTION_END),
	        VSP_SPIRV_NUMBERED);
	EXPECT(&m, 9, TYPE_VOID(1), TYPE_INT(2, 64), TYPE_FUNCTION(3, 1), CONSTANT64(2, 4, 7), FUNCTION(1, 5, 3),
	        LABEL(7), ADD(2, 6, 4, 4), INSN(251, 6), 6, 8, 9999, 8888, 8, LABEL(8), RETURN, FUNCTION_END);
	assert_int_equal(NUMBER(&m, 9, 0, TYPE_VOID(1), TYPE_INT(2, 32), TYPE_FUNCTION(3, 1), CONSTANT(2, 4, 7),
	                         FUNCTION(1, 5, 3), LABEL(6), INSN(251, 7), 4, 8, 9999, 8, 8888, 8, LABEL(8), RETURN,
	                         FUNCTION_END),
	        VSP_SPIRV_NUMBERED);
	EXPECT(&m, 8, TYPE_VOID(1), TYPE_INT(2, 32), TYPE_FUNCTION(3, 1), CONSTANT(2, 4, 7), FUNCTION(1, 5, 3),
	        LABEL(6), INSN(251, 7), 4, 7, 9999, 7, 8888, 7, LABEL(7), RETURN, FUNCTION_END);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_a_block_with_the_number_of_a_type_gets_its_own),
	        cmocka_unit_test(test_a_block_may_have_a_number_above_the_bound),
	        cmocka_unit_test(test_a_block_with_too_large_a_number_is_wrong_wherever_it_is),
	        cmocka_unit_test(test_blocks_of_two_functions_may_have_the_same_number),
	        cmocka_unit_test(test_blocks_of_one_function_with_the_same_number_are_mixed),
	        cmocka_unit_test(test_a_branch_to_another_function_is_wrong),
	        cmocka_unit_test(test_two_results_with_one_number_are_wrong),
	        cmocka_unit_test(test_numbers_without_a_result_are_wrong),
	        cmocka_unit_test(test_unknown_and_cut_instructions_are_wrong),
	        cmocka_unit_test(test_empty_blocks_in_front_and_names_go),
	        cmocka_unit_test(test_only_empty_blocks_are_left_out),
	        cmocka_unit_test(test_a_switch_has_literals_as_wide_as_its_value),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
