/*
 * The vector loops of every kind that this processor has, against the definitions one byte at a
 * time: VMAP over all pairs of bytes, all sizes up to 200 and all alignments; folds of random and
 * of extreme bytes; GRADB over all pairs; DESCB over all bytes and floats of every kind.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "runtime/arith/bytesil.h"
#include "runtime/backends/vector.h"

enum { PAIRS = 65536, EDGE = 200, ROOM = 64, GUARD = 0xA5 };

static uint32_t random_state = 2463534242u;

/* xorshift32, Marsaglia */
static uint32_t next_random(void)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 17;
	random_state ^= random_state << 5;
	return random_state;
}

/* ---- the definitions ---- */

static uint8_t map_one(unsigned sel, uint8_t x, uint8_t y)
{
	switch (sel) {
	case 0: return vsp_bytesil_mul(x, y);
	case 1: return vsp_bytesil_div(x, y);
	case 2: return vsp_bytesil_add(x, y);
	case 3: return vsp_bytesil_sub(x, y);
	case 4: return vsp_bytesil_xorl(x, y);
	case 5: return x & y;
	case 6: return x | y;
	case 7: return y;
	case 8: return vsp_bytesil_conj(y);
	default: return vsp_bytesil_inv(y);
	}
}

static uint8_t fold_one_by_one(uint8_t acc, const uint8_t *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		acc = vsp_bytesil_mul(acc, p[i]);
	return acc;
}

/* Calls check for each kind of loops that works here; the list always has at least one. */
static void for_all(void (*check)(const vsp_vector_loops *loops))
{
	unsigned checked = 0;
	for (const vsp_vector_loops *const *loops = vsp_vector_all; *loops; loops++)
		if (vsp_vector_works(*loops)) {
			check(*loops);
			checked++;
		}
	assert_true(checked > 0);
	assert_true(vsp_vector_works(vsp_vector_best()));
}

/* ---- VMAP ---- */

static void check_pairs(const vsp_vector_loops *loops)
{
	static uint8_t x[PAIRS], y[PAIRS];
	for (unsigned sel = 0; sel < VSP_MAPS; sel++) {
		for (unsigned i = 0; i < PAIRS; i++) {
			x[i] = (uint8_t)(i >> 8);
			y[i] = (uint8_t)i;
		}
		loops->map[sel](x, y, PAIRS);
		for (unsigned i = 0; i < PAIRS; i++)
			if (x[i] != map_one(sel, (uint8_t)(i >> 8), (uint8_t)i))
				fail_msg(
				        "%s, selector %u, %02x op %02x: %02x", loops->name, sel, i >> 8, i & 255, x[i]);
	}
}
static void test_all_pairs(void **state)
{
	(void)state;
	for_all(check_pairs);
}

static void check_size(const vsp_vector_loops *loops, unsigned sel, size_t n, size_t shift_x, size_t shift_y)
{
	uint8_t x[EDGE + 2 * ROOM], y[EDGE + 2 * ROOM], before[sizeof x];
	memset(x, GUARD, sizeof x);
	for (size_t i = 0; i < sizeof y; i++)
		y[i] = (uint8_t)next_random();
	for (size_t i = 0; i < n; i++)
		x[shift_x + i] = (uint8_t)next_random();
	memcpy(before, x, sizeof x);
	loops->map[sel](x + shift_x, y + shift_y, n);
	for (size_t i = 0; i < sizeof x; i++) {
		bool inside = i >= shift_x && i < shift_x + n;
		assert_int_equal(x[i], inside ? map_one(sel, before[i], y[shift_y + i - shift_x]) : GUARD);
	}
}

static void check_sizes(const vsp_vector_loops *loops)
{
	for (size_t n = 0; n <= EDGE; n++)
		for (unsigned sel = 0; sel < VSP_MAPS; sel++)
			check_size(loops, sel, n, next_random() % ROOM, next_random() % ROOM);
	for (size_t shift = 0; shift < ROOM; shift++) {
		check_size(loops, 2, 130, shift, 0);
		check_size(loops, 2, 130, 0, shift);
	}
}
static void test_sizes_and_alignments(void **state)
{
	(void)state;
	for_all(check_sizes);
}

static void check_same(const vsp_vector_loops *loops)
{
	uint8_t x[EDGE], before[EDGE];
	for (size_t i = 0; i < EDGE; i++)
		before[i] = x[i] = (uint8_t)next_random();
	loops->map[2](x, x, EDGE);
	for (size_t i = 0; i < EDGE; i++)
		assert_int_equal(x[i], vsp_bytesil_add(before[i], before[i]));
}
static void test_destination_is_source(void **state)
{
	(void)state;
	for_all(check_same);
}

/* ---- VRED ---- */

/* Bytes that keep rho at its ends, or cross the whole range, or anything. */
static uint8_t fold_byte(unsigned kind)
{
	static const uint8_t ends[] = {0x00, 0xF7, 0x0F, 0xF0, 0x80, 0x71};
	uint32_t r = next_random();
	return kind == 0 ? (uint8_t)r : kind == 1 ? ends[r % sizeof ends] : (uint8_t)(0x60 + r % 0x40);
}

static void check_folds(const vsp_vector_loops *loops)
{
	uint8_t p[3 * EDGE + ROOM];
	for (unsigned kind = 0; kind < 3; kind++)
		for (size_t n = 0; n <= 3 * EDGE; n++) {
			size_t shift = next_random() % ROOM;
			uint8_t acc = fold_byte(kind), sum = acc;
			for (size_t i = 0; i < sizeof p; i++)
				p[i] = fold_byte(kind);
			for (size_t i = 0; i < n; i++)
				sum ^= p[shift + i];
			assert_int_equal(loops->fold_mul(acc, p + shift, n), fold_one_by_one(acc, p + shift, n));
			assert_int_equal(loops->fold_xor(acc, p + shift, n), sum);
		}
}
static void test_folds(void **state)
{
	(void)state;
	for_all(check_folds);
}

/* Every two neighbours, from every start, at every place of the smallest group that is composed. */
static void check_fold_pairs(const vsp_vector_loops *loops)
{
	uint8_t p[64];
	for (unsigned at = 0; at < 4; at++)
		for (unsigned i = 0; i < PAIRS; i++) {
			memset(p, VSP_BYTESIL_ONE, sizeof p);
			p[at] = (uint8_t)(i >> 8);
			p[at + 1] = (uint8_t)i;
			uint8_t acc = (uint8_t)(i * 0x9Du >> 4);
			assert_int_equal(loops->fold_mul(acc, p, sizeof p), fold_one_by_one(acc, p, sizeof p));
		}
}
static void test_fold_pairs(void **state)
{
	(void)state;
	for_all(check_fold_pairs);
}

/* ---- GRADB and DESCB ---- */

static void fill_points(vsp_points *points)
{
	for (unsigned b = 0; b < 256; b++) {
		points->at[b][0] = vsp_bytesil_re((uint8_t)b);
		points->at[b][1] = vsp_bytesil_im((uint8_t)b);
	}
}

/* From the table come the same floats. */
static void check_looked_up(const vsp_vector_loops *loops, const uint8_t *states, size_t count, const uint8_t *wanted)
{
	static float distances[VSP_DISTANCES];
	static uint8_t out[64 * PAIRS / 8 + ROOM];
	if (!loops->grad_looked_up)
		return;
	if (distances[1] == 0)
		vsp_vector_distances(distances);
	assert_true(64 * count + ROOM <= sizeof out);
	memset(out, GUARD, 64 * count + ROOM);
	loops->grad_looked_up(out, states, count, distances);
	assert_memory_equal(out, wanted, 64 * count);
	for (size_t i = 0; i < ROOM; i++)
		assert_int_equal(out[64 * count + i], GUARD);
}

static void check_grad_states(const vsp_vector_loops *loops, const uint8_t *states, size_t count)
{
	static vsp_points points;
	uint8_t *out = malloc(count * 64 + 1);
	fill_points(&points);
	out[count * 64] = GUARD;
	loops->grad(out, states, count, &points);
	check_looked_up(loops, states, count, out);
	for (size_t i = 0; i < count; i++) {
		float g[16], got[16];
		vsp_bytesil_grad(states + 16 * i, g);
		for (unsigned k = 0; k < 16; k++) {
			const uint8_t *b = out + 64 * i + 4 * k;
			uint32_t bits = b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 | (uint32_t)b[3] << 24;
			memcpy(&got[k], &bits, sizeof bits);
		}
		assert_memory_equal(got, g, sizeof g);
	}
	assert_int_equal(out[count * 64], GUARD);
	free(out);
}

static void check_grad(const vsp_vector_loops *loops)
{
	enum { STATES = PAIRS / 8 };
	static uint8_t states[16 * STATES];
	for (unsigned i = 0; i < PAIRS; i++) { /* each pair of bytes stands side by side */
		states[2 * i] = (uint8_t)(i >> 8);
		states[2 * i + 1] = (uint8_t)i;
	}
	check_grad_states(loops, states, STATES);
	for (size_t n = 0; n <= EDGE; n++)
		check_grad_states(loops, states + 1 + n % ROOM, n);
}
static void test_grad(void **state)
{
	(void)state;
	for_all(check_grad);
}

static void check_descent_rate(const vsp_vector_loops *loops, float rate)
{
	static const float values[] = {0.0f, -0.0f, 0.25f, -0.5f, 0.99999994f, 1.0f, -1.5f, 3.0f, -7.75f, 14.9f, -15.0f,
	        16.0f, 1e-40f, 3e38f, -3e38f, INFINITY, -INFINITY, NAN, -NAN};
	enum { VALUES = sizeof values / sizeof *values, LAYERS = 256 * 16 };
	static uint8_t layers[LAYERS], g[4 * LAYERS], before[LAYERS];
	for (unsigned round = 0; round < VALUES; round++) {
		for (unsigned i = 0; i < LAYERS; i++) {
			uint32_t bits;
			memcpy(&bits, &values[(i + i / 256 + round) % VALUES], sizeof bits);
			before[i] = layers[i] = (uint8_t)i;
			for (unsigned k = 0; k < 4; k++)
				g[4 * i + k] = (uint8_t)(bits >> 8 * k);
		}
		loops->descent(layers, g, LAYERS / 16, rate);
		for (unsigned i = 0; i < LAYERS; i++) {
			float value = values[(i + i / 256 + round) % VALUES];
			assert_int_equal(layers[i], vsp_bytesil_descent(before[i], rate, value));
		}
	}
}

static void check_descent(const vsp_vector_loops *loops)
{
	static const float rates[] = {1.0f, -1.0f, 0.0f, 0.3f, 1e30f, INFINITY, NAN};
	for (unsigned i = 0; i < sizeof rates / sizeof *rates; i++)
		check_descent_rate(loops, rates[i]);
	uint8_t layers[16 * 4], before[sizeof layers], g[sizeof layers * 4];
	memset(layers, GUARD, sizeof layers);
	memset(g, 0x40, sizeof g);
	memcpy(before, layers, sizeof layers);
	loops->descent(layers + 16, g, 1, 1.0f);
	assert_memory_equal(layers, before, 16);
	assert_memory_equal(layers + 32, before, 32);
	assert_memory_not_equal(layers + 16, before, 16);
}
static void test_descent(void **state)
{
	(void)state;
	for_all(check_descent);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(test_all_pairs),
	        cmocka_unit_test(test_sizes_and_alignments),
	        cmocka_unit_test(test_destination_is_source),
	        cmocka_unit_test(test_folds),
	        cmocka_unit_test(test_fold_pairs),
	        cmocka_unit_test(test_grad),
	        cmocka_unit_test(test_descent),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
