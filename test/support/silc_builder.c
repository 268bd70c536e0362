/*
 * Written from the description of the format, not from the writer, so that the two check each other.
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
