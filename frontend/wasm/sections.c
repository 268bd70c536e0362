/*
 * Reading a module: the sections in their order, their tables, and the rules that concern a module
 * as a whole. Code is validated last, when all of that is known.
 */
#include "sections.h"

#include <inttypes.h>
#include <string.h>

#include "code.h"
#include "ir/sort.h"
#include "names.h"

static const uint8_t magic[8] = {0, 'a', 's', 'm', 1, 0, 0, 0};

bool wasm_is_module(const uint8_t *bytes, size_t size)
{
	return size >= sizeof magic && memcmp(bytes, magic, sizeof magic) == 0;
}

/* ---- types ---- */

/* A vector of value types, which stay where they are. */
static const uint8_t *read_types(wasm_reader *r, uint32_t *count, const char *what)
{
	uint64_t offset = wasm_offset(r);
	*count = wasm_count(r, 1);
	const uint8_t *types = r->at;
	if (*count > WASM_MAX_ARITY)
		wasm_fail(r, offset, "%" PRIu32 " %s are more than %d", *count, what, WASM_MAX_ARITY);
	for (uint32_t i = 0; i < *count && r->status == VSP_OK; i++)
		wasm_read_value_type(r);
	return types;
}

static void read_type_section(wasm_module *m, wasm_reader *r)
{
	uint32_t count = wasm_count(r, 3);
	m->types = wasm_array(r, m->arena, count, sizeof *m->types);
	for (; m->types && m->type_count < count && r->status == VSP_OK; m->type_count++) {
		wasm_type *type = &m->types[m->type_count];
		uint64_t offset = wasm_offset(r);
		uint8_t form = wasm_u8(r);
		if (form != 0x60)
			wasm_fail_code(r, offset, (uint32_t)WASM_CODES_TYPE + form, "type");
		type->params = read_types(r, &type->param_count, "parameters");
		type->results = read_types(r, &type->result_count, "results");
	}
}

static wasm_limits read_limits(wasm_reader *r, uint64_t most, const char *what)
{
	uint64_t offset = wasm_offset(r);
	uint8_t flags = wasm_u8(r);
	wasm_limits limits = {.max = UINT32_MAX, .has_max = flags & 1};
	if (flags == 2 || flags == 3)
		wasm_fail(r, offset, "the threads feature (shared memory) is not supported");
	else if (flags >= 4 && flags <= 7)
		wasm_fail(r, offset, "the memory64 feature is not supported");
	else if (flags > 1)
		wasm_fail(r, offset, "the flags of the limits are not 0 or 1");
	limits.min = wasm_u32(r);
	if (limits.has_max)
		limits.max = wasm_u32(r);
	if (limits.min > most || (limits.has_max && limits.max > most))
		wasm_fail(r, offset, "a %s has at most %" PRIu64 " of its units", what, most);
	else if (limits.min > limits.max)
		wasm_fail(r, offset, "the minimum of the %s is greater than its maximum", what);
	return limits;
}

static void read_table_type(wasm_reader *r, wasm_table *table)
{
	table->offset = wasm_offset(r);
	table->type = wasm_read_reference_type(r);
	table->limits = read_limits(r, UINT32_MAX, "table");
}

static void read_memory_type(wasm_module *m, wasm_reader *r)
{
	m->memory_offset = wasm_offset(r);
	if (m->has_memory)
		wasm_fail(r, m->memory_offset, "the multi-memory feature is not supported");
	m->has_memory = true;
	m->memory = read_limits(r, WASM_PAGES, "memory");
}

static void read_global_type(wasm_reader *r, wasm_global *global)
{
	global->offset = wasm_offset(r);
	global->type = wasm_read_value_type(r);
	uint8_t is_mutable = wasm_u8(r);
	if (is_mutable > 1)
		wasm_fail(r, global->offset + 1, "the mutability of the global is not 0 or 1");
	global->is_mutable = is_mutable;
}

/* ---- imports ---- */

static uint32_t import_function(wasm_module *m, wasm_reader *r)
{
	m->funcs[m->func_count] =
	        (wasm_func){.type = wasm_read_index(r, m->type_count, "type"), .import = m->import_count};
	m->imported_funcs++;
	return m->func_count++;
}

static uint32_t import_table(wasm_module *m, wasm_reader *r)
{
	m->tables[m->table_count].imported = true;
	read_table_type(r, &m->tables[m->table_count]);
	return m->table_count++;
}

static uint32_t import_global(wasm_module *m, wasm_reader *r)
{
	wasm_global *global = &m->globals[m->global_count];
	global->imported = true;
	read_global_type(r, global);
	global->value = (wasm_const){.kind = WASM_CONST_IMPORTED, .type = global->type};
	m->imported_globals++;
	return m->global_count++;
}

static void read_import(wasm_module *m, wasm_reader *r, wasm_import *import)
{
	import->offset = wasm_offset(r);
	import->module = wasm_read_name(r);
	import->field = wasm_read_name(r);
	uint64_t offset = wasm_offset(r);
	import->kind = wasm_u8(r);
	if (r->status != VSP_OK)
		return;
	switch (import->kind) {
	case WASM_KIND_FUNC: import->index = import_function(m, r); break;
	case WASM_KIND_TABLE: import->index = import_table(m, r); break;
	case WASM_KIND_MEMORY:
		m->memory_imported = true;
		read_memory_type(m, r);
		break;
	case WASM_KIND_GLOBAL: import->index = import_global(m, r); break;
	case 4: wasm_fail(r, offset, "the exceptions feature (tags) is not supported"); break;
	default: wasm_fail(r, offset, "the kind %u of the import is unknown", import->kind); break;
	}
}

static void read_import_section(wasm_module *m, wasm_reader *r)
{
	uint32_t count = wasm_count(r, 4);
	m->imports = wasm_array(r, m->arena, count, sizeof *m->imports);
	m->funcs = wasm_array(r, m->arena, count, sizeof *m->funcs);
	m->tables = wasm_array(r, m->arena, count, sizeof *m->tables);
	m->globals = wasm_array(r, m->arena, count, sizeof *m->globals);
	for (; r->status == VSP_OK && m->import_count < count; m->import_count++)
		read_import(m, r, &m->imports[m->import_count]);
}

/* ---- definitions ---- */

/* The array with room for count more, or null. */
static void *extend(wasm_module *m, wasm_reader *r, const void *old, uint32_t have, uint32_t count, size_t size)
{
	void *array = wasm_array(r, m->arena, (size_t)have + count, size);
	if (array && have)
		memcpy(array, old, have * size);
	return array;
}

static void read_function_section(wasm_module *m, wasm_reader *r)
{
	uint32_t count = wasm_count(r, 1);
	m->funcs = extend(m, r, m->funcs, m->func_count, count, sizeof *m->funcs);
	for (; count && r->status == VSP_OK; count--)
		m->funcs[m->func_count++] =
		        (wasm_func){.type = wasm_read_index(r, m->type_count, "type"), .import = WASM_NO_INDEX};
}

static void read_table_section(wasm_module *m, wasm_reader *r)
{
	uint32_t count = wasm_count(r, 3);
	m->tables = extend(m, r, m->tables, m->table_count, count, sizeof *m->tables);
	for (; count && r->status == VSP_OK; count--) {
		if (r->at < r->end && *r->at == 0x40)
			wasm_fail(r, wasm_offset(r),
			        "the typed function references feature (initial values of tables) is not supported");
		else
			read_table_type(r, &m->tables[m->table_count++]);
	}
}

static void read_memory_section(wasm_module *m, wasm_reader *r)
{
	for (uint32_t count = wasm_count(r, 2); count && r->status == VSP_OK; count--)
		read_memory_type(m, r);
}

static void read_global_section(wasm_module *m, wasm_reader *r)
{
	uint32_t count = wasm_count(r, 4);
	m->globals = extend(m, r, m->globals, m->global_count, count, sizeof *m->globals);
	for (; count && r->status == VSP_OK; count--) {
		wasm_global global = {.imported = false};
		read_global_type(r, &global);
		global.value = wasm_read_const(m, r, global.type);
		if (r->status == VSP_OK)
			m->globals[m->global_count++] = global;
	}
}

static void read_export(wasm_module *m, wasm_reader *r, wasm_export *export)
{
	const uint32_t counts[] = {m->func_count, m->table_count, m->has_memory, m->global_count};
	static const char *const words[] = {"function", "table", "memory", "global"};
	export->offset = wasm_offset(r);
	export->name = wasm_read_name(r);
	uint64_t offset = wasm_offset(r);
	export->kind = wasm_u8(r);
	if (export->kind > WASM_KIND_GLOBAL) {
		wasm_fail(r, offset, "the kind %u of the export is unknown", export->kind);
		return;
	}
	export->index = wasm_read_index(r, counts[export->kind], words[export->kind]);
	if (r->status == VSP_OK && export->kind == WASM_KIND_FUNC)
		m->funcs[export->index].declared = true;
}

static int compare_exports(const void *context, uint32_t a, uint32_t b)
{
	const wasm_module *m = context;
	wasm_name x = m->exports[a].name, y = m->exports[b].name;
	int order = memcmp(x.text, y.text, x.size < y.size ? x.size : y.size);
	return order ? order : x.size < y.size ? -1 : x.size > y.size;
}

static void check_export_names(wasm_module *m, wasm_reader *r)
{
	uint32_t *order = m->export_order = wasm_array(r, m->arena, m->export_count, sizeof *order);
	for (uint32_t i = 0; order && i < m->export_count; i++)
		order[i] = i;
	if (!order || !vsp_sort_indices(order, m->export_count, compare_exports, m)) {
		wasm_no_memory(r);
		return;
	}
	for (uint32_t i = 1; i < m->export_count; i++)
		if (compare_exports(m, order[i - 1], order[i]) == 0) {
			wasm_fail(r, m->exports[order[i]].offset, "two exports have the same name");
			return;
		}
}

static void read_export_section(wasm_module *m, wasm_reader *r)
{
	uint32_t count = wasm_count(r, 3);
	m->exports = wasm_array(r, m->arena, count, sizeof *m->exports);
	for (; m->exports && m->export_count < count && r->status == VSP_OK; m->export_count++)
		read_export(m, r, &m->exports[m->export_count]);
	if (r->status == VSP_OK)
		check_export_names(m, r);
}

static void read_start_section(wasm_module *m, wasm_reader *r)
{
	m->start_offset = wasm_offset(r);
	uint32_t index = wasm_read_index(r, m->func_count, "function");
	if (r->status != VSP_OK)
		return;
	const wasm_type *type = &m->types[m->funcs[index].type];
	if (type->param_count || type->result_count)
		wasm_fail(r, m->start_offset, "the start function has parameters or results");
	m->start = index;
}

static void read_data_count_section(wasm_module *m, wasm_reader *r)
{
	uint64_t offset = wasm_offset(r);
	m->data_counts = wasm_u32(r);
	if (r->status == VSP_OK && m->data_counts == WASM_NO_INDEX)
		wasm_fail(r, offset, "there are fewer data segments than their count says");
}

static void read_code_section(wasm_module *m, wasm_reader *r)
{
	m->code = r->at;
	uint64_t offset = wasm_offset(r);
	uint32_t count = wasm_count(r, 2);
	if (r->status == VSP_OK && count != m->func_count - m->imported_funcs)
		wasm_fail(r, offset, "there are %" PRIu32 " functions but %" PRIu32 " bodies",
		        m->func_count - m->imported_funcs, count);
	for (uint32_t i = m->imported_funcs; i < m->func_count && r->status == VSP_OK; i++) {
		uint32_t size = wasm_u32(r);
		m->funcs[i].body = wasm_bytes(r, size);
		m->funcs[i].body_end = r->at;
	}
}

/* ---- the module ---- */

/* The sections by their number, with their place in the order. */
static const struct section {
	const char *name;
	void (*read)(wasm_module *m, wasm_reader *r);
	uint8_t rank;
} sections[] = {
        [1] = {"type", read_type_section, 1},
        [2] = {"import", read_import_section, 2},
        [3] = {"function", read_function_section, 3},
        [4] = {"table", read_table_section, 4},
        [5] = {"memory", read_memory_section, 5},
        [6] = {"global", read_global_section, 6},
        [7] = {"export", read_export_section, 7},
        [8] = {"start", read_start_section, 8},
        [9] = {"element", wasm_read_elements, 9},
        [10] = {"code", read_code_section, 11},
        [11] = {"data", wasm_read_datas, 12},
        [12] = {"data count", read_data_count_section, 10},
};
enum { SECTION_CUSTOM = 0, SECTION_TAG = 13, SECTIONS = sizeof sections / sizeof sections[0] };

typedef struct pass {
	uint8_t rank; /* of the last section */
} pass;

static void read_custom(wasm_module *m, wasm_reader *r)
{
	static const char *const names[] = {
#define CUSTOM(ID, name) [WASM_CUSTOM_##ID] = name,
	        WASM_CUSTOM_SECTIONS(CUSTOM)
#undef CUSTOM
	};
	wasm_name name = wasm_read_name(r);
	for (unsigned i = 0; i < WASM_CUSTOMS && r->status == VSP_OK; i++)
		if (name.size == strlen(names[i]) && memcmp(name.text, names[i], name.size) == 0)
			m->customs[i] = (wasm_span){r->at, (size_t)(r->end - r->at)};
	r->at = r->end;
}

static void read_known(wasm_module *m, wasm_reader *r, pass *p, uint8_t id, uint64_t offset)
{
	if (id == SECTION_TAG)
		wasm_fail(r, offset, "the exceptions feature (section tag) is not supported");
	else if (id >= SECTIONS)
		wasm_fail(r, offset, "section %u is unknown", id);
	else if (sections[id].rank <= p->rank)
		wasm_fail(r, offset, "section %s stands twice or out of order", sections[id].name);
	if (r->status != VSP_OK)
		return;
	p->rank = sections[id].rank;
	sections[id].read(m, r);
	if (r->status == VSP_OK && r->at != r->end)
		wasm_fail(r, wasm_offset(r), "section %s has %zu bytes too many", sections[id].name,
		        (size_t)(r->end - r->at));
}

static void read_section(wasm_module *m, wasm_reader *r, pass *p)
{
	uint64_t offset = wasm_offset(r);
	uint8_t id = wasm_u8(r);
	uint32_t size = wasm_u32(r);
	if (!wasm_bytes(r, size))
		return;
	wasm_reader part = {.at = r->at - size, .end = r->at, .start = r->start, .error = r->error};
	if (id == SECTION_CUSTOM)
		read_custom(m, &part);
	else
		read_known(m, &part, p, id, offset);
	r->status = part.status;
}

static void check_whole(const wasm_module *m, wasm_reader *r)
{
	if (m->data_counts != WASM_NO_INDEX && m->data_counts != m->data_count)
		wasm_fail(r, m->size, "there are %" PRIu32 " data segments but their count says %" PRIu32,
		        m->data_count, m->data_counts);
	else if (m->func_count > m->imported_funcs && !m->funcs[m->imported_funcs].body)
		wasm_fail(r, m->size, "the functions have no bodies: section code is missing");
}

vsp_status wasm_module_read(wasm_module *m, const uint8_t *bytes, size_t size, vsp_arena *arena, vsp_error *error)
{
	*m = (wasm_module){
	        .bytes = bytes, .size = size, .arena = arena, .start = WASM_NO_INDEX, .data_counts = WASM_NO_INDEX};
	wasm_reader r = {.at = bytes, .end = bytes + size, .start = bytes, .error = error};
	pass p = {.rank = 0};
	if (!wasm_is_module(bytes, size))
		wasm_fail(&r, 0, "it does not begin with the bytes of WebAssembly version 1");
	else
		r.at += sizeof magic;
	while (r.status == VSP_OK && r.at < r.end)
		read_section(m, &r, &p);
	if (r.status != VSP_OK)
		return r.status;
	check_whole(m, &r);
	if (m->customs[WASM_CUSTOM_NAME].bytes)
		wasm_read_names(m, m->customs[WASM_CUSTOM_NAME]);
	return r.status == VSP_OK ? wasm_validate_code(m, error) : r.status;
}
