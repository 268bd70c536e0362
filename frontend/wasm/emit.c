/*
 * Writing machine code: places of registers are put into instructions, lists become moves, and
 * operands in slots are loaded into scratch registers.
 */
#include "emit.h"

#include <string.h>

#include "layout.h"
#include "moves.h"
#include "runtime/base/alloc.h"

typedef struct emission {
	wasm_emitter *e;
	const ir_code *code;
	const uint16_t *places;
} emission;

static void add(wasm_emitter *e, vsp_insn insn)
{
	if (e->count == e->insn_room) {
		uint32_t room = e->insn_room ? e->insn_room * 2 : 256;
		vsp_insn *moved = room <= 4u * IR_MAX_INSNS ? vsp_realloc(e->insns, room, sizeof *moved) : NULL;
		if (!moved) {
			e->no_memory |= room <= 4u * IR_MAX_INSNS;
			e->too_large |= room > 4u * IR_MAX_INSNS;
			return;
		}
		e->insns = moved;
		uint32_t *lines = vsp_realloc(e->lines, room, sizeof *lines);
		e->no_memory |= !lines;
		if (!lines)
			return;
		e->lines = lines;
		e->insn_room = room;
	}
	e->lines[e->count] = e->line;
	e->insns[e->count++] = insn;
}

static void add_form(emission *m, uint16_t form, unsigned a, unsigned b, int64_t imm)
{
	add(m->e, (vsp_insn){.form = form, .a = (uint8_t)a, .b = (uint8_t)b, .imm = imm});
}

static void add_move(void *user, uint16_t form, uint8_t a, uint8_t b) { add_form(user, form, a, b, 0); }

/* In the shortest form. */
static void add_constant(emission *m, unsigned reg, int64_t value)
{
	vsp_insn insn = {.form = VSP_I_MOVI_8, .a = (uint8_t)reg, .imm = value};
	if (!vsp_insn_fits(&insn))
		insn.form = VSP_I_MOVI_32;
	if (!vsp_insn_fits(&insn))
		insn.form = VSP_I_MOVI_64;
	add(m->e, insn);
}

static bool is_slot(uint16_t place) { return place >= PLACE_SLOT && place != PLACE_NONE; }
static void load_slot(emission *m, unsigned reg, uint16_t place)
{
	add_form(m, VSP_I_LDLOC, reg, 0, place - PLACE_SLOT);
}
static void store_slot(emission *m, unsigned reg, uint16_t place)
{
	add_form(m, VSP_I_STLOC, reg, 0, place - PLACE_SLOT);
}

/* ---- lists ---- */

/* Puts the items of a list into R0, R1, ... */
static void pass(emission *m, uint32_t first, uint32_t count, unsigned entry, uint16_t entry_place)
{
	wasm_moves moves;
	const uint32_t *list = m->code->lists + first;
	wasm_moves_clear(&moves);
	for (uint32_t i = 0; i < count; i++)
		if (!(list[i] & IR_CONSTANT) && m->places[list[i]] < VSP_REGISTERS)
			moves.source[i] = (uint8_t)m->places[list[i]];
	if (entry_place < VSP_REGISTERS)
		moves.source[entry] = (uint8_t)entry_place;
	wasm_moves_order(&moves, add_move, m);
	for (uint32_t i = 0; i < count; i++)
		if (list[i] & IR_CONSTANT)
			add_constant(m, i, m->code->constants[list[i] & ~IR_CONSTANT]);
		else if (is_slot(m->places[list[i]]))
			load_slot(m, i, m->places[list[i]]);
	if (is_slot(entry_place))
		load_slot(m, entry, entry_place);
}

/* Takes values that are in R0, R1, ...; returns the registers that now hold one. */
static uint32_t receive(emission *m, uint32_t first, uint32_t count)
{
	wasm_moves moves;
	uint32_t written = 0;
	const uint32_t *list = m->code->lists + first;
	wasm_moves_clear(&moves);
	for (uint32_t i = 0; i < count; i++) {
		uint16_t place = m->places[list[i]];
		if (is_slot(place))
			store_slot(m, i, place);
		else if (place < VSP_REGISTERS) {
			moves.source[place] = (uint8_t)i;
			written |= UINT32_C(1) << place;
		}
	}
	wasm_moves_order(&moves, add_move, m);
	return written;
}

static bool stores(const emission *m, const ir_insn *insn, uint16_t place)
{
	for (uint32_t i = 0; i < insn->v[3]; i++)
		if (m->places[m->code->lists[insn->v[2] + i]] == place)
			return true;
	return false;
}

/* All registers and slots are 0 at the start, but parameters. */
static void emit_entry(emission *m, const ir_insn *insn)
{
	uint32_t other = receive(m, insn->v[2], insn->v[3]) | ((UINT32_C(1) << insn->v[3]) - 1);
	bool zero = false;
	for (uint32_t i = 0; i < insn->v[1]; i++) {
		uint16_t place = m->places[m->code->lists[insn->v[0] + i]];
		if (place < VSP_REGISTERS && other >> place & 1)
			add_constant(m, place, 0);
		else if (is_slot(place) && stores(m, insn, place)) {
			if (!zero)
				add_constant(m, SCRATCH, 0);
			zero = true;
			store_slot(m, SCRATCH, place);
		}
	}
}

static void emit_call(emission *m, const ir_insn *insn)
{
	uint16_t form = IR_CALL_FORM(insn->imm), place = PLACE_NONE;
	unsigned entry = VSP_REGISTERS - 1;
	if (form == VSP_I_INVOKET)
		place = m->places[m->code->lists[insn->v[0] + insn->v[1]]];
	if (place < VSP_REGISTERS && place >= insn->v[1])
		entry = place;
	pass(m, insn->v[0], insn->v[1], entry, place);
	if (ir_form_reads(form) != (VSP_FIELD_A | VSP_FIELD_B | VSP_FIELD_C | VSP_FIELD_D))
		add_form(m, form, form == VSP_I_INVOKET ? entry : 0, IR_CALL_TABLE(insn->imm), IR_CALL_IMM(insn->imm));
	else
		add(m->e, (vsp_insn){.form = form, .a = 0, .b = 1, .c = 2, .d = 3});
	receive(m, insn->v[2], insn->v[3]);
}

/* ---- other instructions ---- */

static void emit_mov(emission *m, uint16_t to, uint16_t from)
{
	if (to == from || to == PLACE_NONE)
		return;
	if (is_slot(from) && is_slot(to)) {
		load_slot(m, SCRATCH, from);
		store_slot(m, SCRATCH, to);
	} else if (is_slot(from)) {
		load_slot(m, to, from);
	} else if (is_slot(to)) {
		store_slot(m, from, to);
	} else {
		add_form(m, VSP_I_MOV, to, from, 0);
	}
}

static void emit_constant(emission *m, uint16_t to, int64_t value)
{
	if (to == PLACE_NONE)
		return;
	add_constant(m, is_slot(to) ? SCRATCH : to, value);
	if (is_slot(to))
		store_slot(m, SCRATCH, to);
}

static void add_table(emission *m, vsp_insn *insn, uint32_t first)
{
	insn->pc = first; /* the list of its labels, until the layout */
	add(m->e, *insn);
}

static void emit_plain(emission *m, const ir_insn *source)
{
	uint8_t reads = ir_form_reads(source->form), writes = ir_form_writes(source->form), fields[4] = {0};
	unsigned scratch = SCRATCH;
	for (unsigned f = 0; f < 4; f++) {
		uint16_t place = (reads | writes) & 1 << f ? m->places[source->v[f]] : 0;
		fields[f] = (uint8_t)(place < VSP_REGISTERS ? place : SCRATCH);
		if (place < VSP_REGISTERS || !(reads & 1 << f))
			continue;
		fields[f] = (uint8_t)scratch++;
		load_slot(m, fields[f], place);
	}
	vsp_insn insn = {.form = source->form,
	        .a = fields[0],
	        .b = fields[1],
	        .c = fields[2],
	        .d = fields[3],
	        .imm = source->imm};
	if (insn.form == VSP_I_BRTAB)
		add_table(m, &insn, source->v[1]);
	else
		add(m->e, insn);
	for (unsigned f = 0; f < 4; f++)
		if (writes & 1 << f && is_slot(m->places[source->v[f]]))
			store_slot(m, fields[f], m->places[source->v[f]]);
}

static void emit_insn(emission *m, const ir_insn *insn)
{
	switch (insn->form) {
	case IR_NOTHING: break;
	case IR_LABEL: add_form(m, IR_LABEL, 0, 0, insn->imm); break;
	case IR_ENTRY: emit_entry(m, insn); break;
	case IR_CALL: emit_call(m, insn); break;
	case IR_RETURN:
		pass(m, insn->v[0], insn->v[1], 0, PLACE_NONE);
		add_form(m, VSP_I_RET, 0, 0, 0);
		break;
	case VSP_I_MOV: emit_mov(m, m->places[insn->v[0]], m->places[insn->v[1]]); break;
	case VSP_I_MOVI_64: emit_constant(m, m->places[insn->v[0]], insn->imm); break;
	default: emit_plain(m, insn); break;
	}
}

bool wasm_emit(wasm_emitter *e, const ir_code *code, const uint16_t *places)
{
	emission m = {.e = e, .code = code, .places = places};
	e->count = 0;
	for (uint32_t i = 0; i < code->count && !e->no_memory && !e->too_large; i++) {
		e->line = code->insns[i].line;
		emit_insn(&m, &code->insns[i]);
	}
	if (!e->no_memory && !e->too_large)
		wasm_layout(e, code);
	return !e->no_memory && !e->too_large;
}

bool wasm_emit_insns(wasm_emitter *e, const vsp_insn *insns, uint32_t count)
{
	static const ir_code no_labels = {.count = 0};
	e->count = e->line = 0;
	for (uint32_t i = 0; i < count; i++)
		add(e, insns[i]);
	if (!e->no_memory && !e->too_large)
		wasm_layout(e, &no_labels);
	return !e->no_memory && !e->too_large;
}

void wasm_emitter_free(wasm_emitter *e)
{
	vsp_free_memory(e->code);
	vsp_free_memory(e->insns);
	vsp_free_memory(e->labels);
	vsp_free_memory(e->lines);
	vsp_free_memory(e->rows);
	*e = (wasm_emitter){.size = 0};
}
