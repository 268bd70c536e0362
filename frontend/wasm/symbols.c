/*
 * Unique names by a hash table. A taken name is tried with higher and higher numbers; each name
 * remembers the last one, so that many functions of one name cost no more than many names.
 */
#include "symbols.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "ir/module.h"
#include "runtime/base/alloc.h"
#include "runtime/platform/platform.h"

enum { MOST_SUFFIX = 12 };

bool wasm_symbols_create(wasm_symbols *s, vsp_arena *arena, uint32_t count)
{
	*s = (wasm_symbols){.arena = arena, .size = 64};
	while (s->size / 2 < count)
		s->size *= 2;
	s->entries = vsp_alloc(s->size, sizeof *s->entries);
	if (!vsp_plat_random(&s->seed, sizeof s->seed))
		s->seed = vsp_plat_clock_ns() ^ (uintptr_t)s->entries;
	return s->entries;
}

void wasm_symbols_free(wasm_symbols *s) { vsp_free_memory(s->entries); }

/* FNV-1a from a start of its own. */
static uint32_t hash(uint64_t seed, const char *text)
{
	uint64_t h = UINT64_C(0xCBF29CE484222325) ^ seed;
	for (; *text; text++)
		h = (h ^ (uint8_t)*text) * UINT64_C(0x100000001B3);
	return (uint32_t)(h ^ h >> 32);
}

/* The entry with that name, or the free one where it belongs. */
static wasm_symbol_entry *find(wasm_symbols *s, const char *name)
{
	uint32_t i = hash(s->seed, name) & (s->size - 1);
	while (s->entries[i].name && strcmp(s->entries[i].name, name) != 0)
		i = (i + 1) & (s->size - 1);
	return &s->entries[i];
}

/* As many bytes as make whole characters. */
static size_t cut(const char *text, size_t size, size_t most)
{
	if (size <= most)
		return size;
	while (most && ((uint8_t)text[most] & 0xC0) == 0x80)
		most--;
	return most;
}

const char *wasm_symbols_add(wasm_symbols *s, const char *text, size_t size)
{
	char name[VSP_NAME_MAX + 1], base[VSP_NAME_MAX + 1];
	size_t length = cut(text, size, VSP_NAME_MAX);
	memcpy(name, text, length);
	name[length] = 0;
	wasm_symbol_entry *entry = find(s, name);
	if (entry->name) {
		size_t whole = length;
		length = cut(name, length, VSP_NAME_MAX - MOST_SUFFIX);
		memcpy(base, name, length);
		base[length] = 0;
		/* Names that are cut may become the same one: each number is tried once for all of
		   them. */
		uint32_t *next = length < whole ? &s->cut : &entry->next;
		do {
			snprintf(name, sizeof name, "%.*s.%" PRIu32, VSP_NAME_MAX - MOST_SUFFIX, base, ++*next);
			entry = find(s, name);
		} while (entry->name);
	}
	entry->name = vsp_arena_string(s->arena, name, strlen(name));
	return entry->name;
}
