/*
 * From payloads to tables: the symbols and the known sections. Only properties that reading depends
 * on are checked here (lengths, counts, number ranges); the verifier, which also sees assembled
 * modules, checks the meaning of the entries. Counts are compared with the remaining bytes before
 * memory is allocated.
 */
#include <inttypes.h>
#include <string.h>

#include "ir/layout.h"
#include "parts.h"

/* Zeroed array of a table, or null with the cursor failed. */
static void *table_alloc(silc_cursor *c, vsp_arena *arena, uint32_t count, size_t size)
{
	void *table = c->status == VSP_OK ? vsp_arena_array(arena, count, size) : NULL;
	if (!table)
		silc_cursor_no_memory(c);
	return table;
}

vsp_status vsp_silc_parse_symbols(vsp_module_data *m, silc_cursor *c)
{
	vsp_name_pool pool;
	uint32_t count = silc_cursor_count(c, 7);
	m->symbols = table_alloc(c, &m->arena, count, sizeof *m->symbols);
	if (!m->symbols || !silc_cursor_pool(c, &m->arena, &pool))
		return c->status;
	for (uint32_t i = 0; i < count; i++) {
		m->symbols[i].name = silc_cursor_name(c, &pool);
		m->symbols[i].address = silc_cursor_u32(c);
		m->symbols[i].kind = silc_cursor_u8(c);
	}
	m->symbol_count = count;
	m->symbols_stored = true;
	return silc_cursor_finish(c);
}

static void parse_func(vsp_module_data *m, silc_cursor *c)
{
	if (c->end % VSP_FUNC_ENTRY)
		silc_cursor_fail(c, 0, "size is not a multiple of %d", VSP_FUNC_ENTRY);
	uint32_t count = (uint32_t)(c->end / VSP_FUNC_ENTRY);
	m->funcs = table_alloc(c, &m->arena, count, sizeof *m->funcs);
	if (!m->funcs)
		return;
	for (uint32_t i = 0; i < count; i++) {
		vsp_func *f = &m->funcs[i];
		f->start = silc_cursor_u32(c);
		f->size = silc_cursor_u32(c);
		f->symbol = silc_cursor_u32(c);
		f->params = silc_cursor_u8(c);
		f->results = silc_cursor_u8(c);
		f->kind = silc_cursor_u8(c);
		f->flags = silc_cursor_u8(c);
	}
	m->func_count = count;
}

static void parse_memo(vsp_module_data *m, silc_cursor *c)
{
	m->initial_pages = silc_cursor_u32(c);
	m->max_pages = silc_cursor_u32(c);
	m->stack_top = silc_cursor_u32(c);
}

static void parse_impt(vsp_module_data *m, silc_cursor *c)
{
	vsp_name_pool pool;
	uint32_t count = silc_cursor_count(c, 4);
	m->imports = table_alloc(c, &m->arena, count, sizeof *m->imports);
	if (!m->imports || !silc_cursor_pool(c, &m->arena, &pool))
		return;
	for (uint32_t i = 0; i < count; i++) {
		m->imports[i].name = silc_cursor_name(c, &pool);
		m->imports[i].params = silc_cursor_u8(c);
		m->imports[i].results = silc_cursor_u8(c);
	}
	m->import_count = count;
}

/* A number of the line table that must fit 32 bits. */
static uint32_t parse_uleb32(silc_cursor *c)
{
	uint64_t start = c->at, value = silc_cursor_uleb(c);
	if (value > UINT32_MAX)
		silc_cursor_fail(c, start, "%" PRIu64 " is out of range", value);
	return (uint32_t)value;
}

static void parse_line_row(silc_cursor *c, const vsp_line *before, vsp_line *row)
{
	uint64_t start = c->at;
	uint64_t address = (uint64_t)before->address + parse_uleb32(c);
	row->file = parse_uleb32(c);
	int64_t delta = silc_cursor_sleb(c);
	row->column = parse_uleb32(c);
	if (address > VSP_MAX_CODE)
		silc_cursor_fail(c, start, "address %" PRIu64 " is beyond any code", address);
	if (delta < -before->line || delta > UINT32_MAX - before->line)
		silc_cursor_fail(c, start, "line number out of range");
	if (c->status != VSP_OK)
		return;
	row->address = (uint32_t)address;
	row->line = before->line + delta;
}

static void parse_line(vsp_module_data *m, silc_cursor *c)
{
	static const vsp_line zero;
	vsp_name_pool pool;
	uint32_t count = silc_cursor_count(c, 2);
	m->files = table_alloc(c, &m->arena, count, sizeof *m->files);
	if (!m->files || !silc_cursor_pool(c, &m->arena, &pool))
		return;
	for (uint32_t i = 0; i < count; i++)
		m->files[i] = silc_cursor_name(c, &pool);
	m->file_count = count;
	count = silc_cursor_count(c, 4);
	m->lines = table_alloc(c, &m->arena, count, sizeof *m->lines);
	if (!m->lines)
		return;
	for (uint32_t i = 0; i < count && c->status == VSP_OK; i++)
		parse_line_row(c, i ? &m->lines[i - 1] : &zero, &m->lines[i]);
	m->line_count = count;
}

static void parse_modl(vsp_module_data *m, silc_cursor *c)
{
	vsp_name_pool pool;
	uint32_t count = silc_cursor_count(c, 6);
	m->models = table_alloc(c, &m->arena, count, sizeof *m->models);
	if (!m->models || !silc_cursor_pool(c, &m->arena, &pool))
		return;
	for (uint32_t i = 0; i < count; i++) {
		m->models[i].name = silc_cursor_name(c, &pool);
		m->models[i].size = silc_cursor_u32(c);
		m->models[i].data = silc_cursor_bytes(c, m->models[i].size);
	}
	m->model_count = count;
}

static const struct known_section {
	char tag[5];
	const char *what;
	void (*parse)(vsp_module_data *m, silc_cursor *c);
} known_sections[] = {
        {"FUNC", "section FUNC", parse_func},
        {"MEMO", "section MEMO", parse_memo},
        {"IMPT", "section IMPT", parse_impt},
        {"LINE", "section LINE", parse_line},
        {"MODL", "section MODL", parse_modl},
};
enum { KNOWN_SECTIONS = sizeof known_sections / sizeof known_sections[0] };
static_assert(KNOWN_SECTIONS <= 32, "the reader keeps a 32-bit set of the kinds it has seen");

int vsp_silc_section_kind(const char tag[4])
{
	for (int i = 0; i < KNOWN_SECTIONS; i++)
		if (memcmp(known_sections[i].tag, tag, 4) == 0)
			return i;
	return -1;
}

bool vsp_silc_known(const char tag[4]) { return vsp_silc_section_kind(tag) >= 0; }

vsp_status vsp_silc_parse_section(vsp_module_data *m, const vsp_section *section, uint64_t place, vsp_error *error)
{
	int kind = vsp_silc_section_kind(section->tag);
	if (kind < 0)
		return vsp_error_at(error, VSP_E_FORMAT, place, "section %.4s is not known", section->tag);
	silc_cursor c = {.bytes = section->payload,
	        .end = section->size,
	        .place = place,
	        .what = known_sections[kind].what,
	        .error = error};
	known_sections[kind].parse(m, &c);
	return silc_cursor_finish(&c);
}
