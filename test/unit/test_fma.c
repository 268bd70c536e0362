/*
 * FMA by integers: results worked out by hand, and for edge values and random ones the same bits as
 * the fused multiplication and addition that this build uses, the processor's or the C library's
 * where it is exact.
 */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "runtime/arith/arith.h"

#define F(x) vsp_bits_of_f64(x)
#define S(x) ((uint64_t)vsp_bits_of_f32(x))

static const uint64_t nan_f = 0x7FF8000000000000, nan_s = 0x7FC00000;

typedef struct expected {
	uint64_t b, c, d, a;
} expected;

static void doubles_are_rounded_once(void **state)
{
	(void)state;
	const expected cases[] = {
	        {F(0x1.0000000000001p0), F(0x1.fffffffffffffp-1), F(-1), F(0x1.ffffffffffffep-54)},
	        /* 1 + 2^-53 is halfway; 2^-110 more decides, which a sum in 64 bits would lose */
	        {F(0x1p-55), F(0x1p-55), F(0x1.0000000000001p0), F(0x1.0000000000001p0)},
	        {F(0x1.0000000000001p0), F(0x1.0000000000001p-53), F(1), F(0x1.0000000000001p0)},
	        {F(0x1.fffffffffffffp-1), F(0x1p-53), F(1), F(1)},
	        {F(1), F(0x1p-53), F(1), F(1)},
	        {F(1), F(0x1p-53), F(0x1.0000000000001p0), F(0x1.0000000000002p0)},
	        /* subnormal results: halves of the least are even with 0 and 2 */
	        {F(0x1p-1074), F(0.5), F(0.0), F(0.0)},
	        {F(0x1.8p-1073), F(0.5), F(0.0), F(0x2p-1074)},
	        {F(0x1p-1074), F(0.5), F(0x1p-1074), F(0x2p-1074)},
	        {F(-0x1p-600), F(0x1p-600), F(0.0), F(-0.0)},
	        {F(-0x1p-600), F(0x1p-600), F(0x1p-1074), F(0x1p-1074)},
	        {F(0x1.fffffffffffffp-1), F(0x1p-1022), F(0.0), F(0x1p-1022)},
	        /* the greatest, and what half of its last place adds */
	        {F(0x1p1000), F(0x1p-30), F(0x1.fffffffffffffp1023), F(INFINITY)},
	        {F(0x1p1000), F(0x1p-31), F(0x1.fffffffffffffp1023), F(0x1.fffffffffffffp1023)},
	        {F(0x1p1000), F(-0x1p1000), F(INFINITY), F(INFINITY)},
	        {F(0x1p1000), F(0x1p1000), F(-0x1p1023), F(INFINITY)},
	        {F(0x1p1023), F(2), F(-0x1.fffffffffffffp1023), F(0x1p971)},
	        {F(INFINITY), F(-1), F(5), F(-INFINITY)},
	        {F(INFINITY), F(-1), F(INFINITY), nan_f},
	        {F(INFINITY), F(0.0), F(1), nan_f},
	        {F(0.0), F(-INFINITY), nan_f, nan_f},
	        {F(1), nan_f, F(1), nan_f},
	        {F(1), F(-1), F(1), F(0.0)},
	        {F(-0.0), F(1), F(-0.0), F(-0.0)},
	        {F(-0.0), F(1), F(0.0), F(0.0)},
	        {F(0.0), F(3), F(-7), F(-7)},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		assert_int_equal(vsp_rt_fma_f(cases[i].b, cases[i].c, cases[i].d), cases[i].a);
}

static void singles_are_rounded_once(void **state)
{
	(void)state;
	const uint64_t dirt = 0xDEADBEEF00000000;
	const expected cases[] = {
	        {S(0x1.000002p0f), S(0x1.000002p0f), S(-0x1.000004p0f), S(0x1p-46f)},
	        /* 2^-24 + 2^-47 - 2^-70 or so above 1: a double of 53 bits would see a tie */
	        {S(0x1.000002p0f), S(0x1.000002p-24f), S(1), S(0x1.000002p0f)},
	        {S(812825 * 0x1p-27f), S(1321 * 0x1p-27f), S(1), S(0x1.000002p0f)},
	        {S(-0x1p-100f), S(0x1p-100f), S(0.0f), S(-0.0f)},
	        {S(0x1p-149f), S(0.5f), S(0x1p-149f), S(0x2p-149f)},
	        {S(0x1p100f), S(0x1p4f), S(0x1.fffffep127f), S(INFINITY)},
	        {S(0x1p100f), S(0x1p2f), S(0x1.fffffep127f), S(0x1.fffffep127f)},
	        {S(INFINITY), S(1), S(-INFINITY), nan_s},
	        {S(-INFINITY), S(2), S(1), S(-INFINITY)},
	        {S(1), S(1), S(-1), S(0.0f)},
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		assert_int_equal(vsp_rt_fma_s(cases[i].b, cases[i].c, cases[i].d), cases[i].a);
		assert_int_equal(vsp_rt_fma_s(cases[i].b | dirt, cases[i].c | dirt, cases[i].d | dirt), cases[i].a);
	}
}

/* ---- comparison ---- */

static void compare_f(uint64_t b, uint64_t c, uint64_t d)
{
	uint64_t wanted = vsp_canon_f(vsp_arith_fma_f(b, c, d)), found = vsp_rt_fma_f(b, c, d);
	if (found != wanted)
		fail_msg("%#llx * %#llx + %#llx is %#llx, not %#llx", (unsigned long long)b, (unsigned long long)c,
		        (unsigned long long)d, (unsigned long long)wanted, (unsigned long long)found);
}

static void compare_s(uint64_t b, uint64_t c, uint64_t d)
{
	uint64_t wanted = vsp_canon_s(vsp_arith_fma_s(b, c, d)), found = vsp_rt_fma_s(b, c, d);
	if (found != wanted)
		fail_msg("%#x * %#x + %#x is %#x, not %#x", (unsigned)b, (unsigned)c, (unsigned)d, (unsigned)wanted,
		        (unsigned)found);
}

static void triples_of_edges_agree(void **state)
{
	(void)state;
	static const uint64_t fractions[] = {0, 1, 2, 0x0008000000000000, 0x000FFFFFFFFFFFFE, 0x000FFFFFFFFFFFFF};
	static const unsigned exponents[] = {0, 1, 2, 53, 511, 969, 1022, 1023, 1024, 1534, 2045, 2046, 2047};
	enum { EDGES = 2 * sizeof fractions / sizeof fractions[0] * (sizeof exponents / sizeof exponents[0]) };
	uint64_t f[EDGES], s[EDGES];
	for (size_t i = 0; i < EDGES; i++) {
		uint64_t sign = i % 2, fraction = fractions[i / 2 % 6], exponent = exponents[i / 12];
		uint64_t narrow = fraction >> 8 ? fraction >> 29 : fraction;
		f[i] = sign << 63 | exponent << 52 | fraction;
		s[i] = sign << 31 | (exponent < 256 ? exponent : exponent >> 3) << 23 | narrow;
	}
	for (size_t i = 0; i < EDGES; i++)
		for (size_t j = i; j < EDGES; j++)
			for (size_t k = 0; k < EDGES; k++) {
				compare_f(f[i], f[j], f[k]);
				compare_s(s[i], s[j], s[k]);
			}
}

static uint64_t seed = 0x9E3779B97F4A7C15;

/* xorshift */
static uint64_t drawn(void)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	return seed ^= seed << 17;
}

/* Often with long rows of zeros or ones, so that ties occur. */
static uint64_t drawn_fraction(void)
{
	uint64_t fraction = drawn() >> 12;
	unsigned kept = (unsigned)(drawn() >> 33) % 52;
	uint64_t low = ((uint64_t)1 << kept) - 1;
	switch (drawn() >> 40 & 3) {
	case 0: return fraction & ~low & 0xFFFFFFFFFFFFF;
	case 1: return fraction | low;
	default: return fraction;
	}
}

static uint64_t number(uint64_t sign, int exponent, int most, unsigned width, uint64_t fraction)
{
	int field = exponent < 0 ? 0 : exponent > most ? most : exponent;
	return (sign & 1) << (width == 52 ? 63 : 31) | (uint64_t)field << width | fraction >> (52 - width);
}

/* Three numbers of which the addend is near the product: at most reach powers of two away. */
static void draw(uint64_t out[3], unsigned width, int bias)
{
	int reach = 2 * (int)width + 8, x = (int)(drawn() >> 20) % (2 * bias), sum = (int)(drawn() >> 20) % (2 * bias);
	x = x < 0 ? -x : x;
	sum = sum < 0 ? -sum : sum;
	if (drawn() >> 20 & 1) /* near the ends of the range */
		sum = drawn() >> 20 & 1 ? 2 * bias - sum % reach : sum % (2 * reach) - reach;
	out[0] = number(drawn() >> 20, x, 2 * bias, width, drawn_fraction());
	out[1] = number(drawn() >> 20, sum + bias - x, 2 * bias, width, drawn_fraction());
	out[2] = number(
	        drawn() >> 20, sum + (int)(drawn() >> 40) % reach - reach / 2, 2 * bias, width, drawn_fraction());
}

static void random_triples_agree(void **state)
{
	(void)state;
	uint64_t v[3];
	for (int i = 0; i < 1000000 / VSP_TEST_EVERY; i++) {
		draw(v, 52, 1023);
		compare_f(v[0], v[1], v[2]);
		draw(v, 23, 127);
		compare_s(v[0], v[1], v[2]);
	}
}

/* The addend is the rounded product with the other sign, or a few last places away from it. */
static void cancellations_agree(void **state)
{
	(void)state;
	uint64_t v[3];
	for (int i = 0; i < 300000 / VSP_TEST_EVERY; i++) {
		draw(v, 52, 1023);
		compare_f(v[0], v[1], vsp_arith_neg_f(vsp_arith_mul_f(v[0], v[1])) + (drawn() >> 40 & 3) - 1);
		draw(v, 23, 127);
		compare_s(v[0], v[1], vsp_arith_neg_s(vsp_arith_mul_s(v[0], v[1])) + (drawn() >> 40 & 3) - 1);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(doubles_are_rounded_once),
	        cmocka_unit_test(singles_are_rounded_once),
	        cmocka_unit_test(triples_of_edges_agree),
	        cmocka_unit_test(random_triples_agree),
	        cmocka_unit_test(cancellations_agree),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
