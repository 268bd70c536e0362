/*
 * A cursor that reads the binary formats of DWARF: numbers in the byte order of the machine that
 * they describe, and LEB128 (DWARF 4, section 7.6), one after the other. Data beyond the end reads
 * as 0 and marks the cursor, so that the end has to be checked only once.
 */
#ifndef VSP_CURSOR_H
#define VSP_CURSOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "leb128.h"

typedef struct vsp_cursor {
	const uint8_t *at, *end;
	bool bad; /* a read went beyond the end, or a number beyond 64 bits */
	bool big_endian;
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
		v |= (uint64_t)c->at[i] << 8 * (c->big_endian ? bytes - 1 - i : i);
	c->at += bytes;
	return v;
}

static inline uint64_t vsp_take_leb(vsp_cursor *c, bool is_signed)
{
	uint64_t v = 0;
	if (vsp_leb128_read(&c->at, c->end, is_signed, &v) != VSP_LEB128_OK) {
		c->bad = true;
		c->at = c->end;
	}
	return v;
}

#endif
