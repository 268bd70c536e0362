/*
 * LEB128 numbers (DWARF 4, section 7.6): groups of seven bits, the lowest first, with the high bit
 * set in all bytes but the last. The signed kind is two's complement; bit 6 of the last byte is the
 * sign.
 */
#ifndef VSP_RUNTIME_LEB128_H
#define VSP_RUNTIME_LEB128_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { VSP_LEB128_MOST = 10 }; /* bytes of a 64-bit number */

/* Writes value in as few bytes as possible. Returns their number. */
static inline size_t vsp_uleb128_write(uint8_t out[VSP_LEB128_MOST], uint64_t value)
{
	size_t n = 0;
	for (; value >= 0x80; value >>= 7)
		out[n++] = (uint8_t)(value | 0x80);
	out[n++] = (uint8_t)value;
	return n;
}

static inline size_t vsp_sleb128_write(uint8_t out[VSP_LEB128_MOST], int64_t value)
{
	uint64_t bits = (uint64_t)value, sign = value < 0 ? UINT64_MAX : 0;
	size_t n = 0;
	/* Continues until only copies of the sign are left, including bit 6 of the last byte. */
	while (bits >> 6 != sign >> 6) {
		out[n++] = (uint8_t)(bits | 0x80);
		bits = bits >> 7 | sign << 57;
	}
	out[n++] = (uint8_t)(bits & 0x7F);
	return n;
}

typedef enum vsp_leb128 { VSP_LEB128_OK, VSP_LEB128_TRUNCATED, VSP_LEB128_TOO_LARGE } vsp_leb128;

/*
 * Reads a number of at most 64 bits and moves *at behind it. The number may be stored in more bytes
 * than it needs, but not in more than VSP_LEB128_MOST. TRUNCATED: it has no last byte before end.
 * TOO_LARGE: it has bits beyond the 64th. In both cases *value and *at are unchanged.
 */
static inline vsp_leb128 vsp_leb128_read(const uint8_t **at, const uint8_t *end, bool is_signed, uint64_t *value)
{
	uint64_t v = 0;
	for (unsigned n = 0; n < VSP_LEB128_MOST; n++) {
		if (*at + n == end)
			return VSP_LEB128_TRUNCATED;
		uint8_t byte = (*at)[n], bits = byte & 0x7F;
		/* The tenth byte holds bit 63, and above it only copies of the sign. */
		if (n == VSP_LEB128_MOST - 1 && byte != 0 && byte != (is_signed ? 0x7F : 1))
			break;
		v |= (uint64_t)bits << (7 * n);
		if (byte & 0x80)
			continue;
		if (is_signed && byte & 0x40 && n < VSP_LEB128_MOST - 1)
			v |= UINT64_MAX << (7 * (n + 1));
		*at += n + 1;
		*value = v;
		return VSP_LEB128_OK;
	}
	return VSP_LEB128_TOO_LARGE;
}

#endif
