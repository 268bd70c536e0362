/*
 * Emitting the module: code, data, symbols, tables and sections from the parsed and laid out
 * source.
 */
#include "asm.h"

#include <stdlib.h>
#include <string.h>

#include "ir/sort.h"
#include "frontend/branch.h"
#include "frontend/silc/silc.h"

static void encode_table(asm_state *as, const asm_item *item, vsp_insn *insn, uint8_t *out)
{
	uint32_t *targets = vsp_arena_array(&as->arena, item->exprs, sizeof *targets);
	asm_value v;
	if (!targets) {
		asm_out_of_memory(as);
		return;
	}
	for (uint32_t i = 0; i < item->exprs; i++)
		if (asm_eval(as, item->expr + i, ASM_TARGET, &v))
			targets[i] = (uint32_t)v.bits;
	insn->imm = item->exprs;
	vsp_insn_encode(insn, targets, out);
}

/* The item's bytes at code; alignments are NOPs, relaxed branches the inverse around a jump. */
static void encode_item(asm_state *as, const asm_item *item, uint8_t *code)
{
	uint8_t *out = code + item->address;
	if (item->flags & ASM_ITEM_ALIGN) {
		memset(out, vsp_forms[VSP_I_NOP].op, item->size);
		return;
	}
	vsp_insn insn = {.form = item->forms[item->choice],
	        .a = item->a,
	        .b = item->b,
	        .c = item->c,
	        .d = item->d,
	        .pc = item->address,
	        .imm = item->value};
	if (vsp_forms[insn.form].format == VSP_FMT_T) {
		encode_table(as, item, &insn, out);
		return;
	}
	if (item->flags & ASM_ITEM_RELAXED) {
		vsp_insn jump = {.form = VSP_I_JMP, .imm = item->value};
		insn.form = vsp_branch_inverse(insn.form);
		insn.imm = (int64_t)item->address + item->size;
		vsp_insn_encode(&jump, NULL, out + vsp_insn_size((vsp_form)insn.form, 0));
	}
	vsp_insn_encode(&insn, NULL, out);
}

static void emit_code(asm_state *as)
{
	const asm_func *last = &as->funcs[as->func_count - 1];
	uint32_t size = last->start + last->size;
	uint8_t *code = vsp_arena_alloc(&as->module->arena, size);
	if (!code) {
		asm_out_of_memory(as);
		return;
	}
	as->module->code = code;
	as->module->code_size = size;
	for (uint32_t f = 0; f < as->func_count; f++)
		for (uint32_t i = 0; i < as->funcs[f].item_count; i++)
			encode_item(as, &as->funcs[f].items[i], code);
}

static const char *module_string(asm_state *as, const char *text)
{
	const char *copy = vsp_arena_string(&as->module->arena, text, strlen(text));
	if (!copy)
		asm_out_of_memory(as);
	return copy ? copy : "";
}

static void *module_array(asm_state *as, size_t count, size_t size)
{
	void *array = vsp_arena_array(&as->module->arena, count, size);
	if (!array)
		asm_out_of_memory(as);
	return array;
}

static uint8_t symbol_kind(unsigned func_kind)
{
	return func_kind == VSP_KIND_FUNCTION    ? VSP_SYM_FUNCTION
	       : func_kind == VSP_KIND_TRANSFORM ? VSP_SYM_TRANSFORM
	                                         : VSP_SYM_KERNEL;
}

/* The stored symbol of a source symbol; false when it has none: it is local, a constant, or a
   label after the last instruction. */
static bool symbol_entry(asm_state *as, const asm_symbol *symbol, vsp_symbol *out)
{
	const asm_func *func = &as->funcs[symbol->index < as->func_count ? symbol->index : 0];
	if (symbol->scope == ASM_EXPORTED)
		return false;
	if (symbol->kind == ASM_FUNC) {
		*out = (vsp_symbol){
		        func->export_name ? func->export_name : func->name, func->start, symbol_kind(func->kind)};
		return func->size > 0;
	}
	*out = (vsp_symbol){symbol->name, 0, symbol->kind == ASM_DATA ? VSP_SYM_DATA : VSP_SYM_LABEL};
	if (symbol->name[0] == '.')
		return false;
	if (symbol->kind == ASM_DATA) {
		const asm_stream *data = &as->streams[0];
		uint64_t offset = symbol->index < data->chunk_count ? data->chunks[symbol->index].offset : data->size;
		out->address = (uint32_t)(as->stack_top + offset);
		return true;
	}
	if (symbol->kind != ASM_LABEL || symbol->item >= func->item_count)
		return false;
	out->address = func->items[symbol->item].address;
	return out->address < func->start + func->size;
}

static void add_symbol(asm_state *as, vsp_symbol symbol)
{
	vsp_module_data *m = as->module;
	symbol.name = module_string(as, symbol.name);
	m->symbols[m->symbol_count++] = symbol;
}

static void emit_symbols(asm_state *as)
{
	vsp_module_data *m = as->module;
	uint32_t count = as->listed_symbols ? as->listed_count : as->symbol_count;
	m->symbols = module_array(as, count, sizeof *m->symbols);
	if (!m->symbols)
		return;
	for (uint32_t i = 0; i < count && !as->listed_symbols; i++) {
		vsp_symbol symbol;
		if (symbol_entry(as, &as->symbols[i], &symbol))
			add_symbol(as, symbol);
	}
	for (uint32_t i = 0; i < count && as->listed_symbols; i++) {
		const asm_listed *listed = &as->listed[i];
		asm_value v;
		if (asm_eval(as, listed->expr, listed->kind == VSP_SYM_DATA ? ASM_VALUE : ASM_TARGET, &v))
			add_symbol(as, (vsp_symbol){listed->name, (uint32_t)v.bits, listed->kind});
	}
	m->symbols_stored = m->symbol_count > 0 || (as->listed_symbols && !as->symbols_absent);
}

static int compare_addresses(const void *context, uint32_t a, uint32_t b)
{
	const vsp_module_data *m = context;
	uint32_t x = m->symbols[a].address, y = m->symbols[b].address;
	return x < y ? -1 : x > y;
}

/* Indices of all symbols by address; null when memory is out. */
static uint32_t *sort_symbols(asm_state *as)
{
	const vsp_module_data *m = as->module;
	uint32_t *order = vsp_arena_array(&as->arena, m->symbol_count, sizeof *order);
	for (uint32_t i = 0; order && i < m->symbol_count; i++)
		order[i] = i;
	if (order && vsp_sort_indices(order, m->symbol_count, compare_addresses, m))
		return order;
	asm_out_of_memory(as);
	return NULL;
}

/* Index of the stored symbol of a function: same address, kind and name. Functions ascend, so *at
   only moves forward. */
static uint32_t function_symbol(const vsp_module_data *m, const asm_func *func, const uint32_t *order, uint32_t *at)
{
	const char *name = func->export_name ? func->export_name : func->name;
	while (*at < m->symbol_count && m->symbols[order[*at]].address < func->start)
		++*at;
	for (; *at < m->symbol_count && m->symbols[order[*at]].address == func->start; ++*at) {
		const vsp_symbol *s = &m->symbols[order[*at]];
		if (s->kind == symbol_kind(func->kind) && strcmp(s->name, name) == 0)
			return order[*at];
	}
	return VSP_NO_SYMBOL;
}

static void emit_functions(asm_state *as)
{
	vsp_module_data *m = as->module;
	uint32_t at = 0, *order = sort_symbols(as);
	m->funcs = module_array(as, as->func_count, sizeof *m->funcs);
	for (uint32_t f = 0; f < as->func_count && m->funcs && order; f++) {
		const asm_func *func = &as->funcs[f];
		if (!func->item_count)
			continue;
		m->funcs[m->func_count++] = (vsp_func){.start = func->start,
		        .size = func->size,
		        .params = func->params,
		        .results = func->results,
		        .kind = func->kind,
		        .flags = func->exported ? VSP_FUNC_EXPORTED : 0,
		        .symbol = function_symbol(m, func, order, &at)};
	}
}

static void emit_imports(asm_state *as)
{
	vsp_module_data *m = as->module;
	m->imports = module_array(as, as->import_count, sizeof *m->imports);
	m->models = module_array(as, as->model_count, sizeof *m->models);
	if (as->oom)
		return;
	for (uint32_t i = 0; i < as->import_count; i++) {
		m->imports[i] = as->imports[i];
		m->imports[i].name = module_string(as, as->imports[i].name);
	}
	for (uint32_t i = 0; i < as->model_count; i++) {
		m->models[i] = as->models[i];
		m->models[i].name = module_string(as, as->models[i].name);
	}
	m->import_count = as->import_count;
	m->model_count = as->model_count;
}

/* Index in the module of a source file, which is added when it is new. map: by source file, index
   + 1. */
static uint32_t line_file(asm_state *as, uint32_t file, uint32_t *map)
{
	vsp_module_data *m = as->module;
	if (!map[file]) {
		m->files[m->file_count] = module_string(as, as->files[file].name);
		map[file] = ++m->file_count;
	}
	return map[file] - 1;
}

/* A row for each item whose place differs from its predecessor's. */
static void emit_automatic_lines(asm_state *as)
{
	vsp_module_data *m = as->module;
	uint32_t *map = vsp_arena_array(&as->arena, as->file_count, sizeof *map);
	size_t count = 0;
	for (uint32_t f = 0; f < as->func_count; f++)
		count += as->funcs[f].item_count;
	m->lines = module_array(as, count, sizeof *m->lines);
	m->files = module_array(as, as->file_count, sizeof *m->files);
	if (!map || as->oom) {
		asm_out_of_memory(as);
		return;
	}
	for (uint32_t f = 0; f < as->func_count; f++)
		for (uint32_t i = 0; i < as->funcs[f].item_count; i++) {
			const asm_item *item = &as->funcs[f].items[i];
			uint32_t line, column;
			if (!item->size)
				continue;
			asm_place(as, item->span.file, item->span.begin, &line, &column);
			m->lines[m->line_count++] =
			        (vsp_line){item->address, line_file(as, item->span.file, map), line, column};
		}
}

static int by_address(const void *left, const void *right)
{
	const vsp_line *a = left, *b = right;
	return a->address < b->address ? -1 : a->address > b->address;
}

/* The rows of .loc, in the order of addresses. */
static void emit_listed_lines(asm_state *as)
{
	vsp_module_data *m = as->module;
	m->lines = module_array(as, as->loc_count, sizeof *m->lines);
	m->files = module_array(as, as->loc_file_count, sizeof *m->files);
	if (as->oom)
		return;
	for (uint32_t i = 0; i < as->loc_file_count; i++)
		m->files[i] = module_string(as, as->loc_files[i]);
	m->file_count = as->loc_file_count;
	for (uint32_t i = 0; i < as->loc_count; i++) {
		const asm_loc *loc = &as->locs[i];
		const asm_func *func = &as->funcs[loc->func];
		int64_t file, line, column;
		if (loc->item >= func->item_count) {
			asm_error(as, loc->span, NULL, ".loc without an instruction behind it in its function");
			continue;
		}
		if (asm_eval_constant(as, loc->expr, 0, (int64_t)as->loc_file_count - 1, "the file's number", &file) &&
		        asm_eval_constant(as, loc->expr + 1, 0, UINT32_MAX, "the line", &line) &&
		        asm_eval_constant(as, loc->expr + 2, 1, UINT32_MAX, "the column", &column))
			m->lines[m->line_count++] =
			        (vsp_line){func->items[loc->item].address, (uint32_t)file, line, (uint32_t)column};
	}
	if (m->line_count)
		qsort(m->lines, m->line_count, sizeof *m->lines, by_address);
	for (uint32_t i = 1; i < m->line_count; i++)
		if (m->lines[i].address == m->lines[i - 1].address && !as->errors)
			asm_error(as, asm_item_at(as, m->lines[i].address)->span, NULL,
			        "this instruction has two .loc lines");
}

static bool add_section(asm_state *as,
        vsp_status (*build)(const vsp_module_data *, vsp_arena *, vsp_section *, vsp_error *), bool wanted)
{
	vsp_module_data *m = as->module;
	vsp_error error = VSP_ERROR_INIT;
	if (!wanted || as->oom)
		return true;
	vsp_status status = build(m, &m->arena, &m->sections[m->section_count], &error);
	if (status == VSP_E_MEMORY)
		return asm_out_of_memory(as);
	if (status != VSP_OK)
		return asm_error(as, (asm_span){0, 0, 0}, NULL, "%s", error.message);
	m->section_count++;
	return true;
}

/* Takes the section of that tag out of the list. */
static void remove_section(vsp_module_data *m, const char tag[4])
{
	uint32_t kept = 0;
	for (uint32_t i = 0; i < m->section_count; i++)
		if (memcmp(m->sections[i].tag, tag, 4) != 0)
			m->sections[kept++] = m->sections[i];
	m->section_count = kept;
}

enum { AUTOMATIC_SECTIONS = 5 };

static void emit_sections(asm_state *as)
{
	vsp_module_data *m = as->module;
	m->sections = module_array(as, AUTOMATIC_SECTIONS + as->stream_count, sizeof *m->sections);
	if (!m->sections)
		return;
	bool default_memory = m->initial_pages == VSP_DEFAULT_PAGES && m->max_pages == VSP_MAX_PAGES &&
	                      m->stack_top == VSP_DEFAULT_STACK_TOP;
	add_section(as, vsp_silc_build_func, true);
	add_section(as, vsp_silc_build_memo, as->memory_span.end || as->stack_span.end || !default_memory);
	add_section(as, vsp_silc_build_impt, m->import_count > 0);
	add_section(as, vsp_silc_build_line, m->line_count > 0);
	add_section(as, vsp_silc_build_modl, m->model_count > 0);
	for (uint32_t s = 1; s < as->stream_count && !as->oom; s++) {
		const asm_stream *stream = &as->streams[s];
		vsp_section raw = {.size = (uint32_t)stream->size};
		if (vsp_silc_known(stream->tag))
			remove_section(m, stream->tag);
		memcpy(raw.tag, stream->tag, 4);
		raw.payload = stream->absent ? NULL : asm_emit_stream(as, s);
		if (raw.payload)
			m->sections[m->section_count++] = raw;
	}
}

void asm_emit_module(asm_state *as)
{
	vsp_module_data *m = as->module;
	m->mode = as->mode;
	m->initial_pages = as->initial_pages;
	m->max_pages = as->max_pages;
	m->stack_top = as->stack_top;
	m->data_size = (uint32_t)as->streams[0].size;
	m->data = asm_emit_stream(as, 0);
	emit_code(as);
	emit_symbols(as);
	if (as->oom)
		return;
	emit_functions(as);
	emit_imports(as);
	if (as->listed_lines)
		emit_listed_lines(as);
	else if (!as->options->no_lines)
		emit_automatic_lines(as);
	if (!as->oom)
		emit_sections(as);
}
