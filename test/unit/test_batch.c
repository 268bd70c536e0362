/*
 * Batch instructions on the CPU, PIPE, EMERGE, LAUNCH and the choice of providers. Expected bytes
 * are computed here from a copy of memory made before the operation, one byte at a time, by the
 * contract's formulas.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "runtime/base/alloc.h"
#include "runtime/backends/provider.h"
#include "runtime/arith/bytesil.h"
#include "runtime/helpers.h"
#include "runtime/memory.h"

enum { PAGES = 4, SIZE = PAGES * 65536, BASE = 0x10000 };

static vsp_rt rt;
static uint8_t before[SIZE];
static vsp_rt_func funcs[4];

/* The values seen by the functions that LAUNCH and PIPE run. */
static struct {
	uint64_t calls, r0_sum, r1;
	int trap, trap_at;
	bool ranges_set;
} seen;

/* Function 0: a transform that adds 1 to R0; 1: a transform that traps; 2: a kernel; 3: a
   function. */
static int run_function(vsp_rt *self, uint32_t func, uint64_t regs[16])
{
	seen.r0_sum += regs[0];
	seen.r1 = regs[1];
	seen.ranges_set = self->ranges != NULL;
	if (func == 1 || (seen.trap && (uint64_t)seen.trap_at == seen.calls)) {
		regs[0] = 999;
		return vsp_rt_fail(self, VSP_TRAP_DIV_BY_ZERO, NULL);
	}
	seen.calls++;
	regs[0]++;
	return 0;
}

/* Memory of bytes without pattern. */
static void fill(void)
{
	uint32_t x = 2463534242u; /* xorshift32, Marsaglia */
	for (uint32_t i = BASE; i < SIZE; i++) {
		x ^= x << 13;
		x ^= x >> 17;
		x ^= x << 5;
		rt.memory.base[i] = (uint8_t)(x >> 11);
	}
	memcpy(before + BASE, rt.memory.base + BASE, SIZE - BASE);
}

static int setup(void **state)
{
	(void)state;
	memset(&rt, 0, sizeof rt);
	memset(&seen, 0, sizeof seen);
	const uint8_t kinds[4] = {VSP_KIND_TRANSFORM, VSP_KIND_TRANSFORM, VSP_KIND_KERNEL, VSP_KIND_FUNCTION};
	for (unsigned i = 0; i < 4; i++)
		funcs[i].kind = kinds[i];
	rt.funcs = funcs;
	rt.func_count = 4;
	rt.run_function = run_function;
	rt.backends = vsp_backends_create(NULL, 0);
	assert_non_null(rt.backends);
	assert_int_equal(vsp_memory_create(&rt.memory, PAGES, PAGES, VSP_BOUNDS_AUTO), VSP_OK);
	fill();
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	vsp_memory_destroy(&rt.memory);
	vsp_backends_destroy(rt.backends);
	return 0;
}

static void memory_is_as_before(void) { assert_memory_equal(rt.memory.base + BASE, before + BASE, SIZE - BASE); }

static void put32(uint32_t at, uint32_t v) { vsp_write_le(rt.memory.base + at, v, 4); }

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

static void put_block(uint32_t at, uint32_t address, uint32_t length, uint32_t flags)
{
	put32(at, 1);
	put32(at + 4, address);
	put32(at + 8, length);
	put32(at + 12, flags);
}

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

/* ---- models and providers ---- */

static void emerge_without_a_model_is_xorl(void **state)
{
	(void)state;
	uint64_t regs[16];
	for (unsigned i = 0; i < 16; i++)
		regs[i] = 0xFFFFFFFFFFFFFF00u + i * 0x0F;
	assert_int_equal(vsp_rt_emerge(&rt, regs), 0);
	assert_int_equal(regs[11], (11 * 0x0F) ^ (12 * 0x0F) ^ 0x80);
	assert_true(regs[10] == 0xFFFFFFFFFFFFFF00u + 10 * 0x0F);
}

static void emerge_does_not_pass_over_a_model_that_nothing_runs(void **state)
{
	(void)state;
	uint64_t regs[16] = {[11] = 0x123};
	rt.emerge_model = true;
	assert_int_equal(vsp_rt_emerge(&rt, regs), VSP_TRAP_DENIED);
	rt.capabilities = VSP_CAP_MODELS;
	assert_int_equal(vsp_rt_emerge(&rt, regs), VSP_TRAP_BACKEND);
	assert_non_null(strstr(rt.trap.message, "libonnxruntime"));
	assert_int_equal(regs[11], 0x123);
}

static void infer_without_a_provider_says_how_to_get_one(void **state)
{
	(void)state;
	assert_int_equal(vsp_rt_infer(&rt, 0, BASE, BASE, 1), VSP_TRAP_DENIED);
	assert_non_null(strstr(rt.trap.message, "--allow=models"));
	rt.capabilities = VSP_CAP_MODELS;
	assert_int_equal(vsp_rt_infer(&rt, 0, BASE, BASE, 1), VSP_TRAP_BACKEND);
	assert_non_null(strstr(rt.trap.message, "libonnxruntime.so.1"));
	assert_int_equal(vsp_rt_infer(&rt, 0, 0, 0, 0), 0);
}

/* A provider that can do VMAP copies by filling with 7, declines odd counts, fails counts above
   100, and has a model. */
static int device_vmap(void *state, vsp_rt *self, const vsp_batch_op *op, char *reason, size_t reason_size)
{
	int *pending = state;
	if (op->count & 1) {
		snprintf(reason, reason_size, "odd");
		return VSP_DECLINED;
	}
	if (op->count > 100)
		return vsp_rt_fail(self, VSP_TRAP_BACKEND, "too much");
	memset(self->memory.base + op->dst, 7, (size_t)op->count);
	++*pending;
	return 0;
}

static int device_pending, device_opened;

static bool device_probe(vsp_rt *self, void **state, char *reason, size_t reason_size)
{
	(void)self;
	(void)reason;
	(void)reason_size;
	device_opened++;
	*state = &device_pending;
	return true;
}

static bool device_absent(vsp_rt *self, void **state, char *reason, size_t reason_size)
{
	(void)self;
	(void)state;
	snprintf(reason, reason_size, "no such device");
	device_opened++;
	return false;
}

static int device_wait(void *state, vsp_rt *self)
{
	(void)self;
	*(int *)state = 0;
	return 0;
}

static int device_emerge(void *state, vsp_rt *self, const float in[32], float out[32])
{
	(void)state;
	(void)self;
	for (unsigned i = 0; i < 16; i++) {
		out[i] = in[i] + 0.5f;
		out[16 + i] = in[16 + i] - 17;
	}
	out[3] = NAN;
	out[4] = 1e30f;
	return 0;
}

static void use_device(const vsp_provider *p)
{
	vsp_backends_destroy(rt.backends);
	device_pending = device_opened = 0;
	rt.backends = vsp_backends_create(&p, 1);
	assert_non_null(rt.backends);
}

static const vsp_provider device = {.name = "device",
        .hint = VSP_HINT_GPU,
        .capability = VSP_CAP_GPU,
        .probe = device_probe,
        .run = {[VSP_BATCH_VMAP] = device_vmap},
        .emerge = device_emerge,
        .wait = device_wait};

static void the_hint_and_the_capability_choose_the_provider(void **state)
{
	(void)state;
	use_device(&device);
	const vsp_provider_stats *cpu = &rt.backends->slot[0].stats, *gpu = &rt.backends->slot[1].stats;
	assert_int_equal(vsp_rt_vmap(&rt, 7, BASE, 0x20000, 4), 0); /* no hint */
	assert_int_equal(cpu->operations[VSP_BATCH_VMAP], 1);
	vsp_rt_hint(&rt, VSP_HINT_GPU);
	assert_int_equal(vsp_rt_vmap(&rt, 7, BASE, 0x20000, 4), 0);
	assert_int_equal(cpu->operations[VSP_BATCH_VMAP], 2);
	assert_non_null(strstr(gpu->reason, "capability"));
	assert_int_equal(device_opened, 0);
	rt.capabilities = VSP_CAP_GPU;
	assert_int_equal(vsp_rt_vmap(&rt, 7, BASE, 0x20000, 4), 0);
	assert_int_equal(gpu->operations[VSP_BATCH_VMAP], 1);
	assert_int_equal(rt.memory.base[BASE], 7);
	assert_int_equal(vsp_rt_vmap(&rt, 7, BASE, 0x20000, 5), 0); /* declined, after the pending operations */
	assert_string_equal(gpu->reason, "odd");
	assert_int_equal(device_pending, 0);
	assert_int_equal(rt.memory.base[BASE], before[0x20000]);
	assert_int_equal(vsp_rt_vmap(&rt, 7, BASE, 0x20000, 102), VSP_TRAP_BACKEND);
	assert_int_equal(device_opened, 1);
	vsp_rt_hint(&rt, VSP_HINT_CPU);
	assert_int_equal(vsp_rt_vmap(&rt, 7, BASE, 0x20000, 4), 0);
	assert_int_equal(gpu->operations[VSP_BATCH_VMAP], 2); /* the one that trapped ran there */
}

static void what_the_user_asks_for_is_stronger_than_hints(void **state)
{
	(void)state;
	use_device(&device);
	rt.capabilities = VSP_CAP_GPU;
	const vsp_provider_stats *cpu = &rt.backends->slot[0].stats, *gpu = &rt.backends->slot[1].stats;
	vsp_rt_hint(&rt, VSP_HINT_GPU);
	rt.backends->asked = VSP_HINT_CPU;
	assert_int_equal(vsp_rt_vmap(&rt, 7, BASE, 0x20000, 4), 0);
	assert_int_equal(cpu->operations[VSP_BATCH_VMAP], 1);
	vsp_rt_hint(&rt, VSP_HINT_CPU);
	rt.backends->asked = VSP_HINT_GPU;
	assert_int_equal(vsp_rt_vmap(&rt, 7, BASE, 0x20000, 4), 0);
	assert_int_equal(gpu->operations[VSP_BATCH_VMAP], 1);
	uint64_t result = 0;
	assert_int_equal(vsp_rt_vred(&rt, 4, BASE, 1, &result), 0);
	assert_string_equal(gpu->reason, "device does not run VRED");
	rt.backends->asked = VSP_HINT_NPU;
	assert_int_equal(vsp_rt_vmap(&rt, 7, BASE, 0x20000, 4), 0);
	assert_non_null(strstr(cpu->reason, "HINT.NPU"));
	assert_int_equal(cpu->operations[VSP_BATCH_VMAP], 2);
}

/* A device with the costs below, whose measuring is counted. */
static vsp_costs device_costs;
static int device_measured;

static bool device_measure(void *state, vsp_rt *self, vsp_costs *costs)
{
	(void)state;
	assert_ptr_equal(self, &rt);
	device_measured++;
	*costs = device_costs;
	return true;
}

static bool keeper_load(void *user, const vsp_provider *provider, vsp_costs *costs)
{
	(void)provider;
	*costs = *(vsp_costs *)user;
	return costs->launch_ns > 0;
}

static void keeper_save(void *user, const vsp_provider *provider, const vsp_costs *costs)
{
	(void)provider;
	*(vsp_costs *)user = *costs;
}

static void use_costed_device(double launch_ns, double byte_ns)
{
	static vsp_provider costed;
	costed = device;
	costed.measure = device_measure;
	use_device(&costed);
	rt.capabilities = VSP_CAP_GPU;
	device_measured = 0;
	device_costs = (vsp_costs){.launch_ns = launch_ns, .byte_ns = byte_ns};
}

static uint64_t on_device(uint64_t count)
{
	const vsp_provider_stats *stats = &rt.backends->slot[1].stats;
	uint64_t earlier = stats->operations[VSP_BATCH_VMAP];
	vsp_batch_op op = {.kind = VSP_BATCH_VMAP, .sel = 7, .dst = BASE, .src = 0x20000, .count = count};
	uint8_t order[VSP_PROVIDERS_MAX];
	unsigned n = vsp_backends_choose(&rt, &op, order);
	assert_int_equal(order[n - 1], 0);
	assert_int_equal(stats->operations[VSP_BATCH_VMAP], earlier);
	return n == 2 && order[0] == 1;
}

static void without_a_hint_the_costs_decide(void **state)
{
	(void)state;
	use_costed_device(50000, 0.01);
	assert_false(on_device(1000)); /* the CPU is done before any device begins: nothing is opened */
	assert_int_equal(device_opened, 0);
	assert_true(on_device(10000000));
	assert_int_equal(device_opened, 1);
	assert_false(on_device(50000));
	use_costed_device(50000, 10); /* moving the bytes takes longer than the work */
	assert_false(on_device(10000000));
	use_costed_device(50000, -1); /* nonsense is no measurement */
	assert_false(on_device(10000000));
	assert_false(on_device(10000000));
	assert_int_equal(device_measured, 1);
	use_costed_device(50000, 0);
	vsp_rt_hint(&rt, VSP_HINT_DSP); /* treated as CPU */
	assert_false(on_device(10000000));
}

static void costs_are_measured_once_and_kept(void **state)
{
	(void)state;
	vsp_costs kept = {.launch_ns = 0};
	use_costed_device(50000, 0.01);
	rt.backends->keeper = (vsp_costs_keeper){keeper_load, keeper_save, &kept};
	assert_true(on_device(10000000));
	assert_true(on_device(10000000));
	assert_int_equal(device_measured, 1);
	assert_true(kept.launch_ns > 49999);
	use_costed_device(1e9, 0.01);
	rt.backends->keeper = (vsp_costs_keeper){keeper_load, keeper_save, &kept};
	assert_true(on_device(10000000)); /* by the constants that were kept */
	assert_int_equal(device_measured, 0);
}

/* A LAUNCH that is slow on the CPU makes the next one go elsewhere. */
static void the_time_of_kernels_on_the_cpu_is_learned(void **state)
{
	(void)state;
	use_costed_device(200000, 0);
	vsp_ranges ranges = {.count = 0};
	vsp_batch_op op = {.kind = VSP_BATCH_LAUNCH, .count = 50000, .index = 2, .ranges = &ranges};
	static vsp_provider launcher;
	launcher = *rt.backends->slot[1].provider;
	launcher.run[VSP_BATCH_LAUNCH] = device_vmap;
	rt.backends->slot[1].provider = &launcher;
	uint8_t order[VSP_PROVIDERS_MAX];
	assert_int_equal(vsp_backends_choose(&rt, &op, order), 1);
	vsp_backends_learn(&rt, &op, 1000000000);
	assert_int_equal(vsp_backends_choose(&rt, &op, order), 2);
	rt.fuel_on = true; /* instructions are counted in order */
	assert_int_equal(vsp_backends_choose(&rt, &op, order), 1);
	rt.fuel_on = false;
}

/* ---- a provider that fails in each of its calls ---- */

static const char *failing_call;
static int interrupted;

static bool fails(const char *call) { return strcmp(failing_call, call) == 0; }

static bool failing_probe(vsp_rt *self, void **state, char *reason, size_t reason_size)
{
	(void)self;
	*state = &device_pending;
	if (fails("probe"))
		snprintf(reason, reason_size, "probe failed");
	return !fails("probe");
}

static int failing_compile(void *state, vsp_rt *self, uint32_t index, char *reason, size_t reason_size)
{
	(void)state, (void)self, (void)index;
	snprintf(reason, reason_size, "compile failed");
	return fails("compile") ? VSP_DECLINED : 0;
}

static int failing_run(void *state, vsp_rt *self, const vsp_batch_op *op, char *reason, size_t reason_size)
{
	(void)state, (void)op;
	if (fails("decline")) {
		snprintf(reason, reason_size, "run failed");
		return VSP_DECLINED;
	}
	vsp_backends_interrupt(self);
	return fails("trap") ? vsp_rt_fail(self, VSP_TRAP_BACKEND, "it broke") : 0;
}

static int failing_wait(void *state, vsp_rt *self)
{
	(void)state;
	return fails("wait") ? vsp_rt_fail(self, VSP_TRAP_BACKEND, "late failure") : 0;
}

static int failing_emerge(void *state, vsp_rt *self, const float in[32], float out[32])
{
	(void)state, (void)in, (void)out;
	return fails("emerge") ? vsp_rt_fail(self, VSP_TRAP_BACKEND, "no thought") : VSP_DECLINED;
}

static void failing_interrupt(void *state)
{
	(void)state;
	interrupted++;
}

static int failing_vmap(const char *call)
{
	failing_call = call;
	interrupted = 0;
	static const vsp_provider failing = {.name = "failing",
	        .hint = VSP_HINT_GPU,
	        .probe = failing_probe,
	        .run = {[VSP_BATCH_VMAP] = failing_run, [VSP_BATCH_LAUNCH] = failing_run},
	        .compile_kernel = failing_compile,
	        .emerge = failing_emerge,
	        .wait = failing_wait,
	        .interrupt = failing_interrupt};
	use_device(&failing);
	vsp_rt_hint(&rt, VSP_HINT_GPU);
	return vsp_rt_vmap(&rt, 7, BASE, 0x20000, 4);
}

static void failures_of_each_call_go_to_the_cpu_or_trap(void **state)
{
	(void)state;
	uint64_t regs[16] = {0};
	assert_int_equal(failing_vmap("probe"), 0);
	assert_string_equal(rt.backends->slot[1].stats.reason, "probe failed");
	assert_int_equal(rt.backends->slot[0].stats.operations[VSP_BATCH_VMAP], 1);
	assert_int_equal(failing_vmap("decline"), 0);
	assert_string_equal(rt.backends->slot[1].stats.reason, "run failed");
	assert_int_equal(rt.backends->slot[0].stats.operations[VSP_BATCH_VMAP], 1);
	assert_int_equal(failing_vmap("trap"), VSP_TRAP_BACKEND);
	assert_string_equal(rt.trap.message, "it broke");
	assert_int_equal(interrupted, 1);
	assert_int_equal(failing_vmap("wait"), 0);
	assert_int_equal(vsp_rt_fence(&rt), VSP_TRAP_BACKEND);
	assert_string_equal(rt.trap.message, "late failure");
	vsp_rt_hint(&rt, VSP_HINT_CPU); /* the CPU waits for what is pending elsewhere */
	assert_int_equal(vsp_rt_vmap(&rt, 7, BASE, 0x20000, 4), VSP_TRAP_BACKEND);
	assert_int_equal(failing_vmap("emerge"), 0);
	assert_int_equal(vsp_rt_emerge(&rt, regs), VSP_TRAP_BACKEND);
	assert_string_equal(rt.trap.message, "no thought");
	assert_int_equal(failing_vmap("compile"), 0);
	put_block(BASE, 0x20000, 64, 3);
	assert_int_equal(vsp_rt_launch(&rt, 2, 1, BASE), 0);
	assert_string_equal(rt.backends->slot[1].stats.reason, "compile failed");
	assert_int_equal(rt.backends->slot[0].stats.operations[VSP_BATCH_LAUNCH], 1);
	vsp_backends_interrupt(&rt); /* nothing runs */
	assert_int_equal(interrupted, 1);
}

static void a_provider_that_cannot_open_is_asked_once(void **state)
{
	(void)state;
	static const vsp_provider absent = {.name = "absent",
	        .hint = VSP_HINT_GPU,
	        .probe = device_absent,
	        .run = {[VSP_BATCH_VMAP] = device_vmap}};
	use_device(&absent);
	vsp_rt_hint(&rt, VSP_HINT_GPU);
	assert_int_equal(vsp_rt_vmap(&rt, 7, BASE, 0x20000, 4), 0);
	assert_int_equal(vsp_rt_vmap(&rt, 7, BASE, 0x20000, 4), 0);
	assert_int_equal(device_opened, 1);
	assert_string_equal(rt.backends->slot[1].stats.reason, "no such device");
	assert_int_equal(rt.backends->slot[0].stats.operations[VSP_BATCH_VMAP], 2);
}

static void unbatch_fence_and_memgrow_wait_for_what_is_pending(void **state)
{
	(void)state;
	use_device(&device);
	rt.capabilities = VSP_CAP_GPU;
	vsp_rt_hint(&rt, VSP_HINT_GPU);
	assert_int_equal(vsp_rt_unbatch(&rt), 0); /* without a BATCH it does nothing */
	vsp_rt_batch(&rt, 10);
	vsp_rt_batch(&rt, 0);
	assert_int_equal(vsp_rt_vmap(&rt, 7, BASE, 0x20000, 4), 0);
	assert_int_equal(device_pending, 1);
	assert_int_equal(vsp_rt_unbatch(&rt), 0); /* the inner pair only counts */
	assert_int_equal(device_pending, 1);
	assert_int_equal(vsp_rt_unbatch(&rt), 0);
	assert_int_equal(device_pending, 0);
	assert_int_equal(vsp_rt_vmap(&rt, 7, BASE, 0x20000, 4), 0);
	assert_int_equal(vsp_rt_fence(&rt), 0);
	assert_int_equal(device_pending, 0);
	uint64_t pages = 0;
	vsp_rt_batch(&rt, 1);
	assert_int_equal(vsp_rt_vmap(&rt, 7, BASE, 0x20000, 4), 0);
	assert_int_equal(device_pending, 1);
	assert_int_equal(vsp_rt_memgrow(&rt, 0, &pages), 0);
	assert_int_equal(device_pending, 0);
}

static void emerge_uses_the_model_of_a_provider(void **state)
{
	(void)state;
	use_device(&device);
	rt.capabilities = VSP_CAP_GPU;
	uint64_t regs[16];
	for (unsigned i = 0; i < 16; i++)
		regs[i] = 0x500 + (i << 4 | i);
	assert_int_equal(vsp_rt_emerge(&rt, regs), 0);
	for (unsigned i = 0; i < 16; i++) {
		/* rho + 0.5 to even, clamped; theta - 17 modulo 16 */
		int rho = (int)i - 8, up = rho & 1 ? rho + 1 : rho;
		unsigned want = (unsigned)((up > 7 ? 7 : up) + 8) << 4 | ((i + 15) & 15);
		assert_int_equal(regs[i], i == 3 ? 0 : i == 4 ? 0xF0 | 3 : want);
	}
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
	        TEST(emerge_without_a_model_is_xorl),
	        TEST(emerge_does_not_pass_over_a_model_that_nothing_runs),
	        TEST(infer_without_a_provider_says_how_to_get_one),
	        TEST(the_hint_and_the_capability_choose_the_provider),
	        TEST(what_the_user_asks_for_is_stronger_than_hints),
	        TEST(without_a_hint_the_costs_decide),
	        TEST(costs_are_measured_once_and_kept),
	        TEST(the_time_of_kernels_on_the_cpu_is_learned),
	        TEST(failures_of_each_call_go_to_the_cpu_or_trap),
	        TEST(a_provider_that_cannot_open_is_asked_once),
	        TEST(unbatch_fence_and_memgrow_wait_for_what_is_pending),
	        TEST(emerge_uses_the_model_of_a_provider),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
