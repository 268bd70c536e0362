/*
 * The vector loops, written once in the vectors of GNU C, for files that define before they include
 * this one
 *
 *   BYTES          the size of a vector
 *   FOLD           that of VRED's products, whose last step takes one number after the other
 *   TARGET         the attribute of functions that may use such vectors
 *   SQUARE_ROOT(v) the square roots of two doubles
 *   ADD_CLAMPED, SUB_CLAMPED(a, b)
 *                  sums and differences of signed bytes, clamped to their range
 *   LEAST(v, w), MOST(v, w)
 *                  of floats; w where v is a NaN
 *   SUMS           the file with ADD.B: vector_sums_computed.h, or, where a vector can be a table,
 *                  vector_sums_looked_up.h with
 *   ADD_UNSIGNED_CLAMPED(a, b)
 *   LOOK_UP(t, i)  in each 16 bytes, byte i & 15 of t's 16, or 0 where the top bit of i is set
 *   LOOPS          the name of the table, with NAME and FEATURES for its fields
 *
 * A byte is a rho of four bits above a theta of four bits. In a signed byte, after the bias is
 * taken away by inverting the top bit, rho is in 16ths, and its clamping is that of the byte's own
 * range, whatever theta is below one of the two.
 */
#include <string.h>

#include "runtime/arith/bytesil.h"
#include "vector.h"

typedef uint8_t bytes __attribute__((vector_size(BYTES)));
typedef int8_t sbytes __attribute__((vector_size(BYTES)));
typedef int32_t longs __attribute__((vector_size(BYTES)));
typedef float floats __attribute__((vector_size(BYTES)));
typedef double pair __attribute__((vector_size(16)));
typedef float float_pair __attribute__((vector_size(8)));
enum { FLOATS = BYTES / 4, STATE = 16 };
typedef uint8_t quarter_bytes __attribute__((vector_size(BYTES / 4)));
typedef uint8_t state_bytes __attribute__((vector_size(16)));
typedef uint8_t two_states __attribute__((vector_size(32)));

#define INLINE TARGET __attribute__((always_inline)) static inline

INLINE bytes load(const uint8_t *p)
{
	bytes v;
	memcpy(&v, p, sizeof v);
	return v;
}

INLINE void store(uint8_t *p, bytes v) { memcpy(p, &v, sizeof v); }

INLINE bytes choose(bytes mask, bytes a, bytes b) { return (mask & a) | (~mask & b); }

/* ---- VMAP ---- */

/* The smaller and the greater of unsigned bytes. */
INLINE bytes least(bytes a, bytes b) { return choose((bytes)(a < b), a, b); }
INLINE bytes most(bytes a, bytes b) { return choose((bytes)(a > b), a, b); }

/* The byte of rho in 16ths and theta, with anything in their other bits. */
INLINE bytes make(bytes rho, bytes theta) { return choose((bytes){0} + 0xF0, rho ^ 0x80, theta); }

INLINE bytes op_mul(bytes x, bytes y) { return make(ADD_CLAMPED(x ^ 0x80, (y & 0xF0) ^ 0x80), x + y); }
INLINE bytes op_div(bytes x, bytes y) { return make(SUB_CLAMPED(x ^ 0x80, (y & 0xF0) ^ 0x80), x - y); }
INLINE bytes op_inv(bytes x, bytes y)
{
	(void)x;
	return make(SUB_CLAMPED((bytes){0}, (y & 0xF0) ^ 0x80), -y);
}
INLINE bytes op_conj(bytes x, bytes y)
{
	(void)x;
	return (y & 0xF0) | (-y & 0x0F);
}
INLINE bytes op_xorl(bytes x, bytes y) { return x ^ y ^ 0x80; }
INLINE bytes op_andl(bytes x, bytes y) { return x & y; }
INLINE bytes op_orl(bytes x, bytes y) { return x | y; }
INLINE bytes op_copy(bytes x, bytes y)
{
	(void)x;
	return y;
}

#include SUMS
INLINE bytes op_sub(bytes x, bytes y) { return op_add(x, y ^ 8); }

#define VMAP(name, ...) \
	TARGET static void map_##name(uint8_t *dst, const uint8_t *src, size_t n) \
	{ \
		size_t i = 0; \
		for (; n - i >= BYTES; i += BYTES) \
			store(dst + i, op_##name(load(dst + i), load(src + i))); \
		uint8_t a[BYTES] = {0}, b[BYTES] = {0}; \
		memcpy(a, dst + i, n - i); \
		memcpy(b, src + i, n - i); \
		store(a, op_##name(load(a), load(b))); \
		memcpy(dst + i, a, n - i); \
	}
#include "runtime/arith/vmap.def"

/* ---- VRED ---- */

TARGET static uint8_t fold_xor(uint8_t acc, const uint8_t *p, size_t n)
{
	bytes sum = {0};
	size_t i = 0;
	for (; n - i >= BYTES; i += BYTES)
		sum ^= load(p + i);
	for (unsigned lane = 0; lane < BYTES; lane++)
		acc ^= sum[lane];
	for (; i < n; i++)
		acc ^= p[i];
	return acc;
}

typedef uint8_t fold_bytes __attribute__((vector_size(FOLD)));
typedef int16_t words __attribute__((vector_size(FOLD)));
typedef uint16_t uwords __attribute__((vector_size(FOLD)));
typedef int32_t fold_longs __attribute__((vector_size(FOLD)));
typedef uint32_t fold_ulongs __attribute__((vector_size(FOLD)));

INLINE words clamp_words(words v, words low, words high)
{
	words v1 = (v & (v > low)) | (low & ~(v > low));
	return (v1 & (v1 < high)) | (high & ~(v1 < high));
}

INLINE fold_longs clamp_longs(fold_longs v, fold_longs low, fold_longs high)
{
	fold_longs v1 = (v & (v > low)) | (low & ~(v > low));
	return (v1 & (v1 < high)) | (high & ~(v1 < high));
}

INLINE fold_longs low_half(words v) { return (fold_longs)((fold_ulongs)v << 16) >> 16; }

/*
 * Several multiplications in turn map rho to clamp(rho + sum, low, high), whatever they are. In
 * each vector neighbours are composed to such a map, and then the maps of neighbours, the earlier
 * of which is in the lower half.
 */
TARGET static uint8_t fold_mul(uint8_t acc, const uint8_t *p, size_t n)
{
	const words least_rho = (words){0} - 8, most_rho = (words){0} + 7;
	int rho = vsp_bytesil_rho(acc);
	fold_bytes theta = {0};
	size_t i = 0;
	for (; n - i >= FOLD; i += FOLD) {
		fold_bytes v;
		memcpy(&v, p + i, sizeof v);
		words w = (words)(v ^ 0x80), first = (words)((uwords)w << 8) >> 12, second = w >> 12;
		words sum = first + second, low = clamp_words(least_rho + second, least_rho, most_rho),
		      high = clamp_words(most_rho + second, least_rho, most_rho);
		fold_longs sum1 = low_half(sum), sum2 = (fold_longs)sum >> 16;
		fold_longs low2 = (fold_longs)low >> 16, high2 = (fold_longs)high >> 16;
		fold_longs low12 = clamp_longs(low_half(low) + sum2, low2, high2);
		fold_longs high12 = clamp_longs(low_half(high) + sum2, low2, high2);
		fold_longs sum12 = sum1 + sum2;
		theta += v;
		for (unsigned lane = 0; lane < FOLD / 4; lane++) {
			rho += sum12[lane];
			rho = rho < low12[lane] ? low12[lane] : rho;
			rho = rho > high12[lane] ? high12[lane] : rho;
		}
	}
	unsigned turned = acc;
	for (unsigned lane = 0; lane < FOLD; lane++)
		turned += theta[lane];
	acc = vsp_bytesil_make(rho, turned);
	for (; i < n; i++)
		acc = vsp_bytesil_mul(acc, p[i]);
	return acc;
}

/* ---- GRADB and DESCB ---- */

INLINE pair point(const vsp_points *points, uint8_t layer)
{
	pair p;
	memcpy(&p, points->at[layer], sizeof p);
	return p;
}

/* Two distances: from a to b and from b to c. Roots of wider vectors take as much longer. */
INLINE float_pair distances(pair a, pair b, pair c)
{
	pair d1 = b - a, d2 = c - b;
	d1 *= d1;
	d2 *= d2;
	pair sums = __builtin_shufflevector(d1, d2, 0, 2) + __builtin_shufflevector(d1, d2, 1, 3);
	return __builtin_convertvector(SQUARE_ROOT(sums), float_pair);
}

TARGET static void grad(uint8_t *dst, const uint8_t *src, size_t states, const vsp_points *points)
{
	for (; states > 0; states--, src += STATE, dst += STATE * sizeof(float)) {
		pair a = point(points, src[0]);
		for (unsigned i = 0; i < STATE; i += 2) {
			pair b = point(points, src[i + 1]), c = i + 2 < STATE ? point(points, src[i + 2]) : b;
			float_pair two = distances(a, b, c);
			memcpy(dst + i * sizeof(float), &two, sizeof two);
			a = c;
		}
	}
}

/* The look-ups are single loads: gathering them in vectors takes longer. */
TARGET static void grad_looked_up(uint8_t *dst, const uint8_t *src, size_t states, const float *distances)
{
	for (; states > 0; states--, src += STATE, dst += STATE * sizeof(float)) {
		state_bytes a, b;
		uint16_t at[STATE];
		float g[STATE];
		memcpy(&a, src, sizeof a);
		b = __builtin_shufflevector(a, a, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 15);
		state_bytes low = (b & 0xF0) | ((b - (a & 0x0C)) & 0x0F), high = (a >> 4) << 2 | (a & 3);
		two_states pairs = __builtin_shufflevector(low, high, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22,
		        7, 23, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
		memcpy(at, &pairs, sizeof at);
		for (unsigned i = 0; i < STATE; i++)
			g[i] = distances[at[i]];
		memcpy(dst, g, sizeof g);
	}
}

/* A NaN becomes low, and its result is not used. */
INLINE floats clamp_floats(floats v)
{
	const floats low = (floats){0} - 8.0f, high = (floats){0} + 7.0f;
	return (floats)LEAST((floats)MOST(v, low), high);
}

TARGET static void descent(uint8_t *dst, const uint8_t *src, size_t states, float rate)
{
	for (size_t i = 0; i < states * STATE; i += FLOATS) {
		quarter_bytes layers;
		floats g;
		memcpy(&layers, dst + i, sizeof layers);
		memcpy(&g, src + i * sizeof(float), sizeof g);
		longs old = __builtin_convertvector(layers, longs);
		floats step = g * rate, rho = __builtin_convertvector((old >> 4) - 8, floats) - step;
		longs valid = rho == rho;
		rho = clamp_floats(rho);
		longs moved = (__builtin_convertvector(rho, longs) + 8) << 4 | (old & 15);
		layers = __builtin_convertvector((valid & moved) | (~valid & old), quarter_bytes);
		memcpy(dst + i, &layers, sizeof layers);
	}
}

const vsp_vector_loops LOOPS = {.name = NAME,
        .features = FEATURES,
        .map =
                {
#define VMAP(name, selector, ...) [selector] = map_##name,
#include "runtime/arith/vmap.def"
                },
        .fold_mul = fold_mul,
        .fold_xor = fold_xor,
        .grad = grad,
        .grad_looked_up = grad_looked_up,
        .descent = descent};
