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

/* ---- version 2.1 ---- */

static void parse_glob(vsp_module_data *m, silc_cursor *c)
{
	m->payloads.globals = c->bytes;
	m->global_count = silc_cursor_count(c, 8);
	silc_cursor_bytes(c, 8 * (uint64_t)m->global_count);
}

static void parse_types(vsp_module_data *m, silc_cursor *c)
{
	uint32_t count = silc_cursor_count(c, 4);
	if (count > VSP_MAX_TYPES)
		silc_cursor_fail(c, 0, "%" PRIu32 " types; there may be %d", count, VSP_MAX_TYPES);
	m->types = table_alloc(c, &m->arena, count, sizeof *m->types);
	for (uint32_t i = 0; m->types && i < count && c->status == VSP_OK; i++) {
		vsp_type *t = &m->types[i];
		t->params = silc_cursor_u16(c);
		t->results = silc_cursor_u16(c);
		t->values = silc_cursor_bytes(c, (uint64_t)t->params + t->results);
	}
	m->type_count = c->status == VSP_OK ? count : 0;
}

/* FUNC may stand behind TYPE, so the verifier compares their counts. */
static void parse_type(vsp_module_data *m, silc_cursor *c)
{
	parse_types(m, c);
	if (c->status == VSP_OK && (c->end - c->at) % 2)
		silc_cursor_fail(c, c->at, "%" PRIu64 " bytes are not whole numbers of types", c->end - c->at);
	if (c->status != VSP_OK)
		return;
	m->typed_funcs = (uint32_t)((c->end - c->at) / 2);
	m->payloads.func_types = silc_cursor_bytes(c, c->end - c->at);
}

/* The runs of a table follow one another, so that the entries that it needs are where the last
   ends. */
static void parse_run(silc_cursor *c, vsp_table *table, vsp_table_run *run)
{
	uint64_t at = c->at;
	run->start = silc_cursor_u32(c);
	run->count = silc_cursor_count(c, 4);
	run->functions = silc_cursor_bytes(c, 4 * (uint64_t)run->count);
	if (c->status != VSP_OK)
		return;
	if (run->start < table->used)
		silc_cursor_fail(
		        c, at, "a run begins at entry %" PRIu32 ", before the end of the one before it", run->start);
	else if (run->start > table->size || run->count > table->size - run->start)
		silc_cursor_fail(c, at,
		        "a run of %" PRIu32 " entries from %" PRIu32 " on does not fit a table of %" PRIu32, run->count,
		        run->start, table->size);
	else
		table->used = run->start + run->count;
}

/* Counts runs, and stores them if there is room. */
static uint32_t parse_tables(silc_cursor *c, vsp_table *tables, uint32_t count, vsp_table_run *runs)
{
	uint32_t n = 0, first = 0;
	for (uint32_t t = 0; t < count && c->status == VSP_OK; t++) {
		uint64_t at = c->at;
		tables[t] = (vsp_table){.size = silc_cursor_u32(c), .first = first};
		if (tables[t].size > VSP_MAX_ELEMENTS)
			silc_cursor_fail(c, at, "a table of %" PRIu32 " entries; there may be %d", tables[t].size,
			        VSP_MAX_ELEMENTS);
		for (uint32_t left = silc_cursor_count(c, 8); left && c->status == VSP_OK; left--, n++) {
			vsp_table_run run = {.table = t};
			parse_run(c, &tables[t], &run);
			if (runs)
				runs[n] = run;
		}
		first += tables[t].used;
	}
	return n;
}

static void parse_tabl(vsp_module_data *m, silc_cursor *c)
{
	uint32_t count = silc_cursor_count(c, 8);
	if (count > VSP_MAX_TABLES)
		silc_cursor_fail(c, 0, "%" PRIu32 " tables; there may be %d", count, VSP_MAX_TABLES);
	vsp_table *tables = table_alloc(c, &m->arena, count, sizeof *tables);
	if (!tables)
		return;
	silc_cursor ahead = *c;
	uint32_t runs = parse_tables(&ahead, tables, count, NULL);
	if (ahead.status != VSP_OK) {
		*c = ahead;
		return;
	}
	m->runs = table_alloc(c, &m->arena, runs, sizeof *m->runs);
	if (!m->runs)
		return;
	m->run_count = parse_tables(c, tables, count, m->runs);
	m->payloads.tables = c->bytes;
	m->payloads.table_list = tables;
	m->payloads.table_count = count;
}

static void parse_dseg(vsp_module_data *m, silc_cursor *c)
{
	uint32_t count = silc_cursor_count(c, 8);
	m->segments = table_alloc(c, &m->arena, count, sizeof *m->segments);
	for (uint32_t i = 0; m->segments && i < count && c->status == VSP_OK; i++) {
		vsp_segment *s = &m->segments[i];
		s->address = silc_cursor_u32(c);
		s->size = silc_cursor_u32(c);
		s->bytes = silc_cursor_bytes(c, s->size);
		uint64_t at = c->at;
		unsigned padding = (unsigned)(vsp_layout_pad(c->at) - c->at);
		if (padding && silc_cursor_uint(c, padding))
			silc_cursor_fail(c, at, "padding is not zero");
	}
	m->segment_count = c->status == VSP_OK ? count : 0;
	m->payloads.segments = c->bytes;
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
        {"GLOB", "section GLOB", parse_glob},
        {"TYPE", "section TYPE", parse_type},
        {"TABL", "section TABL", parse_tabl},
        {"DSEG", "section DSEG", parse_dseg},
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
