/*
 * The float forms and conversions: bits worked out by hand or from the definition of the formats,
 * for both widths, with zeros, infinities, NaNs, subnormals, ties and the ends of the integer
 * ranges.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "runtime/arith/arith.h"

#define F(x) vsp_bits_of_f64(x)
#define S(x) ((uint64_t)vsp_bits_of_f32(x))
/* A register that holds float x with rubbish above it, which must not matter. */
#define DIRTY(x) (0xDEADBEEF00000000 | S(x))

static const uint64_t nan_f = 0x7FF8000000000000, minus_nan_f = 0xFFF8000000000001, signal_f = 0x7FF0000000000001;
static const uint64_t nan_s = 0x7FC00000, minus_nan_s = 0xFFC00001, signal_s = 0x7F800001;

static int is_nan_f(uint64_t r) { return vsp_canon_f(r) == nan_f; }
static int is_nan_s(uint64_t r) { return vsp_canon_s(r) == nan_s; }

static void basic_operations_round_to_nearest_even(void **state)
{
	(void)state;
	assert_int_equal(vsp_arith_add_f(F(0.1), F(0.2)), 0x3FD3333333333334);
	assert_int_equal(vsp_arith_add_f(F(1), F(0x1p-53)), F(1));
	assert_int_equal(vsp_arith_add_f(F(0x1.0000000000001p0), F(0x1p-53)), F(0x1.0000000000002p0));
	assert_int_equal(vsp_arith_sub_f(F(0.0), F(0.0)), F(0.0));
	assert_int_equal(vsp_arith_sub_f(F(-0.0), F(0.0)), F(-0.0));
	assert_int_equal(vsp_arith_mul_f(F(0x1p-1074), F(0.5)), F(0.0));
	assert_int_equal(vsp_arith_mul_f(F(0x3p-1074), F(0.5)), F(0x2p-1074));
	assert_int_equal(vsp_arith_mul_f(F(0x1p1023), F(2)), F(INFINITY));
	assert_int_equal(vsp_arith_div_f(F(1), F(3)), 0x3FD5555555555555);
	assert_int_equal(vsp_arith_div_f(F(-1), F(0.0)), F(-INFINITY));
	assert_int_equal(vsp_arith_add_s(DIRTY(1), DIRTY(0x1p-24f)), S(1));
	assert_int_equal(vsp_arith_add_s(DIRTY(0x1.000002p0f), DIRTY(0x1p-24f)), S(0x1.000004p0f));
	assert_int_equal(vsp_arith_sub_s(DIRTY(-0.0f), DIRTY(0.0f)), S(-0.0f));
	assert_int_equal(vsp_arith_mul_s(DIRTY(0x3p-149f), DIRTY(0.5f)), S(0x2p-149f));
	assert_int_equal(vsp_arith_div_s(DIRTY(1), DIRTY(3)), 0x3EAAAAAB);
}

static void invalid_operations_give_nan(void **state)
{
	(void)state;
	assert_true(is_nan_f(vsp_arith_sub_f(F(INFINITY), F(INFINITY))));
	assert_true(is_nan_f(vsp_arith_mul_f(F(0.0), F(INFINITY))));
	assert_true(is_nan_f(vsp_arith_div_f(F(0.0), F(0.0))));
	assert_true(is_nan_f(vsp_arith_sqrt_f(F(-1))));
	assert_true(is_nan_f(vsp_arith_floor_f(minus_nan_f)));
	assert_true(is_nan_s(vsp_arith_add_s(nan_s, S(1))));
	assert_true(is_nan_s(vsp_arith_div_s(S(0), S(0))));
	assert_true(is_nan_s(vsp_arith_round_s(signal_s)));
}

static void deterministic_nans_have_one_form(void **state)
{
	(void)state;
	assert_int_equal(vsp_canon_f(minus_nan_f), nan_f);
	assert_int_equal(vsp_canon_f(signal_f), nan_f);
	assert_int_equal(vsp_canon_f(F(INFINITY)), F(INFINITY));
	assert_int_equal(vsp_canon_f(F(-INFINITY)), F(-INFINITY));
	assert_int_equal(vsp_canon_f(F(-0.0)), F(-0.0));
	assert_int_equal(vsp_canon_s(minus_nan_s), nan_s);
	assert_int_equal(vsp_canon_s(signal_s), nan_s);
	assert_int_equal(vsp_canon_s(S(INFINITY)), S(INFINITY));
	assert_int_equal(vsp_canon_s(S(-INFINITY)), S(-INFINITY));
	assert_int_equal(vsp_canon_s(S(1)), S(1));
}

static void square_roots_are_correctly_rounded(void **state)
{
	(void)state;
	assert_int_equal(vsp_arith_sqrt_f(F(2)), 0x3FF6A09E667F3BCD);
	assert_int_equal(vsp_arith_sqrt_f(F(-0.0)), F(-0.0));
	assert_int_equal(vsp_arith_sqrt_f(F(0x1p-1074)), F(0x1p-537));
	assert_int_equal(vsp_arith_sqrt_s(DIRTY(2)), 0x3FB504F3);
}

static void rounding_to_integers(void **state)
{
	(void)state;
	static const struct {
		double in, floor, ceil, trunc, round;
	} cases[] = {
	        {0.5, 0, 1, 0, 0},
	        {1.5, 1, 2, 1, 2},
	        {2.5, 2, 3, 2, 2},
	        {-0.5, -1, -0.0, -0.0, -0.0},
	        {-1.5, -2, -1, -1, -2},
	        {-0.0, -0.0, -0.0, -0.0, -0.0},
	        {0.75, 0, 1, 0, 1},
	        {-2.25, -3, -2, -2, -2},
	        {INFINITY, INFINITY, INFINITY, INFINITY, INFINITY},
	        {0x1.8p22, 0x1.8p22, 0x1.8p22, 0x1.8p22, 0x1.8p22},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		uint64_t f = F(cases[i].in), s = DIRTY((float)cases[i].in);
		assert_int_equal(vsp_arith_floor_f(f), F(cases[i].floor));
		assert_int_equal(vsp_arith_ceil_f(f), F(cases[i].ceil));
		assert_int_equal(vsp_arith_trunc_f(f), F(cases[i].trunc));
		assert_int_equal(vsp_arith_round_f(f), F(cases[i].round));
		assert_int_equal(vsp_arith_floor_s(s), S((float)cases[i].floor));
		assert_int_equal(vsp_arith_ceil_s(s), S((float)cases[i].ceil));
		assert_int_equal(vsp_arith_trunc_s(s), S((float)cases[i].trunc));
		assert_int_equal(vsp_arith_round_s(s), S((float)cases[i].round));
	}
	assert_int_equal(vsp_arith_round_f(F(0x1.fffffffffffffp-2)), F(0.0));
	assert_int_equal(vsp_arith_round_f(F(0x1.0000000000001p52)), F(0x1.0000000000001p52));
}

/* (1+e)(1-e) - 1 = -e^2, which two roundings lose. */
static void fused_multiply_add_rounds_once_and_nothing_else_fuses(void **state)
{
	(void)state;
	uint64_t above = F(1 + 0x1p-52), below = F(1 - 0x1p-52), above_s = DIRTY(1 + 0x1p-23f),
	         below_s = DIRTY(1 - 0x1p-23f);
	assert_int_equal(vsp_arith_fma_f(above, below, F(-1)), F(-0x1p-104));
	assert_int_equal(vsp_arith_add_f(vsp_arith_mul_f(above, below), F(-1)), F(0.0));
	assert_int_equal(vsp_arith_fma_s(above_s, below_s, DIRTY(-1)), S(-0x1p-46f));
	assert_int_equal(vsp_arith_add_s(vsp_arith_mul_s(above_s, below_s), DIRTY(-1)), S(0.0f));
	/* 812825 * 1321 = 2^30 + 1: the exact sum is 1 + 2^-24 + 2^-54, which double rounds to a
	   tie of floats. */
	assert_int_equal(vsp_arith_fma_s(S(812825 * 0x1p-27f), S(1321 * 0x1p-27f), S(1)), S(0x1.000002p0f));
	assert_int_equal(vsp_arith_fma_s(S(0x1.000002p0f), S(0x1.000002p0f), S(-0x1.000004p0f)), S(0x1p-46f));
	assert_true(is_nan_f(vsp_arith_fma_f(F(INFINITY), F(0.0), F(1))));
}

static void sign_forms_change_only_the_sign_bit(void **state)
{
	(void)state;
	assert_int_equal(vsp_arith_neg_f(signal_f), 0xFFF0000000000001);
	assert_int_equal(vsp_arith_neg_f(F(0.0)), F(-0.0));
	assert_int_equal(vsp_arith_abs_f(minus_nan_f), 0x7FF8000000000001);
	assert_int_equal(vsp_arith_copysign_f(signal_f, F(-0.0)), 0xFFF0000000000001);
	assert_int_equal(vsp_arith_copysign_f(F(-3), nan_f), F(3));
	assert_int_equal(vsp_arith_neg_s(0xDEADBEEF7F800001), 0xFF800001);
	assert_int_equal(vsp_arith_abs_s(0xDEADBEEFFFC00001), 0x7FC00001);
	assert_int_equal(vsp_arith_copysign_s(DIRTY(3), 0x7FFFFFFF80000000), S(-3));
}

static void least_and_greatest(void **state)
{
	(void)state;
	assert_int_equal(vsp_arith_min_f(F(0.0), F(-0.0)), F(-0.0));
	assert_int_equal(vsp_arith_min_f(F(-0.0), F(0.0)), F(-0.0));
	assert_int_equal(vsp_arith_max_f(F(0.0), F(-0.0)), F(0.0));
	assert_int_equal(vsp_arith_max_f(F(-0.0), F(-0.0)), F(-0.0));
	assert_int_equal(vsp_arith_min_f(F(-INFINITY), F(5)), F(-INFINITY));
	assert_int_equal(vsp_arith_max_f(F(-2), F(-3)), F(-2));
	assert_true(is_nan_f(vsp_arith_min_f(nan_f, F(1))) && is_nan_f(vsp_arith_min_f(F(1), minus_nan_f)));
	assert_true(is_nan_f(vsp_arith_max_f(signal_f, F(1))) && is_nan_f(vsp_arith_max_f(F(INFINITY), nan_f)));
	assert_int_equal(vsp_arith_min_s(DIRTY(0.0f), DIRTY(-0.0f)), S(-0.0f));
	assert_int_equal(vsp_arith_max_s(DIRTY(0.0f), DIRTY(-0.0f)), S(0.0f));
	assert_int_equal(vsp_arith_min_s(DIRTY(2), DIRTY(1)), S(1));
	assert_int_equal(vsp_arith_max_s(DIRTY(2), DIRTY(1)), S(2));
	assert_true(is_nan_s(vsp_arith_min_s(nan_s, S(1))) && is_nan_s(vsp_arith_max_s(S(1), minus_nan_s)));
}

static void comparisons_with_nan_are_unordered(void **state)
{
	(void)state;
	const double v[] = {-INFINITY, -1, -0.0, 0.0, 0x1p-1074, 1, INFINITY, NAN};
	const int rank[] = {0, 1, 2, 2, 3, 4, 5, -1};
	for (int i = 0; i < 8; i++)
		for (int j = 0; j < 8; j++) {
			int ordered = rank[i] >= 0 && rank[j] >= 0;
			int equal = ordered && rank[i] == rank[j], less = ordered && rank[i] < rank[j];
			uint64_t b = F(v[i]), c = F(v[j]);
			uint64_t p = DIRTY(i == 4 ? 0x1p-149f : (float)v[i]),
			         q = DIRTY(j == 4 ? 0x1p-149f : (float)v[j]);
			int flags = equal * VSP_SR_Z + less * VSP_SR_N + !ordered * VSP_SR_O;
			assert_int_equal(vsp_arith_cmp_f_flags(b, c), flags);
			assert_int_equal(vsp_arith_cmp_s_flags(p, q), flags);
			assert_int_equal(vsp_arith_seq_f(b, c), equal);
			assert_int_equal(vsp_arith_sne_f(b, c), !equal);
			assert_int_equal(vsp_arith_slt_f(b, c), less);
			assert_int_equal(vsp_arith_sle_f(b, c), less || equal);
			assert_int_equal(vsp_arith_seq_s(p, q), equal);
			assert_int_equal(vsp_arith_sne_s(p, q), !equal);
			assert_int_equal(vsp_arith_slt_s(p, q), less);
			assert_int_equal(vsp_arith_sle_s(p, q), less || equal);
		}
}

static void integers_to_floats_round_once(void **state)
{
	(void)state;
	assert_int_equal(vsp_arith_i2f((uint64_t)INT64_MIN), F(-0x1p63));
	assert_int_equal(vsp_arith_i2f(0x20000000000001), F(0x1p53));
	assert_int_equal(vsp_arith_i2f(0x20000000000003), F(0x1.0000000000002p53));
	assert_int_equal(vsp_arith_i2f(UINT64_MAX), F(-1));
	assert_int_equal(vsp_arith_u2f(UINT64_MAX), F(0x1p64));
	assert_int_equal(vsp_arith_u2f(0x8000000000000400), F(0x1p63));
	assert_int_equal(vsp_arith_u2f(0x8000000000000401), F(0x1.0000000000001p63));
	assert_int_equal(vsp_arith_u2f(0x8000000000000C00), F(0x1.0000000000002p63));
	/* Through double these would round to the tie first and then down. */
	assert_int_equal(vsp_arith_i2s(0x4000004000000001), S(0x1.000002p62f));
	assert_int_equal(vsp_arith_u2s(0x8000008000000001), S(0x1.000002p63f));
	assert_int_equal(vsp_arith_i2s(0x4000004000000000), S(0x1p62f));
	assert_int_equal(vsp_arith_i2s((uint64_t)-3), S(-3));
	assert_int_equal(vsp_arith_u2s(UINT64_MAX), S(0x1p64f));
}

static void floats_to_integers_truncate_and_saturate(void **state)
{
	(void)state;
	static const struct {
		double in;
		int64_t i;
		uint64_t u;
	} cases[] = {
	        {0.0, 0, 0},
	        {-0.0, 0, 0},
	        {0.99, 0, 0},
	        {-0.99, 0, 0},
	        {1.99, 1, 1},
	        {-1.99, -1, 0},
	        {-1, -1, 0},
	        {0x1p62, (int64_t)1 << 62, (uint64_t)1 << 62},
	        {0x1p63, INT64_MAX, (uint64_t)1 << 63},
	        {-0x1p63, INT64_MIN, 0},
	        {-0x1.8p63, INT64_MIN, 0},
	        {0x1p64, INT64_MAX, UINT64_MAX},
	        {0x1.8p63, INT64_MAX, (uint64_t)3 << 62},
	        {1e300, INT64_MAX, UINT64_MAX},
	        {-1e300, INT64_MIN, 0},
	        {INFINITY, INT64_MAX, UINT64_MAX},
	        {-INFINITY, INT64_MIN, 0},
	        {NAN, 0, 0},
	        {-NAN, 0, 0},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		assert_int_equal(vsp_arith_f2i(F(cases[i].in)), cases[i].i);
		assert_int_equal(vsp_arith_f2u(F(cases[i].in)), cases[i].u);
		assert_int_equal(vsp_arith_s2i(DIRTY((float)cases[i].in)), cases[i].i);
		assert_int_equal(vsp_arith_s2u(DIRTY((float)cases[i].in)), cases[i].u);
	}
	assert_int_equal(vsp_arith_f2i(F(0x1.fffffffffffffp62)), 0x7FFFFFFFFFFFFC00);
	assert_int_equal(vsp_arith_f2u(F(0x1.fffffffffffffp63)), 0xFFFFFFFFFFFFF800);
	assert_int_equal(vsp_arith_s2i(S(0x1.fffffep62f)), 0x7FFFFF8000000000);
	assert_int_equal(vsp_arith_s2u(S(0x1.fffffep63f)), 0xFFFFFF0000000000);
}

static void widths_convert_exactly_or_round(void **state)
{
	(void)state;
	assert_int_equal(vsp_arith_f2s(F(1 + 0x1p-24)), S(1));
	assert_int_equal(vsp_arith_f2s(F(0x1.000003p0)), S(0x1.000004p0f));
	assert_int_equal(vsp_arith_f2s(F(1e300)), S(INFINITY));
	assert_int_equal(vsp_arith_f2s(F(-0x1p-150)), S(-0.0f));
	assert_int_equal(vsp_arith_f2s(F(0x1.8p-149)), S(0x1p-148f));
	assert_int_equal(vsp_arith_s2f(DIRTY(0x1p-149f)), F(0x1p-149));
	assert_int_equal(vsp_arith_s2f(DIRTY(-0.0f)), F(-0.0));
	assert_true(is_nan_s(vsp_arith_f2s(signal_f)));
	assert_true(is_nan_f(vsp_arith_s2f(signal_s)));
}

/* The C library decides their last bit. */
static void assert_near(uint64_t got, double want)
{
	double difference = vsp_f64_of(got) - want;
	assert_true(fabs(difference) <= 1e-14 * fabs(want));
}

static void library_functions_are_the_ones_named(void **state)
{
	(void)state;
	assert_near(vsp_arith_sin_f(F(0.5)), 0.479425538604203);
	assert_near(vsp_arith_cos_f(F(0.5)), 0.8775825618903728);
	assert_near(vsp_arith_tan_f(F(0.5)), 0.5463024898437905);
	assert_near(vsp_arith_asin_f(F(0.5)), 0.5235987755982989);
	assert_near(vsp_arith_acos_f(F(0.5)), 1.0471975511965979);
	assert_near(vsp_arith_atan_f(F(0.5)), 0.4636476090008061);
	assert_near(vsp_arith_exp_f(F(0.5)), 1.6487212707001282);
	assert_near(vsp_arith_exp2_f(F(0.5)), 1.4142135623730951);
	assert_near(vsp_arith_log_f(F(0.5)), -0.6931471805599453);
	assert_near(vsp_arith_log2_f(F(8)), 3);
	assert_near(vsp_arith_log10_f(F(1000)), 3);
	assert_near(vsp_arith_cbrt_f(F(-27)), -3);
	assert_near(vsp_arith_sinh_f(F(0.5)), 0.5210953054937474);
	assert_near(vsp_arith_cosh_f(F(0.5)), 1.1276259652063807);
	assert_near(vsp_arith_tanh_f(F(0.5)), 0.46211715726000975);
	assert_near(vsp_arith_expm1_f(F(0.5)), 0.6487212707001282);
	assert_near(vsp_arith_atan2_f(F(1), F(-1)), 2.356194490192345);
	assert_near(vsp_arith_hypot_f(F(3), F(-4)), 5);
	assert_near(vsp_arith_pow_f(F(2), F(0.5)), 1.4142135623730951);
	assert_int_equal(vsp_arith_fmod_f(F(-5.5), F(2)), F(-1.5));
	assert_int_equal(vsp_arith_sin_f(F(-0.0)), F(-0.0));
	assert_int_equal(vsp_arith_log_f(F(0.0)), F(-INFINITY));
	assert_int_equal(vsp_arith_pow_f(nan_f, F(0.0)), F(1));
	assert_int_equal(vsp_arith_pow_s(DIRTY(2), DIRTY(0.5f)), 0x3FB504F3);
	assert_int_equal(vsp_arith_pow_s(DIRTY(10), DIRTY(39)), S(INFINITY));
	assert_true(is_nan_f(vsp_arith_fmod_f(F(1), F(0.0))));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(basic_operations_round_to_nearest_even),
	        cmocka_unit_test(invalid_operations_give_nan),
	        cmocka_unit_test(deterministic_nans_have_one_form),
	        cmocka_unit_test(square_roots_are_correctly_rounded),
	        cmocka_unit_test(rounding_to_integers),
	        cmocka_unit_test(fused_multiply_add_rounds_once_and_nothing_else_fuses),
	        cmocka_unit_test(sign_forms_change_only_the_sign_bit),
	        cmocka_unit_test(least_and_greatest),
	        cmocka_unit_test(comparisons_with_nan_are_unordered),
	        cmocka_unit_test(integers_to_floats_round_once),
	        cmocka_unit_test(floats_to_integers_truncate_and_saturate),
	        cmocka_unit_test(widths_convert_exactly_or_round),
	        cmocka_unit_test(library_functions_are_the_ones_named),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
