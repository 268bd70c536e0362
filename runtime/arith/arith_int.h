/*
 * The exact integer instructions, as functions from register values to register values.
 *
 * vsp_arith_FORM(b, c) is the result of form FORM (ir/opcodes.def, in lower case). For every form
 * that writes flags, vsp_arith_FORM_flags(b, c), with the same operands, is its status byte
 * (VSP_SR_Z, _N, _O). Immediate forms use the register form with the immediate as ir/opcode.h
 * decodes it. A .W form reads the low halves and returns its result sign-extended.
 */
#ifndef VSP_RUNTIME_ARITH_INT_H
#define VSP_RUNTIME_ARITH_INT_H

#include <stdbool.h>

#include "runtime/base/bits.h"
#include "runtime/base/machine.h"

/* ---- flags ---- */

/*
 * The one place that combines flags; o is 0 or 1. .W results are sign-extended, so their 64-bit
 * sign is right.
 */
static inline uint8_t vsp_flags_zno(uint64_t result, unsigned o)
{
	return (uint8_t)((result == 0 ? VSP_SR_Z : 0) | (result >> 63 ? VSP_SR_N : 0) | (o ? VSP_SR_O : 0));
}

static inline uint8_t vsp_flags_zn(uint64_t result) { return vsp_flags_zno(result, 0); }

/* Flags of forms without overflow. */
#define VSP_ARITH_ZN2(form) \
	static inline uint8_t vsp_arith_##form##_flags(uint64_t b, uint64_t c) \
	{ \
		return vsp_flags_zn(vsp_arith_##form(b, c)); \
	}
#define VSP_ARITH_ZN1(form) \
	static inline uint8_t vsp_arith_##form##_flags(uint64_t b) { return vsp_flags_zn(vsp_arith_##form(b)); }

/* ---- ADD SUB MUL ---- */

static inline uint64_t vsp_arith_add(uint64_t b, uint64_t c) { return b + c; }
static inline uint64_t vsp_arith_add_w(uint64_t b, uint64_t c) { return vsp_sext32(b + c); }
static inline uint64_t vsp_arith_sub(uint64_t b, uint64_t c) { return b - c; }
static inline uint64_t vsp_arith_sub_w(uint64_t b, uint64_t c) { return vsp_sext32(b - c); }
static inline uint64_t vsp_arith_mul(uint64_t b, uint64_t c) { return b * c; }
static inline uint64_t vsp_arith_mul_w(uint64_t b, uint64_t c) { return vsp_sext32(b * c); }

/* A sum overflows when both terms have the opposite sign of the sum. */
static inline uint8_t vsp_arith_add_flags(uint64_t b, uint64_t c)
{
	uint64_t r = b + c;
	return vsp_flags_zno(r, ((b ^ r) & (c ^ r)) >> 63);
}

/*
 * Sums, differences and products of 32-bit values are exact in 64 bits; the operation overflows
 * when the .W result differs.
 */
static inline uint8_t vsp_arith_add_w_flags(uint64_t b, uint64_t c)
{
	uint64_t exact = vsp_sext32(b) + vsp_sext32(c);
	return vsp_flags_zno(vsp_sext32(exact), vsp_sext32(exact) != exact);
}

static inline uint8_t vsp_arith_sub_flags(uint64_t b, uint64_t c)
{
	uint64_t r = b - c;
	return vsp_flags_zno(r, ((b ^ c) & (b ^ r)) >> 63);
}

static inline uint8_t vsp_arith_sub_w_flags(uint64_t b, uint64_t c)
{
	uint64_t exact = vsp_sext32(b) - vsp_sext32(c);
	return vsp_flags_zno(vsp_sext32(exact), vsp_sext32(exact) != exact);
}

/* A product fits when its high half repeats the sign of its low half. */
static inline uint8_t vsp_arith_mul_flags(uint64_t b, uint64_t c)
{
	uint64_t r = b * c;
	return vsp_flags_zno(r, vsp_mulh64(b, c) != 0 - (r >> 63));
}

static inline uint8_t vsp_arith_mul_w_flags(uint64_t b, uint64_t c)
{
	uint64_t exact = vsp_sext32(b) * vsp_sext32(c);
	return vsp_flags_zno(vsp_sext32(exact), vsp_sext32(exact) != exact);
}

/*
 * ---- DIV MOD DIVU MODU: the caller has trapped DIV_BY_ZERO, so c (for .W forms W(c)) is not 0
 * ----
 */

/* The divisors for which DIV, MOD, DIVU and MODU trap, before the result is computed. */
#define VSP_ARITH_BY_ZERO(name) \
	static inline bool vsp_arith_##name##_by_zero(uint64_t c) { return c == 0; } \
	static inline bool vsp_arith_##name##_w_by_zero(uint64_t c) { return (uint32_t)c == 0; }
VSP_ARITH_BY_ZERO(div)
VSP_ARITH_BY_ZERO(mod)
VSP_ARITH_BY_ZERO(divu)
VSP_ARITH_BY_ZERO(modu)
#undef VSP_ARITH_BY_ZERO

/* Division by -1 is negation, which also gives MIN / -1 = MIN without the machine's fault. */
static inline uint64_t vsp_arith_div(uint64_t b, uint64_t c)
{
	return c == UINT64_MAX ? 0 - b : (uint64_t)((int64_t)b / (int64_t)c);
}

/* In 64 bits no quotient of 32-bit values overflows. */
static inline uint64_t vsp_arith_div_w(uint64_t b, uint64_t c)
{
	return vsp_sext32((uint64_t)((int64_t)vsp_sext32(b) / (int64_t)vsp_sext32(c)));
}

static inline uint64_t vsp_arith_mod(uint64_t b, uint64_t c)
{
	return c == UINT64_MAX ? 0 : (uint64_t)((int64_t)b % (int64_t)c);
}

static inline uint64_t vsp_arith_mod_w(uint64_t b, uint64_t c)
{
	return (uint64_t)((int64_t)vsp_sext32(b) % (int64_t)vsp_sext32(c));
}

static inline uint64_t vsp_arith_divu(uint64_t b, uint64_t c) { return b / c; }
static inline uint64_t vsp_arith_divu_w(uint64_t b, uint64_t c) { return vsp_sext32((uint32_t)b / (uint32_t)c); }
static inline uint64_t vsp_arith_modu(uint64_t b, uint64_t c) { return b % c; }
static inline uint64_t vsp_arith_modu_w(uint64_t b, uint64_t c) { return vsp_sext32((uint32_t)b % (uint32_t)c); }

static inline uint8_t vsp_arith_div_flags(uint64_t b, uint64_t c)
{
	return vsp_flags_zno(vsp_arith_div(b, c), b == (uint64_t)INT64_MIN && c == UINT64_MAX);
}

static inline uint8_t vsp_arith_div_w_flags(uint64_t b, uint64_t c)
{
	return vsp_flags_zno(vsp_arith_div_w(b, c), (uint32_t)b == 0x80000000 && (uint32_t)c == UINT32_MAX);
}

VSP_ARITH_ZN2(mod)
VSP_ARITH_ZN2(mod_w)
VSP_ARITH_ZN2(divu)
VSP_ARITH_ZN2(divu_w)
VSP_ARITH_ZN2(modu)
VSP_ARITH_ZN2(modu_w)

/* ---- POW ---- */

/* base^exponent modulo 2^64, by squaring. */
static inline uint64_t vsp_pow_wrap(uint64_t base, uint64_t exponent)
{
	uint64_t r = 1;
	for (; exponent; exponent >>= 1, base *= base)
		if (exponent & 1)
			r *= base;
	return r;
}

/*
 * With a negative exponent only the bases 1 and -1 give a result other than 0; (-1)^c depends on
 * c's parity, which squaring finds for any c.
 */
static inline uint64_t vsp_arith_pow(uint64_t b, uint64_t c)
{
	if ((int64_t)c >= 0)
		return vsp_pow_wrap(b, c);
	return b == 1 || b == UINT64_MAX ? vsp_pow_wrap(b, c & 1) : 0;
}

static inline uint64_t vsp_arith_pow_w(uint64_t b, uint64_t c)
{
	return vsp_sext32(vsp_arith_pow(vsp_sext32(b), vsp_sext32(c)));
}

VSP_ARITH_ZN2(pow)
VSP_ARITH_ZN2(pow_w)

/* ---- comparisons ---- */

static inline uint8_t vsp_arith_cmp_flags(uint64_t a, uint64_t b)
{
	return (uint8_t)((a == b ? VSP_SR_Z : 0) | ((int64_t)a < (int64_t)b ? VSP_SR_N : 0));
}

static inline uint8_t vsp_arith_cmp_w_flags(uint64_t a, uint64_t b)
{
	return vsp_arith_cmp_flags(vsp_sext32(a), vsp_sext32(b));
}

static inline uint8_t vsp_arith_test_flags(uint64_t a, uint64_t b) { return vsp_flags_zn(a & b); }
static inline uint8_t vsp_arith_test_w_flags(uint64_t a, uint64_t b) { return vsp_flags_zn(vsp_sext32(a & b)); }

static inline uint64_t vsp_arith_seq(uint64_t b, uint64_t c) { return b == c; }
static inline uint64_t vsp_arith_sne(uint64_t b, uint64_t c) { return b != c; }
static inline uint64_t vsp_arith_slt(uint64_t b, uint64_t c) { return (int64_t)b < (int64_t)c; }
static inline uint64_t vsp_arith_sle(uint64_t b, uint64_t c) { return (int64_t)b <= (int64_t)c; }
static inline uint64_t vsp_arith_sltu(uint64_t b, uint64_t c) { return b < c; }
static inline uint64_t vsp_arith_sleu(uint64_t b, uint64_t c) { return b <= c; }

static inline uint64_t vsp_arith_sel(uint64_t d, uint64_t b, uint64_t c) { return d ? b : c; }

/* ---- bitwise operations and shifts ---- */

static inline uint64_t vsp_arith_and(uint64_t b, uint64_t c) { return b & c; }
static inline uint64_t vsp_arith_and_w(uint64_t b, uint64_t c) { return vsp_sext32(b & c); }
static inline uint64_t vsp_arith_or(uint64_t b, uint64_t c) { return b | c; }
static inline uint64_t vsp_arith_or_w(uint64_t b, uint64_t c) { return vsp_sext32(b | c); }
static inline uint64_t vsp_arith_xor(uint64_t b, uint64_t c) { return b ^ c; }
static inline uint64_t vsp_arith_xor_w(uint64_t b, uint64_t c) { return vsp_sext32(b ^ c); }
static inline uint64_t vsp_arith_not(uint64_t b) { return ~b; }
static inline uint64_t vsp_arith_not_w(uint64_t b) { return vsp_sext32(~b); }
static inline uint64_t vsp_arith_shl(uint64_t b, uint64_t c) { return b << (c & 63); }
static inline uint64_t vsp_arith_shl_w(uint64_t b, uint64_t c) { return vsp_sext32((uint32_t)b << (c & 31)); }
static inline uint64_t vsp_arith_shr(uint64_t b, uint64_t c) { return b >> (c & 63); }
static inline uint64_t vsp_arith_shr_w(uint64_t b, uint64_t c) { return vsp_sext32((uint32_t)b >> (c & 31)); }
static inline uint64_t vsp_arith_sar(uint64_t b, uint64_t c) { return (uint64_t)((int64_t)b >> (c & 63)); }
static inline uint64_t vsp_arith_sar_w(uint64_t b, uint64_t c) { return vsp_arith_sar(vsp_sext32(b), c & 31); }
static inline uint64_t vsp_arith_rotl(uint64_t b, uint64_t c) { return vsp_rotl64(b, (unsigned)c); }
static inline uint64_t vsp_arith_rotl_w(uint64_t b, uint64_t c)
{
	return vsp_sext32(vsp_rotl32((uint32_t)b, (unsigned)c));
}
static inline uint64_t vsp_arith_rotr(uint64_t b, uint64_t c) { return vsp_rotr64(b, (unsigned)c); }
static inline uint64_t vsp_arith_rotr_w(uint64_t b, uint64_t c)
{
	return vsp_sext32(vsp_rotr32((uint32_t)b, (unsigned)c));
}

VSP_ARITH_ZN2(and)
VSP_ARITH_ZN2(and_w)
VSP_ARITH_ZN2(or)
VSP_ARITH_ZN2(or_w)
VSP_ARITH_ZN2(xor)
VSP_ARITH_ZN2(xor_w)
VSP_ARITH_ZN1(not)
VSP_ARITH_ZN1(not_w)
VSP_ARITH_ZN2(shl)
VSP_ARITH_ZN2(shl_w)
VSP_ARITH_ZN2(shr)
VSP_ARITH_ZN2(shr_w)
VSP_ARITH_ZN2(sar)
VSP_ARITH_ZN2(sar_w)
VSP_ARITH_ZN2(rotl)
VSP_ARITH_ZN2(rotl_w)
VSP_ARITH_ZN2(rotr)
VSP_ARITH_ZN2(rotr_w)

/* ---- NEG ABS ---- */

static inline uint64_t vsp_arith_neg(uint64_t b) { return 0 - b; }
static inline uint64_t vsp_arith_neg_w(uint64_t b) { return vsp_sext32(0 - b); }
static inline uint64_t vsp_arith_abs(uint64_t b) { return b >> 63 ? 0 - b : b; }
static inline uint64_t vsp_arith_abs_w(uint64_t b) { return vsp_sext32(vsp_arith_abs(vsp_sext32(b))); }

static inline uint8_t vsp_arith_neg_flags(uint64_t b)
{
	return vsp_flags_zno(vsp_arith_neg(b), b == (uint64_t)INT64_MIN);
}
static inline uint8_t vsp_arith_neg_w_flags(uint64_t b)
{
	return vsp_flags_zno(vsp_arith_neg_w(b), (uint32_t)b == 0x80000000);
}
static inline uint8_t vsp_arith_abs_flags(uint64_t b)
{
	return vsp_flags_zno(vsp_arith_abs(b), b == (uint64_t)INT64_MIN);
}
static inline uint8_t vsp_arith_abs_w_flags(uint64_t b)
{
	return vsp_flags_zno(vsp_arith_abs_w(b), (uint32_t)b == 0x80000000);
}

/* ---- no flags from here on ---- */

static inline uint64_t vsp_arith_min(uint64_t b, uint64_t c) { return (int64_t)b < (int64_t)c ? b : c; }
static inline uint64_t vsp_arith_max(uint64_t b, uint64_t c) { return (int64_t)b < (int64_t)c ? c : b; }
static inline uint64_t vsp_arith_minu(uint64_t b, uint64_t c) { return b < c ? b : c; }
static inline uint64_t vsp_arith_maxu(uint64_t b, uint64_t c) { return b < c ? c : b; }
static inline uint64_t vsp_arith_min_w(uint64_t b, uint64_t c) { return vsp_arith_min(vsp_sext32(b), vsp_sext32(c)); }
static inline uint64_t vsp_arith_max_w(uint64_t b, uint64_t c) { return vsp_arith_max(vsp_sext32(b), vsp_sext32(c)); }
/* Sign extension keeps the unsigned order of 32-bit values. */
static inline uint64_t vsp_arith_minu_w(uint64_t b, uint64_t c) { return vsp_arith_minu(vsp_sext32(b), vsp_sext32(c)); }
static inline uint64_t vsp_arith_maxu_w(uint64_t b, uint64_t c) { return vsp_arith_maxu(vsp_sext32(b), vsp_sext32(c)); }

static inline uint64_t vsp_arith_mulh(uint64_t b, uint64_t c) { return vsp_mulh64(b, c); }
static inline uint64_t vsp_arith_mulhu(uint64_t b, uint64_t c) { return vsp_mulhu64(b, c); }
static inline uint64_t vsp_arith_mulh_w(uint64_t b, uint64_t c)
{
	return vsp_arith_sar(vsp_sext32(b) * vsp_sext32(c), 32);
}
static inline uint64_t vsp_arith_mulhu_w(uint64_t b, uint64_t c)
{
	return vsp_arith_sar((uint64_t)(uint32_t)b * (uint32_t)c, 32);
}

static inline uint64_t vsp_arith_clz(uint64_t b) { return vsp_clz64(b); }
static inline uint64_t vsp_arith_clz_w(uint64_t b) { return vsp_clz64((uint32_t)b) - 32; }
static inline uint64_t vsp_arith_ctz(uint64_t b) { return vsp_ctz64(b); }
/* A one bit above the low half stops the count at 32. */
static inline uint64_t vsp_arith_ctz_w(uint64_t b) { return vsp_ctz64(b | (uint64_t)1 << 32); }
static inline uint64_t vsp_arith_popcnt(uint64_t b) { return vsp_popcnt64(b); }
static inline uint64_t vsp_arith_popcnt_w(uint64_t b) { return vsp_popcnt64((uint32_t)b); }
static inline uint64_t vsp_arith_bswap(uint64_t b) { return vsp_bswap64(b); }
static inline uint64_t vsp_arith_bswap_w(uint64_t b) { return vsp_arith_sar(vsp_bswap64(b), 32); }

static inline uint64_t vsp_arith_sext8(uint64_t b) { return vsp_sext8(b); }
static inline uint64_t vsp_arith_sext16(uint64_t b) { return vsp_sext16(b); }
static inline uint64_t vsp_arith_sext32(uint64_t b) { return vsp_sext32(b); }
static inline uint64_t vsp_arith_zext8(uint64_t b) { return (uint8_t)b; }
static inline uint64_t vsp_arith_zext16(uint64_t b) { return (uint16_t)b; }
static inline uint64_t vsp_arith_zext32(uint64_t b) { return (uint32_t)b; }

#undef VSP_ARITH_ZN1
#undef VSP_ARITH_ZN2

#endif
