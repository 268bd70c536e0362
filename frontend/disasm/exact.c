/*
 * The parts of a module that default assembly would not reproduce. The assembler derives symbols
 * and sections from the source by the rules in docs/language.md; symbols and sections that these
 * rules would not give are written out with .symbol and .section.
 */
#include "disasm.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/base/leb128.h"

enum { TAG_SIZE = 4 };

/* ---- can the text express the section? ---- */

static bool func_is_plain(const vsp_disasm *d, const vsp_section *section)
{
	const vsp_module_data *m = d->m;
	(void)section; /* its encoding is unique */
	for (uint32_t i = 0; i < m->func_count; i++) {
		const vsp_func *f = &m->funcs[i];
		if (f->symbol >= m->symbol_count)
			return false;
		if (d->functions[i] != m->symbols[f->symbol].name && !vsp_disasm_exports_as(d, f))
			return false;
		if (!strcmp(d->functions[i], "main") && !(f->flags & VSP_FUNC_EXPORTED))
			return false;
	}
	return true;
}

static bool memory_is_plain(const vsp_disasm *d, const vsp_section *section)
{
	(void)section;
	return d->m->stack_top % 16 == 0;
}

static bool imports_are_plain(const vsp_disasm *d, const vsp_section *section)
{
	uint64_t size = 4;
	for (uint32_t i = 0; i < d->m->import_count; i++)
		size += 4 + strlen(d->m->imports[i].name);
	return d->imports_plain && d->m->import_count && size == section->size;
}

/* A payload that is compared with the one that the text would give. */
typedef struct cursor {
	const uint8_t *p;
	size_t left;
	bool equal;
} cursor;

static void expect(cursor *c, const void *bytes, size_t n)
{
	c->equal = c->equal && n <= c->left && !memcmp(c->p, bytes, n);
	if (!c->equal)
		return;
	c->p += n;
	c->left -= n;
}

static void expect_number(cursor *c, uint64_t v, unsigned size)
{
	uint8_t bytes[8];
	vsp_write_le(bytes, v, size);
	expect(c, bytes, size);
}

static void expect_row(cursor *c, const vsp_line *before, const vsp_line *row)
{
	uint8_t leb[VSP_LEB128_MOST];
	expect(c, leb, vsp_uleb128_write(leb, row->address - (before ? before->address : 0)));
	expect(c, leb, vsp_uleb128_write(leb, row->file));
	expect(c, leb, vsp_sleb128_write(leb, (int64_t)((uint64_t)row->line - (before ? (uint64_t)before->line : 0))));
	expect(c, leb, vsp_uleb128_write(leb, row->column));
}

/* Numbers may have been stored longer than needed, which .loc cannot express. */
static bool lines_are_plain(const vsp_disasm *d, const vsp_section *section)
{
	const vsp_module_data *m = d->m;
	cursor c = {section->payload, section->size, m->file_count > 0};
	expect_number(&c, m->file_count, 4);
	for (uint32_t i = 0; i < m->file_count && c.equal; i++) {
		size_t n = strlen(m->files[i]);
		expect_number(&c, n, 2);
		expect(&c, m->files[i], n);
	}
	expect_number(&c, m->line_count, 4);
	for (uint32_t i = 0; i < m->line_count && c.equal; i++)
		expect_row(&c, i ? &m->lines[i - 1] : NULL, &m->lines[i]);
	return c.equal && !c.left;
}

/* The sections that the assembler writes by itself, in its order. MODL is not among them: the
   text has no files to take models from. */
static const struct automatic {
	const char *tag;
	bool (*is_plain)(const vsp_disasm *d, const vsp_section *section);
	bool always; /* written for any source, so its absence must be stated */
} automatic[] = {
        {"FUNC", func_is_plain, true},
        {"MEMO", memory_is_plain, false},
        {"IMPT", imports_are_plain, false},
        {"LINE", lines_are_plain, true},
};
enum { AUTOMATIC = sizeof automatic / sizeof automatic[0] };

static int compare_strings(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Names are "module.name" in identifiers, and unique. */
static bool plan_imports(vsp_disasm *d)
{
	uint32_t n = d->m->import_count;
	const char **names = vsp_arena_array(&d->arena, n, sizeof *names);
	if (!names)
		return false;
	d->imports_plain = true;
	for (uint32_t i = 0; i < n; i++) {
		names[i] = d->m->imports[i].name;
		d->imports_plain &= strchr(names[i], '.') && vsp_disasm_is_identifier(names[i], strlen(names[i]));
	}
	qsort(names, n, sizeof *names, compare_strings);
	for (uint32_t i = 1; i < n; i++)
		d->imports_plain &= strcmp(names[i], names[i - 1]) != 0;
	return true;
}

/* Is the section with the tag in the file and left to the assembler? */
static bool is_automatic(const vsp_disasm *d, const char *tag) { return vsp_disasm_section(d->m, tag) < d->automatic; }

/* Sections left to the assembler stand first and in its order; from the first that cannot be, all
   are written out. */
bool vsp_disasm_plan(vsp_disasm *d)
{
	if (!plan_imports(d))
		return false;
	const vsp_module_data *m = d->m;
	for (unsigned a = 0; a < AUTOMATIC && d->automatic < m->section_count; a++) {
		const vsp_section *section = &m->sections[d->automatic];
		if (!memcmp(section->tag, automatic[a].tag, TAG_SIZE) && automatic[a].is_plain(d, section))
			d->automatic++;
	}
	d->lines_told = is_automatic(d, "LINE");
	d->memory_told = is_automatic(d, "MEMO");
	return true;
}

/* ---- printing ---- */

static void add_symbols(vsp_disasm *d)
{
	static const char *const kinds[] = {
	        [VSP_SYM_LABEL] = "label",
	        [VSP_SYM_DATA] = "data",
	        [VSP_SYM_TRANSFORM] = "transform",
	        [VSP_SYM_FUNCTION] = "function",
	        [VSP_SYM_KERNEL] = "kernel",
	};
	const vsp_module_data *m = d->m;
	if (!m->symbol_count)
		vsp_text_string(&d->out, m->symbols_stored ? "\t.symbol\n" : "\t.symbol none\n");
	for (uint32_t i = 0; i < m->symbol_count; i++) {
		const vsp_symbol *s = &m->symbols[i];
		vsp_text_string(&d->out, "\t.symbol ");
		vsp_text_quoted(&d->out, s->name, strlen(s->name));
		vsp_text_format(&d->out, ", %s, 0x%04" PRIX32 "\n", kinds[s->kind], s->address);
	}
}

void vsp_disasm_exact(vsp_disasm *d)
{
	const vsp_module_data *m = d->m;
	if (d->symbols_differ || d->next_symbol != m->symbol_count)
		add_symbols(d);
	for (unsigned a = 0; a < AUTOMATIC; a++)
		if (automatic[a].always && vsp_disasm_section(m, automatic[a].tag) == m->section_count)
			vsp_text_format(&d->out, "\t.section \"%s\", none\n", automatic[a].tag);
	for (uint32_t i = d->automatic; i < m->section_count; i++) {
		vsp_text_string(&d->out, "\t.section ");
		vsp_text_quoted(&d->out, m->sections[i].tag, TAG_SIZE);
		vsp_text_string(&d->out, "\n");
		vsp_disasm_bytes(&d->out, m->sections[i].payload, m->sections[i].size);
	}
}
