/*
 * The builder of .silc files. Written from the description of the format, not from the writer, so
 * that the two check each other.
 */
#include "silc_builder.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void silc_raw(silc_bytes *b, const void *bytes, size_t size)
{
	if (b->capacity - b->size < size) {
		b->capacity = 2 * b->capacity + size + 64;
		b->data = realloc(b->data, b->capacity);
		if (!b->data) {
			fputs("out of memory in a test\n", stderr);
			exit(1);
		}
	}
	if (size)
		memcpy(b->data + b->size, bytes, size);
	b->size += size;
}

void silc_uint(silc_bytes *b, uint64_t value, unsigned bytes)
{
	for (unsigned i = 0; i < bytes; i++)
		silc_raw(b, &(uint8_t){(uint8_t)(value >> (8 * i))}, 1);
}

void silc_uleb(silc_bytes *b, uint64_t value)
{
	do {
		silc_uint(b, (value & 0x7F) | (value > 0x7F ? 0x80 : 0), 1);
		value >>= 7;
	} while (value);
}

void silc_sleb(silc_bytes *b, int64_t value)
{
	while (value < -64 || value > 63) {
		int64_t low = ((value % 128) + 128) % 128;
		silc_uint(b, (uint64_t)low | 0x80, 1);
		value = (value - low) / 128;
	}
	silc_uint(b, (uint64_t)value & 0x7F, 1);
}

void silc_name(silc_bytes *b, const char *name)
{
	silc_uint(b, strlen(name), 2);
	silc_raw(b, name, strlen(name));
}

void silc_bytes_free(silc_bytes *b)
{
	free(b->data);
	*b = (silc_bytes){0};
}

void silc_symbol(silc_file *f, const char *name, uint32_t address, uint8_t kind)
{
	if (!f->symbols.size)
		silc_uint(&f->symbols, 0, 4);
	for (int i = 0; i < 4 && ++f->symbols.data[i] == 0; i++) /* add one with carry */
		continue;
	silc_name(&f->symbols, name);
	silc_uint(&f->symbols, address, 4);
	silc_uint(&f->symbols, kind, 1);
}

void silc_func(silc_file *f, uint32_t start, uint32_t size, uint32_t symbol, uint8_t params, uint8_t results,
        uint8_t kind, uint8_t flags)
{
	silc_uint(&f->funcs, start, 4);
	silc_uint(&f->funcs, size, 4);
	silc_uint(&f->funcs, symbol, 4);
	SILC_RAW(&f->funcs, params, results, kind, flags);
}

static void put_padding(silc_bytes *b)
{
	while (b->size % 4)
		silc_uint(b, 0, 1);
}

static void put_section(silc_bytes *b, const char *tag, const silc_bytes *payload)
{
	silc_raw(b, tag, 4);
	silc_uint(b, payload ? payload->size : 0, 4);
	if (payload)
		silc_raw(b, payload->data, payload->size);
	put_padding(b);
}

void silc_section(silc_file *f, const char *tag, const silc_bytes *payload) { put_section(&f->sections, tag, payload); }

void silc_memo(silc_file *f, uint32_t initial, uint32_t maximum, uint32_t stack_top)
{
	silc_bytes payload = {0};
	silc_uint(&payload, initial, 4);
	silc_uint(&payload, maximum, 4);
	silc_uint(&payload, stack_top, 4);
	silc_section(f, "MEMO", &payload);
	silc_bytes_free(&payload);
}

void silc_fix_checksum(uint8_t *bytes, size_t size)
{
	uint64_t hash = UINT64_C(14695981039346656037);
	for (size_t i = 0; i < size; i++) {
		if (i == 24)
			i = 32;
		if (i < size)
			hash = (hash ^ bytes[i]) * UINT64_C(1099511628211);
	}
	for (int i = 0; i < 8; i++)
		bytes[24 + i] = (uint8_t)(hash >> (8 * i));
}

silc_bytes silc_finish(silc_file *f)
{
	silc_bytes b = {0};
	silc_raw(&b, "SILC", 4);
	silc_uint(&b, f->version, 2);
	silc_uint(&b, f->mode, 2);
	silc_uint(&b, f->code.size, 4);
	silc_uint(&b, f->data.size, 4);
	silc_uint(&b, f->symbols.size, 4);
	silc_uint(&b, f->entry, 4);
	silc_uint(&b, 0, 8);
	silc_bytes *parts[] = {&f->code, &f->data, &f->symbols};
	for (int i = 0; i < 3; i++) {
		silc_raw(&b, parts[i]->data, parts[i]->size);
		put_padding(&b);
		silc_bytes_free(parts[i]);
	}
	if (f->funcs.size)
		put_section(&b, "FUNC", &f->funcs);
	silc_raw(&b, f->sections.data, f->sections.size);
	silc_bytes_free(&f->funcs);
	silc_bytes_free(&f->sections);
	silc_fix_checksum(b.data, b.size);
	return b;
}

silc_bytes silc_sample(void)
{
	enum { LABEL, DATA, TRANSFORM, FUNCTION, KERNEL };
	silc_file f = {.version = 0x0200, .mode = 4, .entry = 0};
	SILC_RAW(&f.code, 0x80, 1, 0, 0, 0x1C, 0, 0, 0, 0x02); /* main: TRANS 1; HCALL 0; RET */
	SILC_RAW(&f.code, 0x65, 0x02);                         /* turn: ROTATL; RET */
	SILC_RAW(&f.code, 0x20, 0x10, 0x00, 0x02);             /* k: MOV R0, R1; RET */
	SILC_RAW(&f.data, 'd', 'a', 't');
	silc_symbol(&f, "k", 11, KERNEL);
	silc_symbol(&f, "turn", 9, TRANSFORM);
	silc_symbol(&f, "main", 0, FUNCTION);
	silc_symbol(&f, "main", 0x20000, DATA);
	silc_symbol(&f, "\xC3\xA9t\xE2\x82\xAC\xF0\x9F\x98\x80", 4, LABEL);
	silc_symbol(&f, "also_main", 0, FUNCTION);
	silc_func(&f, 0, 9, 2, 2, 1, 0, 1);
	silc_func(&f, 9, 2, 1, 16, 16, 1, 1);
	silc_func(&f, 11, 4, 0, 2, 0, 2, 0);
	silc_memo(&f, 4, 100, 0x30010);
	silc_bytes b = {0};
	silc_uint(&b, 1, 4);
	silc_name(&b, "env.log");
	SILC_RAW(&b, 2, 1);
	silc_section(&f, "IMPT", &b);
	silc_bytes_free(&b);
	SILC_RAW(&b, 1, 2, 3, 4, 5);
	silc_section(&f, "note", &b);
	silc_section(&f, "note", NULL);
	silc_bytes_free(&b);
	silc_uint(&b, 2, 4);
	silc_name(&b, "a.sil");
	silc_name(&b, "b.sil");
	silc_uint(&b, 3, 4);
	silc_uleb(&b, 4), silc_uleb(&b, 0), silc_sleb(&b, 300), silc_uleb(&b, 1);
	silc_uleb(&b, 4), silc_uleb(&b, 1), silc_sleb(&b, -299), silc_uleb(&b, 200);
	silc_uleb(&b, 3), silc_uleb(&b, 0), silc_sleb(&b, 0), silc_uleb(&b, 7);
	silc_section(&f, "LINE", &b);
	silc_bytes_free(&b);
	silc_uint(&b, 2, 4);
	silc_name(&b, "emerge");
	silc_uint(&b, 3, 4);
	silc_raw(&b, "onx", 3);
	silc_name(&b, "empty");
	silc_uint(&b, 0, 4);
	silc_section(&f, "MODL", &b);
	silc_bytes_free(&b);
	return silc_finish(&f);
}
