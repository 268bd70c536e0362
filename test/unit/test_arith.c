/*
 * The integer forms, all of them: each over all pairs of a set of values that includes the edges,
 * against arithmetic in 128 bits or bit by bit, with flags as isa.md section 5 defines them (Z and
 * N of the result, O when the exact value does not fit).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "runtime/arith/arith.h"

__extension__ typedef __int128 wide;

static const uint64_t values[] = {0, 1, 2, 3, 5, 31, 32, 33, 63, 64, 65, 127, 128, 255, 0x7FFF, 0x8000, 0xFFFF,
        0x7FFFFFFF, 0x80000000, 0x80000001, 0xFFFFFFFF, 0x100000000, 0x100000001, 0xB504F333, 0x123456789ABCDEF0,
        0x7FFFFFFFFFFFFFFE, 0x7FFFFFFFFFFFFFFF, 0x8000000000000000, 0x8000000000000001, 0xFEDCBA9876543210,
        0xFFFFFFFF7FFFFFFF, 0xFFFFFFFF80000000, 0xFFFFFFFFFFFFFFC0, 0xFFFFFFFFFFFFFFFD, 0xFFFFFFFFFFFFFFFE,
        0xFFFFFFFFFFFFFFFF};
enum { VALUES = sizeof values / sizeof *values };

/* ---- the reference: exact values of width bits ---- */

static wide unsigned_of(uint64_t v, unsigned width)
{
	return width == 64 ? (wide)v : (wide)(v % ((uint64_t)1 << width));
}

static wide signed_of(uint64_t v, unsigned width)
{
	wide u = unsigned_of(v, width), limit = (wide)1 << (width - 1);
	return u >= limit ? u - 2 * limit : u;
}

/* The register of an exact value reduced to width bits and sign-extended. */
static uint64_t wrap(wide v, unsigned width)
{
	wide modulus = (wide)1 << width;
	return (uint64_t)signed_of((uint64_t)((v % modulus + modulus) % modulus), width);
}

static unsigned flags_of(uint64_t result) { return (result == 0 ? 1u : 0) + ((int64_t)result < 0 ? 2u : 0); }

/* Flags of an operation with the exact value v, with overflow. */
static unsigned flags_exact(wide v, unsigned width)
{
	uint64_t r = wrap(v, width);
	return flags_of(r) + ((wide)(int64_t)r != v ? 4u : 0);
}

typedef uint64_t (*binary)(uint64_t, uint64_t);
typedef uint8_t (*binary_flags)(uint64_t, uint64_t);
typedef uint64_t (*unary)(uint64_t);
typedef uint8_t (*unary_flags)(uint64_t);
/* The exact result of signed or unsigned operands of width bits. */
typedef wide (*reference)(wide, wide, unsigned);

/* ---- drivers ---- */

enum rule { SIGNED = 0, UNSIGNED = 1, OVERFLOWS = 2, NONZERO = 4 };

static void check_binary(const char *name, binary f, binary_flags flags, reference want, unsigned width, unsigned rule)
{
	for (int i = 0; i < VALUES * VALUES; i++) {
		uint64_t b = values[i / VALUES], c = values[i % VALUES];
		wide x = rule & UNSIGNED ? unsigned_of(b, width) : signed_of(b, width);
		wide y = rule & UNSIGNED ? unsigned_of(c, width) : signed_of(c, width);
		if (rule & NONZERO && y == 0)
			continue;
		wide exact = want(x, y, width);
		uint64_t r = wrap(exact, width);
		if (f(b, c) != r)
			fail_msg("%s.%u(%016jx, %016jx) = %016jx, not %016jx", name, width, (uintmax_t)b, (uintmax_t)c,
			        (uintmax_t)f(b, c), (uintmax_t)r);
		if (flags && flags(b, c) != (rule & OVERFLOWS ? flags_exact(exact, width) : flags_of(r)))
			fail_msg("flags of %s.%u(%016jx, %016jx)", name, width, (uintmax_t)b, (uintmax_t)c);
	}
}

static void check_unary(const char *name, unary f, unary_flags flags, reference want, unsigned width, unsigned rule)
{
	for (int i = 0; i < VALUES; i++) {
		uint64_t b = values[i];
		wide x = rule & UNSIGNED ? unsigned_of(b, width) : signed_of(b, width), exact = want(x, 0, width);
		uint64_t r = wrap(exact, width);
		if (f(b) != r)
			fail_msg("%s.%u(%016jx) = %016jx, not %016jx", name, width, (uintmax_t)b, (uintmax_t)f(b),
			        (uintmax_t)r);
		if (flags && flags(b) != (rule & OVERFLOWS ? flags_exact(exact, width) : flags_of(r)))
			fail_msg("flags of %s.%u(%016jx)", name, width, (uintmax_t)b);
	}
}

#define CHECK2(form, want, rule) \
	check_binary(#form, vsp_arith_##form, vsp_arith_##form##_flags, want, 64, rule); \
	check_binary(#form, vsp_arith_##form##_w, vsp_arith_##form##_w_flags, want, 32, rule)
#define CHECK2_PLAIN(form, want, rule) \
	check_binary(#form, vsp_arith_##form, NULL, want, 64, rule); \
	check_binary(#form, vsp_arith_##form##_w, NULL, want, 32, rule)
#define CHECK1(form, want, rule) \
	check_unary(#form, vsp_arith_##form, vsp_arith_##form##_flags, want, 64, rule); \
	check_unary(#form, vsp_arith_##form##_w, vsp_arith_##form##_w_flags, want, 32, rule)
#define CHECK1_PLAIN(form, want, rule) \
	check_unary(#form, vsp_arith_##form, NULL, want, 64, rule); \
	check_unary(#form, vsp_arith_##form##_w, NULL, want, 32, rule)

/* ---- the definition of each form ---- */

#define REFERENCE(name, expression) \
	static wide ref_##name(wide x, wide y, unsigned width) \
	{ \
		(void)x, (void)y, (void)width; \
		return expression; \
	}
REFERENCE(add, x + y)
REFERENCE(sub, x - y)
REFERENCE(mul, x *y)
REFERENCE(div, x / y)
REFERENCE(mod, x % y)
REFERENCE(and, x &y)
REFERENCE(or, x | y)
REFERENCE(xor, x ^ y)
REFERENCE(not, -1 - x)
REFERENCE(neg, -x)
REFERENCE(abs, x < 0 ? -x : x)
REFERENCE(min, x < y ? x : y)
REFERENCE(max, x > y ? x : y)

static wide power_of_two(unsigned n)
{
	wide r = 1;
	while (n--)
		r += r;
	return r;
}

static unsigned count_of(wide y, unsigned width) { return (unsigned)((y % (int)width + (int)width) % (int)width); }

static wide divide_down(wide x, wide y) { return x / y - (x % y < 0); }

REFERENCE(shl, (wide)(wrap(x, width) * (uint64_t)power_of_two(count_of(y, width))))
REFERENCE(shift_down, divide_down(x, power_of_two(count_of(y, width))))
REFERENCE(high, divide_down(x *y, power_of_two(width)))

static wide ref_rotl(wide x, wide y, unsigned width)
{
	for (unsigned n = count_of(y, width); n; n--)
		x = x * 2 >= power_of_two(width) ? x * 2 - power_of_two(width) + 1 : x * 2;
	return x;
}

static wide ref_rotr(wide x, wide y, unsigned width)
{
	return ref_rotl(x, (int)width - (wide)count_of(y, width), width);
}

static wide ref_high_unsigned(wide x, wide y, unsigned width)
{
	/* The product of 64-bit values may need 128 bits without a sign. */
	__extension__ typedef unsigned __int128 unsigned_wide;
	return (wide)((unsigned_wide)x * (unsigned_wide)y / (unsigned_wide)power_of_two(width));
}

/* From the exponent's top bit down. */
static wide ref_pow(wide x, wide y, unsigned width)
{
	(void)width;
	uint64_t r = 1;
	if (y < 0)
		return x == 1 ? 1 : x == -1 ? (y % 2 ? -1 : 1) : 0;
	for (int bit = 62; bit >= 0; bit--)
		r *= r * (y >> bit & 1 ? (uint64_t)x : 1);
	return (wide)r;
}

static wide ref_clz(wide x, wide y, unsigned width)
{
	(void)y;
	wide n = 0;
	while (n < width && x < power_of_two(width - 1 - (unsigned)n))
		n++;
	return n;
}

static wide ref_ctz(wide x, wide y, unsigned width)
{
	(void)y;
	wide n = 0;
	while (n < width && x % power_of_two((unsigned)n + 1) == 0)
		n++;
	return n;
}

static wide ref_popcnt(wide x, wide y, unsigned width)
{
	(void)y, (void)width;
	wide n = 0;
	for (; x; x /= 2)
		n += x % 2;
	return n;
}

static wide ref_bswap(wide x, wide y, unsigned width)
{
	(void)y;
	wide r = 0;
	for (unsigned i = 0; i < width; i += 8, x /= 256)
		r = r * 256 + x % 256;
	return r;
}

/* ---- tests ---- */

static void sums_differences_products_overflow_at_their_width(void **state)
{
	(void)state;
	CHECK2(add, ref_add, SIGNED | OVERFLOWS);
	CHECK2(sub, ref_sub, SIGNED | OVERFLOWS);
	CHECK2(mul, ref_mul, SIGNED | OVERFLOWS);
}

static void quotients_truncate_and_min_by_minus_one_overflows(void **state)
{
	(void)state;
	CHECK2(div, ref_div, SIGNED | OVERFLOWS | NONZERO);
	CHECK2(mod, ref_mod, SIGNED | NONZERO);
	CHECK2(divu, ref_div, UNSIGNED | NONZERO);
	CHECK2(modu, ref_mod, UNSIGNED | NONZERO);
	const uint64_t min = (uint64_t)INT64_MIN;
	assert_int_equal(vsp_arith_div(min, UINT64_MAX), min);
	assert_int_equal(vsp_arith_div_flags(min, UINT64_MAX), VSP_SR_N | VSP_SR_O);
	assert_int_equal(vsp_arith_mod(min, UINT64_MAX), 0);
	assert_int_equal(vsp_arith_mod_flags(min, UINT64_MAX), VSP_SR_Z);
	assert_int_equal((int64_t)vsp_arith_mod((uint64_t)-7, 3), -1);
}

static void powers_wrap_and_negative_exponents_vanish(void **state)
{
	(void)state;
	CHECK2(pow, ref_pow, SIGNED);
	assert_int_equal(vsp_arith_pow(3, 5), 243);
	assert_int_equal(vsp_arith_pow(0, 0), 1);
	assert_int_equal(vsp_arith_pow(0, UINT64_MAX), 0);
	assert_int_equal(vsp_arith_pow(UINT64_MAX, (uint64_t)-3), UINT64_MAX);
	assert_int_equal(vsp_arith_pow(UINT64_MAX, (uint64_t)-4), 1);
	assert_int_equal(vsp_arith_pow(2, 64), 0);
	assert_int_equal(vsp_arith_pow_w(2, 31), 0xFFFFFFFF80000000);
	/* Of .W forms the exponent is 32 bits too: this one is -1. */
	assert_int_equal(vsp_arith_pow_w(5, 0x1FFFFFFFF), 0);
	assert_int_equal(vsp_arith_pow_flags(2, 64), VSP_SR_Z);
}

static void bitwise_forms(void **state)
{
	(void)state;
	CHECK2(and, ref_and, SIGNED);
	CHECK2(or, ref_or, SIGNED);
	CHECK2(xor, ref_xor, SIGNED);
	CHECK1(not, ref_not, SIGNED);
	check_binary("test", vsp_arith_and, vsp_arith_test_flags, ref_and, 64, SIGNED);
	check_binary("test", vsp_arith_and_w, vsp_arith_test_w_flags, ref_and, 32, SIGNED);
}

static void shifts_and_rotates_take_counts_modulo_the_width(void **state)
{
	(void)state;
	CHECK2(shl, ref_shl, SIGNED);
	CHECK2(shr, ref_shift_down, UNSIGNED);
	CHECK2(sar, ref_shift_down, SIGNED);
	CHECK2(rotl, ref_rotl, UNSIGNED);
	CHECK2(rotr, ref_rotr, UNSIGNED);
	assert_int_equal(vsp_arith_shl(1, 65), 2);
	assert_int_equal(vsp_arith_shl_w(1, 33), 2);
	assert_int_equal(vsp_arith_shr(UINT64_MAX, 64), UINT64_MAX);
	assert_int_equal(vsp_arith_shr_w(UINT64_MAX, 0), UINT64_MAX);
}

static void negation_and_magnitude_of_min_overflow(void **state)
{
	(void)state;
	CHECK1(neg, ref_neg, SIGNED | OVERFLOWS);
	CHECK1(abs, ref_abs, SIGNED | OVERFLOWS);
	assert_int_equal(vsp_arith_abs_flags((uint64_t)INT64_MIN), VSP_SR_N | VSP_SR_O);
	assert_int_equal(vsp_arith_neg_w_flags(0x80000000), VSP_SR_N | VSP_SR_O);
}

static void extremes_and_high_halves(void **state)
{
	(void)state;
	CHECK2_PLAIN(min, ref_min, SIGNED);
	CHECK2_PLAIN(max, ref_max, SIGNED);
	CHECK2_PLAIN(minu, ref_min, UNSIGNED);
	CHECK2_PLAIN(maxu, ref_max, UNSIGNED);
	CHECK2_PLAIN(mulh, ref_high, SIGNED);
	CHECK2_PLAIN(mulhu, ref_high_unsigned, UNSIGNED);
	check_binary("portable mulhu", vsp_mulhu64_portable, NULL, ref_high_unsigned, 64, UNSIGNED);
}

static uint64_t clz_portable(uint64_t v) { return vsp_clz64_portable(v); }
static uint64_t ctz_portable(uint64_t v) { return vsp_ctz64_portable(v); }
static uint64_t popcnt_portable(uint64_t v) { return vsp_popcnt64_portable(v); }

static void counts_and_byte_order(void **state)
{
	(void)state;
	CHECK1_PLAIN(clz, ref_clz, UNSIGNED);
	CHECK1_PLAIN(ctz, ref_ctz, UNSIGNED);
	CHECK1_PLAIN(popcnt, ref_popcnt, UNSIGNED);
	CHECK1_PLAIN(bswap, ref_bswap, UNSIGNED);
	check_unary("portable clz", clz_portable, NULL, ref_clz, 64, UNSIGNED);
	check_unary("portable ctz", ctz_portable, NULL, ref_ctz, 64, UNSIGNED);
	check_unary("portable popcnt", popcnt_portable, NULL, ref_popcnt, 64, UNSIGNED);
	check_unary("portable bswap", vsp_bswap64_portable, NULL, ref_bswap, 64, UNSIGNED);
	assert_int_equal(vsp_arith_clz_w(0), 32);
	assert_int_equal(vsp_arith_ctz_w(0xFFFFFFFF00000000), 32);
	assert_int_equal(vsp_arith_bswap_w(0x12345680), 0xFFFFFFFF80563412);
}

static void extensions_and_selection(void **state)
{
	(void)state;
	assert_int_equal(vsp_arith_sext8(0x1280), 0xFFFFFFFFFFFFFF80);
	assert_int_equal(vsp_arith_sext8(0xFF7F), 0x7F);
	assert_int_equal(vsp_arith_sext16(0x18000), 0xFFFFFFFFFFFF8000);
	assert_int_equal(vsp_arith_sext16(0xF7FFF), 0x7FFF);
	assert_int_equal(vsp_arith_sext32(0x180000000), 0xFFFFFFFF80000000);
	assert_int_equal(vsp_arith_sext32(0xF7FFFFFFF), 0x7FFFFFFF);
	assert_int_equal(vsp_arith_zext8(UINT64_MAX), 0xFF);
	assert_int_equal(vsp_arith_zext16(UINT64_MAX), 0xFFFF);
	assert_int_equal(vsp_arith_zext32(UINT64_MAX), 0xFFFFFFFF);
	assert_int_equal(vsp_arith_sel(0, 5, 7), 7);
	assert_int_equal(vsp_arith_sel((uint64_t)1 << 63, 5, 7), 5);
}

static void comparisons_are_signed_or_unsigned(void **state)
{
	(void)state;
	for (int i = 0; i < VALUES * VALUES; i++) {
		uint64_t b = values[i / VALUES], c = values[i % VALUES];
		wide x = signed_of(b, 64), y = signed_of(c, 64), u = unsigned_of(b, 64), v = unsigned_of(c, 64);
		wide p = signed_of(b, 32), q = signed_of(c, 32);
		assert_int_equal(vsp_arith_seq(b, c), x == y);
		assert_int_equal(vsp_arith_sne(b, c), x != y);
		assert_int_equal(vsp_arith_slt(b, c), x < y);
		assert_int_equal(vsp_arith_sle(b, c), x <= y);
		assert_int_equal(vsp_arith_sltu(b, c), u < v);
		assert_int_equal(vsp_arith_sleu(b, c), u <= v);
		assert_int_equal(vsp_arith_cmp_flags(b, c), x == y ? 1 : x < y ? 2 : 0);
		assert_int_equal(vsp_arith_cmp_w_flags(b, c), p == q ? 1 : p < q ? 2 : 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(sums_differences_products_overflow_at_their_width),
	        cmocka_unit_test(quotients_truncate_and_min_by_minus_one_overflows),
	        cmocka_unit_test(powers_wrap_and_negative_exponents_vanish),
	        cmocka_unit_test(bitwise_forms),
	        cmocka_unit_test(shifts_and_rotates_take_counts_modulo_the_width),
	        cmocka_unit_test(negation_and_magnitude_of_min_overflow),
	        cmocka_unit_test(extremes_and_high_halves),
	        cmocka_unit_test(counts_and_byte_order),
	        cmocka_unit_test(extensions_and_selection),
	        cmocka_unit_test(comparisons_are_signed_or_unsigned),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
