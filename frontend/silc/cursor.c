/*
 * The cursor. Lengths are compared with what is left, never added to the position, so nothing overflows.
 */
#include "cursor.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void vsp_cursor_fail(vsp_cursor *c, uint64_t at, const char *format, ...)
{
	if (c->status != VSP_OK)
		return;
	char text[256];
	va_list args;
	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	c->status = vsp_error_at(c->error, VSP_E_FORMAT, c->place + at, "%s: %s", c->what, text);
}

void vsp_cursor_no_memory(vsp_cursor *c)
{
	if (c->status == VSP_OK)
		c->status = vsp_error_set(c->error, VSP_E_MEMORY, "out of memory while reading %s", c->what);
}

const uint8_t *vsp_cursor_bytes(vsp_cursor *c, uint64_t size)
{
	if (c->status != VSP_OK)
		return NULL;
	if (c->end - c->at < size) {
		vsp_cursor_fail(c, c->at, "truncated: %" PRIu64 " bytes are needed and %" PRIu64 " are left", size,
		        c->end - c->at);
		return NULL;
	}
	const uint8_t *p = c->bytes + c->at;
	c->at += size;
	return p;
}

uint64_t vsp_cursor_uint(vsp_cursor *c, unsigned bytes)
{
	const uint8_t *p = vsp_cursor_bytes(c, bytes);
	return p ? vsp_read_le(p, bytes) : 0;
}

/* The bits of a LEB128 number and how many its bytes hold (7 each). */
static uint64_t leb_bits(vsp_cursor *c, unsigned *held, bool is_signed)
{
	uint64_t start = c->at, value = 0;
	uint8_t byte = 0x80;
	for (*held = 0; c->status == VSP_OK && byte & 0x80; *held += 7) {
		byte = vsp_cursor_u8(c);
		unsigned bits = byte & 0x7F;
		/* The tenth byte holds bit 63, and above it only copies of the sign. */
		if (*held == 63 &&
		        (byte & 0x80 || (bits > 1 && !(is_signed && bits == 0x7F)) || (is_signed && bits == 1)))
			vsp_cursor_fail(c, start, "LEB128 number beyond 64 bits");
		else
			value |= (uint64_t)bits << *held;
	}
	return c->status == VSP_OK ? value : 0;
}

uint64_t vsp_cursor_uleb(vsp_cursor *c)
{
	unsigned held;
	return leb_bits(c, &held, false);
}

int64_t vsp_cursor_sleb(vsp_cursor *c)
{
	unsigned held;
	uint64_t value = leb_bits(c, &held, true);
	if (held < 64 && held > 0 && value >> (held - 1) & 1)
		value |= ~(uint64_t)0 << held;
	int64_t result;
	memcpy(&result, &value, sizeof result);
	return result;
}

uint32_t vsp_cursor_count(vsp_cursor *c, unsigned entry_size)
{
	uint64_t start = c->at;
	uint32_t count = vsp_cursor_u32(c);
	if (count > (c->end - c->at) / entry_size)
		vsp_cursor_fail(
		        c, start, "%" PRIu32 " entries do not fit the %" PRIu64 " bytes left", count, c->end - c->at);
	return c->status == VSP_OK ? count : 0;
}

bool vsp_cursor_pool(vsp_cursor *c, vsp_arena *arena, vsp_name_pool *pool)
{
	pool->next = c->end - c->at <= SIZE_MAX ? vsp_arena_alloc(arena, (size_t)(c->end - c->at)) : NULL;
	if (!pool->next)
		vsp_cursor_no_memory(c);
	return pool->next;
}

const char *vsp_cursor_name(vsp_cursor *c, vsp_name_pool *pool)
{
	uint16_t length = vsp_cursor_u16(c);
	uint64_t start = c->at;
	const uint8_t *bytes = vsp_cursor_bytes(c, length);
	if (!bytes)
		return "";
	if (memchr(bytes, 0, length)) {
		vsp_cursor_fail(c, start, "zero byte in a name");
		return "";
	}
	char *name = pool->next;
	memcpy(name, bytes, length); /* the 0 behind it is the arena's */
	pool->next += length + 1;
	return name;
}

vsp_status vsp_cursor_finish(vsp_cursor *c)
{
	if (c->status == VSP_OK && c->at != c->end)
		vsp_cursor_fail(c, c->at, "%" PRIu64 " bytes too many", c->end - c->at);
	return c->status;
}
