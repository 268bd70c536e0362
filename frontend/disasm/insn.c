/*
 * Printing one instruction as text. The spelling is the shortest that the assembler turns back into
 * the same form: MOVI where it would choose MOVI.32 for this value, the forced spelling otherwise.
 */
#include "disasm.h"

#include <inttypes.h>
#include <string.h>

static vsp_operand_look look_of(unsigned form, int i) { return vsp_operands[vsp_forms[form].operands[i]].look; }

/* Would the assembler accept these operands for the form? */
static bool form_accepts(unsigned form, const vsp_insn *insn)
{
	for (int i = 0; i < 4; i++)
		if (look_of(form, i) != look_of(insn->form, i))
			return false;
	vsp_insn other = *insn;
	other.form = (uint16_t)form;
	return vsp_insn_fits(&other);
}

/* The form the assembler chooses for a spelling with the operands of insn, or VSP_FORM_INVALID. */
static unsigned form_chosen(const char *spelling, size_t length, const vsp_insn *insn)
{
	for (size_t i = 0; i < vsp_alias_count; i++) {
		const vsp_alias *alias = &vsp_aliases[i];
		if (alias->kind == VSP_ALIAS && strlen(alias->spelling) == length &&
		        !memcmp(alias->spelling, spelling, length) && form_accepts(alias->form, insn))
			return alias->form;
	}
	return VSP_FORM_INVALID;
}

static void add_mnemonic(vsp_text *out, const vsp_insn *insn)
{
	const char *mnemonic = vsp_insn_info(insn)->mnemonic;
	const char *suffix = strrchr(mnemonic, '.');
	size_t length = strlen(mnemonic);
	if (suffix && form_chosen(mnemonic, (size_t)(suffix - mnemonic), insn) == insn->form)
		length = (size_t)(suffix - mnemonic);
	vsp_text_add(out, mnemonic, length);
}

/* Small numbers in decimal, others in hexadecimal. */
static void add_number(vsp_text *out, int64_t v)
{
	if (v >= -0x80000000LL && v <= 0xFFFF)
		vsp_text_format(out, "%" PRId64, v);
	else
		vsp_text_format(out, "0x%" PRIX64, (uint64_t)v);
}

static void add_displacement(vsp_text *out, int64_t v)
{
	if (v)
		vsp_text_format(out, v < 0 ? " - %" PRId64 : " + %" PRId64, v < 0 ? -v : v);
	vsp_text_string(out, "]");
}

static void add_target(vsp_text *out, const vsp_disasm *d, int64_t address)
{
	if (d)
		vsp_disasm_add_label(d, out, (uint32_t)address);
	else
		vsp_text_format(out, "0x%04" PRIX64, (uint64_t)address);
}

static void add_table(vsp_text *out, const vsp_module_data *m, const vsp_disasm *d, const vsp_insn *insn)
{
	for (uint32_t i = 0; i < (uint32_t)insn->imm; i++) {
		if (i)
			vsp_text_string(out, ", ");
		add_target(out, d, vsp_insn_table_target(m->code, insn, i));
	}
}

static void add_function(vsp_text *out, const vsp_module_data *m, const vsp_disasm *d, int64_t index)
{
	const vsp_func *f = index < m->func_count ? &m->funcs[index] : NULL;
	if (d && f)
		vsp_text_string(out, d->functions[index]);
	else if (f && f->symbol < m->symbol_count)
		vsp_text_string(out, m->symbols[f->symbol].name);
	else
		add_number(out, index);
}

static void add_import(vsp_text *out, const vsp_module_data *m, const vsp_disasm *d, int64_t index)
{
	if (index >= m->import_count || (d && !d->imports_plain))
		add_number(out, index);
	else
		vsp_text_string(out, m->imports[index].name);
}

static void add_indexed(vsp_text *out, const vsp_insn *insn, unsigned scale)
{
	vsp_text_format(out, "[R%X + R%X", insn->b, insn->c);
	if (scale > 1)
		vsp_text_format(out, "*%u", scale);
	vsp_text_string(out, "]");
}

static unsigned register_in(const vsp_insn *insn, unsigned field)
{
	return field == VSP_FIELD_A   ? insn->a
	       : field == VSP_FIELD_B ? insn->b
	       : field == VSP_FIELD_C ? insn->c
	                              : insn->d;
}

/* An immediate that is not within brackets. */
static void add_immediate(
        vsp_text *out, const vsp_module_data *m, const vsp_disasm *d, const vsp_insn *insn, vsp_operand_sense sense)
{
	switch (sense) {
	case VSP_SENSE_NONE: break;
	case VSP_SENSE_ELEMENTS: add_number(out, insn->b); break;
	case VSP_SENSE_VALUE:
	case VSP_SENSE_SLOT:
	case VSP_SENSE_GLOBAL:
	case VSP_SENSE_TYPE:
	case VSP_SENSE_SYSCALL: add_number(out, insn->imm); break;
	case VSP_SENSE_PARAMS: add_number(out, insn->imm & 255); break;
	case VSP_SENSE_RESULTS: add_number(out, insn->imm >> 8); break;
	case VSP_SENSE_TARGET: add_target(out, d, insn->imm); break;
	case VSP_SENSE_TABLE: add_table(out, m, d, insn); break;
	case VSP_SENSE_FUNCTION:
	case VSP_SENSE_TRANSFORM:
	case VSP_SENSE_KERNEL: add_function(out, m, d, insn->imm); break;
	case VSP_SENSE_IMPORT: add_import(out, m, d, insn->imm); break;
	}
}

static void add_operand(
        vsp_text *out, const vsp_module_data *m, const vsp_disasm *d, const vsp_insn *insn, const vsp_operand_info *o)
{
	switch (o->look) {
	case VSP_LOOK_NONE: break;
	case VSP_LOOK_REGISTER: vsp_text_format(out, "R%X", register_in(insn, o->fields)); break;
	case VSP_LOOK_NUMBER: add_immediate(out, m, d, insn, o->sense); break;
	case VSP_LOOK_BASE:
		vsp_text_format(out, "[R%X", insn->b);
		add_displacement(out, insn->imm);
		break;
	case VSP_LOOK_SP:
		vsp_text_string(out, "[SP");
		add_displacement(out, insn->imm);
		break;
	case VSP_LOOK_ABSOLUTE: vsp_text_format(out, "[0x%" PRIX64 "]", (uint64_t)insn->imm); break;
	case VSP_LOOK_INDEXED: add_indexed(out, insn, o->scale); break;
	}
}

void vsp_disasm_insn(vsp_text *out, const vsp_module_data *m, const vsp_disasm *d, const vsp_insn *insn)
{
	const vsp_form_info *info = vsp_insn_info(insn);
	size_t start = out->length;
	add_mnemonic(out, insn);
	for (int i = 0; i < 4 && info->operands[i] != VSP_O_NONE; i++) {
		if (info->operands[i] == VSP_O_TABLE && insn->imm == 0)
			break;
		vsp_text_string(out, i ? ", " : " ");
		while (i == 0 && out->length < start + 8)
			vsp_text_string(out, " ");
		add_operand(out, m, d, insn, &vsp_operands[info->operands[i]]);
	}
}

size_t vsp_disassemble_insn(const vsp_module_data *m, const vsp_insn *insn, char *out, size_t size)
{
	vsp_text text = {.bytes = out, .capacity = size};
	vsp_disasm_insn(&text, m, NULL, insn);
	vsp_text_finish(&text);
	return text.length;
}
