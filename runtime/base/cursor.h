/*
 * Reading the binary formats of DWARF: little-endian numbers and LEB128 (DWARF 4, section 7.6), one behind the other. What is not there reads as 0
 * and marks the cursor, so that the end of the data need be looked at only once.
 */
#ifndef VSP_CURSOR_H
#define VSP_CURSOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct vsp_cursor {
	const uint8_t *at, *end;
	bool bad; /* something was behind the end */
} vsp_cursor;

/* At most 8 bytes. */
static inline uint64_t vsp_take(vsp_cursor *c, unsigned bytes)
{
	uint64_t v = 0;
	if ((size_t)(c->end - c->at) < bytes) {
		c->bad = true;
		c->at = c->end;
		return 0;
	}
	for (unsigned i = 0; i < bytes; i++)
		v |= (uint64_t)c->at[i] << (8 * i);
	c->at += bytes;
	return v;
}

/* Bits beyond 64 are dropped. */
static inline uint64_t vsp_take_leb(vsp_cursor *c, bool is_signed)
{
	uint64_t v = 0, byte;
	unsigned shift = 0;
	do {
		byte = vsp_take(c, 1);
		if (shift < 64)
			v |= (byte & 0x7F) << shift;
		shift += 7;
	} while (byte & 0x80);
	if (is_signed && byte & 0x40 && shift < 64)
		v |= ~(uint64_t)0 << shift;
	return v;
}

#endif
