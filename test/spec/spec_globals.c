/*
 * A module that reads the globals of others, see spec_globals.h.
 */
#include "spec_globals.h"

#include <stdio.h>
#include <string.h>

enum { TYPES = 1, IMPORTS = 2, FUNCTIONS = 3, EXPORTS = 7, CODE = 10 };

/* Bytes that are written, or only counted when there is no place for them. */
typedef struct sink {
	uint8_t *at; /* or null */
	size_t size;
} sink;

static void byte(sink *s, unsigned value)
{
	if (s->at)
		s->at[s->size] = (uint8_t)value;
	s->size++;
}

static void number(sink *s, size_t value)
{
	for (; value >= 0x80; value >>= 7)
		byte(s, (unsigned)(value & 0x7F) | 0x80);
	byte(s, (unsigned)value);
}

static void text(sink *s, const char *value)
{
	number(s, strlen(value));
	for (; *value; value++)
		byte(s, (unsigned char)*value);
}

static unsigned type_byte(const char *type)
{
	static const struct spelling {
		const char *text;
		unsigned byte;
	} types[] = {
	        {"i32", 0x7F}, {"i64", 0x7E}, {"f32", 0x7D}, {"f64", 0x7C}, {"funcref", 0x70}, {"externref", 0x6F}};
	for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
		if (strcmp(types[i].text, type) == 0)
			return types[i].byte;
	return 0; /* which no module may have */
}

void spec_globals_reader(const char *module, const char *field, char *out, size_t size)
{
	snprintf(out, size, "global %s.%s", module, field);
}

/* What a section has of the i-th global. */
static void entry(sink *s, unsigned section, const spec_global *g, unsigned i)
{
	char name[512];
	sink index = {NULL, 0};
	switch (section) {
	case TYPES: byte(s, 0x60), number(s, 0), number(s, 1), byte(s, type_byte(g->type)); break;
	case IMPORTS:
		text(s, g->module), text(s, g->field), byte(s, 3), byte(s, type_byte(g->type)), byte(s, g->variable);
		break;
	case FUNCTIONS: number(s, i); break;
	case EXPORTS:
		spec_globals_reader(g->module, g->field, name, sizeof name);
		text(s, name), byte(s, 0), number(s, i);
		break;
	default: /* no locals; global.get, end */
		number(&index, i);
		number(s, 3 + index.size), number(s, 0), byte(s, 0x23), number(s, i), byte(s, 0x0B);
	}
}

static void entries(sink *s, unsigned section, const spec_global *list, unsigned count)
{
	number(s, count);
	for (unsigned i = 0; i < count; i++)
		entry(s, section, &list[i], i);
}

size_t spec_globals_write(const spec_global *list, unsigned count, uint8_t *out)
{
	static const uint8_t head[] = {0, 'a', 's', 'm', 1, 0, 0, 0},
	                     order[] = {TYPES, IMPORTS, FUNCTIONS, EXPORTS, CODE};
	sink s = {out, 0};
	for (size_t i = 0; i < sizeof head; i++)
		byte(&s, head[i]);
	for (size_t i = 0; i < sizeof order; i++) {
		sink body = {NULL, 0};
		entries(&body, order[i], list, count);
		byte(&s, order[i]), number(&s, body.size);
		entries(&s, order[i], list, count);
	}
	return s.size;
}
