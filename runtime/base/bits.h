/*
 * Bit-level primitives without undefined behaviour: casts between floats and their bits, sign
 * extension, shifts, rotates, counts and the high half of a product. Registers are uint64_t
 * everywhere; signed values are made here.
 *
 * Every primitive has a portable form. If a compiler's own form is preferred, the portable one is
 * named vsp_*_portable, so that one host can test both.
 */
#ifndef VSP_RUNTIME_BITS_H
#define VSP_RUNTIME_BITS_H

#include <assert.h>
#include <stdint.h>
#include <string.h>

static_assert(sizeof(double) == 8 && sizeof(float) == 4, "IEEE double and float");
static_assert((int64_t)UINT64_MAX == -1 && (-1 >> 1) == -1, "two's complement, arithmetic shifts");

static inline double vsp_f64_of_bits(uint64_t bits)
{
	double value;
	memcpy(&value, &bits, sizeof value);
	return value;
}

static inline uint64_t vsp_bits_of_f64(double value)
{
	uint64_t bits;
	memcpy(&bits, &value, sizeof bits);
	return bits;
}

static inline float vsp_f32_of_bits(uint32_t bits)
{
	float value;
	memcpy(&value, &bits, sizeof value);
	return value;
}

static inline uint32_t vsp_bits_of_f32(float value)
{
	uint32_t bits;
	memcpy(&bits, &value, sizeof bits);
	return bits;
}

/* Low n bits of v, sign-extended to 64. */
static inline uint64_t vsp_sext8(uint64_t v) { return (uint64_t)(int64_t)(int8_t)(uint8_t)v; }
static inline uint64_t vsp_sext16(uint64_t v) { return (uint64_t)(int64_t)(int16_t)(uint16_t)v; }
static inline uint64_t vsp_sext32(uint64_t v) { return (uint64_t)(int64_t)(int32_t)(uint32_t)v; }

/* Rotates; n is taken modulo the width. */
static inline uint64_t vsp_rotl64(uint64_t v, unsigned n) { return v << (n & 63) | v >> (-n & 63); }
static inline uint64_t vsp_rotr64(uint64_t v, unsigned n) { return v >> (n & 63) | v << (-n & 63); }
static inline uint32_t vsp_rotl32(uint32_t v, unsigned n) { return v << (n & 31) | v >> (-n & 31); }
static inline uint32_t vsp_rotr32(uint32_t v, unsigned n) { return v >> (n & 31) | v << (-n & 31); }

/* Leading zeros by binary search; 64 for 0. */
static inline unsigned vsp_clz64_portable(uint64_t v)
{
	unsigned n = 0;
	if (!v)
		return 64;
	for (unsigned width = 32; width; width /= 2)
		if (!(v >> (64 - width))) {
			n += width;
			v <<= width;
		}
	return n;
}

/* The number of one bits, summed in parallel over fields that grow wider. */
static inline unsigned vsp_popcnt64_portable(uint64_t v)
{
	v -= v >> 1 & 0x5555555555555555;
	v = (v & 0x3333333333333333) + (v >> 2 & 0x3333333333333333);
	v = (v + (v >> 4)) & 0x0F0F0F0F0F0F0F0F;
	return (unsigned)(v * 0x0101010101010101 >> 56);
}

/* Trailing zeros: the bits below the lowest one bit; 64 for 0. */
static inline unsigned vsp_ctz64_portable(uint64_t v) { return vsp_popcnt64_portable(~v & (v - 1)); }

static inline uint64_t vsp_bswap64_portable(uint64_t v)
{
	v = (v & 0x00FF00FF00FF00FF) << 8 | (v >> 8 & 0x00FF00FF00FF00FF);
	v = (v & 0x0000FFFF0000FFFF) << 16 | (v >> 16 & 0x0000FFFF0000FFFF);
	return v << 32 | v >> 32;
}

/* The high 64 bits of the unsigned product, by 32-bit halves. */
static inline uint64_t vsp_mulhu64_portable(uint64_t x, uint64_t y)
{
	uint64_t xl = (uint32_t)x, xh = x >> 32, yl = (uint32_t)y, yh = y >> 32;
	uint64_t low = xl * yl, mid = xh * yl + (low >> 32), other = xl * yh + (uint32_t)mid;
	return xh * yh + (mid >> 32) + (other >> 32);
}

#if defined(__GNUC__)
static inline unsigned vsp_clz64(uint64_t v) { return v ? (unsigned)__builtin_clzll(v) : 64; }
static inline unsigned vsp_ctz64(uint64_t v) { return v ? (unsigned)__builtin_ctzll(v) : 64; }
static inline unsigned vsp_popcnt64(uint64_t v) { return (unsigned)__builtin_popcountll(v); }
static inline uint64_t vsp_bswap64(uint64_t v) { return __builtin_bswap64(v); }
#else
static inline unsigned vsp_clz64(uint64_t v) { return vsp_clz64_portable(v); }
static inline unsigned vsp_ctz64(uint64_t v) { return vsp_ctz64_portable(v); }
static inline unsigned vsp_popcnt64(uint64_t v) { return vsp_popcnt64_portable(v); }
static inline uint64_t vsp_bswap64(uint64_t v) { return vsp_bswap64_portable(v); }
#endif

#if defined(__SIZEOF_INT128__)
__extension__ typedef unsigned __int128 vsp_u128;
static inline uint64_t vsp_mulhu64(uint64_t x, uint64_t y) { return (uint64_t)((vsp_u128)x * y >> 64); }
#else
static inline uint64_t vsp_mulhu64(uint64_t x, uint64_t y) { return vsp_mulhu64_portable(x, y); }
#endif

/*
 * The high 64 bits of the signed product: in the unsigned product a negative factor counts 2^64 too
 * much.
 */
static inline uint64_t vsp_mulh64(uint64_t x, uint64_t y)
{
	return vsp_mulhu64(x, y) - (x >> 63 ? y : 0) - (y >> 63 ? x : 0);
}

#endif
