/*
 * Messages about source as clang prints them: place, message, the source line behind its number, a caret with an underline,
 * and the text that would mend it. Columns are bytes; the caret is placed by display width, with tabs expanded and what cannot
 * be printed shown as <XX>. Long lines are shown around the caret.
 */
#include <stdio.h>
#include <string.h>

#include "assembler.h"

enum { TAB_STOP = 8, SHOWN_MAX = 160, SHOWN_BEFORE = 80 };

/* Output that counts on when the buffer is full. */
typedef struct sink {
	char *out;
	size_t size, length;
} sink;

static void put(sink *s, const char *text, size_t n)
{
	for (size_t i = 0; i < n; i++, s->length++)
		if (s->length + 1 < s->size)
			s->out[s->length] = text[i];
}

static void put_string(sink *s, const char *text) { put(s, text, strlen(text)); }

/* Length in bytes of the UTF-8 sequence at p, or 0 when it is none. */
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

/* Columns that a code point takes on a terminal; -1 when it should not be printed as it is. */
static int display_width(uint32_t c)
{
	static const struct {
		uint32_t first, last;
		int width;
	} ranges[] = {{0, 0x1F, -1}, {0x7F, 0x9F, -1}, {0x300, 0x36F, 0}, {0x1100, 0x115F, 2}, {0x200B, 0x200F, -1},
	        {0x2028, 0x202E, -1}, {0x2066, 0x2069, -1}, {0x2E80, 0xA4CF, 2}, {0xAC00, 0xD7A3, 2},
	        {0xF900, 0xFAFF, 2}, {0xFE00, 0xFE0F, 0}, {0xFE30, 0xFE6F, 2}, {0xFEFF, 0xFEFF, -1},
	        {0xFF00, 0xFF60, 2}, {0xFFE0, 0xFFE6, 2}, {0x1F300, 0x1FAFF, 2}, {0x20000, 0x3FFFD, 2}};
	for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++)
		if (c >= ranges[i].first && c <= ranges[i].last)
			return ranges[i].width;
	return 1;
}

/* Shows the character at p (null s: only measures); returns its bytes and adds its width to *column. */
static size_t show(sink *s, const unsigned char *p, size_t room, size_t *column)
{
	uint32_t code = 0;
	char hex[8];
	size_t n = sequence(p, room, &code);
	int width = n ? display_width(code) : -1;
	if (p[0] == '\t') {
		size_t spaces = TAB_STOP - *column % TAB_STOP;
		if (s)
			put(s, "        ", spaces);
		*column += spaces;
		return 1;
	}
	if (width >= 0) {
		if (s)
			put(s, (const char *)p, n);
		*column += (size_t)width;
		return n;
	}
	for (size_t i = 0; i < (n ? n : 1); i++) {
		snprintf(hex, sizeof hex, "<%02X>", p[i]);
		if (s)
			put_string(s, hex);
		*column += 4;
	}
	return n ? n : 1;
}

/* Where the shown part of the line begins and ends: all of a short line, else about the caret. */
static void window(const vsp_diagnostic *d, size_t *begin, size_t *end)
{
	size_t caret = d->column - 1 < d->source_length ? d->column - 1 : d->source_length;
	*begin = 0;
	*end = d->source_length;
	if (d->source_length <= SHOWN_MAX)
		return;
	if (caret > SHOWN_BEFORE)
		*begin = caret - SHOWN_BEFORE;
	/* Not in the middle of a character. */
	for (int i = 0; i < 3 && *begin > 0 && ((unsigned char)d->source_line[*begin] & 0xC0) == 0x80; i++)
		--*begin;
	if (*end - *begin > SHOWN_MAX)
		*end = *begin + SHOWN_MAX;
	for (int i = 0; i < 3 && *end < d->source_length && ((unsigned char)d->source_line[*end] & 0xC0) == 0x80; i++)
		++*end;
}

static void put_repeated(sink *s, char c, size_t n)
{
	for (size_t i = 0; i < n; i++)
		put(s, &c, 1);
}

/* The source line, the caret line and the suggestion. */
static void put_source(sink *s, const vsp_diagnostic *d, bool color)
{
	size_t begin, end, at = d->column - 1, column = 0, caret = 0, stop = 0;
	window(d, &begin, &end);
	char number[32];
	snprintf(number, sizeof number, "%5lu | ", (unsigned long)d->line);
	put_string(s, number);
	if (begin)
		put_string(s, "..."), column = caret = stop = 3;
	for (size_t i = begin; i < end;) {
		if (i <= at)
			caret = column;
		i += show(s, (const unsigned char *)d->source_line + i, end - i, &column);
		if (i <= at)
			caret = column;
		if (i <= at + d->length)
			stop = column;
	}
	if (end < d->source_length)
		put_string(s, "...");
	put_string(s, "\n      | ");
	put_repeated(s, ' ', caret);
	put_string(s, color ? "\033[0;1;32m^" : "^");
	put_repeated(s, '~', stop > caret + 1 ? stop - caret - 1 : 0);
	put_string(s, color ? "\033[0m\n" : "\n");
	if (!d->suggestion)
		return;
	put_string(s, "      | ");
	put_repeated(s, ' ', caret);
	put_string(s, color ? "\033[0;32m" : "");
	put_string(s, d->suggestion);
	put_string(s, color ? "\033[0m\n" : "\n");
}

size_t vsp_diagnostic_format(const vsp_diagnostic *d, bool color, char *out, size_t size)
{
	static const char *const words[] = {
	        [VSP_SEV_ERROR] = "error: ", [VSP_SEV_WARNING] = "warning: ", [VSP_SEV_NOTE] = "note: "};
	static const char *const colors[] = {
	        [VSP_SEV_ERROR] = "\033[0;1;31m", [VSP_SEV_WARNING] = "\033[0;1;35m", [VSP_SEV_NOTE] = "\033[0;1;36m"};
	sink s = {out, size, 0};
	char place[48];
	put_string(&s, color ? "\033[1m" : "");
	put_string(&s, d->file);
	snprintf(place, sizeof place, ":%lu:%lu: ", (unsigned long)d->line, (unsigned long)d->column);
	put_string(&s, place);
	put_string(&s, color ? colors[d->severity] : "");
	put_string(&s, words[d->severity]);
	put_string(&s, color ? "\033[0m\033[1m" : "");
	put_string(&s, d->message);
	put_string(&s, color ? "\033[0m\n" : "\n");
	put_source(&s, d, color);
	if (size)
		out[s.length < size ? s.length : size - 1] = 0;
	return s.length;
}
