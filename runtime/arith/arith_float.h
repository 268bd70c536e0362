/*
 * The exact float instructions and conversions, as functions from register values to register
 * values. A double is the 64 bits of a register, a float its low 32 bits, which are zero-extended
 * when written.
 *
 * The code needs round-to-nearest with subnormals on (runtime/platform/platform.h), no contraction,
 * and casts that make the result exact. Intermediate doubles (FLT_EVAL_METHOD 1) do no harm for
 * float + - * / sqrt, because double rounding through 53 bits does not change their results. NaN
 * results have no defined sign or payload; vsp_canon_f and vsp_canon_s are for --deterministic.
 */
#ifndef VSP_RUNTIME_ARITH_FLOAT_H
#define VSP_RUNTIME_ARITH_FLOAT_H

#include <float.h>
#include <math.h>

#include "fma.h"
#include "runtime/base/bits.h"
#include "runtime/base/machine.h"

#ifdef __FAST_MATH__
#error "VSP needs IEEE arithmetic; build without -ffast-math"
#endif
static_assert(FLT_EVAL_METHOD == 0 || FLT_EVAL_METHOD == 1, "doubles are evaluated as doubles");

/* The double or the float that a register holds, and the register that holds it. */
static inline double vsp_f64_of(uint64_t r) { return vsp_f64_of_bits(r); }
static inline float vsp_f32_of(uint64_t r) { return vsp_f32_of_bits((uint32_t)r); }
static inline uint64_t vsp_reg_of_f64(double v) { return vsp_bits_of_f64(v); }
static inline uint64_t vsp_reg_of_f32(float v) { return vsp_bits_of_f32(v); }

/*
 * The result, with every NaN replaced by the canonical NaN of --deterministic; other values are
 * unchanged.
 */
static inline uint64_t vsp_canon_f(uint64_t r) { return r << 1 > 0xFFE0000000000000 ? 0x7FF8000000000000 : r; }
static inline uint64_t vsp_canon_s(uint64_t r) { return (uint32_t)(r << 1) > 0xFF000000 ? 0x7FC00000 : r; }

/* ---- + - * / ---- */

#define VSP_ARITH_OPERATOR(name, op) \
	static inline uint64_t vsp_arith_##name##_f(uint64_t b, uint64_t c) \
	{ \
		return vsp_reg_of_f64(vsp_f64_of(b) op vsp_f64_of(c)); \
	} \
	static inline uint64_t vsp_arith_##name##_s(uint64_t b, uint64_t c) \
	{ \
		return vsp_reg_of_f32((float)(vsp_f32_of(b) op vsp_f32_of(c))); \
	}
VSP_ARITH_OPERATOR(add, +)
VSP_ARITH_OPERATOR(sub, -)
VSP_ARITH_OPERATOR(mul, *)
VSP_ARITH_OPERATOR(div, /)
#undef VSP_ARITH_OPERATOR

/*
 * ---- unary functions that C and IEEE define alike; in the mode of VSP code rint rounds to even
 * ----
 */

#define VSP_ARITH_FUNCTION(name, f64, f32) \
	static inline uint64_t vsp_arith_##name##_f(uint64_t b) { return vsp_reg_of_f64(f64(vsp_f64_of(b))); } \
	static inline uint64_t vsp_arith_##name##_s(uint64_t b) { return vsp_reg_of_f32(f32(vsp_f32_of(b))); }
VSP_ARITH_FUNCTION(sqrt, sqrt, sqrtf)
VSP_ARITH_FUNCTION(floor, floor, floorf)
VSP_ARITH_FUNCTION(ceil, ceil, ceilf)
VSP_ARITH_FUNCTION(trunc, trunc, truncf)
VSP_ARITH_FUNCTION(round, rint, rintf)
#undef VSP_ARITH_FUNCTION

/* ---- sign bits, also of NaNs ---- */

static inline uint64_t vsp_arith_neg_f(uint64_t b) { return b ^ 0x8000000000000000; }
static inline uint64_t vsp_arith_neg_s(uint64_t b) { return (uint32_t)b ^ 0x80000000; }
static inline uint64_t vsp_arith_abs_f(uint64_t b) { return b & 0x7FFFFFFFFFFFFFFF; }
static inline uint64_t vsp_arith_abs_s(uint64_t b) { return b & 0x7FFFFFFF; }
static inline uint64_t vsp_arith_copysign_f(uint64_t b, uint64_t c)
{
	return (b & 0x7FFFFFFFFFFFFFFF) | (c & 0x8000000000000000);
}
static inline uint64_t vsp_arith_copysign_s(uint64_t b, uint64_t c) { return (b & 0x7FFFFFFF) | (c & 0x80000000); }

/* ---- MIN MAX: equal values have the same bits, or are zeros, whose sign bits decide ---- */

static inline uint64_t vsp_arith_min_f(uint64_t b, uint64_t c)
{
	double x = vsp_f64_of(b), y = vsp_f64_of(c);
	if (isunordered(x, y))
		return vsp_reg_of_f64(x + y);
	return x == y ? b | c : x < y ? b : c;
}

static inline uint64_t vsp_arith_max_f(uint64_t b, uint64_t c)
{
	double x = vsp_f64_of(b), y = vsp_f64_of(c);
	if (isunordered(x, y))
		return vsp_reg_of_f64(x + y);
	return x == y ? b & c : x < y ? c : b;
}

static inline uint64_t vsp_arith_min_s(uint64_t b, uint64_t c)
{
	float x = vsp_f32_of(b), y = vsp_f32_of(c);
	if (isunordered(x, y))
		return vsp_reg_of_f32(x + y);
	return (uint32_t)(x == y ? b | c : x < y ? b : c);
}

static inline uint64_t vsp_arith_max_s(uint64_t b, uint64_t c)
{
	float x = vsp_f32_of(b), y = vsp_f32_of(c);
	if (isunordered(x, y))
		return vsp_reg_of_f32(x + y);
	return (uint32_t)(x == y ? b & c : x < y ? c : b);
}

/* ---- comparisons ---- */

static inline uint8_t vsp_cmp_flags_f64(double x, double y)
{
	return (uint8_t)((x == y ? VSP_SR_Z : 0) | (isless(x, y) ? VSP_SR_N : 0) | (isunordered(x, y) ? VSP_SR_O : 0));
}

static inline uint8_t vsp_arith_cmp_f_flags(uint64_t a, uint64_t b)
{
	return vsp_cmp_flags_f64(vsp_f64_of(a), vsp_f64_of(b));
}

/* Every float is also a double, so comparing doubles gives the same result. */
static inline uint8_t vsp_arith_cmp_s_flags(uint64_t a, uint64_t b)
{
	return vsp_cmp_flags_f64((double)vsp_f32_of(a), (double)vsp_f32_of(b));
}

static inline uint64_t vsp_arith_seq_f(uint64_t b, uint64_t c) { return vsp_f64_of(b) == vsp_f64_of(c); }
static inline uint64_t vsp_arith_sne_f(uint64_t b, uint64_t c) { return vsp_f64_of(b) != vsp_f64_of(c); }
static inline uint64_t vsp_arith_slt_f(uint64_t b, uint64_t c) { return vsp_f64_of(b) < vsp_f64_of(c); }
static inline uint64_t vsp_arith_sle_f(uint64_t b, uint64_t c) { return vsp_f64_of(b) <= vsp_f64_of(c); }
static inline uint64_t vsp_arith_seq_s(uint64_t b, uint64_t c) { return vsp_f32_of(b) == vsp_f32_of(c); }
static inline uint64_t vsp_arith_sne_s(uint64_t b, uint64_t c) { return vsp_f32_of(b) != vsp_f32_of(c); }
static inline uint64_t vsp_arith_slt_s(uint64_t b, uint64_t c) { return vsp_f32_of(b) < vsp_f32_of(c); }
static inline uint64_t vsp_arith_sle_s(uint64_t b, uint64_t c) { return vsp_f32_of(b) <= vsp_f32_of(c); }

/* ---- conversions ---- */

static inline uint64_t vsp_arith_i2f(uint64_t b) { return vsp_reg_of_f64((double)(int64_t)b); }
static inline uint64_t vsp_arith_i2s(uint64_t b) { return vsp_reg_of_f32((float)(int64_t)b); }
static inline uint64_t vsp_arith_u2f(uint64_t b) { return vsp_reg_of_f64((double)b); }
static inline uint64_t vsp_arith_u2s(uint64_t b) { return vsp_reg_of_f32((float)b); }
static inline uint64_t vsp_arith_f2s(uint64_t b) { return vsp_reg_of_f32((float)vsp_f64_of(b)); }
static inline uint64_t vsp_arith_s2f(uint64_t b) { return vsp_reg_of_f64((double)vsp_f32_of(b)); }

/*
 * Rounds toward zero and saturates; NaN gives 0. The bounds are powers of two, so the comparisons
 * are exact.
 */
static inline uint64_t vsp_i64_of_f64(double v)
{
	if (isless(v, 0x1p63) && isgreaterequal(v, -0x1p63))
		return (uint64_t)(int64_t)v;
	return isnan(v) ? 0 : v < 0 ? (uint64_t)INT64_MIN : (uint64_t)INT64_MAX;
}

static inline uint64_t vsp_u64_of_f64(double v)
{
	if (isless(v, 0x1p64) && isgreater(v, 0.0))
		return (uint64_t)v;
	return isgreater(v, 0.0) ? UINT64_MAX : 0;
}

static inline uint64_t vsp_arith_f2i(uint64_t b) { return vsp_i64_of_f64(vsp_f64_of(b)); }
static inline uint64_t vsp_arith_s2i(uint64_t b) { return vsp_i64_of_f64((double)vsp_f32_of(b)); }
static inline uint64_t vsp_arith_f2u(uint64_t b) { return vsp_u64_of_f64(vsp_f64_of(b)); }
static inline uint64_t vsp_arith_s2u(uint64_t b) { return vsp_u64_of_f64((double)vsp_f32_of(b)); }

static inline uint64_t vsp_i32_of_f64(double v)
{
	if (isless(v, 0x1p31) && isgreater(v, -0x1p31))
		return (uint64_t)(int32_t)v;
	return (uint64_t)(isnan(v) ? 0 : v < 0 ? INT32_MIN : INT32_MAX);
}

static inline uint64_t vsp_u32_of_f64(double v)
{
	if (isless(v, 0x1p32) && isgreater(v, 0.0))
		return (uint64_t)(int32_t)(uint32_t)v;
	return isgreater(v, 0.0) ? UINT64_MAX : 0;
}

static inline uint64_t vsp_arith_f2i_w(uint64_t b) { return vsp_i32_of_f64(vsp_f64_of(b)); }
static inline uint64_t vsp_arith_s2i_w(uint64_t b) { return vsp_i32_of_f64((double)vsp_f32_of(b)); }
static inline uint64_t vsp_arith_f2u_w(uint64_t b) { return vsp_u32_of_f64(vsp_f64_of(b)); }
static inline uint64_t vsp_arith_s2u_w(uint64_t b) { return vsp_u32_of_f64((double)vsp_f32_of(b)); }

/* ---- FMATH, FMATH2, POW.F, POW.S: runtime/arith/arith.c, never inlined ---- */

#define FMATH1(form, function) \
	double vsp_rt_##form(double b); \
	static inline uint64_t vsp_arith_##form(uint64_t b) { return vsp_reg_of_f64(vsp_rt_##form(vsp_f64_of(b))); }
#define FMATH2(form, function) \
	double vsp_rt_##form(double b, double c); \
	static inline uint64_t vsp_arith_##form(uint64_t b, uint64_t c) \
	{ \
		return vsp_reg_of_f64(vsp_rt_##form(vsp_f64_of(b), vsp_f64_of(c))); \
	}
#include "fmath.def"

static inline uint64_t vsp_arith_pow_s(uint64_t b, uint64_t c)
{
	return vsp_reg_of_f32((float)vsp_rt_pow_f((double)vsp_f32_of(b), (double)vsp_f32_of(c)));
}

#endif
