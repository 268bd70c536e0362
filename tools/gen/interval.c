/*
 * Fixed-point intervals: schoolbook arithmetic on limbs, slow and plain, because it runs once per
 * build and must be easy to verify by reading. Fixed-point results are floors; an upper bound is
 * the next number above a floor.
 */
#include "interval.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { N = VSP_FIX_LIMBS, F = VSP_FIX_FRACTION, BITS = 32 * N, UNIT_BIT = 32 * F };

static void require(bool condition, const char *message)
{
	if (condition)
		return;
	fprintf(stderr, "interval arithmetic: %s\n", message);
	exit(EXIT_FAILURE);
}

/* ---- fixed-point numbers ---- */

static int fix_compare(const vsp_fix *x, const vsp_fix *y)
{
	for (int i = N - 1; i >= 0; i--)
		if (x->limb[i] != y->limb[i])
			return x->limb[i] < y->limb[i] ? -1 : 1;
	return 0;
}

static unsigned fix_bit(const vsp_fix *x, int bit) { return x->limb[bit / 32] >> bit % 32 & 1; }

static vsp_fix fix_add(const vsp_fix *x, const vsp_fix *y)
{
	vsp_fix r;
	uint64_t carry = 0;
	for (int i = 0; i < N; i++) {
		carry += (uint64_t)x->limb[i] + y->limb[i];
		r.limb[i] = (uint32_t)carry;
		carry >>= 32;
	}
	require(!carry, "overflow");
	return r;
}

static vsp_fix fix_sub(const vsp_fix *x, const vsp_fix *y)
{
	vsp_fix r;
	uint64_t borrow = 0;
	for (int i = 0; i < N; i++) {
		uint64_t d = (uint64_t)x->limb[i] - y->limb[i] - borrow;
		r.limb[i] = (uint32_t)d;
		borrow = d >> 63;
	}
	require(!borrow, "negative difference");
	return r;
}

static vsp_fix fix_next(const vsp_fix *x)
{
	static const vsp_fix step = {{1}};
	return fix_add(x, &step);
}

/* x * 2 + bit */
static vsp_fix fix_double(const vsp_fix *x, unsigned bit)
{
	vsp_fix r = fix_add(x, x);
	r.limb[0] |= bit;
	return r;
}

static vsp_fix fix_mul(const vsp_fix *x, const vsp_fix *y)
{
	uint32_t product[2 * N] = {0};
	for (int i = 0; i < N; i++) {
		uint64_t carry = 0;
		for (int j = 0; j < N; j++) {
			carry += (uint64_t)x->limb[i] * y->limb[j] + product[i + j];
			product[i + j] = (uint32_t)carry;
			carry >>= 32;
		}
		product[i + N] = (uint32_t)carry;
	}
	for (int i = N + F; i < 2 * N; i++)
		require(!product[i], "overflow");
	vsp_fix r;
	memcpy(r.limb, product + F, sizeof r.limb);
	return r;
}

/* Long division of x * 2^UNIT_BIT, whose bits are those of x and then zeros. */
static vsp_fix fix_div(const vsp_fix *x, const vsp_fix *y)
{
	vsp_fix quotient = {{0}}, rest = {{0}};
	for (int bit = BITS - 1; bit >= -UNIT_BIT; bit--) {
		rest = fix_double(&rest, bit >= 0 ? fix_bit(x, bit) : 0);
		bool goes = fix_compare(&rest, y) >= 0;
		if (goes)
			rest = fix_sub(&rest, y);
		quotient = fix_double(&quotient, goes);
	}
	return quotient;
}

/* Square root digit by digit of x * 2^UNIT_BIT, two bits at a time: rest - (4 * root + 1) decides
   the next digit. */
static vsp_fix fix_sqrt(const vsp_fix *x)
{
	vsp_fix root = {{0}}, rest = {{0}};
	for (int bit = BITS - 2; bit >= -UNIT_BIT; bit -= 2) {
		rest = fix_double(&rest, bit >= 0 ? fix_bit(x, bit + 1) : 0);
		rest = fix_double(&rest, bit >= 0 ? fix_bit(x, bit) : 0);
		vsp_fix trial = fix_double(&root, 0);
		trial = fix_double(&trial, 1);
		bool goes = fix_compare(&rest, &trial) >= 0;
		if (goes)
			rest = fix_sub(&rest, &trial);
		root = fix_double(&root, goes);
	}
	return root;
}

/* ---- intervals ---- */

vsp_interval vsp_interval_of(uint32_t integer)
{
	vsp_interval r = {{{0}}, {{0}}};
	r.low.limb[F] = r.high.limb[F] = integer;
	return r;
}

vsp_interval vsp_interval_add(vsp_interval x, vsp_interval y)
{
	return (vsp_interval){fix_add(&x.low, &y.low), fix_add(&x.high, &y.high)};
}

vsp_interval vsp_interval_sub(vsp_interval x, vsp_interval y)
{
	return (vsp_interval){fix_sub(&x.low, &y.high), fix_sub(&x.high, &y.low)};
}

vsp_interval vsp_interval_mul(vsp_interval x, vsp_interval y)
{
	vsp_fix high = fix_mul(&x.high, &y.high);
	return (vsp_interval){fix_mul(&x.low, &y.low), fix_next(&high)};
}

vsp_interval vsp_interval_div(vsp_interval x, vsp_interval y)
{
	vsp_fix high = fix_div(&x.high, &y.low);
	return (vsp_interval){fix_div(&x.low, &y.high), fix_next(&high)};
}

vsp_interval vsp_interval_sqrt(vsp_interval x)
{
	vsp_fix high = fix_sqrt(&x.high);
	return (vsp_interval){fix_sqrt(&x.low), fix_next(&high)};
}

/* e = 1/0! + 1/1! + ...; after the term 1/n! the rest is less than that term. */
static vsp_interval compute_e(void)
{
	enum { TERMS = 100 }; /* 1/99! < 2^-500 */
	vsp_interval sum = vsp_interval_of(1), term = sum;
	for (uint32_t n = 1; n < TERMS; n++) {
		term = vsp_interval_div(term, vsp_interval_of(n));
		sum = vsp_interval_add(sum, term);
	}
	sum.high = fix_add(&sum.high, &term.high);
	return sum;
}

vsp_interval vsp_interval_exp_half(int n)
{
	vsp_interval root = vsp_interval_sqrt(compute_e()), r = vsp_interval_of(1);
	for (int i = 0; i < (n < 0 ? -n : n); i++)
		r = vsp_interval_mul(r, root);
	return n < 0 ? vsp_interval_div(vsp_interval_of(1), r) : r;
}

bool vsp_interval_less(vsp_interval x, vsp_interval y)
{
	if (fix_compare(&x.high, &y.low) < 0)
		return true;
	require(fix_compare(&y.high, &x.low) < 0, "comparison undecided");
	return false;
}

/* ---- doubles ---- */

/* Bits of the greatest double <= x, and in *rest the remainder: 0 nothing, 1 less than half a
   unit in the last place, 2 half, 3 more. */
static uint64_t fix_truncate(const vsp_fix *x, int *rest)
{
	int top = BITS - 1;
	while (top > 0 && !fix_bit(x, top))
		top--;
	require(top >= 64 && top < UNIT_BIT + 63, "number out of range");
	uint64_t significand = 0;
	for (int i = 0; i < 53; i++)
		significand = significand << 1 | fix_bit(x, top - i);
	unsigned below = 0;
	for (int bit = top - 54; bit >= 0; bit--)
		below |= fix_bit(x, bit);
	*rest = (int)(fix_bit(x, top - 53) << 1 | below);
	/* The leading one carries into the exponent field. */
	return ((uint64_t)(top - UNIT_BIT + 1022) << 52) + significand;
}

static uint64_t fix_round(const vsp_fix *x)
{
	int rest;
	uint64_t bits = fix_truncate(x, &rest);
	return bits + (rest == 3 || (rest == 2 && bits & 1));
}

static uint64_t fix_round_up(const vsp_fix *x)
{
	int rest;
	uint64_t bits = fix_truncate(x, &rest);
	return bits + (rest != 0);
}

uint64_t vsp_interval_round(vsp_interval x)
{
	uint64_t bits = fix_round(&x.low);
	require(bits == fix_round(&x.high), "rounding undecided");
	return bits;
}

uint64_t vsp_interval_round_up(vsp_interval x)
{
	uint64_t bits = fix_round_up(&x.low);
	require(bits == fix_round_up(&x.high), "rounding undecided");
	return bits;
}
