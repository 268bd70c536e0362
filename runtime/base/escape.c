/*
 * The escaping of text so that it can be shown; see escape.h.
 */
#include "escape.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* The length in bytes of the UTF-8 sequence at p (RFC 3629), or 0 when there is none. */
static size_t sequence(const unsigned char *p, size_t room, uint32_t *code)
{
	size_t n = p[0] < 0x80                   ? 1
	           : p[0] >= 0xC2 && p[0] < 0xE0 ? 2
	           : (p[0] & 0xF0) == 0xE0       ? 3
	           : p[0] >= 0xF0 && p[0] < 0xF5 ? 4
	                                         : 0;
	if (!n || n > room)
		return 0;
	*code = n == 1 ? p[0] : p[0] & (0x7Fu >> n);
	for (size_t i = 1; i < n; i++) {
		if ((p[i] & 0xC0) != 0x80)
			return 0;
		*code = *code << 6 | (p[i] & 0x3F);
	}
	bool overlong = (n == 3 && *code < 0x800) || (n == 4 && (*code < 0x10000 || *code > 0x10FFFF));
	return overlong || (*code >= 0xD800 && *code < 0xE000) ? 0 : n;
}

/*
 * The number of columns that a code point takes on a terminal; -1 for those that must not be shown
 * as they are: controls, and characters that change the direction of text or hide it.
 */
static int display_width(uint32_t c)
{
	static const struct {
		uint32_t first, last;
		int width;
	} ranges[] = {{0, 0x1F, -1}, {0x7F, 0x9F, -1}, {0xAD, 0xAD, -1}, {0x300, 0x36F, 0}, {0x61C, 0x61C, -1},
	        {0x1100, 0x115F, 2}, {0x180E, 0x180E, -1}, {0x200B, 0x200F, -1}, {0x2028, 0x202E, -1},
	        {0x2060, 0x206F, -1}, {0x2E80, 0xA4CF, 2}, {0xAC00, 0xD7A3, 2}, {0xF900, 0xFAFF, 2},
	        {0xFE00, 0xFE0F, 0}, {0xFE30, 0xFE6F, 2}, {0xFEFF, 0xFEFF, -1}, {0xFF00, 0xFF60, 2},
	        {0xFFE0, 0xFFE6, 2}, {0xFFF0, 0xFFFB, -1}, {0x1F300, 0x1FAFF, 2}, {0x20000, 0x3FFFD, 2},
	        {0xE0000, 0xE0FFF, -1}};
	for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++)
		if (c >= ranges[i].first && c <= ranges[i].last)
			return ranges[i].width;
	return 1;
}

static void put_bytes(vsp_escaped *out, const unsigned char *text)
{
	for (size_t i = 0; i < out->bytes; i++)
		out->length += (size_t)snprintf(out->text + out->length, 5, "<%02X>", text[i]);
}

/* Beyond 16 bits JSON uses two halves (RFC 8259, section 7). */
static void put_code(vsp_escaped *out, uint32_t c)
{
	if (c > 0xFFFF) {
		out->length += (size_t)snprintf(out->text, 7, "\\u%04x", 0xD800u + ((unsigned)(c - 0x10000) >> 10));
		c = 0xDC00 + ((c - 0x10000) & 0x3FF);
	}
	out->length += (size_t)snprintf(out->text + out->length, 7, "\\u%04x", (unsigned)c);
}

/* Nearly all text consists of these characters, which are the same in every form. */
static bool is_plain(unsigned char c) { return c >= ' ' && c < 0x7F && c != '"' && c != '\\'; }

void vsp_escape_char(vsp_escaped *out, const char *text, size_t size, vsp_escape_form form)
{
	const unsigned char *p = (const unsigned char *)text;
	uint32_t code = 0xFFFD;
	if (is_plain(*p)) {
		*out = (vsp_escaped){1, 1, 1, {*text}};
		return;
	}
	size_t n = sequence(p, size, &code);
	int width = n ? display_width(code) : -1;
	bool json = form == VSP_ESCAPE_JSON;
	out->bytes = n ? n : 1;
	out->length = 0;
	if (width < 0) {
		if (json)
			put_code(out, code);
		else
			put_bytes(out, p);
		out->width = out->length;
		return;
	}
	if (json && (code == '"' || code == '\\'))
		out->text[out->length++] = '\\';
	memcpy(out->text + out->length, text, n);
	out->length += n;
	out->text[out->length] = 0;
	out->width = (size_t)width + (out->length - n);
}

size_t vsp_escape(char *out, size_t size, const char *text, size_t n, vsp_escape_form form)
{
	size_t length = 0, kept = 0;
	vsp_escaped c;
	for (size_t at = 0; at < n; at += c.bytes) {
		vsp_escape_char(&c, text + at, n - at, form);
		length += c.length;
		if (length >= size)
			continue;
		memcpy(out + kept, c.text, c.length);
		kept = length;
	}
	if (size)
		out[kept] = 0;
	return length;
}

void vsp_escape_print(FILE *to, const char *text, vsp_escape_form form)
{
	vsp_escaped c;
	for (size_t n = strlen(text), at = 0; at < n; at += c.bytes) {
		vsp_escape_char(&c, text + at, n - at, form);
		fwrite(c.text, 1, c.length, to);
	}
}
