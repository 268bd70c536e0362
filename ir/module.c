/*
 * Modules as data: their creation, look-ups by the indices that the verifier made, and the text
 * rule that all names obey.
 */
#include "module.h"

#include <string.h>

#include "runtime/base/alloc.h"
#include "runtime/base/search.h"

vsp_module_data *vsp_module_data_new(void)
{
	vsp_module_data *m = vsp_alloc(1, sizeof *m);
	if (!m)
		return NULL;
	m->initial_pages = VSP_DEFAULT_PAGES;
	m->max_pages = VSP_MAX_PAGES;
	m->stack_top = VSP_DEFAULT_STACK_TOP;
	return m;
}

void vsp_module_data_free(vsp_module_data *m)
{
	if (!m)
		return;
	vsp_arena_free(&m->arena);
	vsp_free_memory(m);
}

static bool is_new_section(const vsp_section *s)
{
	static const char tags[][5] = {"GLOB", "TYPE", "TABL", "DSEG"};
	for (size_t i = 0; i < sizeof tags / sizeof *tags; i++)
		if (memcmp(s->tag, tags[i], sizeof s->tag) == 0)
			return true;
	return false;
}

/* The code may be any bytes. */
unsigned vsp_module_version(const vsp_module_data *m)
{
	vsp_insn insn;
	for (uint32_t i = 0; i < m->section_count; i++)
		if (is_new_section(&m->sections[i]))
			return VSP_SILC_VERSION_2_1;
	for (uint32_t pc = 0; pc < m->code_size && !vsp_insn_decode(m->code, m->code_size, pc, &insn);
	        pc += insn.length)
		if (vsp_insn_info(&insn)->since_2_1)
			return VSP_SILC_VERSION_2_1;
	return VSP_SILC_VERSION;
}

uint32_t vsp_module_func_at(const vsp_module_data *m, uint32_t pc)
{
	return vsp_last_at_most(&m->funcs->start, sizeof *m->funcs, m->func_count, pc);
}

const char *vsp_module_func_name(const vsp_module_data *m, uint32_t f)
{
	uint32_t symbol = m->funcs[f].symbol;
	if (symbol != VSP_NO_SYMBOL)
		return m->symbols[symbol].name;
	return m->implicit_main ? "main" : "";
}

bool vsp_module_is_translated(const vsp_module_data *m)
{
	return strcmp(vsp_module_func_name(m, m->entry_func), "_vsp_entry") == 0;
}

uint32_t vsp_module_wasm_offset(const vsp_module_data *m)
{
	return vsp_module_is_translated(m) ? m->stack_top - VSP_NULL_ZONE : 0;
}

const vsp_line *vsp_module_line_at(const vsp_module_data *m, uint32_t pc)
{
	uint32_t low = 0, high = m->line_count;
	while (low < high) { /* the first row after pc */
		uint32_t middle = low + (high - low) / 2;
		if (m->lines[middle].address <= pc)
			low = middle + 1;
		else
			high = middle;
	}
	/* Line 0 says that the code from there on has none. */
	return low && m->lines[low - 1].line ? &m->lines[low - 1] : NULL;
}

const vsp_symbol *vsp_module_symbol_at(const vsp_module_data *m, uint32_t address, enum vsp_symbol_kind kind)
{
	uint32_t low = 0, high = m->symbol_count;
	while (low < high) { /* the first symbol that is not before (address, kind) */
		uint32_t middle = low + (high - low) / 2;
		const vsp_symbol *s = &m->symbols[m->by_address[middle]];
		if (s->address < address || (s->address == address && s->kind < kind))
			low = middle + 1;
		else
			high = middle;
	}
	if (low == m->symbol_count)
		return NULL;
	const vsp_symbol *s = &m->symbols[m->by_address[low]];
	return s->address == address && s->kind == kind ? s : NULL;
}

/* The index of the one symbol of kinds 2..4 with this name, or VSP_NO_SYMBOL. */
static uint32_t find_symbol(const vsp_module_data *m, const char *name)
{
	uint32_t low = 0, high = m->by_name_count;
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		int order = strcmp(m->symbols[m->by_name[middle]].name, name);
		if (order == 0)
			return m->by_name[middle];
		if (order < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return VSP_NO_SYMBOL;
}

uint32_t vsp_module_find_export(const vsp_module_data *m, const char *name)
{
	if (m->implicit_main && strcmp(name, "main") == 0)
		return 0;
	uint32_t symbol = find_symbol(m, name);
	if (symbol == VSP_NO_SYMBOL)
		return VSP_NO_PC;
	uint32_t f = vsp_module_func_at(m, m->symbols[symbol].address);
	return m->funcs[f].symbol == symbol && m->funcs[f].flags & VSP_FUNC_EXPORTED ? f : VSP_NO_PC;
}

/*
 * The number of bytes of the UTF-8 sequence at p, where size bytes are available, or 0 when it is
 * invalid.
 */
static size_t utf8_sequence(const unsigned char *p, size_t size)
{
	unsigned first = p[0];
	if (first < 0x80)
		return first != 0;
	size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
	if (first < 0xC2 || first > 0xF4 || size < length)
		return 0;
	for (size_t i = 1; i < length; i++)
		if ((p[i] & 0xC0) != 0x80)
			return 0;
	if ((first == 0xE0 && p[1] < 0xA0) || (first == 0xED && p[1] > 0x9F)) /* overlong, surrogate */
		return 0;
	if ((first == 0xF0 && p[1] < 0x90) || (first == 0xF4 && p[1] > 0x8F)) /* overlong, above U+10FFFF */
		return 0;
	return length;
}

bool vsp_text_is_utf8(const char *text, size_t size)
{
	const unsigned char *p = (const unsigned char *)text;
	for (size_t at = 0, length; at < size; at += length) {
		length = utf8_sequence(p + at, size - at);
		if (!length)
			return false;
	}
	return true;
}

bool vsp_module_has_model(const vsp_module_data *module, const char *name)
{
	for (uint32_t i = 0; i < module->model_count; i++)
		if (strcmp(module->models[i].name, name) == 0)
			return true;
	return false;
}
