/*
 * Linear memory in both modes (creation, growth, reset, hash) and the validity of accesses. Tests
 * run once with guard pages, where the platform has them, and once without.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "runtime/base/alloc.h"
#include "runtime/backends/provider.h"
#include "runtime/helpers.h"
#include "runtime/image.h"
#include "runtime/memory.h"
#include "runtime/platform/platform.h"

/* The modes that work here. */
/* Reservations of 8 GiB need 64-bit addresses. */
static bool has_room_for_guards(void) { return sizeof(void *) > 4 && vsp_plat_has_guard(); }

static unsigned modes(vsp_bounds out[2])
{
	unsigned n = 0;
	if (has_room_for_guards())
		out[n++] = VSP_BOUNDS_GUARD;
	out[n++] = VSP_BOUNDS_EXPLICIT;
	return n;
}

/* Plain FNV-1a, byte by byte, with zeros for the null zone. */
static uint64_t slow_hash(const vsp_linear_memory *m)
{
	uint64_t h = 0xCBF29CE484222325u;
	for (uint64_t i = 0; i < m->size; i++)
		h = (h ^ (i < 65536 ? 0 : m->base[i])) * 0x100000001B3u;
	return h;
}

static void new_memory_is_zero_and_of_the_size_asked_for(void **state)
{
	(void)state;
	vsp_bounds mode[2];
	for (unsigned k = modes(mode); k-- > 0;) {
		vsp_linear_memory m;
		assert_int_equal(vsp_memory_create(&m, 3, 100, mode[k]), VSP_OK);
		assert_int_equal(m.size, 3 * 65536);
		assert_int_equal(m.guarded, mode[k] == VSP_BOUNDS_GUARD);
		for (uint64_t i = 65536; i < m.size; i++)
			assert_int_equal(m.base[i], 0);
		m.base[65536] = 1;
		m.base[m.size - 1] = 1;
		vsp_memory_destroy(&m);
		assert_null(m.base);
	}
}

static void auto_prefers_guard_pages(void **state)
{
	(void)state;
	vsp_linear_memory m;
	assert_int_equal(vsp_memory_create(&m, 1, 1, VSP_BOUNDS_AUTO), VSP_OK);
	assert_int_equal(m.guarded, has_room_for_guards());
	vsp_memory_destroy(&m);
	if (!has_room_for_guards())
		assert_int_equal(vsp_memory_create(&m, 1, 1, VSP_BOUNDS_GUARD), VSP_E_UNSUPPORTED);
}

static void limits_below_the_initial_size_are_refused(void **state)
{
	(void)state;
	vsp_linear_memory m;
	assert_int_equal(vsp_memory_create(&m, 3, 2, VSP_BOUNDS_AUTO), VSP_E_MEMORY);
	assert_null(m.base);
	assert_int_equal(vsp_memory_create(&m, 1, 65537, VSP_BOUNDS_AUTO), VSP_E_MEMORY);
}

static void growth_keeps_contents_and_adds_zeros(void **state)
{
	(void)state;
	vsp_bounds mode[2];
	for (unsigned k = modes(mode); k-- > 0;) {
		vsp_linear_memory m;
		assert_int_equal(vsp_memory_create(&m, 2, 10, mode[k]), VSP_OK);
		uint8_t *before = m.base;
		memset(m.base + 65536, 0xA5, 65536);
		assert_true(vsp_memory_grow(&m, 0));
		assert_true(vsp_memory_grow(&m, 7));
		assert_int_equal(m.size, 9 * 65536);
		if (m.guarded)
			assert_ptr_equal(m.base, before);
		assert_int_equal(m.base[131071], 0xA5);
		for (uint64_t i = 131072; i < m.size; i++)
			assert_int_equal(m.base[i], 0);
		assert_false(vsp_memory_grow(&m, 2));
		assert_false(vsp_memory_grow(&m, UINT64_MAX));
		assert_int_equal(m.size, 9 * 65536);
		assert_true(vsp_memory_grow(&m, 1));
		vsp_memory_destroy(&m);
	}
}

static void the_whole_four_gib_can_be_had_with_guard_pages(void **state)
{
	(void)state;
	if (!has_room_for_guards())
		skip();
	vsp_linear_memory m;
	assert_int_equal(vsp_memory_create(&m, 1, 65536, VSP_BOUNDS_GUARD), VSP_OK);
	if (vsp_memory_grow(&m, 65535)) { /* refused where the system does not overcommit */
		assert_true(m.size == (uint64_t)1 << 32);
		m.base[0xFFFFFFFFu] = 9;
		assert_true(vsp_memory_reset(&m, 1));
	}
	vsp_memory_destroy(&m);
}

static void reset_gives_zeros_of_the_first_size(void **state)
{
	(void)state;
	vsp_bounds mode[2];
	for (unsigned k = modes(mode); k-- > 0;) {
		vsp_linear_memory m;
		assert_int_equal(vsp_memory_create(&m, 3, 20, mode[k]), VSP_OK);
		assert_true(vsp_memory_grow(&m, 10));
		memset(m.base + 65536, 0xFF, (size_t)m.size - 65536);
		assert_true(vsp_memory_reset(&m, 3));
		assert_int_equal(m.size, 3 * 65536);
		assert_true(vsp_memory_grow(&m, 10));
		for (uint64_t i = 65536; i < m.size; i++)
			assert_int_equal(m.base[i], 0);
		vsp_memory_destroy(&m);
	}
}

/* Also where the system maps the image, whose bytes are behind the pages. */
static void reset_gives_zeros_after_an_image(void **state)
{
	(void)state;
	enum { PAGES = 9 };
	vsp_bounds mode[2];
	for (unsigned k = modes(mode); k-- > 0;) {
		vsp_linear_memory origin, m;
		vsp_memory_image image;
		assert_int_equal(vsp_memory_create(&origin, PAGES, 20, mode[k]), VSP_OK);
		assert_int_equal(vsp_memory_create(&m, 3, 20, mode[k]), VSP_OK);
		memset(origin.base + 65536, 0xAB, (size_t)origin.size - 65536);
		assert_true(vsp_memory_image_take(&image, &origin));
		for (uint32_t pages = PAGES - 4; pages < PAGES + 5; pages += 4) {
			assert_true(vsp_memory_image_apply(&image, &m));
			assert_int_equal(m.size, PAGES * 65536);
			assert_memory_equal(m.base + 65536, origin.base + 65536, m.size - 65536);
			m.base[200000] = 7;
			for (int n = 0; n < 3; n++) {
				assert_true(vsp_memory_reset(&m, pages));
				assert_int_equal(m.size, pages * 65536);
				for (uint64_t i = 65536; i < m.size; i++)
					assert_int_equal(m.base[i], 0);
				m.base[300000] = 7;
			}
		}
		vsp_memory_destroy(&m);
		vsp_memory_destroy(&origin);
		vsp_memory_image_free(&image);
	}
}

static void explicit_memory_survives_refused_allocations(void **state)
{
	(void)state;
#if !defined(VSP_HOSTILE)
	skip();
#else
	vsp_linear_memory m;
	vsp_alloc_fail_at(1);
	assert_int_equal(vsp_memory_create(&m, 2, 9, VSP_BOUNDS_EXPLICIT), VSP_E_MEMORY);
	assert_null(m.base);
	vsp_alloc_fail_at(0);
	assert_int_equal(vsp_memory_create(&m, 2, 9, VSP_BOUNDS_EXPLICIT), VSP_OK);
	m.base[70000] = 7;
	vsp_alloc_fail_at(1);
	assert_false(vsp_memory_grow(&m, 1));
	assert_int_equal(m.size, 2 * 65536);
	assert_int_equal(m.base[70000], 7);
	assert_true(vsp_memory_reset(&m, 2)); /* clears in place */
	assert_int_equal(m.base[70000], 0);
	vsp_alloc_fail_at(0);
	vsp_memory_destroy(&m);
#endif
}

static void the_hash_is_fnv1a_of_every_byte(void **state)
{
	(void)state;
	vsp_bounds mode[2];
	for (unsigned k = modes(mode); k-- > 0;) {
		vsp_linear_memory m;
		assert_int_equal(vsp_memory_create(&m, 4, 4, mode[k]), VSP_OK);
		assert_true(vsp_memory_hash(&m) == slow_hash(&m));
		const uint32_t places[] = {65536, 65537, 69631, 69632, 131072 + 4095, 4 * 65536 - 1};
		for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
			m.base[places[i]] = (uint8_t)(i + 1);
			assert_true(vsp_memory_hash(&m) == slow_hash(&m));
		}
		memset(m.base + 65536, 0x80, 3 * 65536);
		assert_true(vsp_memory_hash(&m) == slow_hash(&m));
		vsp_memory_destroy(&m);
	}
}

static void the_hash_of_zeros_alone_has_the_known_value(void **state)
{
	(void)state;
	/* FNV-1a 64 of 65,536 zero bytes: basis * prime^65536 modulo 2^64, computed
	   independently. */
	vsp_linear_memory m;
	assert_int_equal(vsp_memory_create(&m, 1, 1, VSP_BOUNDS_EXPLICIT), VSP_OK);
	m.base[5] = 77; /* the null zone counts as zeros whatever it holds */
	assert_true(vsp_memory_hash(&m) == UINT64_C(0xEB05052EA5B62325));
	vsp_memory_destroy(&m);
}

/* ---- accesses ---- */

static void check_follows_exact_integers(void **state)
{
	(void)state;
	vsp_rt rt = {.memory = {.size = 3 * 65536}};
	assert_int_equal(vsp_rt_check(&rt, 0x10000, 8), 0);
	assert_int_equal(vsp_rt_check(&rt, 3 * 65536 - 8, 8), 0);
	assert_int_equal(vsp_rt_check(&rt, 3 * 65536 - 7, 8), VSP_TRAP_OUT_OF_BOUNDS);
	assert_int_equal(vsp_rt_check(&rt, 0xFFFF, 1), VSP_TRAP_STACK_OVERFLOW);
	assert_int_equal(vsp_rt_check(&rt, 0x8000, 8), VSP_TRAP_STACK_OVERFLOW);
	assert_int_equal(vsp_rt_check(&rt, 0x7FFF, 8), VSP_TRAP_OUT_OF_BOUNDS);
	assert_int_equal(vsp_rt_check(&rt, -8, 8), VSP_TRAP_OUT_OF_BOUNDS);
	assert_int_equal(vsp_rt_check(&rt, -8, 0x20000), VSP_TRAP_OUT_OF_BOUNDS);
	assert_int_equal(vsp_rt_check(&rt, INT64_MAX, 8), VSP_TRAP_OUT_OF_BOUNDS);
	assert_int_equal(vsp_rt_check(&rt, 0x10000, UINT64_MAX), VSP_TRAP_OUT_OF_BOUNDS);
	rt.memory.size = (uint64_t)1 << 32;
	assert_int_equal(vsp_rt_check(&rt, 0xFFFFFFF8, 8), 0);
	assert_int_equal(vsp_rt_check(&rt, 0xFFFFFFF9, 8), VSP_TRAP_OUT_OF_BOUNDS);
	assert_int_equal(vsp_rt_check(&rt, 0x100000000, 1), VSP_TRAP_OUT_OF_BOUNDS);
}

static void ranges_are_out_of_bounds_or_valid_and_empty_ones_valid(void **state)
{
	(void)state;
	vsp_rt rt = {.memory = {.size = 3 * 65536}};
	assert_int_equal(vsp_rt_check_range(&rt, 0, 0), 0);
	assert_int_equal(vsp_rt_check_range(&rt, 0xFFFFFFFF, 0), 0);
	assert_int_equal(vsp_rt_check_range(&rt, 0x10000, 2 * 65536), 0);
	assert_int_equal(vsp_rt_check_range(&rt, 0x10000, 2 * 65536 + 1), VSP_TRAP_OUT_OF_BOUNDS);
	assert_int_equal(vsp_rt_check_range(&rt, 0xFFFF, 1), VSP_TRAP_OUT_OF_BOUNDS);
	assert_int_equal(vsp_rt_check_range(&rt, 0x20000, UINT64_MAX), VSP_TRAP_OUT_OF_BOUNDS);
	rt.memory.size = (uint64_t)1 << 32;
	assert_int_equal(vsp_rt_check_range(&rt, 0xFFFFFFFF, 1), 0);
	assert_int_equal(vsp_rt_check_range(&rt, 0xFFFFFFFF, 2), VSP_TRAP_OUT_OF_BOUNDS);
}

static void kernels_are_held_to_their_ranges(void **state)
{
	(void)state;
	vsp_ranges ranges = {3,
	        {{0x10000, 16, VSP_RANGE_IN}, {0x10010, 8, VSP_RANGE_IN | VSP_RANGE_OUT}, {0x11000, 4, VSP_RANGE_OUT}}};
	vsp_rt rt = {.memory = {.size = 3 * 65536}};
	assert_int_equal(vsp_rt_check_kernel(&rt, 0x18000, 8, true), 0); /* nothing declared: all of memory */
	rt.ranges = &ranges;
	assert_int_equal(vsp_rt_check_kernel(&rt, 0x10000, 8, false), 0);
	assert_int_equal(vsp_rt_check_kernel(&rt, 0x1000C, 8, false), 0); /* two adjoining ranges */
	assert_int_equal(vsp_rt_check_kernel(&rt, 0x1000C, 8, true), VSP_TRAP_OUT_OF_BOUNDS);
	assert_int_equal(vsp_rt_check_kernel(&rt, 0x10010, 8, true), 0);
	assert_int_equal(vsp_rt_check_kernel(&rt, 0x10011, 8, true), VSP_TRAP_OUT_OF_BOUNDS);
	assert_int_equal(vsp_rt_check_kernel(&rt, 0x11003, 1, true), 0);
	assert_int_equal(vsp_rt_check_kernel(&rt, 0x11004, 1, false), VSP_TRAP_OUT_OF_BOUNDS);
	assert_int_equal(vsp_rt_check_kernel(&rt, 0x9000, 1, false), VSP_TRAP_STACK_OVERFLOW);
}

static void states_move_whole_or_not_at_all(void **state)
{
	(void)state;
	vsp_rt rt = {0};
	assert_int_equal(vsp_memory_create(&rt.memory, 2, 2, VSP_BOUNDS_EXPLICIT), VSP_OK);
	uint64_t regs[16], back[16];
	for (unsigned i = 0; i < 16; i++)
		regs[i] = 0xABCDEF00 + i * 3;
	assert_int_equal(vsp_rt_sstate(&rt, regs, 0x10001), 0);
	assert_int_equal(vsp_rt_lstate(&rt, back, 0x10001), 0);
	for (unsigned i = 0; i < 16; i++)
		assert_int_equal(back[i], i * 3);
	assert_int_equal(vsp_rt_sstate(&rt, regs, 0x20000 - 15), VSP_TRAP_OUT_OF_BOUNDS);
	assert_int_equal(rt.trap.kind, VSP_TRAP_OUT_OF_BOUNDS);
	assert_int_equal(rt.memory.base[0x20000 - 15], 0);
	assert_int_equal(vsp_rt_lstate(&rt, back, 0xFFFF), VSP_TRAP_STACK_OVERFLOW);
	assert_int_equal(back[1], 3);
	vsp_memory_destroy(&rt.memory);
}

static void memgrow_keeps_what_callbacks_see_in_step(void **state)
{
	(void)state;
	vsp_rt rt = {.backends = vsp_backends_create(NULL, 0)};
	uint64_t result = 0;
	assert_int_equal(vsp_memory_create(&rt.memory, 2, 5, VSP_BOUNDS_EXPLICIT), VSP_OK);
	assert_int_equal(vsp_rt_memsize(&rt), 2);
	assert_int_equal(vsp_rt_memgrow(&rt, 3, &result), 0);
	assert_int_equal(result, 2);
	assert_int_equal(vsp_rt_memsize(&rt), 5);
	assert_ptr_equal(rt.caller.memory, rt.memory.base);
	assert_true(rt.caller.memory_size == rt.memory.size);
	assert_int_equal(vsp_rt_memgrow(&rt, 1, &result), 0);
	assert_true(result == UINT64_MAX);
	assert_int_equal(vsp_rt_memsize(&rt), 5);
	vsp_memory_destroy(&rt.memory);
	vsp_backends_destroy(rt.backends);
}

/* Clearing gigabytes takes seconds, and an interrupt does not wait for it; no memory is left
   over. */
static void growing_without_guard_pages_hears_an_interrupt(void **state)
{
	(void)state;
	vsp_rt rt = {.backends = vsp_backends_create(NULL, 0)};
	uint64_t result = 7;
	assert_int_equal(vsp_memory_create(&rt.memory, 2, 500, VSP_BOUNDS_EXPLICIT), VSP_OK);
	rt.memory.base[70000] = 9;
	atomic_store(&rt.interrupt, 1);
	assert_int_equal(vsp_rt_memgrow(&rt, 400, &result), VSP_TRAP_INTERRUPTED);
	assert_int_equal(vsp_rt_memsize(&rt), 2);
	assert_int_equal(rt.memory.base[70000], 9);
	assert_ptr_equal(rt.caller.memory, rt.memory.base);
	assert_true(rt.caller.memory_size == rt.memory.size);
	atomic_store(&rt.interrupt, 0);
	assert_int_equal(vsp_rt_memgrow(&rt, 400, &result), 0);
	assert_int_equal(result, 2);
	assert_int_equal(vsp_rt_memsize(&rt), 402);
	for (uint64_t i = 2 * 65536; i < rt.memory.size; i++)
		if (rt.memory.base[i])
			fail_msg("byte %u is not zero", (unsigned)i);
	vsp_memory_destroy(&rt.memory);
	vsp_backends_destroy(rt.backends);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(new_memory_is_zero_and_of_the_size_asked_for),
	        cmocka_unit_test(auto_prefers_guard_pages),
	        cmocka_unit_test(limits_below_the_initial_size_are_refused),
	        cmocka_unit_test(growth_keeps_contents_and_adds_zeros),
	        cmocka_unit_test(the_whole_four_gib_can_be_had_with_guard_pages),
	        cmocka_unit_test(reset_gives_zeros_of_the_first_size),
	        cmocka_unit_test(reset_gives_zeros_after_an_image),
	        cmocka_unit_test(explicit_memory_survives_refused_allocations),
	        cmocka_unit_test(the_hash_is_fnv1a_of_every_byte),
	        cmocka_unit_test(the_hash_of_zeros_alone_has_the_known_value),
	        cmocka_unit_test(check_follows_exact_integers),
	        cmocka_unit_test(ranges_are_out_of_bounds_or_valid_and_empty_ones_valid),
	        cmocka_unit_test(kernels_are_held_to_their_ranges),
	        cmocka_unit_test(states_move_whole_or_not_at_all),
	        cmocka_unit_test(memgrow_keeps_what_callbacks_see_in_step),
	        cmocka_unit_test(growing_without_guard_pages_hears_an_interrupt),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
