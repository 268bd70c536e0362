/*
 * Heap blocks of hostile builds, which have bytes around them that must not change. Others skip
 * this.
 */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "runtime/base/alloc.h"

enum { SIZE = 100 };

static bool is_hostile(void)
{
	vsp_alloc_fail_at(1);
	void *p = vsp_alloc(1, 1);
	vsp_alloc_fail_at(0);
	vsp_free_memory(p);
	return !p;
}

static jmp_buf aborted;

static void leave(int number)
{
	(void)number;
	longjmp(aborted, 1);
}

/* Does freeing a block end the process, when the byte at an offset from its start was changed? */
static bool is_noticed(ptrdiff_t offset)
{
	volatile uint8_t *block = vsp_alloc(SIZE, 1);
	assert_non_null(block);
	block[offset] ^= 1;
	void (*old)(int) = signal(SIGABRT, leave);
	volatile bool noticed = true;
	if (!setjmp(aborted)) {
		vsp_free_memory((void *)(uintptr_t)block);
		noticed = false;
	}
	signal(SIGABRT, old);
	return noticed;
}

static void writes_around_a_block_are_noticed(void **state)
{
	(void)state;
	if (!is_hostile())
		skip();
	assert_false(is_noticed(0));
	assert_false(is_noticed(SIZE - 1));
	assert_true(is_noticed(SIZE));
	assert_true(is_noticed(SIZE + 63));
	assert_true(is_noticed(-1));
	assert_true(is_noticed(-8));
}

/* The new block has the old one's bytes and canaries of its own. */
static void resized_blocks_keep_their_bytes(void **state)
{
	(void)state;
	uint8_t *block = vsp_alloc(SIZE, 1);
	assert_non_null(block);
	memset(block, 7, SIZE);
	block = vsp_realloc(block, 1000, 1);
	assert_non_null(block);
	for (unsigned i = 0; i < SIZE; i++)
		assert_int_equal(block[i], 7);
	memset(block, 8, 1000);
	block = vsp_realloc(block, 10, 1);
	assert_non_null(block);
	for (unsigned i = 0; i < 10; i++)
		assert_int_equal(block[i], 8);
	vsp_free_memory(block);
}

/* Products that no size has are refused, and so is what would leave no room for a header. */
static void sizes_that_overflow_are_refused(void **state)
{
	(void)state;
	assert_null(vsp_realloc(NULL, SIZE_MAX / 2, 3));
	if (!is_hostile()) /* a sanitizer would report them */
		skip();
	assert_null(vsp_alloc(SIZE_MAX / 2, 3));
	assert_null(vsp_alloc(SIZE_MAX - 16, 1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(writes_around_a_block_are_noticed),
	        cmocka_unit_test(resized_blocks_keep_their_bytes),
	        cmocka_unit_test(sizes_that_overflow_are_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
