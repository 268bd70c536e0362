/*
 * Blocks between inaccessible pages, and code memory at addresses that follow from no other.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "runtime/platform/guarded.h"
#include "runtime/arith/mask.h"
#include "runtime/platform/platform.h"
#include "tiers/slab.h"

/* ---- guarded blocks ---- */

static void touch(void *at) { *(volatile uint8_t *)at = 1; }

static bool faults(const vsp_guarded *g, void *at)
{
	vsp_plat_region region = {.base = g->reservation, .size = g->reserved};
	return vsp_plat_protect(&region, touch, at) == VSP_PLAT_FAULT;
}

static void check_block(size_t count, size_t size)
{
	vsp_guarded g;
	assert_true(vsp_guarded_create(&g, count, size));
	uint8_t *first = g.block, *end = first + count * size;
	assert_int_equal((uintptr_t)first % (size < 16 ? size : 8), 0);
	assert_int_equal(*first | end[-1], 0);
	touch(first);
	touch(end - 1);
	if (g.reservation && vsp_plat_has_guard()) {
		uint8_t *low = (uint8_t *)g.reservation;
		assert_true(faults(&g, end));
		assert_true(faults(&g, low));
		assert_true(faults(&g, low + vsp_plat_page_size() - 1));
		assert_false(faults(&g, first));
		assert_true((size_t)(first - low) < 2 * vsp_plat_page_size());
	}
	vsp_guarded_destroy(&g);
	assert_null(g.block);
}

static void test_blocks_end_at_a_guard_page(void **state)
{
	(void)state;
	check_block(65536, 4);
	check_block(65536, 8);
	check_block(1, 8);
	check_block(20004, 48);
}

/* ---- code memory ---- */

/* The thread sanitizer lets a process have only a small part of its address space. */
#if defined __has_feature
#if __has_feature(thread_sanitizer)
#define ANYWHERE false
#endif
#endif
#ifdef __riscv /* whose smallest address space, 256 GiB for a process, has no room for that */
#define ANYWHERE false
#endif
#ifndef ANYWHERE
#define ANYWHERE (sizeof(void *) > 4)
#endif

static void test_slabs_are_far_apart(void **state)
{
	enum { SLABS = 8, BYTES = 1 << 20 };
	vsp_slab slabs[SLABS];
	(void)state;
	if (!vsp_slab_create(&slabs[0], BYTES)) /* no address space to reserve */
		skip();
	for (unsigned i = 1; i < SLABS; i++)
		assert_true(vsp_slab_create(&slabs[i], BYTES));
	/*
	 * Of 28 pairs of random addresses one is near once in 60 runs where a process has 4 TiB,
	 * and three hardly ever. Slabs in a row would give seven.
	 */
	unsigned near = 0;
	for (unsigned i = 0; ANYWHERE && i < SLABS; i++)
		for (unsigned k = 0; k < i; k++) {
			uintptr_t a = (uintptr_t)slabs[i].base, b = (uintptr_t)slabs[k].base;
			near += (a > b ? a - b : b - a) <= 4 * ((uintptr_t)VSP_SLAB_APART + BYTES);
		}
	assert_true(near < 3);
	for (unsigned i = 0; i < SLABS; i++)
		vsp_slab_destroy(&slabs[i]);
}

static void test_the_ends_of_a_slab_are_not_given_out(void **state)
{
	vsp_slab slab;
	(void)state;
	if (!vsp_slab_create(&slab, 1 << 20))
		skip();
	vsp_extent all = vsp_slab_take(&slab, (slab.pages - 2) * slab.page_size);
	assert_int_equal(all.page, 1);
	assert_int_equal(all.count, slab.pages - 2);
	assert_int_equal(vsp_slab_take(&slab, 1).count, 0);
	vsp_slab_give(&slab, all);
	vsp_slab_destroy(&slab);
}

/* ---- masks ---- */

/* A valid access keeps its address, and every other leads to address 0. */
static void check_mask(int64_t ea, unsigned n, uint64_t size)
{
	bool valid = ea >= VSP_NULL_ZONE && (uint64_t)ea + n <= size;
	assert_int_equal(vsp_mask_address(ea, n, size), valid ? ea : 0);
}

static void test_masks(void **state)
{
	static const uint64_t sizes[] = {0, VSP_PAGE, VSP_PAGE + 8, 2 * VSP_PAGE, 3 * VSP_PAGE, UINT64_C(1) << 31,
	        (UINT64_C(1) << 32) - VSP_PAGE, UINT64_C(1) << 32};
	static const int64_t around[] = {-(INT64_C(1) << 31), -32768, 0, VSP_STACK_ZONE, VSP_NULL_ZONE, 2 * VSP_PAGE,
	        3 * VSP_PAGE, INT64_C(1) << 31, (INT64_C(1) << 32) - VSP_PAGE, INT64_C(1) << 32};
	(void)state;
	for (unsigned s = 0; s < sizeof sizes / sizeof *sizes; s++)
		for (unsigned a = 0; a < sizeof around / sizeof *around; a++)
			for (int64_t by = -20; by <= 20; by++)
				for (unsigned n = 1; n <= 16; n *= 2)
					check_mask(around[a] + by, n, sizes[s]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_blocks_end_at_a_guard_page),
	        cmocka_unit_test(test_slabs_are_far_apart),
	        cmocka_unit_test(test_the_ends_of_a_slab_are_not_given_out),
	        cmocka_unit_test(test_masks),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
