/*
 * Writers of binary formats into a vsp_text: little-endian numbers, LEB128 and strings with their
 * 0.
 */
#ifndef VSP_TIERS_BYTES_H
#define VSP_TIERS_BYTES_H

#include <stdint.h>
#include <string.h>

#include "frontend/text.h"
#include "runtime/base/leb128.h"

static inline void put_number(vsp_text *out, uint64_t value, unsigned bytes)
{
	char le[8];
	for (unsigned i = 0; i < bytes; i++)
		le[i] = (char)(value >> 8 * i);
	vsp_text_add(out, le, bytes);
}

static inline void put_uleb(vsp_text *out, uint64_t value)
{
	uint8_t bytes[VSP_LEB128_MOST];
	vsp_text_add(out, (const char *)bytes, vsp_uleb128_write(bytes, value));
}

static inline void put_sleb(vsp_text *out, int64_t value)
{
	uint8_t bytes[VSP_LEB128_MOST];
	vsp_text_add(out, (const char *)bytes, vsp_sleb128_write(bytes, value));
}

/* Names that are shown to tools, without a 0. */
static inline void put_shown(vsp_text *out, const char *string)
{
	vsp_text_shown(out, string, strlen(string), VSP_ESCAPE_TEXT);
}

static inline void put_text(vsp_text *out, const char *string) { vsp_text_add(out, string, strlen(string) + 1); }

static inline void put_zeros(vsp_text *out, size_t count)
{
	while (count--)
		put_number(out, 0, 1);
}

/* Overwrites a number that was written earlier. Does nothing if memory has run out. */
static inline void set_number(vsp_text *out, size_t at, uint64_t value, unsigned bytes)
{
	for (unsigned i = 0; i < bytes && !out->failed; i++)
		out->bytes[at + i] = (char)(value >> 8 * i);
}

#endif
