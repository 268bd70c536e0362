/*
 * A reader of JSON, see json.h.
 */
#include "json.h"

#include <stdlib.h>
#include <string.h>

static json *read_value(char **at);

static void skip_space(char **at) { *at += strspn(*at, " \t\r\n"); }

static char *put_utf8(char *out, unsigned c)
{
	if (c < 0x80) {
		*out++ = (char)c;
	} else if (c < 0x800) {
		*out++ = (char)(0xC0 | c >> 6);
		*out++ = (char)(0x80 | (c & 0x3F));
	} else {
		*out++ = (char)(0xE0 | c >> 12);
		*out++ = (char)(0x80 | (c >> 6 & 0x3F));
		*out++ = (char)(0x80 | (c & 0x3F));
	}
	return out;
}

/* The string whose first quote is at *at, unescaped in place; wast2json writes each byte that is no
   printable ASCII as \u00XX. */
static char *read_string(char **at, size_t *size)
{
	static const char escapes[] = "\"\\/bfnrt", meanings[] = "\"\\/\b\f\n\r\t";
	char *text = ++*at, *out = text;
	while (**at && **at != '"') {
		if (**at != '\\') {
			*out++ = *(*at)++;
			continue;
		}
		const char *escape = (*at)[1] ? strchr(escapes, (*at)[1]) : NULL;
		char digits[5] = "";
		if ((*at)[1] == 'u' && strlen(*at) >= 6) {
			memcpy(digits, *at + 2, 4);
			unsigned c = (unsigned)strtoul(digits, NULL, 16);
			out = c < 0x100 ? (*out = (char)c, out + 1) : put_utf8(out, c);
			*at += 6;
		} else if (escape) {
			*out++ = meanings[escape - escapes];
			*at += 2;
		} else {
			return NULL;
		}
	}
	if (!**at)
		return NULL;
	++*at;
	*out = 0;
	*size = (size_t)(out - text);
	return text;
}

/* Numbers and words end in a byte that is overwritten, so the byte is returned. */
static char read_word(json *value, char **at)
{
	value->kind = JSON_OTHER;
	value->text = *at;
	value->size = strcspn(*at, ",]} \t\r\n");
	*at += value->size;
	return **at;
}

/* Members up to the closing bracket; false: no JSON. */
static bool read_members(json *value, char **at, char closing)
{
	json **last = &value->first;
	++*at;
	for (skip_space(at); **at && **at != closing; skip_space(at)) {
		char *key = NULL;
		size_t size;
		if (closing == '}') {
			key = **at == '"' ? read_string(at, &size) : NULL;
			skip_space(at);
			if (!key || *(*at)++ != ':')
				return false;
		}
		*last = read_value(at);
		if (!*last)
			return false;
		(*last)->key = key;
		char *end = (*last)->kind == JSON_OTHER ? *at : NULL;
		skip_space(at);
		bool more = **at == ',';
		if (!more && **at != closing)
			return false;
		last = &(*last)->next;
		if (more)
			++*at;
		else if (end == *at) { /* the word's 0 would overwrite the bracket */
			++*at;
			*end = 0;
			return true;
		}
		if (end)
			*end = 0;
	}
	return *(*at)++ == closing;
}

static json *read_value(char **at)
{
	json *value = calloc(1, sizeof *value);
	bool good = value;
	skip_space(at);
	if (!value)
		return NULL;
	if (**at == '"') {
		value->kind = JSON_STRING;
		good = (value->text = read_string(at, &value->size));
	} else if (**at == '[' || **at == '{') {
		value->kind = **at == '[' ? JSON_LIST : JSON_OBJECT;
		good = read_members(value, at, **at == '[' ? ']' : '}');
	} else {
		read_word(value, at);
		good = value->size;
	}
	if (good)
		return value;
	json_free(value);
	return NULL;
}

json *json_read(char *text) { return read_value(&text); }

void json_free(json *value)
{
	while (value) {
		json *next = value->next;
		json_free(value->first);
		free(value);
		value = next;
	}
}

const json *json_get(const json *value, const char *key)
{
	for (const json *v = value ? value->first : NULL; v; v = v->next)
		if (v->key && strcmp(v->key, key) == 0)
			return v;
	return NULL;
}

const char *json_text(const json *value, const char *key)
{
	const json *v = json_get(value, key);
	return v && v->text ? v->text : "";
}

unsigned json_length(const json *value)
{
	unsigned n = 0;
	for (const json *v = value ? value->first : NULL; v; v = v->next)
		n++;
	return n;
}
