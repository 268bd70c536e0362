/*
 * Reading WebAssembly's binary format, see reader.h.
 */
#include "reader.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "ir/module.h"
#include "runtime/base/leb128.h"

bool wasm_fail(wasm_reader *r, uint64_t offset, const char *format, ...)
{
	char text[320];
	va_list args;
	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	if (r->status == VSP_OK)
		r->status = vsp_error_at(r->error, VSP_E_FORMAT, offset, "%s%s", r->where, text);
	r->at = r->end;
	return false;
}

bool wasm_no_memory(wasm_reader *r)
{
	if (r->status == VSP_OK)
		r->status = vsp_error_set(r->error, VSP_E_MEMORY, "out of memory while reading WebAssembly");
	r->at = r->end;
	return false;
}

bool wasm_fail_code(wasm_reader *r, uint64_t offset, uint32_t code, const char *what)
{
	const char *feature = wasm_refused(code);
	if (feature)
		return wasm_fail(r, offset, "%s is not supported", feature);
	if (code >= WASM_CODES_FC && code < WASM_CODES_TYPE)
		return wasm_fail(r, offset, "%s FC %" PRIu32 " is unknown", what, code - WASM_CODES_FC);
	return wasm_fail(r, offset, "%s 0x%02" PRIx32 " is unknown", what, code & 0xFF);
}

static bool fail_truncated(wasm_reader *r)
{
	return wasm_fail(r, (uint64_t)(r->end - r->start), "the file or section ends too early");
}

uint8_t wasm_u8(wasm_reader *r)
{
	if (r->at < r->end)
		return *r->at++;
	fail_truncated(r);
	return 0;
}

uint64_t wasm_fixed(wasm_reader *r, unsigned bytes)
{
	const uint8_t *p = wasm_bytes(r, bytes);
	uint64_t value = 0;
	for (unsigned i = 0; p && i < bytes; i++)
		value |= (uint64_t)p[i] << (8 * i);
	return value;
}

/* LEB128 of at most so many bits, in no more bytes than these need. */
static uint64_t read_leb128(wasm_reader *r, unsigned bits, bool is_signed)
{
	const uint8_t *start = r->at;
	size_t most = (bits + 6) / 7;
	bool cut = (size_t)(r->end - start) < most;
	uint64_t value = 0, limit = bits == 64 ? UINT64_MAX : (UINT64_C(1) << bits) - 1;
	vsp_leb128 read = vsp_leb128_read(&r->at, cut ? r->end : start + most, is_signed, &value);
	if (read == VSP_LEB128_TRUNCATED && cut) {
		fail_truncated(r);
		return 0;
	}
	bool fits = is_signed ? bits == 64 || value + (UINT64_C(1) << (bits - 1)) <= limit : value <= limit;
	if (read != VSP_LEB128_OK || !fits) {
		wasm_fail(r, (uint64_t)(start - r->start), "the number is too large or too long for %u bits", bits);
		return 0;
	}
	return value;
}

uint32_t wasm_u32(wasm_reader *r) { return (uint32_t)read_leb128(r, 32, false); }
int64_t wasm_signed(wasm_reader *r, unsigned bits) { return (int64_t)read_leb128(r, bits, true); }

const uint8_t *wasm_bytes(wasm_reader *r, uint32_t size)
{
	if ((size_t)(r->end - r->at) < size) {
		fail_truncated(r);
		return NULL;
	}
	const uint8_t *p = r->at;
	r->at += size;
	return p;
}

uint32_t wasm_count(wasm_reader *r, unsigned element)
{
	uint64_t start = wasm_offset(r);
	uint32_t count = wasm_u32(r);
	if (count <= (size_t)(r->end - r->at) / element)
		return count;
	wasm_fail(r, start, "%" PRIu32 " entries do not fit into the %zu bytes that are left", count,
	        (size_t)(r->end - r->at));
	return 0;
}

uint32_t wasm_read_index(wasm_reader *r, uint32_t count, const char *what)
{
	uint64_t offset = wasm_offset(r);
	uint32_t index = wasm_u32(r);
	if (r->status == VSP_OK && index >= count)
		wasm_fail(r, offset, "unknown %s %" PRIu32, what, index);
	return r->status == VSP_OK ? index : 0;
}

/* WebAssembly's names may contain zeros, which VSP's text may not. */
static bool is_utf8(const char *text, size_t size)
{
	while (size) {
		const char *zero = memchr(text, 0, size);
		size_t piece = zero ? (size_t)(zero - text) : size;
		if (!vsp_text_is_utf8(text, piece))
			return false;
		piece += zero != NULL;
		text += piece;
		size -= piece;
	}
	return true;
}

wasm_name wasm_read_name(wasm_reader *r)
{
	uint64_t start = wasm_offset(r);
	uint32_t size = wasm_u32(r);
	const char *text = (const char *)wasm_bytes(r, size);
	if (!text)
		return (wasm_name){"", 0};
	if (is_utf8(text, size))
		return (wasm_name){text, size};
	wasm_fail(r, start, "the name is not valid UTF-8");
	return (wasm_name){"", 0};
}

uint8_t wasm_read_value_type(wasm_reader *r)
{
	uint64_t start = wasm_offset(r);
	uint8_t type = wasm_u8(r);
	if (r->status == VSP_OK && (type < WASM_F64 || type > WASM_I32) && !wasm_is_reference(type))
		wasm_fail_code(r, start, (uint32_t)WASM_CODES_TYPE + type, "value type");
	return r->status == VSP_OK ? type : (uint8_t)WASM_I32;
}

uint8_t wasm_read_reference_type(wasm_reader *r)
{
	uint64_t start = wasm_offset(r);
	uint8_t type = wasm_u8(r);
	if (r->status == VSP_OK && !wasm_is_reference(type))
		wasm_fail_code(r, start, (uint32_t)WASM_CODES_TYPE + type, "reference type");
	return r->status == VSP_OK ? type : (uint8_t)WASM_FUNCREF;
}

void *wasm_array(wasm_reader *r, vsp_arena *arena, size_t count, size_t size)
{
	void *table = r->status == VSP_OK ? vsp_arena_array(arena, count, size) : NULL;
	if (!table)
		wasm_no_memory(r);
	return table;
}
