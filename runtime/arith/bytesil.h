/*
 * ByteSil, an 8-bit log-polar complex number. A byte ((rho+8)<<4 | theta), with rho in [-8,7] and
 * theta in [0,15], stands for e^rho * e^(i*theta*pi/8); rho = -8 is called null, but arithmetic
 * uses its literal value.
 *
 * The tables come from tools/gen/bytesil.c, which computes them with proven bounds, so nothing here
 * calls exp, sin or atan2. Operations in double need round-to-nearest and no contraction. All
 * functions are total: every byte and every immediate is defined.
 */
#ifndef VSP_RUNTIME_BYTESIL_H
#define VSP_RUNTIME_BYTESIL_H

#include "runtime/base/bits.h"
#include "runtime/base/machine.h"

enum { VSP_BYTESIL_ONE = 0x80, VSP_BYTESIL_NULL = 0x00 };

/*
 * x + y at [x << 8 | y]. The essential values depend only on differences of rho and theta and would
 * fit in 4 KiB, but the look-up would then take twice as long (docs/decisions.md, D4). The table is
 * in an object file of its own, so that programs without ADD.B and SUB.B do not contain it.
 */
enum { VSP_BYTESIL_SUMS = 65536 };
extern const uint8_t vsp_bytesil_sums[VSP_BYTESIL_SUMS];

/* e^rho at [rho+8], and cos(theta*pi/8); correctly rounded. */
extern const double vsp_bytesil_exp[16];
extern const double vsp_bytesil_cos[16];
/*
 * The bits of the smallest double >= e^(k+1/2), k = -8..6: a magnitude |f| from there on has rho >
 * k. The bits have the same order as the positive doubles.
 */
extern const uint64_t vsp_bytesil_rho_steps[15];
/* The bits of the smallest double >= e^-8: a magnitude below it is null. */
extern const uint64_t vsp_bytesil_null_step;
/* e^(2k+1), k = -8..6, and e^-16, correctly rounded: the same steps for |z|^2 in LERP. */
extern const double vsp_bytesil_norm_steps[15];
extern const double vsp_bytesil_norm_null;
/* Tangents of pi/16, 3pi/16, 5pi/16, 7pi/16, correctly rounded. */
extern const double vsp_bytesil_tan[4];

/* ---- parts ---- */

static inline int vsp_bytesil_rho(uint8_t b) { return (b >> 4) - 8; }
static inline unsigned vsp_bytesil_theta(uint8_t b) { return b & 15; }
static inline int vsp_bytesil_is_null(uint8_t b) { return b < 0x10; }

/*
 * The byte of clamp(rho) and theta mod 16, for any rho and theta (two's complement for negative
 * ones).
 */
static inline uint8_t vsp_bytesil_make(int rho, unsigned theta)
{
	int clamped = rho < -8 ? -8 : rho > 7 ? 7 : rho;
	return (uint8_t)((unsigned)(clamped + 8) << 4 | (theta & 15));
}

/* Z: null, N: rho < 0, O: rho at -8 or 7. */
static inline uint8_t vsp_bytesil_flags(uint8_t b)
{
	return (uint8_t)((b < 0x10 ? VSP_SR_Z : 0) | (b < 0x80 ? VSP_SR_N : 0) |
	                 (b < 0x10 || b >= 0xF0 ? VSP_SR_O : 0));
}

/* ---- arithmetic on rho and theta ---- */

static inline uint8_t vsp_bytesil_mul(uint8_t x, uint8_t y)
{
	return vsp_bytesil_make(vsp_bytesil_rho(x) + vsp_bytesil_rho(y), (unsigned)x + y);
}

static inline uint8_t vsp_bytesil_div(uint8_t x, uint8_t y)
{
	return vsp_bytesil_make(vsp_bytesil_rho(x) - vsp_bytesil_rho(y), (unsigned)x - y);
}

static inline uint8_t vsp_bytesil_pow(uint8_t x, int n)
{
	return vsp_bytesil_make(vsp_bytesil_rho(x) * n, vsp_bytesil_theta(x) * (unsigned)n);
}

static inline uint8_t vsp_bytesil_root(uint8_t x, int n)
{
	if (n == 0)
		return VSP_BYTESIL_ONE;
	return vsp_bytesil_make(vsp_bytesil_rho(x) / n, (unsigned)((int)vsp_bytesil_theta(x) / n));
}

static inline uint8_t vsp_bytesil_scale(uint8_t x, int n) { return vsp_bytesil_make(vsp_bytesil_rho(x) + n, x); }
static inline uint8_t vsp_bytesil_rotate(uint8_t x, int n) { return (uint8_t)((x & 0xF0) | ((x + (unsigned)n) & 15)); }
static inline uint8_t vsp_bytesil_inv(uint8_t x) { return vsp_bytesil_make(-vsp_bytesil_rho(x), 0u - x); }
static inline uint8_t vsp_bytesil_conj(uint8_t x) { return (uint8_t)((x & 0xF0) | ((0u - x) & 15)); }
static inline uint8_t vsp_bytesil_mag(uint8_t x) { return x & 0xF0; }
static inline uint8_t vsp_bytesil_phase(uint8_t x) { return (uint8_t)(0x80 | (x & 15)); }

/*
 * Exclusive or of rho (two's complement, which the bias of 8 inverts in the top bit) and of theta.
 */
static inline uint8_t vsp_bytesil_xorl(uint8_t x, uint8_t y) { return (uint8_t)(x ^ y ^ 0x80); }

/* ---- sums ---- */

static inline uint8_t vsp_bytesil_add(uint8_t x, uint8_t y) { return vsp_bytesil_sums[(unsigned)x << 8 | y]; }

/* -y is y turned by half a circle. */
static inline uint8_t vsp_bytesil_sub(uint8_t x, uint8_t y) { return vsp_bytesil_add(x, y ^ 8); }

/* ---- between bytes and numbers ---- */

/* The point of a byte, one rounded product per coordinate. */
static inline double vsp_bytesil_re(uint8_t b) { return vsp_bytesil_exp[b >> 4] * vsp_bytesil_cos[b & 15]; }
static inline double vsp_bytesil_im(uint8_t b) { return vsp_bytesil_exp[b >> 4] * vsp_bytesil_cos[(b + 12) & 15]; }

/* B2F: |z| */
static inline double vsp_bytesil_to_f64(uint8_t b) { return vsp_bytesil_exp[b >> 4]; }

/* B2I: |z| toward zero, negated on the left half plane's side (theta >= 8) */
static inline int64_t vsp_bytesil_to_i64(uint8_t b)
{
	int64_t magnitude = (int64_t)vsp_bytesil_exp[b >> 4];
	return b & 8 ? -magnitude : magnitude;
}

/*
 * These four take and return whole registers (a byte with zeros above it). Compiled code calls them
 * from bitcode that clang may have made on another machine, and machines differ in whether the
 * caller or the callee extends narrower arguments and results.
 */
uint64_t vsp_bytesil_of_i64(int64_t i); /* I2B */
uint64_t vsp_bytesil_of_f64(double f);  /* F2B */
/* t: 0..255, the share of `to` in 255ths. */
uint64_t vsp_bytesil_lerp(uint64_t from, uint64_t to, uint64_t t);
uint64_t vsp_bytesil_slerp(uint64_t from, uint64_t to, uint64_t t);

/* ---- gradients ---- */

/* Distance of the points of x and y: one component of GRAD. */
float vsp_bytesil_distance(uint8_t x, uint8_t y);
/* GRAD of the layers of one state: g[i] = distance of layers i and i+1, g[15] = 0. */
void vsp_bytesil_grad(const uint8_t layers[16], float g[16]);
/* DESCENT of one layer: rho moves by -(rate * g), truncated after clamping; NaN leaves it. */
uint8_t vsp_bytesil_descent(uint8_t x, float rate, float g);

#endif
