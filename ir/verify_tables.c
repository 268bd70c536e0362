/*
 * The part of the verifier for tables beside the code: names, symbols, imports, models and lines.
 */
#include <inttypes.h>
#include <string.h>

#include "sort.h"
#include "verify_parts.h"

static bool verify_name(vsp_verifier *v, const char *name, uint64_t at)
{
	size_t length = strlen(name);
	if (length < 1 || length > VSP_NAME_MAX)
		return vsp_verify_fail(v, at, "a name has 1..%d bytes, not %zu", VSP_NAME_MAX, length);
	return vsp_text_is_utf8(name, length) || vsp_verify_fail(v, at, "name is not valid UTF-8");
}

static bool verify_symbol(vsp_verifier *v, const vsp_symbol *s, uint64_t at)
{
	if (!verify_name(v, s->name, at))
		return false;
	if (s->kind > VSP_SYM_KERNEL)
		return vsp_verify_fail(v, at, "symbol '%s' is of unknown kind %u", s->name, s->kind);
	if (s->kind != VSP_SYM_DATA && !vsp_verify_is_start(v, s->address))
		return vsp_verify_fail(v, at, "symbol '%s' at 0x%" PRIx32 " is not at the start of an instruction",
		        s->name, s->address);
	return true;
}

static int compare_addresses(const void *context, uint32_t a, uint32_t b)
{
	const vsp_module_data *m = context;
	const vsp_symbol *s = &m->symbols[a], *t = &m->symbols[b];
	if (s->address != t->address)
		return s->address < t->address ? -1 : 1;
	return s->kind - t->kind;
}

static int compare_names(const void *context, uint32_t a, uint32_t b)
{
	const vsp_module_data *m = context;
	return strcmp(m->symbols[a].name, m->symbols[b].name);
}

static bool make_indices(vsp_module_data *m)
{
	m->by_address = vsp_arena_array(&m->arena, m->symbol_count, sizeof *m->by_address);
	m->by_name = vsp_arena_array(&m->arena, m->symbol_count, sizeof *m->by_name);
	if (!m->by_address || !m->by_name)
		return false;
	m->by_name_count = 0;
	for (uint32_t i = 0; i < m->symbol_count; i++) {
		m->by_address[i] = i;
		if (m->symbols[i].kind >= VSP_SYM_TRANSFORM)
			m->by_name[m->by_name_count++] = i;
	}
	return vsp_sort_indices(m->by_address, m->symbol_count, compare_addresses, m) &&
	       vsp_sort_indices(m->by_name, m->by_name_count, compare_names, m);
}

static bool verify_symbols(vsp_verifier *v)
{
	vsp_module_data *m = v->m;
	uint64_t at = vsp_layout_symbols(m) + 4;
	for (uint32_t i = 0; i < m->symbol_count; i++) {
		if (!verify_symbol(v, &m->symbols[i], at))
			return false;
		at += 7 + strlen(m->symbols[i].name);
	}
	if (!make_indices(m))
		return vsp_verify_no_memory(v);
	for (uint32_t i = 1; i < m->by_name_count; i++) /* equal names keep their order, so i is the later one */
		if (compare_names(m, m->by_name[i - 1], m->by_name[i]) == 0)
			return vsp_verify_fail(v, vsp_layout_symbol(m, m->by_name[i]),
			        "the name '%s' is used by two functions, transforms or kernels",
			        m->symbols[m->by_name[i]].name);
	return true;
}

static bool verify_import(vsp_verifier *v, const vsp_import *import, uint64_t at)
{
	if (!verify_name(v, import->name, at))
		return false;
	const char *dot = strchr(import->name, '.');
	if (!dot || dot == import->name || !dot[1])
		return vsp_verify_fail(v, at, "import '%s' is not of the form module.name", import->name);
	if (import->params > VSP_REGISTERS || import->results > VSP_REGISTERS)
		return vsp_verify_fail(v, at, "import '%s' has more than 16 parameters or results", import->name);
	return true;
}

static bool verify_imports(vsp_verifier *v)
{
	uint64_t at = vsp_layout_import(v->m, 0);
	for (uint32_t i = 0; i < v->m->import_count; i++) {
		if (!verify_import(v, &v->m->imports[i], at))
			return false;
		at += 4 + strlen(v->m->imports[i].name);
	}
	return true;
}

static bool verify_models(vsp_verifier *v)
{
	uint64_t at = vsp_layout_model(v->m, 0);
	for (uint32_t i = 0; i < v->m->model_count; i++) {
		const vsp_model *model = &v->m->models[i];
		if (!verify_name(v, model->name, at))
			return false;
		at += 6 + strlen(model->name) + model->size;
	}
	return true;
}

static bool verify_line(vsp_verifier *v, uint32_t row)
{
	const vsp_module_data *m = v->m;
	const vsp_line *line = &m->lines[row];
	const char *why = NULL;
	if (row && line->address <= m->lines[row - 1].address)
		why = "its address is not behind that of the row before";
	else if (!vsp_verify_is_start(v, line->address))
		why = "its address is not the start of an instruction";
	else if (line->file >= m->file_count)
		why = "there is no such file";
	else if (line->line < 0 || line->line > UINT32_MAX)
		why = "its line number is out of range";
	else if (line->column < 1)
		why = "columns count from 1";
	return !why || vsp_verify_fail(v, vsp_layout_line(m, row), "row %" PRIu32 " of the line table: %s", row, why);
}

static bool verify_lines(vsp_verifier *v)
{
	const vsp_module_data *m = v->m;
	for (uint32_t i = 0; i < m->file_count; i++)
		if (!vsp_text_is_utf8(m->files[i], strlen(m->files[i])))
			return vsp_verify_fail(v, vsp_layout_file(m, i), "file name is not valid UTF-8");
	for (uint32_t i = 0; i < m->line_count; i++)
		if (!verify_line(v, i))
			return false;
	return true;
}

bool vsp_verify_tables(vsp_verifier *v)
{
	return verify_symbols(v) && verify_imports(v) && verify_models(v) && verify_lines(v);
}
