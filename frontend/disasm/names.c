/*
 * The choice of names in the text. A symbol's own name is used when the assembler would resolve it
 * to that symbol: it is an identifier, no other symbol has it, and it cannot be mistaken for a
 * generated name.
 */
#include "disasm.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { GENERATED_MAX = 16, TAG_SIZE = 4 };
#define FUNCTION_PREFIX "FUNC_"
#define LABEL_PREFIX "L_"
#define GATHERED_NAME "main" /* the assembler's name for code outside any .func */

static bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
static bool is_digit(char c) { return c >= '0' && c <= '9'; }
static bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

/* R0..RF, R10..R15, L0..LF, SP, in any case. */
static bool is_register(const char *text, size_t n)
{
	char first = (char)(text[0] | 0x20);
	if (n == 2 && first == 's')
		return (text[1] | 0x20) == 'p';
	if (first != 'r' && first != 'l')
		return false;
	return (n == 2 && is_hex(text[1])) || (n == 3 && text[1] == '1' && is_digit(text[2]));
}

bool vsp_disasm_is_identifier(const char *text, size_t n)
{
	if (!n || !is_letter(text[0]) || is_register(text, n))
		return false;
	for (size_t i = 1; i < n; i++)
		if (!is_letter(text[i]) && !is_digit(text[i]) && text[i] != '.' && text[i] != '$')
			return false;
	return true;
}

bool vsp_disasm_exports_as(const vsp_disasm *d, const vsp_func *f)
{
	const char *name = f->symbol < d->m->symbol_count ? d->m->symbols[f->symbol].name : NULL;
	if (!name || !(f->flags & VSP_FUNC_EXPORTED))
		return false;
	size_t n = strlen(name);
	return !vsp_disasm_is_identifier(name, n) && !is_register(name, n);
}

static bool has_generated_form(const char *name, const char *prefix)
{
	size_t n = strlen(prefix);
	if (strncmp(name, prefix, n) != 0)
		return false;
	for (name += n; is_hex(*name);)
		name++;
	return !*name;
}

/* May the symbol keep its name, not considering other symbols? A name of the generated form is
   allowed only where it would be generated. */
static bool name_is_usable(const vsp_symbol *s, bool gathered)
{
	char own[GENERATED_MAX];
	if (!vsp_disasm_is_identifier(s->name, strlen(s->name)))
		return false;
	if (gathered && !strcmp(s->name, GATHERED_NAME))
		return s->kind == VSP_SYM_FUNCTION;
	if (!has_generated_form(s->name, FUNCTION_PREFIX) && !has_generated_form(s->name, LABEL_PREFIX))
		return true;
	snprintf(
	        own, sizeof own, "%s%06" PRIX32, s->kind == VSP_SYM_LABEL ? LABEL_PREFIX : FUNCTION_PREFIX, s->address);
	return s->kind != VSP_SYM_DATA && !strcmp(s->name, own);
}

typedef struct symbol_key {
	const vsp_symbol *symbol;
	uint32_t index;
	bool data, unnamed;
} symbol_key;

static int compare(uint64_t a, uint64_t b) { return a < b ? -1 : a > b; }

static int compare_names(const void *pa, const void *pb)
{
	const symbol_key *a = pa, *b = pb;
	int c = strcmp(a->symbol->name, b->symbol->name);
	return c ? c : compare(a->index, b->index);
}

/* By segment and address; at one address the labels that have a name are first. */
static int compare_places(const void *pa, const void *pb)
{
	const symbol_key *a = pa, *b = pb;
	int c = compare(a->data, b->data);
	c = c ? c : compare(a->symbol->address, b->symbol->address);
	c = c ? c : compare(a->unnamed, b->unnamed);
	return c ? c : compare(a->index, b->index);
}

/* Of symbols with one name the first keeps it. */
static void choose_plain(vsp_disasm *d, symbol_key *keys, uint32_t n)
{
	qsort(keys, n, sizeof *keys, compare_names);
	for (uint32_t i = 0; i < n; i++) {
		bool repeated = i && !strcmp(keys[i].symbol->name, keys[i - 1].symbol->name);
		d->plain[keys[i].index] = !repeated && name_is_usable(keys[i].symbol, d->gathered);
	}
}

static bool name_symbols(vsp_disasm *d)
{
	uint32_t n = d->m->symbol_count;
	symbol_key *keys = vsp_arena_array(&d->arena, n, sizeof *keys);
	d->order = vsp_arena_array(&d->arena, n, sizeof *d->order);
	d->plain = vsp_arena_array(&d->arena, n, sizeof *d->plain);
	if (!keys || !d->order || !d->plain)
		return false;
	for (uint32_t i = 0; i < n; i++)
		keys[i] = (symbol_key){.symbol = &d->m->symbols[i], .index = i};
	choose_plain(d, keys, n);
	for (uint32_t i = 0; i < n; i++) {
		uint8_t kind = keys[i].symbol->kind;
		keys[i].data = kind == VSP_SYM_DATA;
		keys[i].unnamed = !d->plain[keys[i].index] || (kind != VSP_SYM_LABEL && kind != VSP_SYM_DATA);
		d->code_symbols += !keys[i].data;
	}
	qsort(keys, n, sizeof *keys, compare_places);
	for (uint32_t i = 0; i < n; i++)
		d->order[i] = keys[i].index;
	return true;
}

static bool name_functions(vsp_disasm *d)
{
	const vsp_module_data *m = d->m;
	d->functions = vsp_arena_array(&d->arena, m->func_count, sizeof *d->functions);
	for (uint32_t i = 0; d->functions && i < m->func_count; i++) {
		char generated[GENERATED_MAX];
		int n = snprintf(generated, sizeof generated, FUNCTION_PREFIX "%06" PRIX32, m->funcs[i].start);
		uint32_t s = m->funcs[i].symbol;
		if (s < m->symbol_count && d->plain[s])
			d->functions[i] = m->symbols[s].name;
		else if (d->gathered)
			d->functions[i] = GATHERED_NAME;
		else
			d->functions[i] = vsp_arena_string(&d->arena, generated, (size_t)n);
		if (!d->functions[i])
			return false;
	}
	return d->functions;
}

static void mark_target(vsp_disasm *d, int64_t address)
{
	if (address >= 0 && address < d->m->code_size)
		d->targets[address / 8] |= (uint8_t)(1u << (address % 8));
}

static bool find_targets(vsp_disasm *d)
{
	const vsp_module_data *m = d->m;
	vsp_insn insn;
	d->targets = vsp_arena_alloc(&d->arena, m->code_size / 8 + 1);
	if (!d->targets)
		return false;
	for (uint32_t pc = 0; pc < m->code_size && !vsp_insn_decode(m->code, m->code_size, pc, &insn);
	        pc += insn.length) {
		for (uint32_t i = 0; i < vsp_insn_target_count(&insn); i++)
			mark_target(d, vsp_insn_target(m->code, &insn, i));
	}
	return true;
}

bool vsp_disasm_name_all(vsp_disasm *d)
{
	d->gathered = vsp_disasm_section(d->m, "FUNC") == d->m->section_count;
	return name_symbols(d) && name_functions(d) && find_targets(d);
}

uint32_t vsp_disasm_first_symbol(const vsp_disasm *d, uint32_t address, bool data)
{
	uint32_t low = data ? d->code_symbols : 0, high = data ? d->m->symbol_count : d->code_symbols;
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		if (d->m->symbols[d->order[middle]].address < address)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

bool vsp_disasm_is_target(const vsp_disasm *d, uint32_t address)
{
	return d->targets[address / 8] >> (address % 8) & 1;
}

void vsp_disasm_add_label(const vsp_disasm *d, vsp_text *out, uint32_t address)
{
	uint32_t i = vsp_disasm_first_symbol(d, address, false);
	const vsp_symbol *s = i < d->code_symbols ? &d->m->symbols[d->order[i]] : NULL;
	if (s && s->address == address && s->kind == VSP_SYM_LABEL && d->plain[d->order[i]])
		vsp_text_string(out, s->name);
	else
		vsp_text_format(out, LABEL_PREFIX "%06" PRIX32, address);
}

void vsp_disasm_defined(vsp_disasm *d, uint32_t i)
{
	if (i != d->next_symbol)
		d->symbols_differ = true;
	d->next_symbol++;
}

uint32_t vsp_disasm_section(const vsp_module_data *m, const char *tag)
{
	uint32_t i = 0;
	while (i < m->section_count && memcmp(m->sections[i].tag, tag, TAG_SIZE) != 0)
		i++;
	return i;
}
