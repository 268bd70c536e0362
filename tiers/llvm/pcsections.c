/*
 * The reader of the pcsections section (ir/lower/lower.h), which leads from machine code back to
 * bytecode in units without a line table. A place that is an access covers one instruction, the one
 * that faults; a place that is a call covers everything up to the next place, and so its return
 * address.
 *
 * The section is read before the object is linked, together with its relocations: they name
 * instructions by their distance from the start of the code, and no more is needed. Both are hidden
 * from the linker, which would spend more time on them than on the rest of the object.
 */
#include "session.h"

#include <stdlib.h>
#include <string.h>

#include "tiers/elf.h"
#include "ir/lower/lower.h"
#include "runtime/base/alloc.h"

/* ---- the object ---- */

typedef struct object {
	uint8_t *bytes;
	size_t size;
	elf_section *sections;
	uint32_t count;
	const char *names; /* of sections; 0-terminated */
	uint64_t names_size;
} object;

/* count elements of element bytes at offset; null: they are not in the object. */
static void *part(const object *o, uint64_t offset, uint64_t count, size_t element)
{
	return offset <= o->size && count <= (o->size - offset) / element ? o->bytes + offset : NULL;
}

static bool open_object(object *o, uint8_t *bytes, size_t size)
{
	*o = (object){.bytes = bytes, .size = size};
	const elf_header *header = part(o, 0, 1, sizeof *header);
	if (!header || memcmp(header->ident, "\177ELF\2", 5) != 0 || header->section_names >= header->section_count)
		return false;
	o->count = header->section_count;
	o->sections = part(o, header->section_headers, o->count, sizeof *o->sections);
	if (!o->sections)
		return false;
	const elf_section *names = &o->sections[header->section_names];
	o->names = part(o, names->offset, names->size, 1);
	o->names_size = names->size;
	return o->names && o->names_size && !o->names[o->names_size - 1];
}

static elf_section *find_pcsection(const object *o)
{
	for (elf_section *s = o->sections; s < o->sections + o->count; s++)
		if (s->name < o->names_size && strcmp(o->names + s->name, VSP_PCSECTION_NAME) == 0)
			return s;
	return NULL;
}

static elf_section *find_relocs(const object *o, const elf_section *of)
{
	for (elf_section *s = o->sections; s < o->sections + o->count; s++)
		if (s->type == ELF_RELA && s->info == (uint32_t)(of - o->sections) && s->link < o->count)
			return s;
	return NULL;
}

/* ---- its entries ---- */

/*
 * The words of the section, which are not aligned, the words among them that are distances to
 * instructions, and the start of these distances.
 */
typedef struct table {
	const uint8_t *words;
	const elf_reloc *relocs;
	const elf_symbol *symbols;
	size_t word_count, reloc_count, symbol_count;
} table;

static bool open_table(table *t, const object *o, const elf_section *section, const elf_section *relocs)
{
	const elf_section *symbols = &o->sections[relocs->link];
	t->word_count = (size_t)(section->size / sizeof(uint32_t));
	t->reloc_count = (size_t)(relocs->size / sizeof *t->relocs);
	t->symbol_count = (size_t)(symbols->size / sizeof *t->symbols);
	t->words = part(o, section->offset, t->word_count, sizeof(uint32_t));
	t->relocs = part(o, relocs->offset, t->reloc_count, sizeof *t->relocs);
	t->symbols = part(o, symbols->offset, t->symbol_count, sizeof *t->symbols);
	return t->words && t->relocs && t->symbols;
}

typedef struct pc_entry {
	uint32_t offset, word;
} pc_entry;

static bool is_entry(uint32_t word) { return word / VSP_PC_ENTRY_WORD == 1; }

static uint32_t word_at(const table *t, size_t index)
{
	uint32_t word;
	memcpy(&word, t->words + index * sizeof word, sizeof word);
	return word;
}

/*
 * Reads the instructions with their entries, and returns their number. Counts the entries, except
 * those that are not understood.
 */
static uint32_t read_words(const table *t, pc_entry *out, uint32_t *found)
{
	uint32_t count = 0, first = 0;
	const elf_reloc *r = t->relocs, *end = t->relocs + t->reloc_count;
	for (size_t i = 0; i < t->word_count; i++) {
		if (r < end && r->offset == i * sizeof(uint32_t) && r->symbol < t->symbol_count) {
			out[count++].offset = (uint32_t)((int64_t)t->symbols[r->symbol].value + r->addend);
			r++;
			continue;
		}
		for (; first < count; first++)
			out[first].word = word_at(t, i);
		*found += is_entry(word_at(t, i));
	}
	return first;
}

static int by_offset(const void *a, const void *b)
{
	const pc_entry *x = a, *y = b;
	return x->offset < y->offset ? -1 : x->offset > y->offset;
}

static uint32_t fill_places(vsp_place *places, const pc_entry *entries, uint32_t count)
{
	uint32_t n = 0;
	for (uint32_t i = 0; i < count; i++) {
		uint32_t word = entries[i].word, behind = entries[i].offset + 1;
		places[n++] = (vsp_place){
		        entries[i].offset, word & VSP_PC_ENTRY_PLACED ? word & VSP_PC_ENTRY_PLACE : VSP_NO_PC};
		if (!(word & VSP_PC_ENTRY_CALL) && (i + 1 == count || entries[i + 1].offset > behind))
			places[n++] = (vsp_place){behind, VSP_NO_PC};
	}
	return n;
}

/* From here on the section is not loaded, and its relocations are ignored. */
static void hide(elf_section *section, elf_section *relocs)
{
	section->flags &= ~(uint64_t)ELF_ALLOC;
	relocs->type = ELF_NULL;
}

static uint32_t read_table(const table *t, vsp_place **places, uint32_t *place_count)
{
	uint32_t found = 0;
	pc_entry *entries = vsp_alloc(t->word_count, sizeof *entries);
	*places = vsp_alloc(2 * t->word_count, sizeof **places);
	if (entries && *places) {
		uint32_t count = read_words(t, entries, &found);
		qsort(entries, count, sizeof *entries, by_offset);
		*place_count = fill_places(*places, entries, count);
	}
	vsp_free_memory(entries);
	return found;
}

bool vsp_pcsections_take(uint8_t *bytes, size_t size, uint32_t count, vsp_place **places, uint32_t *place_count)
{
	object o;
	table t;
	*places = NULL;
	*place_count = 0;
	elf_section *section = open_object(&o, bytes, size) ? find_pcsection(&o) : NULL;
	elf_section *relocs = section ? find_relocs(&o, section) : NULL;
	if (!relocs || !open_table(&t, &o, section, relocs))
		return false;
	hide(section, relocs);
	return read_table(&t, places, place_count) >= count;
}
