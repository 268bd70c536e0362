/*
 * Messages about source as clang prints them: place, message, the source line after its number, a
 * caret with an underline, and the suggested text. Columns are bytes; the caret is placed by
 * display width, with tabs expanded and unprintable bytes shown as <XX>. Long lines are shown
 * around the caret.
 */
#include <stdio.h>
#include <string.h>

#include "assembler.h"
#include "runtime/base/escape.h"

enum { TAB_STOP = 8, SHOWN_MAX = 160, SHOWN_BEFORE = 80 };

/* Output that only counts when the buffer is full. */
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

/* Shows the character at p; returns its bytes and adds its width to *column. */
static size_t show(sink *s, const char *p, size_t room, size_t *column)
{
	vsp_escaped c;
	if (*p == '\t') {
		size_t spaces = TAB_STOP - *column % TAB_STOP;
		put(s, "        ", spaces);
		*column += spaces;
		return 1;
	}
	vsp_escape_char(&c, p, room, VSP_ESCAPE_TEXT);
	put(s, c.text, c.length);
	*column += c.width;
	return c.bytes;
}

/* Names, messages and suggestions are made of the source's bytes. */
static void put_shown(sink *s, const char *text)
{
	vsp_escaped c;
	for (size_t n = strlen(text), at = 0; at < n; at += c.bytes) {
		vsp_escape_char(&c, text + at, n - at, VSP_ESCAPE_TEXT);
		put(s, c.text, c.length);
	}
}

/* The part of the line that is shown: all of a short line, else the part around the caret. */
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
		i += show(s, d->source_line + i, end - i, &column);
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
	put_shown(s, d->suggestion);
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
	put_shown(&s, d->file);
	snprintf(place, sizeof place, ":%lu:%lu: ", (unsigned long)d->line, (unsigned long)d->column);
	put_string(&s, place);
	put_string(&s, color ? colors[d->severity] : "");
	put_string(&s, words[d->severity]);
	put_string(&s, color ? "\033[0m\033[1m" : "");
	put_shown(&s, d->message);
	put_string(&s, color ? "\033[0m\n" : "\n");
	put_source(&s, d, color);
	if (size)
		out[s.length < size ? s.length : size - 1] = 0;
	return s.length;
}
