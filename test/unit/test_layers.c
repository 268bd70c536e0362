/*
 * Instructions on layers and modes, on the state below: no two layers are alike, their registers
 * have arbitrary bits above the byte, and expected layers are written out or computed from rho and
 * theta rather than bytes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <math.h>
#include <string.h>
#include <cmocka.h>

#include "runtime/base/bits.h"
#include "runtime/helpers.h"

static const uint8_t start[16] = {
        0x81, 0x12, 0xF3, 0x04, 0x95, 0x26, 0xE7, 0x38, 0xA9, 0x4A, 0xDB, 0x5C, 0xBD, 0x6E, 0xCF, 0x70};
static const uint64_t rubbish = 0x123456789ABCDE00;

static void load(uint64_t regs[16])
{
	for (int i = 0; i < 16; i++)
		regs[i] = rubbish | start[i];
}

static int rho(uint8_t b) { return b / 16 - 8; }
static int theta(uint8_t b) { return b % 16; }
static uint64_t layer(int r, int t) { return (uint64_t)((r + 8) * 16 + t); }

/* Exclusive or of two's complement nibbles, as the instruction set defines xorl. */
static uint64_t xorl(uint64_t x, uint64_t y)
{
	int nibble = (rho((uint8_t)x) & 15) ^ (rho((uint8_t)y) & 15);
	return layer(nibble < 8 ? nibble : nibble - 16, theta((uint8_t)x) ^ theta((uint8_t)y));
}

static void shiftl_drops_the_last_layer_and_tells_whether_it_was_null(void **state)
{
	(void)state;
	uint64_t regs[16];
	uint8_t o = 9;
	load(regs);
	vsp_rt_shiftl(regs, &o);
	assert_int_equal(regs[0], 0);
	for (int i = 1; i < 16; i++)
		assert_int_equal(regs[i], start[i - 1]);
	assert_int_equal(o, 1);
	regs[15] = rubbish | 0x0F; /* null for any theta */
	vsp_rt_shiftl(regs, &o);
	assert_int_equal(o, 0);
}

static void rotatl_brings_the_last_layer_to_the_front(void **state)
{
	(void)state;
	uint64_t regs[16];
	load(regs);
	vsp_rt_rotatl(regs);
	for (int i = 0; i < 16; i++)
		assert_int_equal(regs[i], start[(i + 15) % 16]);
}

static void fold_writes_the_lower_half_only(void **state)
{
	(void)state;
	uint64_t regs[16];
	load(regs);
	vsp_rt_fold(regs);
	for (int i = 0; i < 8; i++)
		assert_int_equal(regs[i], xorl(start[i], start[i + 8]));
	for (int i = 8; i < 16; i++)
		assert_int_equal(regs[i], rubbish | start[i]);
}

static void spread_fills_the_group_of_its_layer(void **state)
{
	(void)state;
	for (unsigned a = 0; a < 16; a++) {
		uint64_t regs[16];
		load(regs);
		vsp_rt_spread(regs, a);
		for (unsigned i = 0; i < 16; i++)
			assert_int_equal(regs[i], i / 4 == a / 4 ? start[a] : (rubbish | start[i]));
	}
}

static void gather_multiplies_in_order_and_clamps_at_each_step(void **state)
{
	(void)state;
	uint64_t regs[16];
	load(regs);
	/* rho: 0 + 0, -7, 7 -> 0, -8 -> -8; theta: 1 + 2 + 3 + 4 */
	vsp_rt_gather(regs, 2);
	assert_int_equal(regs[2], layer(-8, 10));
	assert_int_equal(regs[1], rubbish | start[1]);
	regs[12] = 0xF1, regs[13] = 0xF2, regs[14] = 0x03, regs[15] = 0x8F; /* 7, 14 -> 7, -1, -1 */
	vsp_rt_gather(regs, 15);
	assert_int_equal(regs[15], layer(-1, (1 + 2 + 3 + 15) % 16));
}

static void collapse_copies_to_the_last_layer_and_sets_c(void **state)
{
	(void)state;
	vsp_rt rt = {.collapse = 1};
	uint64_t regs[16];
	load(regs);
	vsp_rt_collapse(&rt, regs, 4);
	assert_int_equal(regs[15], start[4]);
	assert_int_equal(rt.collapse, 0);
	vsp_rt_collapse(&rt, regs, 3); /* 04: null */
	assert_int_equal(regs[15], 0x04);
	assert_int_equal(rt.collapse, 1);
	vsp_rt_collapse(&rt, regs, 15);
	assert_int_equal(regs[15], 0x04);
}

static void grad_measures_neighbours_and_sums_in_order(void **state)
{
	(void)state;
	vsp_rt rt = {.mode = 4};
	uint64_t regs[16];
	const long double eighth = 3.14159265358979323846264338327950288L / 8;
	double sum = 0;
	load(regs);
	vsp_rt_grad(&rt, regs, 3);
	for (int i = 0; i < 15; i++) {
		long double r1 = expl(rho(start[i])), r2 = expl(rho(start[i + 1]));
		long double angle = (theta(start[i]) - theta(start[i + 1])) * eighth;
		long double want = sqrtl(r1 * r1 + r2 * r2 - 2 * r1 * r2 * cosl(angle));
		assert_true(fabsl(rt.g[i] - want) <= want * 0x1.01p-24L);
		sum += (double)rt.g[i];
	}
	assert_true(rt.g[15] == 0);
	assert_int_equal(regs[3], vsp_bits_of_f64(sum));
	assert_int_equal(regs[2], rubbish | start[2]);
}

static void descent_uses_its_own_component_and_the_rate_in_255ths(void **state)
{
	(void)state;
	vsp_rt rt = {.g = {[5] = 2.5f, [6] = 1000.0f}};
	uint64_t regs[16];
	load(regs);
	vsp_rt_descent(&rt, regs, 5, 255); /* rho -6 - 2.5, clamped */
	assert_int_equal(regs[5], layer(-8, 6));
	vsp_rt_descent(&rt, regs, 6, 1); /* 6 - 3.92 */
	assert_int_equal(regs[6], layer(2, 7));
	vsp_rt_descent(&rt, regs, 0, 255); /* G[0] = 0 */
	assert_int_equal(regs[0], start[0]);
	vsp_rt_descent(&rt, regs, 6, 0);
	assert_int_equal(regs[6], layer(2, 7));
}

/* ---- modes ---- */

/* 0..4 for a number that names a mode, else -1. */
static int mode_named(unsigned imm)
{
	switch (imm) {
	case 8: return 0;
	case 16: return 1;
	case 32: return 2;
	case 64: return 3;
	case 128: return 4;
	default: return imm <= 4 ? (int)imm : -1;
	}
}

static void setmode_and_promote_know_ten_names(void **state)
{
	(void)state;
	for (unsigned imm = 0; imm < 256; imm++)
		for (uint8_t mode = 0; mode <= 4; mode++) {
			vsp_rt rt = {.mode = mode};
			int named = mode_named(imm), trap = named < 0 ? VSP_TRAP_BAD_MODE : 0;
			assert_int_equal(vsp_rt_promote(&rt, imm), trap);
			assert_int_equal(rt.mode, named > mode ? named : mode);
			assert_int_equal(rt.trap.kind, trap);
			rt.mode = mode;
			assert_int_equal(vsp_rt_setmode(&rt, imm), trap);
			assert_int_equal(rt.mode, named < 0 ? mode : named);
		}
}

static void compat_lowers_to_the_byte_in_memory(void **state)
{
	(void)state;
	static uint8_t memory[3 * VSP_PAGE];
	vsp_rt rt = {.mode = 3,
	        .caller = {.memory = memory, .memory_size = sizeof memory},
	        .memory = {.base = memory, .size = sizeof memory}};
	memory[0x10000] = 64;
	memory[0x10001] = 16;
	memory[0x10002] = 5;
	memory[sizeof memory - 1] = 0;
	assert_int_equal(vsp_rt_compat(&rt, 0x10000), 0);
	assert_int_equal(rt.mode, 3);
	assert_int_equal(vsp_rt_compat(&rt, 0x10001), 0);
	assert_int_equal(rt.mode, 1);
	assert_int_equal(vsp_rt_compat(&rt, 0x10000), 0);
	assert_int_equal(rt.mode, 1);
	assert_int_equal(vsp_rt_compat(&rt, 0x10002), VSP_TRAP_BAD_MODE);
	assert_int_equal(rt.trap.kind, VSP_TRAP_BAD_MODE);
	assert_int_equal(vsp_rt_compat(&rt, sizeof memory), VSP_TRAP_OUT_OF_BOUNDS);
	assert_int_equal(vsp_rt_compat(&rt, 0xFFFF), VSP_TRAP_STACK_OVERFLOW);
	assert_int_equal(rt.trap.kind, VSP_TRAP_STACK_OVERFLOW);
	assert_int_equal(rt.mode, 1);
	assert_int_equal(vsp_rt_compat(&rt, sizeof memory - 1), 0);
	assert_int_equal(rt.mode, 0);
}

/* ---- demotions ---- */

typedef int (*demotion)(vsp_rt *, uint64_t *, unsigned);
/* The expected values of count layers, in order. */
typedef uint64_t (*expectation)(const uint8_t *layers, int count);

static uint64_t expect_xor(const uint8_t *layers, int count)
{
	uint64_t r = layers[0];
	for (int i = 1; i < count; i++)
		r = xorl(r, layers[i]);
	return r;
}

static uint64_t expect_first(const uint8_t *layers, int count) { return (void)count, layers[0]; }

static uint64_t expect_average(const uint8_t *layers, int count)
{
	double r = 0, t = 0;
	for (int i = 0; i < count; i++) {
		r += rho(layers[i]);
		t += theta(layers[i]);
	}
	return layer((int)trunc(r / count), (int)floor(t / count));
}

static uint64_t expect_greatest(const uint8_t *layers, int count)
{
	for (int r = 7;; r--)
		for (int i = 0; i < count; i++)
			if (rho(layers[i]) == r)
				return layers[i];
}

static void check_demotion(demotion f, expectation want, uint8_t from, unsigned imm)
{
	int to = mode_named(imm), before = 1 << from, after = to < 0 ? 0 : 1 << to;
	vsp_rt rt = {.mode = from};
	uint64_t regs[16];
	load(regs);
	assert_int_equal(f(&rt, regs, imm), to < 0 ? VSP_TRAP_BAD_MODE : 0);
	if (to < 0 || to >= from) {
		assert_int_equal(rt.mode, from);
		for (int i = 0; i < 16; i++)
			assert_int_equal(regs[i], rubbish | start[i]);
		return;
	}
	assert_int_equal(rt.mode, to);
	for (int i = 0; i < 16; i++) {
		uint8_t layers[16] = {start[i]};
		int count = 0;
		for (int j = i; i < after && j < before; j += after)
			layers[count++] = start[j];
		assert_int_equal(regs[i], i < after ? want(layers, count) : 0);
	}
}

static void demotions_fold_from_every_mode_to_every_mode(void **state)
{
	(void)state;
	for (uint8_t from = 0; from <= 4; from++)
		for (unsigned imm = 0; imm < 256; imm++) {
			check_demotion(vsp_rt_demote, expect_xor, from, imm);
			check_demotion(vsp_rt_truncate, expect_first, from, imm);
			check_demotion(vsp_rt_avgdem, expect_average, from, imm);
			check_demotion(vsp_rt_maxdem, expect_greatest, from, imm);
		}
}

static void averages_of_negative_rho_round_toward_zero_and_ties_keep_the_first(void **state)
{
	(void)state;
	vsp_rt rt = {.mode = 1};
	uint64_t regs[16] = {layer(-1, 15), layer(-2, 0)};
	assert_int_equal(vsp_rt_avgdem(&rt, regs, 8), 0);
	assert_int_equal(regs[0], layer(-1, 7)); /* -1.5, 7.5 */
	rt.mode = 1;
	regs[0] = layer(3, 9), regs[1] = layer(3, 2);
	assert_int_equal(vsp_rt_maxdem(&rt, regs, 0), 0);
	assert_int_equal(regs[0], layer(3, 9));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(shiftl_drops_the_last_layer_and_tells_whether_it_was_null),
	        cmocka_unit_test(rotatl_brings_the_last_layer_to_the_front),
	        cmocka_unit_test(fold_writes_the_lower_half_only),
	        cmocka_unit_test(spread_fills_the_group_of_its_layer),
	        cmocka_unit_test(gather_multiplies_in_order_and_clamps_at_each_step),
	        cmocka_unit_test(collapse_copies_to_the_last_layer_and_sets_c),
	        cmocka_unit_test(grad_measures_neighbours_and_sums_in_order),
	        cmocka_unit_test(descent_uses_its_own_component_and_the_rate_in_255ths),
	        cmocka_unit_test(setmode_and_promote_know_ten_names),
	        cmocka_unit_test(compat_lowers_to_the_byte_in_memory),
	        cmocka_unit_test(demotions_fold_from_every_mode_to_every_mode),
	        cmocka_unit_test(averages_of_negative_rho_round_toward_zero_and_ties_keep_the_first),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
