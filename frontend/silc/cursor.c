/*
 * Reading bytes with bounds checks. Lengths are compared with what is left, never added to the
 * position, so nothing overflows.
 */
#include "cursor.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "runtime/base/leb128.h"

void silc_cursor_fail(silc_cursor *c, uint64_t at, const char *format, ...)
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

void silc_cursor_no_memory(silc_cursor *c)
{
	if (c->status == VSP_OK)
		c->status = vsp_error_set(c->error, VSP_E_MEMORY, "out of memory while reading %s", c->what);
}

const uint8_t *silc_cursor_bytes(silc_cursor *c, uint64_t size)
{
	if (c->status != VSP_OK)
		return NULL;
	if (c->end - c->at < size) {
		silc_cursor_fail(c, c->at, "truncated: %" PRIu64 " bytes are needed and %" PRIu64 " are left", size,
		        c->end - c->at);
		return NULL;
	}
	const uint8_t *p = c->bytes + c->at;
	c->at += size;
	return p;
}

uint64_t silc_cursor_uint(silc_cursor *c, unsigned bytes)
{
	const uint8_t *p = silc_cursor_bytes(c, bytes);
	return p ? vsp_read_le(p, bytes) : 0;
}

static uint64_t read_leb128(silc_cursor *c, bool is_signed)
{
	const uint8_t *at = c->bytes + c->at;
	uint64_t value = 0;
	if (c->status != VSP_OK)
		return 0;
	switch (vsp_leb128_read(&at, c->bytes + c->end, is_signed, &value)) {
	case VSP_LEB128_OK: c->at = (uint64_t)(at - c->bytes); break;
	case VSP_LEB128_TRUNCATED:
		c->at = c->end;
		silc_cursor_u8(c); /* names the missing part */
		break;
	case VSP_LEB128_TOO_LARGE: silc_cursor_fail(c, c->at, "LEB128 number beyond 64 bits"); break;
	}
	return value;
}

uint64_t silc_cursor_uleb(silc_cursor *c) { return read_leb128(c, false); }

int64_t silc_cursor_sleb(silc_cursor *c) { return (int64_t)read_leb128(c, true); }

uint32_t silc_cursor_count(silc_cursor *c, unsigned entry_size)
{
	uint64_t start = c->at;
	uint32_t count = silc_cursor_u32(c);
	if (count > (c->end - c->at) / entry_size)
		silc_cursor_fail(
		        c, start, "%" PRIu32 " entries do not fit the %" PRIu64 " bytes left", count, c->end - c->at);
	return c->status == VSP_OK ? count : 0;
}

bool silc_cursor_pool(silc_cursor *c, vsp_arena *arena, vsp_name_pool *pool)
{
	pool->next = c->end - c->at <= SIZE_MAX ? vsp_arena_alloc(arena, (size_t)(c->end - c->at)) : NULL;
	if (!pool->next)
		silc_cursor_no_memory(c);
	return pool->next;
}

const char *silc_cursor_name(silc_cursor *c, vsp_name_pool *pool)
{
	uint16_t length = silc_cursor_u16(c);
	uint64_t start = c->at;
	const uint8_t *bytes = silc_cursor_bytes(c, length);
	if (!bytes)
		return "";
	if (memchr(bytes, 0, length)) {
		silc_cursor_fail(c, start, "zero byte in a name");
		return "";
	}
	char *name = pool->next;
	memcpy(name, bytes, length); /* the 0 after it is the arena's */
	pool->next += length + 1;
	return name;
}

vsp_status silc_cursor_finish(silc_cursor *c)
{
	if (c->status == VSP_OK && c->at != c->end)
		silc_cursor_fail(c, c->at, "%" PRIu64 " bytes too many", c->end - c->at);
	return c->status;
}
