/*
 * Copies of webs in slots: where an instruction reads or writes one, a new register that lives
 * there alone. Moves to and from slots are instructions themselves, and calls, returns and the
 * entry take and give slots, so they need none. A web that is always one constant is not stored at
 * all: each use makes it anew.
 */
#include "colouring.h"

#include "runtime/base/alloc.h"

typedef struct spilling {
	colouring *c;
	ir_code *code;
	ir_insn *insns; /* the new ones */
	uint32_t count, room;
	uint32_t line;
	uint16_t depth;
	int64_t *constants; /* by register, of webs with WEB_CONSTANT */
	uint32_t *places;   /* by old instruction: the new one */
} spilling;

static void add(spilling *s, ir_insn insn)
{
	colour_grow(s->c, (void **)&s->insns, s->count, &s->room, sizeof *s->insns);
	if (s->c->gives_up)
		return;
	insn.line = s->line;
	insn.depth = s->depth;
	s->insns[s->count++] = insn;
}

static bool has_slot(const spilling *s, uint32_t reg) { return s->c->states[reg] & WEB_SLOT; }
static bool is_constant(const spilling *s, uint32_t reg) { return s->c->states[reg] & WEB_CONSTANT; }

static uint32_t new_copy(spilling *s) { return colour_new_reg(s->c, IR_TEMP, WEB_SHORT); }

static void add_load(spilling *s, uint32_t copy, uint32_t reg)
{
	if (is_constant(s, reg))
		add(s, (ir_insn){.form = VSP_I_MOVI_64, .v = {copy}, .imm = s->constants[reg]});
	else
		add(s, (ir_insn){.form = VSP_I_MOV, .v = {copy, reg}});
}

/* An instruction with fields. */
static void spill_fields(spilling *s, ir_insn insn)
{
	uint8_t reads = ir_form_reads(insn.form), writes = ir_form_writes(insn.form);
	uint32_t regs[4] = {0}, copies[4] = {0};
	for (unsigned f = 0; f < 4; f++) {
		if (!((reads | writes) & 1 << f) || !has_slot(s, insn.v[f]))
			continue;
		regs[f] = insn.v[f];
		unsigned same = 0; /* one copy for all fields that name the register */
		while (same < f && !(copies[same] && regs[same] == regs[f]))
			same++;
		copies[f] = same < f ? copies[same] : new_copy(s) + 1;
		insn.v[f] = copies[f] - 1;
		if (same == f && reads & 1 << f)
			add_load(s, insn.v[f], regs[f]);
		else if (same < f && reads & 1 << f && !(reads & 1 << same))
			add_load(s, insn.v[f], regs[f]);
	}
	add(s, insn);
	for (unsigned f = 0; f < 4; f++)
		if (copies[f] && writes & 1 << f)
			add(s, (ir_insn){.form = VSP_I_MOV, .v = {regs[f], copies[f] - 1}});
}

/* Constants among what is passed are there themselves. */
static void spill_lists(spilling *s, const ir_insn *insn)
{
	uint32_t *list = s->code->lists;
	for (uint32_t i = 0; i < insn->v[1] && insn->form != IR_ENTRY; i++) {
		uint32_t reg = list[insn->v[0] + i];
		if (reg & IR_CONSTANT || !is_constant(s, reg))
			continue;
		uint32_t item = ir_add_constant(s->code, s->constants[reg]);
		if (ir_failed(s->code))
			colour_no_memory(s->c);
		list[insn->v[0] + i] = item;
	}
	uint32_t index = insn->v[0] + insn->v[1];
	if (insn->form == IR_CALL && IR_CALL_FORM(insn->imm) == VSP_I_INVOKET && is_constant(s, list[index])) {
		uint32_t copy = new_copy(s);
		add_load(s, copy, list[index]);
		list[index] = copy;
	}
	add(s, *insn);
}

static void spill_move(spilling *s, const ir_insn *insn)
{
	uint32_t to = insn->v[0], from = insn->v[1];
	if (is_constant(s, from)) {
		spill_fields(s, (ir_insn){.form = VSP_I_MOVI_64, .v = {to}, .imm = s->constants[from]});
	} else if (has_slot(s, to) && has_slot(s, from)) {
		uint32_t copy = new_copy(s);
		add_load(s, copy, from);
		add(s, (ir_insn){.form = VSP_I_MOV, .v = {to, copy}});
	} else {
		add(s, *insn);
	}
}

static void spill_insn(spilling *s, const ir_insn *insn)
{
	s->line = insn->line;
	s->depth = insn->depth;
	if (insn->form == IR_NOTHING || (insn->form == VSP_I_MOVI_64 && is_constant(s, insn->v[0])))
		return;
	if (ir_has_lists(insn->form))
		spill_lists(s, insn);
	else if (insn->form == VSP_I_MOV)
		spill_move(s, insn);
	else if (insn->form >= VSP_FORMS)
		add(s, *insn);
	else
		spill_fields(s, *insn);
}

/* Webs in slots that are only ever written with one constant. */
static bool find_constants(spilling *s)
{
	colouring *c = s->c;
	uint32_t regs = s->code->reg_count;
	uint8_t *kinds = colour_array(c, regs, 1); /* 0: not written yet, 1: with constants, 2: otherwise */
	s->constants = colour_array(c, regs, sizeof *s->constants);
	if (c->gives_up)
		return false;
	for (uint32_t i = 0; i < c->mention_count; i++) {
		const mention *m = &c->mentions[i];
		const ir_insn *insn = &s->code->insns[m->insn];
		uint32_t reg = *m->reg;
		if (!(m->how & MENTION_WRITE) || insn->form == IR_NOTHING)
			continue;
		if (insn->form != VSP_I_MOVI_64 || (kinds[reg] && s->constants[reg] != insn->imm))
			kinds[reg] = 2;
		else if (!kinds[reg])
			kinds[reg] = 1;
		if (insn->form == VSP_I_MOVI_64)
			s->constants[reg] = insn->imm;
	}
	for (uint32_t r = 0; r < regs; r++)
		if (kinds[r] == 1 && c->states[r] & WEB_SLOT)
			c->states[r] |= WEB_CONSTANT;
	return true;
}

static void move_loops(spilling *s)
{
	for (uint32_t i = 0; i < s->code->loop_count; i++) {
		ir_loop *l = &s->code->loops[i];
		l->first = s->places[l->first];
		l->last = s->places[l->last + 1] - 1;
	}
}

bool spill_webs(colouring *c)
{
	ir_code *code = c->code;
	spilling s = {.c = c, .code = code};
	s.places = colour_array(c, (size_t)code->count + 1, sizeof *s.places);
	if (c->gives_up || !find_constants(&s))
		return false;
	for (uint32_t i = 0; i < code->count && !c->gives_up; i++) {
		s.places[i] = s.count;
		spill_insn(&s, &code->insns[i]);
	}
	s.places[code->count] = s.count;
	if (c->gives_up) {
		vsp_free_memory(s.insns);
		return false;
	}
	move_loops(&s);
	vsp_free_memory(code->insns);
	code->insns = s.insns;
	code->count = s.count;
	code->room = s.room;
	return true;
}
