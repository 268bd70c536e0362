/*
 * Text that grows by doubling, or that is cut to a caller's buffer.
 */
#include "text.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "runtime/base/alloc.h"

enum { FIRST_CAPACITY = 1024, PIECE_MAX = 256 };

/* Makes room for n more bytes and a 0. */
static bool text_reserve(vsp_text *text, size_t n)
{
	if (text->failed || text->capacity - text->length > n)
		return !text->failed;
	size_t capacity = text->capacity ? text->capacity : FIRST_CAPACITY;
	while (capacity - text->length <= n && capacity <= SIZE_MAX / 4)
		capacity *= 2;
	char *bytes = capacity - text->length > n ? vsp_realloc(text->bytes, capacity, 1) : NULL;
	if (!bytes) {
		text->failed = true;
		return false;
	}
	text->bytes = bytes;
	text->capacity = capacity;
	return true;
}

void vsp_text_add(vsp_text *text, const char *bytes, size_t n)
{
	if (text->growable && !text_reserve(text, n)) {
		text->length += n; /* keeps counting, for callers that pad to a column */
		return;
	}
	size_t room = text->capacity > text->length ? text->capacity - text->length : 0;
	size_t fits = n < room ? n : room;
	if (fits)
		memcpy(text->bytes + text->length, bytes, fits);
	text->length += n;
}

void vsp_text_string(vsp_text *text, const char *string) { vsp_text_add(text, string, strlen(string)); }

void vsp_text_format(vsp_text *text, const char *format, ...)
{
	char piece[PIECE_MAX];
	va_list args;
	va_start(args, format);
	int n = vsnprintf(piece, sizeof piece, format, args);
	va_end(args);
	if (n > 0)
		vsp_text_add(text, piece, (size_t)n < sizeof piece ? (size_t)n : sizeof piece - 1);
}

void vsp_text_shown(vsp_text *text, const char *bytes, size_t n, vsp_escape_form form)
{
	vsp_escaped c;
	for (size_t at = 0; at < n; at += c.bytes) {
		vsp_escape_char(&c, bytes + at, n - at, form);
		vsp_text_add(text, c.text, c.length);
	}
}

void vsp_text_quoted(vsp_text *text, const char *bytes, size_t n)
{
	vsp_text_string(text, "\"");
	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)bytes[i];
		if (c == '"' || c == '\\')
			vsp_text_format(text, "\\%c", c);
		else if (c == '\n')
			vsp_text_string(text, "\\n");
		else if (c < 0x20 || c >= 0x7F)
			vsp_text_format(text, "\\x%02X", c);
		else
			vsp_text_add(text, (const char *)&c, 1);
	}
	vsp_text_string(text, "\"");
}

char *vsp_text_finish(vsp_text *text)
{
	if (text->growable)
		text_reserve(text, 0);
	if (text->failed) {
		vsp_free_memory(text->bytes);
		text->bytes = NULL;
		return NULL;
	}
	if (text->capacity)
		text->bytes[text->length < text->capacity ? text->length : text->capacity - 1] = 0;
	return text->bytes;
}
