/*
 * The compiler's heaps: blocks do not overlap, threads free each other's, and memory is returned.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "runtime/platform/platform.h"
#include "tiers/llvm/heap.h"

enum { CHUNK = 2 << 20, SLOTS = 600 };

/* A block filled with its number. */
typedef struct filled {
	uint8_t *block;
	size_t size;
	uint8_t number;
} filled;

static uint32_t next_random(uint32_t *seed)
{
	*seed = *seed * 1664525 + 1013904223;
	return *seed >> 8;
}

/* Of all magnitudes up to a chunk. */
static size_t random_size(uint32_t *seed) { return next_random(seed) & (((size_t)2 << next_random(seed) % 21) - 1); }

static filled fill(size_t size, uint32_t number)
{
	filled f = {vsp_heap_allocate(size), size, (uint8_t)number};
	if (f.block) {
		assert_true(vsp_heap_owns(f.block) && (uintptr_t)f.block % 16 == 0 && vsp_heap_size(f.block) >= size);
		memset(f.block, f.number, vsp_heap_size(f.block));
	}
	return f;
}

static void check_and_free(filled *f)
{
	for (size_t i = 0; f->block && i < vsp_heap_size(f->block); i++)
		if (f->block[i] != f->number)
			fail_msg("byte %zu of a block of %zu bytes was overwritten", i, f->size);
	if (f->block)
		vsp_heap_free(f->block);
	f->block = NULL;
}

static void all_goes_back(void)
{
	vsp_heap_trim();
	assert_int_equal(vsp_heap_held(), 0);
}

static void outside_there_is_none(void **unused)
{
	int local = 0;
	(void)unused;
	assert_null(vsp_heap_allocate(16));
	assert_false(vsp_heap_owns(&local));
	assert_false(vsp_heap_owns(NULL));
	vsp_heap_enter();
	vsp_heap_enter();
	vsp_heap_leave();
	void *block = vsp_heap_allocate(16);
	assert_true(vsp_heap_owns(block));
	assert_false(vsp_heap_owns(&local));
	vsp_heap_leave();
	assert_null(vsp_heap_allocate(16));
	vsp_heap_free(block);
	all_goes_back();
}

static void sizes_and_alignments(void **unused)
{
	(void)unused;
	vsp_heap_enter();
	for (size_t size = 0; size <= CHUNK; size = size < 2000 ? size + 1 : size + size / 7) {
		filled f = fill(size, 1);
		assert_true(f.block || size > CHUNK - 64);
		check_and_free(&f);
		for (size_t alignment = 1; alignment <= 4096; alignment *= 2) {
			void *block = vsp_heap_allocate_aligned(alignment, size);
			assert_true(block || alignment > 16 || size > CHUNK - 64);
			assert_int_equal((uintptr_t)block % alignment, 0);
			if (block)
				vsp_heap_free(block);
		}
	}
	assert_null(vsp_heap_allocate(SIZE_MAX));
	assert_null(vsp_heap_allocate_aligned(64, SIZE_MAX));
	vsp_heap_leave();
	all_goes_back();
}

static void blocks_do_not_overlap(void **unused)
{
	static filled slots[SLOTS];
	uint32_t seed = 1;
	(void)unused;
	vsp_heap_enter();
	for (uint32_t i = 0; i < 6000; i++) {
		filled *f = &slots[next_random(&seed) % SLOTS];
		check_and_free(f);
		*f = fill(random_size(&seed) >> next_random(&seed) % 8, i);
	}
	for (size_t i = 0; i < SLOTS; i++)
		check_and_free(&slots[i]);
	assert_true(vsp_heap_held() <= (size_t)8 * CHUNK); /* some are kept for the next requests */
	vsp_heap_leave();
	all_goes_back();
}

/* Blocks on their way from one thread to another; each frees what the other has allocated. Their
   first bytes tell their size and number. */
static _Atomic(filled *) mail[2][64];

static filled *write_letter(uint32_t *seed, uint32_t number)
{
	size_t size = sizeof(filled) + next_random(seed) % 3000;
	filled *letter = vsp_heap_allocate(size);
	assert_non_null(letter);
	*letter = (filled){NULL, size, (uint8_t)number};
	memset(letter + 1, letter->number, size - sizeof *letter);
	return letter;
}

static void read_letter(filled *letter)
{
	if (!letter)
		return;
	for (const uint8_t *at = (const uint8_t *)(letter + 1); at < (const uint8_t *)letter + letter->size; at++)
		assert_int_equal(*at, letter->number);
	vsp_heap_free(letter);
}

typedef struct correspondent {
	int box;
	uint32_t seed;
} correspondent;

static void correspond(void *opaque)
{
	correspondent *c = opaque;
	for (uint32_t i = 0; i < 20000; i++) {
		if (i % 1000 == 0)
			vsp_heap_enter();
		size_t slot = next_random(&c->seed) % 64;
		read_letter(atomic_exchange(&mail[c->box][slot], write_letter(&c->seed, i)));
		read_letter(atomic_exchange(&mail[1 - c->box][slot], NULL));
		if (i % 1000 == 999)
			vsp_heap_leave();
	}
}

static void threads_free_each_others(void **unused)
{
	correspondent both[2] = {{0, 1}, {1, 2}};
	vsp_plat_thread *threads[2];
	(void)unused;
	for (int i = 0; i < 2; i++)
		threads[i] = vsp_plat_thread_start(correspond, &both[i]);
	for (int i = 0; i < 2; i++)
		vsp_plat_thread_join(threads[i]);
	for (int i = 0; i < 2 * 64; i++)
		read_letter(atomic_exchange(&mail[i / 64][i % 64], NULL));
	all_goes_back();
}

/* A thread's memory from the system's malloc counts with that of the heap; memory of an earlier
   time inside is not returned twice. */
static void a_job_has_a_budget(void **unused)
{
	(void)unused;
	assert_true(vsp_heap_take_outside(SIZE_MAX / 2)); /* outside of the compiler all is allowed */
	vsp_heap_enter();
	assert_true(vsp_heap_inside());
	assert_true(vsp_heap_take_outside(VSP_HEAP_BUDGET));
	void *block = vsp_heap_allocate(64);
	assert_false(vsp_heap_take_outside(0));
	vsp_heap_free(block);
	vsp_heap_give_outside(VSP_HEAP_BUDGET + 1);
	assert_true(vsp_heap_take_outside(VSP_HEAP_BUDGET / 2));
	vsp_heap_give_outside(VSP_HEAP_BUDGET / 2);
	vsp_heap_leave();
	assert_false(vsp_heap_inside());
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(outside_there_is_none),
	        cmocka_unit_test(sizes_and_alignments),
	        cmocka_unit_test(blocks_do_not_overlap),
	        cmocka_unit_test(a_job_has_a_budget),
	        cmocka_unit_test(threads_free_each_others),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
