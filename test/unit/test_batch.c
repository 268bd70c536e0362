/*
 * Batch instructions on the CPU, LAUNCH and PIPE. Expected bytes are computed here from a copy of
 * memory made before the operation, one byte at a time, by the contract's formulas.
 */
#include "batch_support.h"

#include <stdio.h>
#include <stdlib.h>

#include "runtime/arith/bytesil.h"
#include "runtime/base/alloc.h"

/* ---- VMAP ---- */

static uint8_t vmap_byte(unsigned k, uint8_t d, uint8_t s)
{
	switch (k) {
	case 0: return vsp_bytesil_mul(d, s);
	case 1: return vsp_bytesil_div(d, s);
	case 2: return vsp_bytesil_add(d, s);
	case 3: return vsp_bytesil_sub(d, s);
	case 4: return d ^ s ^ 0x80;
	case 5: return d & s;
	case 6: return d | s;
	case 7: return s;
	case 8: return vsp_bytesil_conj(s);
	default: return vsp_bytesil_inv(s);
	}
}

static void vmap_reads_all_sources_first_for_every_overlap(void **state)
{
	(void)state;
	const uint32_t distances[] = {0, 1, 7, 4095, 4096, 4097, 9000, 20000};
	const uint32_t counts[] = {1, 2, 4095, 4096, 4097, 12289};
	for (unsigned k = 0; k < 10; k++)
		for (size_t d = 0; d < sizeof distances / sizeof *distances; d++)
			for (size_t c = 0; c < 2 * sizeof counts / sizeof *counts; c++) {
				uint32_t n = counts[c / 2], low = 0x18003, high = low + distances[d];
				uint32_t dst = c & 1 ? low : high, src = c & 1 ? high : low;
				memcpy(rt.memory.base + BASE, before + BASE, SIZE - BASE);
				assert_int_equal(vsp_rt_vmap(&rt, k, dst, src | 0xABC00000000u, n), 0);
				for (uint32_t i = 0; i < n; i++)
					if (rt.memory.base[dst + i] != vmap_byte(k, before[dst + i], before[src + i]))
						fail_msg("k %u distance %u count %u byte %u", k, distances[d], n, i);
				assert_memory_equal(rt.memory.base + BASE, before + BASE, dst - BASE);
				assert_memory_equal(rt.memory.base + dst + n, before + dst + n, SIZE - dst - n);
			}
}

static void vmap_checks_both_ranges_whole(void **state)
{
	(void)state;
	assert_int_equal(vsp_rt_vmap(&rt, 4, BASE, BASE, UINT64_MAX), VSP_TRAP_OUT_OF_BOUNDS);
	assert_int_equal(vsp_rt_vmap(&rt, 4, BASE, SIZE - 5, 6), VSP_TRAP_OUT_OF_BOUNDS);
	assert_int_equal(vsp_rt_vmap(&rt, 4, SIZE - 5, BASE, 6), VSP_TRAP_OUT_OF_BOUNDS);
	assert_int_equal(vsp_rt_vmap(&rt, 4, 0xFFFF, BASE, 1), VSP_TRAP_OUT_OF_BOUNDS);
	assert_int_equal(vsp_rt_vmap(&rt, 4, BASE, BASE, (uint64_t)1 << 32), VSP_TRAP_OUT_OF_BOUNDS);
	assert_int_equal(vsp_rt_vmap(&rt, 4, 0, 0xFFFFFFFF, 0), 0);
	assert_int_equal(vsp_rt_vmap(&rt, 7, SIZE - 5, SIZE - 10, 5), 0);
	memcpy(before + SIZE - 5, before + SIZE - 10, 5);
	memory_is_as_before();
}

/* ---- VRED ---- */

static void vred_folds_left_to_right(void **state)
{
	(void)state;
	const uint32_t counts[] = {0, 1, 2, 4096, 4097, 100000};
	for (size_t c = 0; c < sizeof counts / sizeof *counts; c++) {
		uint8_t mul = 0x80, add = 0, all = 0;
		for (uint32_t i = 0; i < counts[c]; i++) {
			mul = vsp_bytesil_mul(mul, before[0x11111 + i]);
			add = vsp_bytesil_add(add, before[0x11111 + i]);
			all ^= before[0x11111 + i];
		}
		uint64_t r = 0;
		assert_int_equal(vsp_rt_vred(&rt, 0, 0x11111, counts[c], &r), 0);
		assert_int_equal(r, mul);
		assert_int_equal(vsp_rt_vred(&rt, 2, 0x11111, counts[c], &r), 0);
		assert_int_equal(r, add);
		assert_int_equal(vsp_rt_vred(&rt, 4, 0x11111, counts[c], &r), 0);
		assert_int_equal(r, all);
	}
	uint64_t r = 5;
	assert_int_equal(vsp_rt_vred(&rt, 0, 0x11111, SIZE, &r), VSP_TRAP_OUT_OF_BOUNDS);
	assert_int_equal(r, 5);
}

/* ---- gradients ---- */

static float f32_at(const uint8_t *p)
{
	uint32_t bits = (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
	float f;
	memcpy(&f, &bits, 4);
	return f;
}

static void gradb_is_grad_of_each_state_for_every_overlap(void **state)
{
	(void)state;
	enum { N = 100 };
	const uint32_t targets[] = {0x20000, 0x18000, 0x17FF0, 0x18010, 0x18000 + 16 * N - 4, 0x18000 - 64 * N + 4};
	for (size_t t = 0; t < sizeof targets / sizeof *targets; t++) {
		memcpy(rt.memory.base + BASE, before + BASE, SIZE - BASE);
		assert_int_equal(vsp_rt_gradb(&rt, 0x18000, N, targets[t]), 0);
		for (uint32_t i = 0; i < N; i++) {
			float g[16];
			vsp_bytesil_grad(before + 0x18000 + 16 * i, g);
			for (unsigned k = 0; k < 16; k++)
				assert_true(f32_at(rt.memory.base + targets[t] + 64 * i + 4 * k) == g[k]);
		}
	}
}

static void descb_moves_every_layer_for_every_overlap(void **state)
{
	(void)state;
	enum { N = 100 };
	double rate = 0.75;
	uint64_t d;
	memcpy(&d, &rate, 8);
	const uint32_t sources[] = {0x20000, 0x18000, 0x17FF0, 0x18010, 0x18000 + 16 * N - 4, 0x18000 - 64 * N + 4};
	for (size_t s = 0; s < sizeof sources / sizeof *sources; s++) {
		memcpy(rt.memory.base + BASE, before + BASE, SIZE - BASE);
		assert_int_equal(vsp_rt_descb(&rt, 0x18000, N, sources[s], d), 0);
		for (uint32_t i = 0; i < 16 * N; i++)
			assert_int_equal(rt.memory.base[0x18000 + i],
			        vsp_bytesil_descent(before[0x18000 + i], 0.75f, f32_at(before + sources[s] + 4 * i)));
		memcpy(before + 0x18000, rt.memory.base + 0x18000, 16 * N);
		memory_is_as_before();
		fill();
	}
}

static void gradient_counts_are_exact(void **state)
{
	(void)state;
	/* 2^60 states of 16 bytes are 2^64 bytes, which must not wrap to 0. */
	assert_int_equal(vsp_rt_gradb(&rt, BASE, UINT64_C(1) << 60, BASE), VSP_TRAP_OUT_OF_BOUNDS);
	assert_int_equal(vsp_rt_descb(&rt, BASE, UINT64_C(1) << 58, BASE, 0), VSP_TRAP_OUT_OF_BOUNDS);
	assert_int_equal(vsp_rt_gradb(&rt, BASE, (SIZE - BASE) / 64 + 1, BASE), VSP_TRAP_OUT_OF_BOUNDS);
	assert_int_equal(vsp_rt_gradb(&rt, 0, 0, 0), 0);
	assert_int_equal(vsp_rt_descb(&rt, 0, 0, 0, 0), 0);
	memory_is_as_before();
}

static void copies_of_overlapping_sources_may_fail(void **state)
{
	(void)state;
#if !defined(VSP_HOSTILE)
	skip();
#else
	vsp_alloc_fail_at(1);
	assert_int_equal(vsp_rt_gradb(&rt, 0x18000, 10, 0x18000), VSP_TRAP_BACKEND);
	vsp_alloc_fail_at(0);
	memory_is_as_before();
#endif
}

/* ---- bytes ---- */

static void memcpy_moves_and_memset_fills(void **state)
{
	(void)state;
	const uint32_t sizes[] = {0, 1, 1000, 100000};
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
		for (int up = 0; up < 2; up++) {
			uint32_t n = sizes[i], a = up ? 0x18100 : 0x18000, b = up ? 0x18000 : 0x18100;
			fill();
			assert_int_equal(vsp_rt_memcpy(&rt, a, b, n), 0);
			memmove(before + a, before + b, n);
			memory_is_as_before();
			assert_int_equal(vsp_rt_memset(&rt, b, 0x1FA, n), 0);
			memset(before + b, 0xFA, n);
			memory_is_as_before();
		}
	assert_int_equal(vsp_rt_memcpy(&rt, BASE, SIZE - 9, 10), VSP_TRAP_OUT_OF_BOUNDS);
	assert_int_equal(vsp_rt_memset(&rt, 0x8000, 0, 1), VSP_TRAP_OUT_OF_BOUNDS);
	assert_int_equal(vsp_rt_memset(&rt, BASE, 0, UINT64_MAX), VSP_TRAP_OUT_OF_BOUNDS);
	memory_is_as_before();
}

static void long_moves_over_several_blocks_keep_order(void **state)
{
	(void)state;
	vsp_rt big = {.backends = rt.backends};
	assert_int_equal(vsp_memory_create(&big.memory, 100, 100, VSP_BOUNDS_AUTO), VSP_OK);
	uint32_t n = 3 << 20;
	for (int up = 0; up < 2; up++) {
		for (uint32_t i = BASE; i < BASE + n + 5; i++)
			big.memory.base[i] = (uint8_t)(i * 7 + i / 255);
		uint32_t to = up ? BASE + 5 : BASE, from = up ? BASE : BASE + 5;
		assert_int_equal(vsp_rt_memcpy(&big, to, from, n), 0);
		for (uint32_t i = 0; i < n; i++)
			if (big.memory.base[to + i] != (uint8_t)((from + i) * 7 + (from + i) / 255))
				fail_msg("byte %u", i);
	}
	vsp_memory_destroy(&big.memory);
}

static void an_interrupt_stops_batch_instructions(void **state)
{
	(void)state;
	atomic_store(&rt.interrupt, 1);
	assert_int_equal(vsp_rt_memset(&rt, BASE, 0, 100), VSP_TRAP_INTERRUPTED);
	atomic_store(&rt.interrupt, 1);
	assert_int_equal(vsp_rt_vmap(&rt, 4, BASE, BASE, 100), VSP_TRAP_INTERRUPTED);
	memory_is_as_before();
}

/* Interrupted already while sources are copied, which for overlapping ones happens before the
   first write. */
static void an_interrupt_stops_the_copying_of_sources(void **state)
{
	(void)state;
	atomic_store(&rt.interrupt, 1);
	assert_int_equal(vsp_rt_gradb(&rt, 0x18000, 10, 0x18000), VSP_TRAP_INTERRUPTED);
	atomic_store(&rt.interrupt, 1);
	assert_int_equal(vsp_rt_descb(&rt, 0x18000, 10, 0x18000, 1), VSP_TRAP_INTERRUPTED);
	memory_is_as_before();
}

/* ---- LAUNCH ---- */

static void launch_runs_every_iteration(void **state)
{
	(void)state;
	put_block(BASE, 0x20000, 64, VSP_RANGE_IN | VSP_RANGE_OUT);
	assert_int_equal(vsp_rt_launch(&rt, 2, 5, 0x700000000u | BASE), 0);
	assert_int_equal(seen.calls, 5);
	assert_int_equal(seen.r0_sum, 0 + 1 + 2 + 3 + 4);
	assert_true(seen.r1 == (0x700000000u | BASE));
	assert_false(seen.ranges_set);
	assert_int_equal(vsp_rt_launch(&rt, 2, 0, 0), 0); /* not even the block is read */
	assert_int_equal(seen.calls, 5);
}

static void launch_checks_the_block_before_any_iteration(void **state)
{
	(void)state;
	const struct {
		uint32_t block, count, address, length, flags;
	} bad[] = {{0xFFFF, 1, BASE, 1, 1}, {SIZE - 3, 1, BASE, 1, 1}, {BASE, 65, BASE, 1, 1}, {BASE, 1, BASE, 1, 4},
	        {BASE, 1, 0xFFFF, 1, 1}, {BASE, 1, SIZE, 1, 2}, {BASE, 1, BASE, 0xFFFFFFFF, 3},
	        {SIZE - 8, 1, BASE, 1, 1}};
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		if (bad[i].block >= BASE && bad[i].block + 16 <= SIZE)
			put_block(bad[i].block, bad[i].address, bad[i].length, bad[i].flags);
		if (bad[i].block >= BASE && bad[i].block + 4 <= SIZE)
			put32(bad[i].block, bad[i].count);
		assert_int_equal(vsp_rt_launch(&rt, 2, 1, bad[i].block), VSP_TRAP_OUT_OF_BOUNDS);
	}
	assert_int_equal(seen.calls, 0);
	put_block(BASE, 5, 0, 0); /* an empty range may be anywhere */
	assert_int_equal(vsp_rt_launch(&rt, 2, 1, BASE), 0);
	put32(SIZE - 4, 0);
	assert_int_equal(vsp_rt_launch(&rt, 2, 1, SIZE - 4), 0);
}

static void launch_takes_up_to_64_ranges(void **state)
{
	(void)state;
	put32(BASE, 64);
	for (uint32_t i = 0; i < 64; i++) {
		put32(BASE + 4 + 12 * i, 0x20000 + i);
		put32(BASE + 8 + 12 * i, 1);
		put32(BASE + 12 + 12 * i, VSP_RANGE_OUT);
	}
	assert_int_equal(vsp_rt_launch(&rt, 2, 1, BASE), 0);
}

static void a_trapping_iteration_stops_the_launch(void **state)
{
	(void)state;
	put_block(BASE, 0x20000, 64, 3);
	seen.trap = 1;
	seen.trap_at = 3;
	assert_int_equal(vsp_rt_launch(&rt, 2, 10, BASE), VSP_TRAP_DIV_BY_ZERO);
	assert_int_equal(seen.calls, 3);
	assert_null(rt.ranges);
}

static int touch_ranges(vsp_rt *self, uint32_t func, uint64_t regs[16])
{
	(void)func;
	assert_int_equal(vsp_rt_check_kernel(self, 0x20000, 8, true), 0);
	assert_int_equal(vsp_rt_check_kernel(self, 0x20040, 1, false), VSP_TRAP_OUT_OF_BOUNDS);
	/* The block itself is readable. */
	assert_int_equal(vsp_rt_check_kernel(self, (int64_t)regs[1], 16, false), 0);
	assert_int_equal(vsp_rt_check_kernel(self, (int64_t)regs[1], 4, true), VSP_TRAP_OUT_OF_BOUNDS);
	uint64_t layers[16];
	return vsp_rt_lstate(self, layers, 0x30000);
}

static void check_kernels_holds_kernels_to_their_ranges(void **state)
{
	(void)state;
	rt.check_kernels = true;
	rt.run_function = touch_ranges;
	put_block(BASE, 0x20000, 64, 3);
	assert_int_equal(vsp_rt_launch(&rt, 2, 1, BASE), VSP_TRAP_OUT_OF_BOUNDS);
	assert_null(rt.ranges);
}

/* ---- PIPE ---- */

static void pipe_runs_its_list(void **state)
{
	(void)state;
	uint64_t regs[16] = {40};
	put32(BASE, 2);
	put32(BASE + 4, 0);
	put32(BASE + 8, 0);
	assert_int_equal(vsp_rt_pipe(&rt, regs, BASE), 0);
	assert_int_equal(regs[0], 42);
	put32(BASE, 0);
	assert_int_equal(vsp_rt_pipe(&rt, regs, BASE), 0);
	assert_int_equal(regs[0], 42);
}

static void pipe_keeps_completed_steps_when_one_traps(void **state)
{
	(void)state;
	const struct {
		uint32_t third;
		int trap;
	} cases[] = {{1, VSP_TRAP_DIV_BY_ZERO}, {2, VSP_TRAP_BAD_FUNCTION}, {3, VSP_TRAP_BAD_FUNCTION},
	        {4, VSP_TRAP_BAD_FUNCTION}, {0xFFFFFFFF, VSP_TRAP_BAD_FUNCTION}};
	put32(BASE, 4);
	for (uint32_t i = 0; i < 4; i++)
		put32(BASE + 4 + 4 * i, 0);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		uint64_t regs[16] = {40};
		put32(BASE + 12, cases[i].third);
		assert_int_equal(vsp_rt_pipe(&rt, regs, BASE), cases[i].trap);
		assert_int_equal(regs[0], 42);
	}
}

static void pipe_checks_the_whole_list_first(void **state)
{
	(void)state;
	uint64_t regs[16] = {40};
	put32(SIZE - 8, 2);
	put32(SIZE - 4, 0);
	assert_int_equal(vsp_rt_pipe(&rt, regs, SIZE - 8), VSP_TRAP_OUT_OF_BOUNDS);
	put32(BASE, 0xFFFFFFFF);
	assert_int_equal(vsp_rt_pipe(&rt, regs, BASE), VSP_TRAP_OUT_OF_BOUNDS);
	assert_int_equal(vsp_rt_pipe(&rt, regs, 0xFFFE), VSP_TRAP_STACK_OVERFLOW);
	assert_int_equal(vsp_rt_pipe(&rt, regs, 0), VSP_TRAP_OUT_OF_BOUNDS);
	assert_int_equal(regs[0], 40);
	assert_int_equal(seen.calls, 0);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
	        TEST(vmap_reads_all_sources_first_for_every_overlap),
	        TEST(vmap_checks_both_ranges_whole),
	        TEST(vred_folds_left_to_right),
	        TEST(gradb_is_grad_of_each_state_for_every_overlap),
	        TEST(descb_moves_every_layer_for_every_overlap),
	        TEST(gradient_counts_are_exact),
	        TEST(copies_of_overlapping_sources_may_fail),
	        TEST(memcpy_moves_and_memset_fills),
	        TEST(long_moves_over_several_blocks_keep_order),
	        TEST(an_interrupt_stops_batch_instructions),
	        TEST(an_interrupt_stops_the_copying_of_sources),
	        TEST(launch_runs_every_iteration),
	        TEST(launch_checks_the_block_before_any_iteration),
	        TEST(launch_takes_up_to_64_ranges),
	        TEST(a_trapping_iteration_stops_the_launch),
	        TEST(check_kernels_holds_kernels_to_their_ranges),
	        TEST(pipe_runs_its_list),
	        TEST(pipe_keeps_completed_steps_when_one_traps),
	        TEST(pipe_checks_the_whole_list_first),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
