/*
 * The fused multiplication and addition by integers alone: the exact product and the addend,
 * aligned in 128 bits, with the bits that do not fit joined into the lowest one (a sticky bit), are
 * added and rounded once.
 */
#include "fma.h"

#include <stdbool.h>

/* 128 bits. */
typedef struct wide {
	uint64_t high, low;
} wide;

/* significand * 2^exponent. An odd significand may stand for any value between its even
   neighbours. */
typedef struct term {
	wide significand;
	int exponent;
	bool negative;
} term;

/* A format of IEEE 754-2019, 3.4; fraction: the width of its trailing significand field. */
typedef struct format {
	unsigned fraction, sign;
	int bias;
} format;

static const format f64 = {52, 63, 1023}, f32 = {23, 31, 127};

/* The highest bit of a normalised significand: a sum has one more. */
enum { TOP = 125 };

static uint64_t infinity_of(const format *t) { return (uint64_t)(2 * t->bias + 1) << t->fraction; }

/* ---- 128 bits ---- */

static bool is_zero(wide w) { return !(w.high | w.low); }

static bool is_less(wide x, wide y) { return x.high != y.high ? x.high < y.high : x.low < y.low; }

static wide sum(wide x, wide y)
{
	uint64_t low = x.low + y.low;
	return (wide){x.high + y.high + (low < x.low), low};
}

static wide difference(wide x, wide y) { return (wide){x.high - y.high - (x.low < y.low), x.low - y.low}; }

/* From products of halves. */
static wide product(uint64_t x, uint64_t y)
{
	uint64_t x1 = x >> 32, x0 = (uint32_t)x, y1 = y >> 32, y0 = (uint32_t)y;
	uint64_t low = x0 * y0, cross = x1 * y0 + (low >> 32), other = x0 * y1 + (uint32_t)cross;
	return (wide){x1 * y1 + (cross >> 32) + (other >> 32), other << 32 | (uint32_t)low};
}

/* n: less than 128. */
static wide left(wide w, unsigned n)
{
	if (n >= 64)
		return (wide){w.low << (n - 64), 0};
	return n ? (wide){w.high << n | w.low >> (64 - n), w.low << n} : w;
}

/* The lowest bit is set if any bit was shifted out. */
static wide right(wide w, unsigned n)
{
	if (n == 0)
		return w;
	if (n >= 128)
		return (wide){0, !is_zero(w)};
	bool sticky = !is_zero(left(w, 128 - n));
	wide shifted = n >= 64 ? (wide){0, w.high >> (n - 64)} : (wide){w.high >> n, w.high << (64 - n) | w.low >> n};
	return (wide){shifted.high, shifted.low | sticky};
}

/* ---- terms ---- */

static term normalised(term t)
{
	unsigned zeros = t.significand.high ? vsp_clz64(t.significand.high) : 64 + vsp_clz64(t.significand.low);
	if (zeros == 128)
		return t;
	int up = (int)zeros - (127 - TOP);
	t.significand = up < 0 ? right(t.significand, 1) : left(t.significand, (unsigned)up);
	t.exponent -= up;
	return t;
}

/* The significand of a finite number. */
static uint64_t significand_of(const format *t, uint64_t bits)
{
	uint64_t one = (uint64_t)1 << t->fraction;
	bool subnormal = !(bits & infinity_of(t));
	return (bits & (one - 1)) | (subnormal ? 0 : one);
}

/* The exponent of its lowest bit. */
static int exponent_of(const format *t, uint64_t bits)
{
	int field = (int)(bits >> t->fraction & (uint64_t)(2 * t->bias + 1));
	return (field ? field : 1) - t->bias - (int)t->fraction;
}

static bool is_negative(const format *t, uint64_t bits) { return bits >> t->sign & 1; }

static term add(term x, term y)
{
	if (is_zero(x.significand) || is_zero(y.significand))
		return is_zero(x.significand) ? y : x;
	bool swap = x.exponent != y.exponent ? x.exponent < y.exponent : is_less(x.significand, y.significand);
	term more = swap ? y : x, less = swap ? x : y;
	wide shifted = right(less.significand, (unsigned)(more.exponent - less.exponent));
	bool same = more.negative == less.negative;
	more.significand = same ? sum(more.significand, shifted) : difference(more.significand, shifted);
	return more;
}

/* ---- results ---- */

static uint64_t nan_of(const format *t) { return infinity_of(t) | (uint64_t)1 << (t->fraction - 1); }

/*
 * Packed, to nearest, ties to even; infinity if it is too great (IEEE 754-2019, 4.3.1, 7.4). v is
 * not 0, normalised, and at most a sum of a product and an addend, so that packed does not
 * overflow.
 */
static uint64_t rounded(const format *t, term v)
{
	uint64_t sign = (uint64_t)v.negative << t->sign;
	int least = 1 - t->bias - (int)t->fraction; /* the exponent of subnormal numbers */
	int unit = v.exponent + TOP - (int)t->fraction;
	unit = unit < least ? least : unit;
	uint64_t bits = right(v.significand, (unsigned)(unit - v.exponent - 2)).low; /* with half and sticky */
	uint64_t whole = (bits >> 2) + ((bits & 3) + (bits >> 2 & 1) > 2);
	uint64_t packed =
	        ((uint64_t)(unit - least) << t->fraction) + whole; /* the leading bit counts the exponent up */
	return sign | (packed < infinity_of(t) ? packed : infinity_of(t));
}

/* With an infinity or a NaN; x and y are magnitudes (IEEE 754-2019, 6.1, 6.2, 7.2). */
static uint64_t special(const format *t, uint64_t x, uint64_t y, uint64_t d, bool negative)
{
	uint64_t infinity = infinity_of(t), z = d & ~((uint64_t)1 << t->sign);
	if (x > infinity || y > infinity || z > infinity)
		return nan_of(t);
	if (x < infinity && y < infinity)
		return d;
	if (!x || !y || (z == infinity && is_negative(t, d) != negative))
		return nan_of(t);
	return (uint64_t)negative << t->sign | infinity;
}

static uint64_t fused(const format *t, uint64_t b, uint64_t c, uint64_t d)
{
	uint64_t magnitude = ((uint64_t)1 << t->sign) - 1, infinity = infinity_of(t);
	bool negative = is_negative(t, b) != is_negative(t, c);
	if ((b & magnitude) >= infinity || (c & magnitude) >= infinity || (d & magnitude) >= infinity)
		return special(t, b & magnitude, c & magnitude, d, negative);
	term x = {product(significand_of(t, b), significand_of(t, c)), exponent_of(t, b) + exponent_of(t, c), negative};
	term z = {{0, significand_of(t, d)}, exponent_of(t, d), is_negative(t, d)};
	bool both = x.negative && z.negative;
	term v = normalised(add(normalised(x), normalised(z)));
	if (is_zero(v.significand)) /* of zeros or of opposites (6.3) */
		return (uint64_t)both << t->sign;
	return rounded(t, v);
}

uint64_t vsp_rt_fma_f(uint64_t b, uint64_t c, uint64_t d) { return fused(&f64, b, c, d); }

uint64_t vsp_rt_fma_s(uint64_t b, uint64_t c, uint64_t d) { return fused(&f32, (uint32_t)b, (uint32_t)c, (uint32_t)d); }
