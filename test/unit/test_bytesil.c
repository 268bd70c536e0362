/*
 * ByteSil: the published hashes of whole tables, and every operation over its whole domain against
 * a computation that works differently from the code (searches, decimal constants, wider
 * arithmetic).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <cmocka.h>

#include "runtime/arith/arith.h"
#include "runtime/base/sha256.h"

/* e^rho and e^(rho+1/2) for rho = -8..7, to 40 digits. */
static const char *const powers[16] = {
        "0.0003354626279025118388213891257808610193109",
        "0.0009118819655545162080031360844092826264737",
        "0.002478752176666358423045167430816667891506",
        "0.006737946999085467096636048423148424248850",
        "0.01831563888873418029371802127324124221191",
        "0.04978706836786394297934241565006177663170",
        "0.1353352832366126918939994949724844034076",
        "0.3678794411714423215955237701614608674458",
        "1",
        "2.718281828459045235360287471352662497757",
        "7.389056098930650227230427460575007813180",
        "20.08553692318766774092852965458171789699",
        "54.59815003314423907811026120286087840279",
        "148.4131591025766034211155800405522796235",
        "403.4287934927351226083871805433882796059",
        "1096.633158428458599263720238288121432442",
};
static const char *const half_powers[15] = {
        "0.0005530843701478335831020000885303571978113",
        "0.001503439192977572447382903332167653830001",
        "0.004086771438464066993464702684720768408391",
        "0.01110899653824230649614313428693052777154",
        "0.03019738342231850073978629236361984507166",
        "0.08208499862389879516952867446715980783780",
        "0.2231301601484298289332804707640125213422",
        "0.6065306597126334236037995349911804534419",
        "1.648721270700128146848650787814163571654",
        "4.481689070338064822602055460119275819006",
        "12.18249396070347343807017595116796618318",
        "33.11545195869231375065324935038861629247",
        "90.01713130052181355011545674557436084793",
        "244.6919322642203879151889495118393501842",
        "665.1416330443618406939614942426343832211",
};

static uint8_t byte_of(int rho, int theta) { return (uint8_t)((rho + 8) * 16 + theta); }
static int rho_of(unsigned b) { return (int)(b / 16) - 8; }
static int theta_of(unsigned b) { return (int)(b % 16); }

static int saturate(int rho)
{
	while (rho < -8)
		rho++;
	while (rho > 7)
		rho--;
	return rho;
}

static int turn(int theta)
{
	while (theta < 0)
		theta += 16;
	return theta % 16;
}

/* ---- published hashes ---- */

static void hash_of(uint8_t (*operation)(uint8_t, uint8_t), char hex[65])
{
	static uint8_t table[65536];
	for (unsigned i = 0; i < sizeof table; i++)
		table[i] = operation((uint8_t)(i >> 8), (uint8_t)i);
	vsp_sha256_hex(table, sizeof table, hex);
}

static void sha256_gives_the_vectors_of_its_standard(void **state)
{
	(void)state;
	char hex[65];
	vsp_sha256_hex("abc", 3, hex);
	assert_string_equal(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	vsp_sha256_hex("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 56, hex);
	assert_string_equal(hex, "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}

static void the_table_of_sums_has_the_published_hash(void **state)
{
	(void)state;
	char hex[65];
	hash_of(vsp_bytesil_add, hex);
	assert_string_equal(hex, "fb983899795252f5844ce9c8bbfb4cb7c813bb3c4d8396ed2075c22c92d10a94");
}

static void the_table_of_differences_has_the_published_hash(void **state)
{
	(void)state;
	char hex[65];
	hash_of(vsp_bytesil_sub, hex);
	assert_string_equal(hex, "b72922fd06a9a3304d3d375fc40e4910e1ce4e634e339f25947080296289c881");
}

static void the_table_of_lerp_has_the_published_hash(void **state)
{
	(void)state;
	char hex[65];
	vsp_sha256 hash;
	if (VSP_TEST_EVERY > 1) /* there is one hash of the whole table, 16 MiB */
		skip();
	vsp_sha256_begin(&hash);
	for (unsigned i = 0; i < 65536; i++) {
		uint8_t row[256];
		for (unsigned t = 0; t < 256; t++)
			row[t] = (uint8_t)vsp_bytesil_lerp(i >> 8, i & 0xFF, t);
		vsp_sha256_update(&hash, row, sizeof row);
	}
	vsp_sha256_end(&hash, hex);
	assert_string_equal(hex, "37f0f31bf190ea0c1eea2b13e1a41e009d14fca4f0157fd0b169756064d6ce89");
}

/* ---- arithmetic ---- */

static void products_and_quotients_add_and_subtract_exponents(void **state)
{
	(void)state;
	for (unsigned x = 0; x < 256; x++)
		for (unsigned y = 0; y < 256; y++) {
			int r1 = rho_of(x), r2 = rho_of(y), t1 = theta_of(x), t2 = theta_of(y);
			assert_int_equal(vsp_arith_mul_b(x, y), byte_of(saturate(r1 + r2), turn(t1 + t2)));
			assert_int_equal(vsp_arith_div_b(x, y), byte_of(saturate(r1 - r2), turn(t1 - t2)));
		}
}

static void immediate_forms_take_every_signed_byte(void **state)
{
	(void)state;
	for (unsigned x = 0; x < 256; x++)
		for (int n = -128; n < 128; n++) {
			int r = rho_of(x), t = theta_of(x);
			assert_int_equal(vsp_arith_pow_b(x, n), byte_of(saturate(r * n), turn(t * n)));
			assert_int_equal(vsp_arith_scale_b(x, n), byte_of(saturate(r + n), t));
			assert_int_equal(vsp_arith_rotate_b(x, n), byte_of(r, turn(t + n)));
			int root = n ? byte_of(saturate((int)trunc((double)r / n)), turn((int)trunc((double)t / n)))
			             : 0x80;
			assert_int_equal(vsp_arith_root_b(x, n), root);
		}
}

static void unary_forms_and_flags_of_every_byte(void **state)
{
	(void)state;
	for (unsigned x = 0; x < 256; x++) {
		int r = rho_of(x), t = theta_of(x);
		assert_int_equal(vsp_arith_inv_b(x), byte_of(saturate(-r), turn(-t)));
		assert_int_equal(vsp_arith_conj_b(x), byte_of(r, turn(-t)));
		assert_int_equal(vsp_arith_mag_b(x), byte_of(r, 0));
		assert_int_equal(vsp_arith_phase_b(x), byte_of(0, t));
		int flags = (r == -8 ? VSP_SR_Z : 0) + (r < 0 ? VSP_SR_N : 0) + (r == -8 || r == 7 ? VSP_SR_O : 0);
		assert_int_equal(vsp_bytesil_flags((uint8_t)x), flags);
		assert_int_equal(vsp_arith_rotate_b_flags(x, 3), flags);
		assert_int_equal(vsp_bytesil_is_null((uint8_t)x), r == -8);
	}
}

static void operands_above_the_byte_do_not_matter(void **state)
{
	(void)state;
	const uint64_t high = 0xDEADBEEFCAFE1200;
	for (unsigned x = 0; x < 256; x += 7)
		for (unsigned y = 0; y < 256; y += 5) {
			assert_int_equal(vsp_arith_mul_b(high | x, high | y), vsp_arith_mul_b(x, y));
			assert_int_equal(vsp_arith_add_b(high | x, high | y), vsp_arith_add_b(x, y));
			assert_int_equal(vsp_arith_xorl(high | x, high | y), (x ^ y) ^ 0x80);
			assert_int_equal(vsp_arith_andl(high | x, high | y), x & y);
			assert_int_equal(vsp_arith_orl(high | x, high | y), x | y);
			assert_int_equal(vsp_arith_notl(high | x), 255 - x);
		}
}

/* ---- constants and conversions ---- */

static void powers_of_e_are_correctly_rounded(void **state)
{
	(void)state;
	for (unsigned b = 0; b < 256; b++)
		assert_int_equal(vsp_arith_b2f(b), vsp_bits_of_f64(strtod(powers[b / 16], NULL)));
}

static void points_lie_where_long_double_puts_them(void **state)
{
	(void)state;
	if (LDBL_MANT_DIG <= DBL_MANT_DIG) /* no more exact than what is checked */
		skip();
	const long double pi = 3.14159265358979323846264338327950288L;
	for (unsigned b = 0; b < 256; b++) {
		long double r = expl(rho_of(b)), angle = theta_of(b) * pi / 8;
		assert_true(fabsl(vsp_bytesil_re((uint8_t)b) - r * cosl(angle)) <= r * 0x1p-52L);
		assert_true(fabsl(vsp_bytesil_im((uint8_t)b) - r * sinl(angle)) <= r * 0x1p-52L);
	}
	assert_true(vsp_bytesil_re(0x84) == 0 && vsp_bytesil_im(0x84) == 1);
	assert_true(vsp_bytesil_re(0x88) == -1 && vsp_bytesil_im(0x88) == 0);
	assert_true(vsp_bytesil_re(0x8C) == 0 && vsp_bytesil_im(0x8C) == -1);
}

static uint64_t f2b(double f) { return vsp_arith_f2b(vsp_bits_of_f64(f)); }

/* strtod rounds e^(rho+1/2) to a neighbour of it; a wider type tells on which side. */
static void doubles_change_rho_exactly_at_the_half_powers(void **state)
{
	(void)state;
	for (int i = 0; i < 15; i++) {
		double at = strtod(half_powers[i], NULL), below = nextafter(at, 0), above = nextafter(at, INFINITY);
		int reached = (long double)at >= strtold(half_powers[i], NULL);
		assert_int_equal(f2b(below), byte_of(i - 8, 0));
		assert_int_equal(f2b(above), byte_of(i - 7, 0));
		if (LDBL_MANT_DIG > DBL_MANT_DIG)
			assert_int_equal(f2b(at), byte_of(i - 8 + reached, 0));
		assert_int_equal(f2b(-below), byte_of(i - 8, 8));
		assert_int_equal(f2b(-above), byte_of(i - 7, 8));
	}
}

static void doubles_outside_the_range(void **state)
{
	(void)state;
	double null = strtod(powers[0], NULL);
	assert_int_equal(f2b(nextafter(null, 0)), 0x00);
	assert_int_equal(f2b(-nextafter(null, 0)), 0x00);
	assert_int_equal(f2b(nextafter(null, 1)), 0x00);
	assert_int_equal(f2b(-nextafter(null, 1)), 0x08);
	assert_int_equal(f2b(0.0), 0x00);
	assert_int_equal(f2b(-0.0), 0x00);
	assert_int_equal(f2b(-4.9e-324), 0x00);
	assert_int_equal(f2b(INFINITY), 0xF0);
	assert_int_equal(f2b(-INFINITY), 0xF8);
	assert_int_equal(f2b(NAN), 0x00);
	assert_int_equal(f2b(-NAN), 0x00);
	assert_int_equal(f2b(1), 0x80);
}

static void integers_to_bytes(void **state)
{
	(void)state;
	/* The least integers above e^0.5, e^1.5, ... e^6.5. */
	static const int64_t first[7] = {2, 5, 13, 34, 91, 245, 666};
	for (int i = 0; i < 7; i++) {
		assert_int_equal(vsp_arith_i2b((uint64_t)first[i]), byte_of(i + 1, 0));
		assert_int_equal(vsp_arith_i2b((uint64_t)first[i] - 1), byte_of(i, 0));
		assert_int_equal(vsp_arith_i2b((uint64_t)-first[i]), byte_of(i + 1, 8));
	}
	assert_int_equal(vsp_arith_i2b(0), 0x00);
	assert_int_equal(vsp_arith_i2b(1), 0x80);
	assert_int_equal(vsp_arith_i2b(UINT64_MAX), 0x88);
	assert_int_equal(vsp_arith_i2b(INT64_MAX), 0xF0);
	assert_int_equal(vsp_arith_i2b((uint64_t)INT64_MIN), 0xF8);
}

static void bytes_to_integers_truncate_the_magnitude(void **state)
{
	(void)state;
	static const int64_t whole[16] = {0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 7, 20, 54, 148, 403, 1096};
	for (unsigned b = 0; b < 256; b++)
		assert_int_equal((int64_t)vsp_arith_b2i(b), theta_of(b) >= 8 ? -whole[b / 16] : whole[b / 16]);
}

/* ---- interpolation, gradients ---- */

/* The integer nearest to n/255, which is never a tie. */
static int nearest(int n)
{
	int best = -9;
	for (int k = -8; k <= 15; k++)
		if (abs(255 * k - n) < abs(255 * best - n))
			best = k;
	return best;
}

static void slerp_is_exact_everywhere(void **state)
{
	(void)state;
	static int8_t rho[16][16][256], theta[16][16][256];
	for (int i = 0; i < 16; i++)
		for (int j = 0; j < 16; j++)
			for (int t = 0; t < 256; t++) {
				rho[i][j][t] = (int8_t)nearest((255 - t) * (i - 8) + t * (j - 8));
				theta[i][j][t] = (int8_t)turn(nearest((255 - t) * i + t * j));
			}
	for (unsigned x = 0; x < 256; x++)
		for (unsigned y = 0; y < 256; y += VSP_TEST_EVERY)
			for (unsigned t = 0; t < 256; t++) {
				int want = byte_of(rho[x / 16][y / 16][t], theta[x % 16][y % 16][t]);
				if (vsp_arith_slerp_b(x, y, t) != (uint64_t)want)
					fail_msg("slerp(%02X, %02X, %u) is not %02X", x, y, t, (unsigned)want);
			}
}

static void distances_are_rounded_floats(void **state)
{
	(void)state;
	assert_true(vsp_bytesil_distance(0x80, 0x88) == 2.0f);
	for (unsigned x = 0; x < 256; x++)
		for (unsigned y = 0; y < 256; y++) {
			long double dx = (long double)vsp_bytesil_re((uint8_t)x) - vsp_bytesil_re((uint8_t)y);
			long double dy = (long double)vsp_bytesil_im((uint8_t)x) - vsp_bytesil_im((uint8_t)y);
			long double want = sqrtl(dx * dx + dy * dy);
			float got = vsp_bytesil_distance((uint8_t)x, (uint8_t)y);
			assert_true(fabsl(got - want) <= want * 0x1.01p-24L);
			assert_true(x != y || got == 0);
		}
}

static void descent_moves_rho_and_truncates(void **state)
{
	(void)state;
	static const struct {
		uint8_t x;
		float rate, g;
		uint8_t want;
	} cases[] = {
	        {0xB5, 1.0f, 1.5f, 0x95},  /* 3 - 1.5 = 1.5 */
	        {0x75, 1.0f, 0.5f, 0x75},  /* -1 - 0.5 = -1.5 */
	        {0x85, 1.0f, 0.99f, 0x85}, /* -0.99 */
	        {0x85, 1.0f, 1.0f, 0x75},
	        {0x85, 1.0f, -7.5f, 0xF5}, /* clamped, then truncated */
	        {0x85, 1.0f, 1e30f, 0x05},
	        {0x85, 1.0f, INFINITY, 0x05},
	        {0x85, 1.0f, -INFINITY, 0xF5},
	        {0x85, 0.0f, INFINITY, 0x85}, /* NaN */
	        {0x3A, 1.0f, NAN, 0x3A},
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_int_equal(vsp_bytesil_descent(cases[i].x, cases[i].rate, cases[i].g), cases[i].want);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(sha256_gives_the_vectors_of_its_standard),
	        cmocka_unit_test(the_table_of_sums_has_the_published_hash),
	        cmocka_unit_test(the_table_of_differences_has_the_published_hash),
	        cmocka_unit_test(the_table_of_lerp_has_the_published_hash),
	        cmocka_unit_test(products_and_quotients_add_and_subtract_exponents),
	        cmocka_unit_test(immediate_forms_take_every_signed_byte),
	        cmocka_unit_test(unary_forms_and_flags_of_every_byte),
	        cmocka_unit_test(operands_above_the_byte_do_not_matter),
	        cmocka_unit_test(powers_of_e_are_correctly_rounded),
	        cmocka_unit_test(points_lie_where_long_double_puts_them),
	        cmocka_unit_test(doubles_change_rho_exactly_at_the_half_powers),
	        cmocka_unit_test(doubles_outside_the_range),
	        cmocka_unit_test(integers_to_bytes),
	        cmocka_unit_test(bytes_to_integers_truncate_the_magnitude),
	        cmocka_unit_test(slerp_is_exact_everywhere),
	        cmocka_unit_test(distances_are_rounded_floats),
	        cmocka_unit_test(descent_moves_rho_and_truncates),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
