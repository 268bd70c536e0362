/*
 * The disassembler: one pass over the code in address order, then the directives that make the
 * assembler write the identical file (docs/language.md, "Exact disassembly").
 */
#include "disasm.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/platform/platform.h"

enum { COMMENT_DIGITS = 9 }; /* doubles that need more are not worth a comment */

/* ---- comments: possible meanings of a number ---- */

static void comment_data(vsp_disasm *d, int64_t address)
{
	if (address < VSP_NULL_ZONE || address > UINT32_MAX)
		return;
	uint32_t i = vsp_disasm_first_symbol(d, (uint32_t)address, true);
	if (i < d->m->symbol_count && d->m->symbols[d->order[i]].address == address && d->plain[d->order[i]]) {
		vsp_text_string(&d->out, "\t; ");
		vsp_text_string(&d->out, d->m->symbols[d->order[i]].name);
	}
}

static void comment_double(vsp_disasm *d, int64_t bits)
{
	double v;
	char text[32];
	memcpy(&v, &bits, sizeof v);
	snprintf(text, sizeof text, "%.*g", COMMENT_DIGITS, v);
	if (isfinite(v) && strtod(text, NULL) == v) /* NOLINT: exact on purpose */
		vsp_text_format(&d->out, "\t; %s", text);
}

/* Of the width of an address, or of a double. */
static void add_comment(vsp_disasm *d, const vsp_insn *insn)
{
	const vsp_operand_info *o = &vsp_operands[vsp_form_immediate((vsp_form)insn->form)];
	if (o->look == VSP_LOOK_ABSOLUTE || o->greatest == INT32_MAX)
		comment_data(d, insn->imm);
	else if (o->greatest == INT64_MAX)
		comment_double(d, insn->imm);
}

/* ---- code ---- */

static void add_code_labels(vsp_disasm *d, uint32_t address)
{
	const vsp_module_data *m = d->m;
	bool named = false;
	for (uint32_t i = vsp_disasm_first_symbol(d, address, false); i < d->code_symbols; i++) {
		uint32_t s = d->order[i];
		if (m->symbols[s].address != address || m->symbols[s].kind != VSP_SYM_LABEL || !d->plain[s])
			break;
		vsp_text_string(&d->out, m->symbols[s].name);
		vsp_text_string(&d->out, ":\n");
		vsp_disasm_defined(d, s);
		named = true;
	}
	if (!named && vsp_disasm_is_target(d, address)) {
		vsp_disasm_add_label(d, &d->out, address);
		vsp_text_string(&d->out, ":\n");
		vsp_disasm_defined(d, VSP_NO_SYMBOL);
	}
}

static void add_line_row(vsp_disasm *d, uint32_t address)
{
	const vsp_module_data *m = d->m;
	if (d->next_line >= m->line_count || m->lines[d->next_line].address != address)
		return;
	const vsp_line *row = &m->lines[d->next_line++];
	vsp_text_format(
	        &d->out, "\t.loc    %" PRIu32 ", %" PRId64 ", %" PRIu32 "\n", row->file, row->line, row->column);
}

static void add_code(vsp_disasm *d, uint32_t start, uint32_t end)
{
	vsp_insn insn;
	for (uint32_t pc = start; pc < end && !vsp_insn_decode(d->m->code, d->m->code_size, pc, &insn);
	        pc += insn.length) {
		add_code_labels(d, pc);
		if (d->lines_told)
			add_line_row(d, pc);
		vsp_text_string(&d->out, "\t");
		vsp_disasm_insn(&d->out, d->m, d, &insn);
		add_comment(d, &insn);
		vsp_text_string(&d->out, "\n");
	}
}

static void add_export(vsp_disasm *d, uint32_t i)
{
	const vsp_func *f = &d->m->funcs[i];
	vsp_text_string(&d->out, "\t.export ");
	vsp_text_string(&d->out, d->functions[i]);
	if (vsp_disasm_exports_as(d, f)) {
		const char *name = d->m->symbols[f->symbol].name;
		vsp_text_string(&d->out, " as ");
		vsp_text_quoted(&d->out, name, strlen(name));
	}
	vsp_text_string(&d->out, "\n");
}

static void add_function(vsp_disasm *d, uint32_t i)
{
	const vsp_func *f = &d->m->funcs[i];
	const char *name = d->functions[i];
	bool own = f->symbol < d->m->symbol_count && (d->plain[f->symbol] || vsp_disasm_exports_as(d, f));
	vsp_text_string(&d->out, "\n");
	if (f->flags & VSP_FUNC_EXPORTED)
		add_export(d, i);
	static const char *const directives[] = {
	        [VSP_KIND_FUNCTION] = ".func ", [VSP_KIND_TRANSFORM] = ".transform ", [VSP_KIND_KERNEL] = ".kernel "};
	vsp_text_string(&d->out, directives[f->kind]);
	vsp_text_string(&d->out, name);
	if (f->kind == VSP_KIND_FUNCTION)
		vsp_text_format(&d->out, "(%u)", f->params);
	if (f->kind == VSP_KIND_FUNCTION && f->results)
		vsp_text_format(&d->out, " -> %u", f->results);
	vsp_text_string(&d->out, "\n");
	vsp_disasm_defined(d, own ? f->symbol : VSP_NO_SYMBOL);
	add_code(d, f->start, f->start + f->size);
	vsp_text_string(&d->out, ".end\n");
}

/* A file without FUNC: code outside any .func, for which the assembler makes a function and a
   symbol named main. */
static void add_gathered(vsp_disasm *d)
{
	const vsp_symbol *s = d->next_symbol < d->m->symbol_count ? &d->m->symbols[d->next_symbol] : NULL;
	bool own = s && s->kind == VSP_SYM_FUNCTION && s->address == 0 && !strcmp(s->name, "main");
	vsp_disasm_defined(d, own ? d->next_symbol : VSP_NO_SYMBOL);
	vsp_text_string(&d->out, "\n");
	add_code(d, 0, d->m->code_size);
}

static void add_all_code(vsp_disasm *d)
{
	const vsp_module_data *m = d->m;
	vsp_text_string(&d->out, "\n\t.code\n");
	if (d->gathered) {
		add_gathered(d);
		return;
	}
	for (uint32_t i = 0; i < m->func_count; i++)
		add_function(d, i);
	const char *entry = d->functions[m->entry_func];
	if (m->func_count > 1 && strcmp(entry, "main") != 0) {
		vsp_text_string(&d->out, "\n\t.entry  ");
		vsp_text_string(&d->out, entry);
		vsp_text_string(&d->out, "\n");
	}
}

/* ---- the directives at the top ---- */

/* Names that .import cannot write are in section IMPT; here placeholders keep their number. */
static void add_imports(vsp_disasm *d)
{
	for (uint32_t i = 0; i < d->m->import_count; i++) {
		const vsp_import *import = &d->m->imports[i];
		vsp_text_string(&d->out, "\t.import ");
		if (d->imports_plain)
			vsp_text_string(&d->out, import->name);
		else
			vsp_text_format(&d->out, "import.number%" PRIu32, i);
		vsp_text_format(&d->out, "(%u) -> %u\n", import->params, import->results);
	}
}

static void add_files(vsp_disasm *d)
{
	for (uint32_t i = 0; i < d->m->file_count && d->lines_told; i++) {
		vsp_text_string(&d->out, "\t.file   ");
		vsp_text_quoted(&d->out, d->m->files[i], strlen(d->m->files[i]));
		vsp_text_string(&d->out, "\n");
	}
}

static void add_head(vsp_disasm *d)
{
	const vsp_module_data *m = d->m;
	vsp_text_format(&d->out, "\t.mode   SIL-%u\n", 8 * vsp_mode_layers(m->mode));
	if (d->memory_told) {
		vsp_text_format(&d->out, "\t.memory %" PRIu32 ", %" PRIu32 "\n", m->initial_pages, m->max_pages);
		vsp_text_format(&d->out, "\t.stack  0x%" PRIX32 "\n", m->stack_top - VSP_NULL_ZONE);
	}
	add_imports(d);
	add_files(d);
}

static char *disassemble(const vsp_module_data *m, size_t *length)
{
	vsp_disasm d = {.m = m, .out = VSP_TEXT_GROWING, .arena = VSP_ARENA_INIT};
	/* Symbols are made in the order of the source: when the module's symbols begin with data,
	   the data is written first. */
	bool data_first = m->symbol_count && m->symbols[0].kind == VSP_SYM_DATA;
	char *text = NULL;
	if (vsp_disasm_name_all(&d) && vsp_disasm_plan(&d)) {
		add_head(&d);
		if (data_first)
			vsp_disasm_data(&d);
		add_all_code(&d);
		if (!data_first && (m->data_size || d.next_symbol < m->symbol_count))
			vsp_disasm_data(&d);
		vsp_disasm_exact(&d);
		text = vsp_text_finish(&d.out);
	}
	*length = text ? d.out.length : 0;
	vsp_arena_free(&d.arena);
	return text;
}

char *vsp_disassemble(const vsp_module_data *m, size_t *length)
{
	vsp_plat_fp_text saved = vsp_plat_fp_text_enter(); /* floats are text here, the same for every host */
	char *text = disassemble(m, length);
	vsp_plat_fp_text_restore(saved);
	return text;
}
