/*
 * Reading tables of files and folders (DWARF 5, section 6.2.4, and DWARF 4, section 6.2.4), and
 * their paths. A path is that of the folder, when the unit says one, and the name; the folder where
 * the compiler ran is left out.
 */
#include "debug_files.h"

#include <stdio.h>
#include <string.h>

#include "ir/module.h"
#include "runtime/base/alloc.h"
#include "runtime/platform/platform.h"

/* An entry takes more memory than its byte or more in the file, so a unit has a limit, too. */
enum { MOST_FILES = 1 << 15, MOST_ENTRIES = 2 * MOST_FILES, SLOTS = 1 << 16, FORMATS = 16 };
/* Contents and forms of DWARF 5. */
enum { LNCT_PATH = 1, LNCT_FOLDER = 2 };
enum {
	FORM_BLOCK2 = 0x03,
	FORM_BLOCK4 = 0x04,
	FORM_DATA2 = 0x05,
	FORM_DATA4 = 0x06,
	FORM_DATA8 = 0x07,
	FORM_STRING = 0x08,
	FORM_BLOCK = 0x09,
	FORM_BLOCK1 = 0x0A,
	FORM_DATA1 = 0x0B,
	FORM_STRP = 0x0E,
	FORM_UDATA = 0x0F,
	FORM_DATA16 = 0x1E,
	FORM_LINE_STRP = 0x1F
};

/* ---- reading ---- */

static wasm_name read_string(wasm_reader *r)
{
	const uint8_t *zero = memchr(r->at, 0, (size_t)(r->end - r->at));
	if (!zero) {
		wasm_fail(r, wasm_offset(r), "a string does not end");
		return (wasm_name){"", 0};
	}
	wasm_name name = {(const char *)r->at, (uint32_t)(zero - r->at)};
	r->at = zero + 1;
	return name;
}

enum { LONGEST_PATH = 4096 };

static wasm_name string_at(wasm_span section, uint64_t offset)
{
	if (offset >= section.size)
		return (wasm_name){"", 0};
	/* Many entries may share one long text: it is looked at as far as paths go. */
	size_t most = section.size - (size_t)offset;
	const uint8_t *zero = memchr(section.bytes + offset, 0, most < LONGEST_PATH ? most : LONGEST_PATH);
	size_t size = zero ? (size_t)(zero - section.bytes) - (size_t)offset : 0;
	return (wasm_name){(const char *)section.bytes + offset, (uint32_t)size};
}

static bool add_entry(debug_unit *u, wasm_reader *r, debug_entry entry)
{
	if (u->count == MOST_ENTRIES)
		return wasm_fail(r, wasm_offset(r), "a unit has more than %d files and folders", MOST_ENTRIES);
	if (u->count == u->room) {
		uint32_t room = u->room ? u->room * 2 : 16;
		debug_entry *moved = vsp_realloc(u->entries, room, sizeof *moved);
		u->no_memory |= !moved;
		if (!moved)
			return false;
		u->entries = moved;
		u->room = room;
	}
	entry.global = WASM_NO_INDEX;
	u->entries[u->count++] = entry;
	return true;
}

/* DWARF 2 to 4: folder 0 is where the compiler ran, and there is no file 0. */
static void read_old_tables(debug_unit *u, wasm_reader *r)
{
	wasm_name name;
	add_entry(u, r, (debug_entry){.name = {"", 0}});
	while ((name = read_string(r)).size && add_entry(u, r, (debug_entry){.name = name}))
		;
	u->folders = u->count;
	add_entry(u, r, (debug_entry){.name = {"", 0}});
	while ((name = read_string(r)).size && r->status == VSP_OK && !u->no_memory) {
		debug_entry file = {.name = name, .folder = wasm_u32(r)};
		wasm_u32(r); /* when it was changed */
		wasm_u32(r); /* its size */
		add_entry(u, r, file);
	}
}

typedef struct format {
	uint32_t content, form;
} format;

static void skip_block(wasm_reader *r, uint64_t size)
{
	if (size > UINT32_MAX)
		wasm_fail(r, wasm_offset(r), "a block is too long");
	else
		wasm_bytes(r, (uint32_t)size);
}

/* The value of a form: a string, or a number; what is neither is skipped. */
static uint64_t read_form(const debug_unit *u, wasm_reader *r, uint32_t form, wasm_name *name)
{
	unsigned offset = u->wide ? 8 : 4;
	switch (form) {
	case FORM_STRING: *name = read_string(r); return 0;
	case FORM_LINE_STRP:
		*name = string_at(u->m->customs[WASM_CUSTOM_DEBUG_LINE_STR], wasm_fixed(r, offset));
		return 0;
	case FORM_STRP: *name = string_at(u->m->customs[WASM_CUSTOM_DEBUG_STR], wasm_fixed(r, offset)); return 0;
	case FORM_UDATA: return wasm_u32(r);
	case FORM_DATA1: return wasm_fixed(r, 1);
	case FORM_DATA2: return wasm_fixed(r, 2);
	case FORM_DATA4: return wasm_fixed(r, 4);
	case FORM_DATA8: return wasm_fixed(r, 8);
	case FORM_DATA16: wasm_bytes(r, 16); return 0;
	case FORM_BLOCK: skip_block(r, wasm_u32(r)); return 0;
	case FORM_BLOCK1: skip_block(r, wasm_fixed(r, 1)); return 0;
	case FORM_BLOCK2: skip_block(r, wasm_fixed(r, 2)); return 0;
	case FORM_BLOCK4: skip_block(r, wasm_fixed(r, 4)); return 0;
	default: wasm_fail(r, wasm_offset(r), "a form is unknown"); return 0;
	}
}

static debug_entry read_entry(const debug_unit *u, wasm_reader *r, const format *formats, unsigned count)
{
	debug_entry entry = {.name = {"", 0}};
	for (unsigned i = 0; i < count; i++) {
		wasm_name name = {"", 0};
		uint64_t value = read_form(u, r, formats[i].form, &name);
		if (formats[i].content == LNCT_PATH)
			entry.name = name;
		else if (formats[i].content == LNCT_FOLDER)
			entry.folder = value > UINT32_MAX ? UINT32_MAX : (uint32_t)value;
	}
	return entry;
}

/* DWARF 5: every entry has at least a byte, since every form has. */
static void read_new_table(debug_unit *u, wasm_reader *r)
{
	format formats[FORMATS];
	unsigned count = wasm_u8(r);
	if (count > FORMATS)
		wasm_fail(r, wasm_offset(r), "there are too many forms");
	for (unsigned i = 0; i < count && r->status == VSP_OK; i++) {
		formats[i].content = wasm_u32(r);
		formats[i].form = wasm_u32(r);
	}
	uint32_t entries = wasm_u32(r);
	for (uint32_t i = 0; i < entries && count && r->status == VSP_OK; i++)
		if (!add_entry(u, r, read_entry(u, r, formats, count)))
			return;
}

bool debug_unit_read(debug_unit *u, wasm_reader *r)
{
	u->count = 0;
	if (u->version < 5) {
		read_old_tables(u, r);
	} else {
		read_new_table(u, r);
		u->folders = u->count;
		read_new_table(u, r);
	}
	return r->status == VSP_OK && !u->no_memory;
}

void debug_unit_free(debug_unit *u) { vsp_free_memory(u->entries); }

/* ---- all files ---- */

bool debug_files_create(debug_files *f, vsp_arena *arena)
{
	*f = (debug_files){.arena = arena};
	f->slots = vsp_alloc(SLOTS, sizeof *f->slots);
	f->names = vsp_arena_array(arena, MOST_FILES, sizeof *f->names);
	if (!vsp_plat_random(&f->seed, sizeof f->seed))
		f->seed = vsp_plat_clock_ns() ^ (uintptr_t)f->slots;
	return f->slots && f->names;
}

void debug_files_free(debug_files *f) { vsp_free_memory(f->slots); }

/* The path of a file, or its name alone when that is too long for a table of lines. */
static size_t make_path(const debug_unit *u, const debug_entry *file, char path[VSP_NAME_MAX + 1])
{
	static const wasm_name none = {"", 0};
	const wasm_name *name = &file->name,
	                *folder = file->folder && file->folder < u->folders ? &u->entries[file->folder].name : &none;
	bool joined =
	        folder->size && name->size && name->text[0] != '/' && folder->size + 1 + name->size <= VSP_NAME_MAX;
	if (!name->size || name->size > VSP_NAME_MAX)
		return 0;
	int n = joined ? snprintf(path, VSP_NAME_MAX + 1, "%.*s/%.*s", (int)folder->size, folder->text, (int)name->size,
	                         name->text)
	               : snprintf(path, VSP_NAME_MAX + 1, "%.*s", (int)name->size, name->text);
	return n > 0 && vsp_text_is_utf8(path, (size_t)n) ? (size_t)n : 0;
}

/* FNV-1a from a start of its own. */
static uint32_t hash_of(const debug_files *f, const char *text, size_t size)
{
	uint64_t hash = UINT64_C(0xCBF29CE484222325) ^ f->seed;
	for (size_t i = 0; i < size; i++)
		hash = (hash ^ (uint8_t)text[i]) * UINT64_C(0x100000001B3);
	return (uint32_t)(hash ^ hash >> 32);
}

/* Half of the slots are free at least, so that searches end soon. */
static uint32_t intern(debug_files *f, const char *path, size_t size)
{
	uint32_t slot = hash_of(f, path, size) % SLOTS;
	for (; f->slots[slot]; slot = (slot + 1) % SLOTS)
		if (strcmp(f->names[f->slots[slot] - 1], path) == 0)
			return f->slots[slot] - 1;
	if (f->count == MOST_FILES)
		return WASM_NO_INDEX;
	f->names[f->count] = vsp_arena_string(f->arena, path, size);
	f->no_memory |= !f->names[f->count];
	if (!f->names[f->count])
		return WASM_NO_INDEX;
	f->slots[slot] = ++f->count;
	return f->count - 1;
}

uint32_t debug_files_find(debug_files *f, debug_unit *u, uint64_t file)
{
	char path[VSP_NAME_MAX + 1];
	if (file >= u->count - u->folders)
		return WASM_NO_INDEX;
	debug_entry *entry = &u->entries[u->folders + file];
	if (entry->global == WASM_NO_INDEX) {
		size_t size = make_path(u, entry, path);
		entry->global = size ? intern(f, path, size) : WASM_NO_INDEX;
	}
	return entry->global;
}
