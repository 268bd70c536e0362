/*
 * A small linker for code images. The sections of an object that are loaded become one image: code
 * first, then a linkage for each external symbol (a stub and the word that it jumps through), and
 * then data, which is apart from code in memory. All relative references are resolved here; words
 * that hold addresses become slots. The meaning of a machine's relocations is in image_x86.c and
 * image_aarch64.c.
 */
#include "image.h"

#include <string.h>

#include "runtime/base/grow.h"
#include "tiers/elf.h"
#include "runtime/base/alloc.h"

enum { NOT_LOADED = UINT32_MAX, IMAGE_MAX = 64 << 20 };

typedef struct linker {
	const uint8_t *object;
	size_t object_size;
	const elf_header *header;
	const elf_section *sections;
	const elf_symbol *symbols;
	uint32_t symbol_count;
	const char *strings; /* of symbols; 0-terminated */
	uint32_t strings_size;
	const char *section_names;
	uint64_t section_names_size;
	uint32_t *placed;  /* per section: its offset in the image, or NOT_LOADED */
	uint32_t *linkage; /* per symbol: the offset of its linkage, or 0 */
	uint8_t *bytes;
	uint32_t size, capacity, code_size;
	vsp_image_slot *slots;
	uint32_t slot_count, slot_capacity;
	const char *why; /* the first error */
} linker;

static void fail(linker *l, const char *why)
{
	if (!l->why)
		l->why = why;
}

/* ---- reading the object ---- */

/* count elements of element bytes at offset, or null: they are not in the object. */
static const void *part(linker *l, uint64_t offset, uint64_t count, size_t element)
{
	if (offset <= l->object_size && count <= (l->object_size - offset) / element)
		return l->object + offset;
	fail(l, "the object is cut off");
	return NULL;
}

static void open_symbols(linker *l)
{
	for (uint32_t i = 0; i < l->header->section_count && !l->why; i++) {
		const elf_section *s = &l->sections[i];
		if (s->type != ELF_SYMTAB || s->link >= l->header->section_count)
			continue;
		const elf_section *names = &l->sections[s->link];
		l->symbol_count = (uint32_t)(s->size / sizeof(elf_symbol));
		l->symbols = part(l, s->offset, l->symbol_count, sizeof(elf_symbol));
		l->strings_size = (uint32_t)names->size;
		l->strings = part(l, names->offset, names->size, 1);
	}
	if (!l->why && (!l->strings || !l->strings_size || l->strings[l->strings_size - 1]))
		fail(l, "the object has no symbols");
}

static void open_object(linker *l)
{
	l->header = part(l, 0, 1, sizeof *l->header);
	if (l->why)
		return;
	if (!vsp_image_machine)
		fail(l, "code for this machine cannot be cached");
	else if (memcmp(l->header->ident, "\177ELF\2", 5) != 0 || l->header->type != ELF_RELOCATABLE ||
	         l->header->machine != vsp_image_machine || l->header->section_header_size != sizeof(elf_section))
		fail(l, "the object has another format");
	else
		l->sections = part(l, l->header->section_headers, l->header->section_count, sizeof(elf_section));
	if (!l->why && l->header->section_names >= l->header->section_count)
		fail(l, "the object's sections have no names");
	if (l->why)
		return;
	const elf_section *names = &l->sections[l->header->section_names];
	l->section_names = part(l, names->offset, names->size, 1);
	l->section_names_size = names->size;
	open_symbols(l);
	l->placed = vsp_alloc(l->header->section_count, sizeof *l->placed);
	l->linkage = vsp_alloc(l->symbol_count, sizeof *l->linkage);
	if (!l->placed || !l->linkage)
		fail(l, "out of memory");
}

static const char *symbol_name(linker *l, uint32_t symbol)
{
	uint32_t at = l->symbols[symbol].name;
	return l->strings + (at < l->strings_size ? at : l->strings_size - 1);
}

/* ---- laying out the image ---- */

/* Reserves zeroed room for bytes at a multiple of align. Returns its offset. */
static uint32_t reserve(linker *l, uint64_t bytes, uint64_t align)
{
	uint64_t start = (l->size + align - 1) / align * align, end = start + bytes;
	if (align > VSP_IMAGE_ALIGN || bytes > IMAGE_MAX || end > IMAGE_MAX)
		fail(l, "the object is too large, or asks for too large an alignment");
	if (!l->why && end > l->capacity) {
		uint32_t capacity = (uint32_t)(2 * end);
		uint8_t *grown = vsp_realloc(l->bytes, capacity, 1);
		if (!grown)
			fail(l, "out of memory");
		else
			l->bytes = grown, l->capacity = capacity;
	}
	if (l->why)
		return 0;
	memset(l->bytes + l->size, 0, (size_t)(end - l->size));
	l->size = (uint32_t)end;
	return (uint32_t)start;
}

/* Does the section's name begin with start? */
static bool is_named(const linker *l, const elf_section *s, const char *start)
{
	size_t n = strlen(start);
	return s->name < l->section_names_size && n < l->section_names_size - s->name &&
	       memcmp(l->section_names + s->name, start, n) == 0;
}

static bool is_loaded(const elf_section *s) { return s->flags & ELF_ALLOC && s->size; }

/*
 * Data that is marked writable only because of its relocations is written before the image is
 * sealed; images have no room for other writable data.
 */
static bool is_written(const linker *l, const elf_section *s)
{
	return s->flags & ELF_WRITE && !is_named(l, s, ".data.rel.ro");
}

static void place_section(linker *l, uint32_t index)
{
	const elf_section *s = &l->sections[index];
	if (is_written(l, s) || s->type == ELF_NOBITS) {
		fail(l, "the object has data that is written");
		return;
	}
	const void *from = part(l, s->offset, s->size, 1);
	uint32_t at = reserve(l, s->size, s->align ? s->align : 1);
	if (l->why)
		return;
	memcpy(l->bytes + at, from, s->size);
	l->placed[index] = at;
}

static void place_some(linker *l, bool code)
{
	for (uint32_t i = 0; i < l->header->section_count && !l->why; i++)
		if (is_loaded(&l->sections[i]) && (l->sections[i].flags & ELF_EXEC) == (code ? ELF_EXEC : 0))
			place_section(l, i);
}

/* The relocations of a loaded section, if section i is a list of them. */
static const elf_reloc *relocs_in(linker *l, uint32_t i, uint64_t *count)
{
	const elf_section *s = &l->sections[i];
	*count = s->type == ELF_RELA ? s->size / sizeof(elf_reloc) : 0;
	if (!*count || s->info >= l->header->section_count || !is_loaded(&l->sections[s->info]))
		return NULL;
	return part(l, s->offset, *count, sizeof(elf_reloc));
}

/*
 * Does a reference go through a linkage? It does if it needs a word that holds an address, or is a
 * call to an external symbol.
 */
static bool is_linked(const linker *l, const elf_reloc *r)
{
	vsp_fixup fixup = vsp_image_fixup(r->type);
	return r->symbol < l->symbol_count &&
	       (fixup == VSP_FIXUP_TABLE || (fixup == VSP_FIXUP_CALL && !l->symbols[r->symbol].section));
}

static void place_linkages(linker *l)
{
	for (uint32_t i = 0; i < l->header->section_count && !l->why; i++) {
		uint64_t count;
		const elf_reloc *relocs = relocs_in(l, i, &count);
		for (uint64_t n = 0; relocs && n < count && !l->why; n++)
			if (is_linked(l, &relocs[n]) && !l->linkage[relocs[n].symbol])
				l->linkage[relocs[n].symbol] = reserve(l, VSP_LINKAGE_SIZE, VSP_LINKAGE_SIZE);
	}
}

static void place_all(linker *l)
{
	for (uint32_t i = 0; i < l->header->section_count; i++)
		l->placed[i] = NOT_LOADED;
	place_some(l, true);
	place_linkages(l);
	l->code_size = reserve(l, 0, VSP_IMAGE_ALIGN);
	place_some(l, false);
}

/* ---- references ---- */

static bool is_defined(const linker *l, uint32_t symbol)
{
	uint16_t section = l->symbols[symbol].section;
	return section && section < l->header->section_count && l->placed[section] != NOT_LOADED;
}

static uint32_t offset_of(const linker *l, uint32_t symbol)
{
	return l->placed[l->symbols[symbol].section] + (uint32_t)l->symbols[symbol].value;
}

/* The symbol's position in memory; it may be the end of its section. */
static uint32_t position_of(const linker *l, uint32_t symbol)
{
	uint32_t section = l->placed[l->symbols[symbol].section];
	return vsp_image_position(l->code_size, section) + (uint32_t)l->symbols[symbol].value;
}

/* Adds a slot at offset for the address of symbol plus addend. */
static void add_slot(linker *l, uint32_t offset, uint32_t symbol, int64_t addend)
{
	vsp_image_slot *grown = vsp_grow(l->slots, l->slot_count, &l->slot_capacity, sizeof *grown, 16);
	if (!grown) {
		fail(l, "out of memory");
		return;
	}
	l->slots = grown;
	vsp_image_slot *slot = &l->slots[l->slot_count++];
	*slot = (vsp_image_slot){(uint64_t)addend, offset, l->symbols[symbol].name};
	if (is_defined(l, symbol)) {
		slot->name = VSP_IMAGE_ITSELF;
		slot->addend += position_of(l, symbol);
	} else if (l->symbols[symbol].section || !*symbol_name(l, symbol)) {
		fail(l, "the object refers to something that is not loaded");
	}
}

static void fill_linkages(linker *l)
{
	for (uint32_t i = 0; i < l->symbol_count && !l->why; i++)
		if (l->linkage[i]) {
			vsp_image_stub(l->bytes + l->linkage[i]);
			add_slot(l, l->linkage[i] + VSP_LINKAGE_WORD, i, 0);
		}
}

/* Resolves a reference from an offset of the image to a position in memory. */
static void refer(linker *l, const elf_reloc *r, uint32_t at, uint32_t target)
{
	uint32_t from = vsp_image_position(l->code_size, at);
	if (!l->why && !vsp_image_refer(l->bytes + at, r->type, from, (int64_t)target + r->addend))
		fail(l, "a reference is out of range");
}

static void apply(linker *l, const elf_section *section, uint32_t start, const elf_reloc *r)
{
	vsp_fixup fixup = vsp_image_fixup(r->type);
	uint64_t width = fixup == VSP_FIXUP_ABSOLUTE ? 8 : 4;
	if (fixup == VSP_FIXUP_NOTHING)
		return;
	if (r->symbol >= l->symbol_count || section->size < width || r->offset > section->size - width) {
		fail(l, "a relocation lies outside its section");
		return;
	}
	uint32_t at = start + (uint32_t)r->offset;
	if (fixup == VSP_FIXUP_ABSOLUTE)
		add_slot(l, at, r->symbol, r->addend);
	else if (fixup == VSP_FIXUP_TABLE)
		refer(l, r, at, l->linkage[r->symbol] + VSP_LINKAGE_WORD);
	else if (fixup != VSP_FIXUP_UNKNOWN && is_defined(l, r->symbol))
		refer(l, r, at, position_of(l, r->symbol));
	else if (fixup == VSP_FIXUP_CALL && l->linkage[r->symbol])
		refer(l, r, at, l->linkage[r->symbol]);
	else
		fail(l, "the object has a relocation that code images cannot have");
}

static void apply_all(linker *l)
{
	fill_linkages(l);
	for (uint32_t i = 0; i < l->header->section_count && !l->why; i++) {
		uint64_t count;
		uint32_t section = l->sections[i].info;
		const elf_reloc *relocs = relocs_in(l, i, &count);
		for (uint64_t n = 0; relocs && n < count && !l->why; n++)
			apply(l, &l->sections[section], l->placed[section], &relocs[n]);
	}
}

/* ---- the result ---- */

static uint32_t find_form(linker *l, const char *name)
{
	for (uint32_t i = 0; i < l->symbol_count; i++)
		if (is_defined(l, i) && strcmp(symbol_name(l, i), name) == 0)
			return offset_of(l, i);
	fail(l, "the object does not define its function");
	return VSP_IMAGE_NONE;
}

/*
 * Copies the names of slots from the object's string table into a table of their own. Returns its
 * size.
 */
static uint32_t gather_names(linker *l, char *names)
{
	uint32_t used = 0;
	for (uint32_t i = 0; i < l->slot_count; i++) {
		uint32_t name = l->slots[i].name;
		if (name == VSP_IMAGE_ITSELF || name >= l->strings_size)
			continue;
		size_t n = strlen(l->strings + name) + 1;
		if (names) {
			memcpy(names + used, l->strings + name, n);
			l->slots[i].name = used;
		}
		used += (uint32_t)n;
	}
	return used;
}

/* A copy of size bytes. Null: it has failed, and the error is set. */
static void *copy(linker *l, const void *from, size_t size)
{
	void *to = vsp_alloc(size, 1);
	if (!to)
		fail(l, "out of memory");
	else if (size)
		memcpy(to, from, size);
	return to;
}

/* Adds the image's own copies of the data that back traces need. */
static void add_map(linker *l, vsp_image *image, const vsp_code_map *map)
{
	uint32_t count = map && map->outer ? image->place_count : 0;
	image->outer = copy(l, map ? map->outer : NULL, count * sizeof(uint32_t));
	image->sites = copy(l, map ? map->sites : NULL, count ? map->site_count * sizeof(vsp_code_site) : 0);
	image->outer_count = count;
	image->site_count = count ? map->site_count : 0;
	for (uint32_t i = 0; i < l->header->section_count; i++)
		if (l->placed[i] != NOT_LOADED && is_named(l, &l->sections[i], ".eh_frame")) {
			image->unwind = l->placed[i];
			image->unwind_size = (uint32_t)l->sections[i].size;
		}
}

/* Moves the result of linking into an image; *image is filled even if that fails. */
static void finish(linker *l, vsp_image *image, const char *entry, const char *native, const vsp_code_map *map)
{
	image->entry = find_form(l, entry);
	image->native = *native ? find_form(l, native) : VSP_IMAGE_NONE;
	image->names_size = gather_names(l, NULL);
	char *names = vsp_alloc(image->names_size, 1);
	if (names)
		gather_names(l, names);
	else
		fail(l, "out of memory");
	image->names = names;
	add_map(l, image, map);
	image->bytes = l->bytes;
	image->size = l->size;
	image->code_size = l->code_size;
	image->slots = l->slots;
	image->slot_count = l->slot_count;
	l->bytes = NULL; /* the image owns it now */
	l->slots = NULL;
}

vsp_image *vsp_image_make(const void *object, size_t size, const char *entry, const char *native,
        const vsp_place *places, uint32_t place_count, const vsp_code_map *map, const char **why)
{
	linker l = {.object = object, .object_size = size};
	vsp_image *image = vsp_alloc(1, sizeof *image);
	if (!image)
		fail(&l, "out of memory");
	else
		open_object(&l);
	if (!l.why)
		place_all(&l);
	if (!l.why)
		apply_all(&l);
	if (!l.why) {
		image->places = copy(&l, places, place_count * sizeof *places);
		image->place_count = place_count;
		finish(&l, image, entry, native, map);
	}
	vsp_free_memory(l.placed);
	vsp_free_memory(l.linkage);
	vsp_free_memory(l.bytes);
	vsp_free_memory(l.slots);
	*why = l.why;
	if (!l.why)
		return image;
	vsp_image_free(image);
	return NULL;
}

void vsp_image_free(vsp_image *image)
{
	if (!image)
		return;
	vsp_free_memory((void *)(uintptr_t)image->bytes);
	vsp_free_memory((void *)(uintptr_t)image->slots);
	vsp_free_memory((void *)(uintptr_t)image->names);
	vsp_free_memory((void *)(uintptr_t)image->places);
	vsp_free_memory((void *)(uintptr_t)image->sites);
	vsp_free_memory((void *)(uintptr_t)image->outer);
	vsp_free_memory(image);
}
