/*
 * Layout in two passes: first as if every branch needed its long form, which is the inverse branch
 * around a jump; those whose target is near even so get the short one. Code that is not reached is
 * not there, so jumps to the next instruction are all that is left out.
 */
#include "layout.h"

#include <string.h>

#include "frontend/branch.h"
#include "runtime/base/alloc.h"

static bool is_branch(const vsp_insn *insn)
{
	return insn->form < VSP_FORMS && vsp_form_immediate((vsp_form)insn->form) == VSP_O_TARGET16;
}
static bool has_label(const vsp_insn *insn)
{
	return insn->form < VSP_FORMS && vsp_form_sense((vsp_form)insn->form) == VSP_SENSE_TARGET;
}

/* Does nothing but labels stand between the jump and its target? */
static bool is_needless(const wasm_emitter *e, uint32_t i)
{
	if (e->insns[i].form != VSP_I_JMP)
		return false;
	for (uint32_t next = i + 1; next < e->count && e->insns[next].form == IR_LABEL; next++)
		if (e->insns[next].imm == e->insns[i].imm)
			return true;
	return false;
}

/* Gives instructions their pc, and labels their addresses; BRTAB's pc is where its list is, so it
   has none. Long branches are those with reserved set. Returns the address behind. */
static uint64_t assign(wasm_emitter *e)
{
	uint64_t at = e->size;
	for (uint32_t i = 0; i < e->count; i++) {
		vsp_insn *insn = &e->insns[i];
		if (insn->form == IR_LABEL) {
			e->labels[insn->imm] = (uint32_t)at;
			continue;
		}
		if (insn->form != VSP_I_BRTAB)
			insn->pc = (uint32_t)at;
		insn->length = is_needless(e, i) ? 0 : vsp_insn_size((vsp_form)insn->form, (uint32_t)insn->imm);
		if (insn->reserved)
			insn->length += vsp_insn_size(VSP_I_JMP, 0);
		at += insn->length;
		if (at > VSP_MAX_CODE)
			break;
	}
	return at;
}

static void shorten(wasm_emitter *e)
{
	for (uint32_t i = 0; i < e->count; i++) {
		vsp_insn *insn = &e->insns[i];
		if (!insn->reserved)
			continue;
		int64_t distance = (int64_t)e->labels[insn->imm] - insn->pc;
		insn->reserved = distance < INT16_MIN + 16 || distance > INT16_MAX - 16;
	}
}

static void encode_table(wasm_emitter *e, const ir_code *code, const vsp_insn *insn, uint8_t *out)
{
	uint32_t *targets = code->lists + insn->pc; /* of this function alone, which is done with them */
	for (int64_t i = 0; i < insn->imm; i++)
		targets[i] = e->labels[targets[i]];
	vsp_insn_encode(insn, targets, out);
}

static void encode(wasm_emitter *e, const ir_code *code, const vsp_insn *source, uint8_t *out)
{
	vsp_insn insn = *source;
	insn.reserved = 0;
	if (insn.form == VSP_I_BRTAB) {
		encode_table(e, code, &insn, out);
		return;
	}
	if (has_label(&insn))
		insn.imm = e->labels[insn.imm];
	if (source->reserved) {
		vsp_insn jump = {.form = VSP_I_JMP, .imm = insn.imm};
		insn.form = vsp_branch_inverse(insn.form);
		insn.imm = (int64_t)source->pc + source->length;
		vsp_insn_encode(&jump, NULL, out + vsp_insn_size((vsp_form)insn.form, 0));
	}
	vsp_insn_encode(&insn, NULL, out);
}

static bool make_room(wasm_emitter *e, uint64_t end)
{
	if (end <= e->room)
		return true;
	uint64_t room = end * 2 < VSP_MAX_CODE ? end * 2 : VSP_MAX_CODE;
	uint8_t *moved = vsp_realloc(e->code, (size_t)room, 1);
	e->no_memory |= !moved;
	if (!moved)
		return false;
	e->code = moved;
	e->room = (uint32_t)room;
	return true;
}

static bool make_labels(wasm_emitter *e, uint32_t count)
{
	if (count <= e->label_room)
		return true;
	uint32_t *moved = vsp_realloc(e->labels, count, sizeof *moved);
	e->no_memory |= !moved;
	if (!moved)
		return false;
	e->labels = moved;
	e->label_room = count;
	return true;
}

/* A row, unless its line is that of the row before. */
static void add_row(wasm_emitter *e, uint32_t address, uint32_t line)
{
	if (e->row_count ? e->rows[e->row_count - 1].line == line : !line)
		return;
	if (e->row_count == e->row_room) {
		uint32_t room = e->row_room ? e->row_room * 2 : 256;
		wasm_emitted_row *moved = vsp_realloc(e->rows, room, sizeof *moved);
		e->no_memory |= !moved;
		if (!moved)
			return;
		e->rows = moved;
		e->row_room = room;
	}
	e->rows[e->row_count++] = (wasm_emitted_row){address, line};
}

void wasm_layout(wasm_emitter *e, const ir_code *code)
{
	if (!make_labels(e, code->label_count))
		return;
	if (code->label_count)
		memset(e->labels, 0, code->label_count * sizeof *e->labels);
	for (uint32_t i = 0; i < e->count; i++)
		e->insns[i].reserved = is_branch(&e->insns[i]);
	uint64_t end = assign(e);
	if (end <= VSP_MAX_CODE) {
		shorten(e);
		end = assign(e);
	}
	e->too_large |= end > VSP_MAX_CODE;
	if (e->too_large || !make_room(e, end))
		return;
	uint8_t *out = e->code + e->size;
	for (uint32_t i = 0; i < e->count; i++)
		if (e->insns[i].form != IR_LABEL && e->insns[i].length) {
			add_row(e, e->size + (uint32_t)(out - (e->code + e->size)), e->lines[i]);
			encode(e, code, &e->insns[i], out);
			out += e->insns[i].length;
		}
	e->size = (uint32_t)end;
}
