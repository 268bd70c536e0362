/*
 * The operand stack of the translation, and locals.
 */
#include "build.h"

#include "runtime/base/alloc.h"

void build_insn(build *b, uint16_t form, uint32_t a, uint32_t vb, uint32_t c, int64_t imm)
{
	ir_add(b->ir, (ir_insn){.form = form, .depth = (uint16_t)b->loop_depth, .v = {a, vb, c, 0}, .imm = imm});
}

void build_label(build *b, uint32_t label) { build_insn(b, IR_LABEL, 0, 0, 0, label); }
void build_jump(build *b, uint32_t label) { build_insn(b, VSP_I_JMP, 0, 0, 0, label); }

void build_push(build *b, build_value value)
{
	if (b->height == b->value_room) {
		uint32_t room = b->value_room ? b->value_room * 2 : 256;
		build_value *moved = vsp_realloc(b->values, room, sizeof *moved);
		if (!moved) {
			b->ir->no_memory = true;
			return;
		}
		b->values = moved;
		b->value_room = room;
	}
	b->values[b->height++] = value;
}

void build_push_reg(build *b, uint32_t reg) { build_push(b, (build_value){.kind = VALUE_REG, .reg = reg}); }
void build_push_const(build *b, uint64_t bits)
{
	build_push(b, (build_value){.kind = VALUE_CONST, .bits = (int64_t)bits});
}

build_value build_pop(build *b)
{
	if (!b->height) /* only after a failure */
		return (build_value){.kind = VALUE_CONST};
	build_value value = b->values[--b->height];
	if (value.kind == VALUE_LOCAL)
		b->locals[value.local].pending = value.previous;
	if (b->unflushed > b->height)
		b->unflushed = b->height;
	return value;
}

void build_drop(build *b, uint32_t height)
{
	while (b->height > height)
		build_pop(b);
}

void build_move(build *b, uint32_t reg, build_value value)
{
	if (value.kind == VALUE_CONST)
		build_insn(b, VSP_I_MOVI_64, reg, 0, 0, value.bits);
	else if (value.reg != reg)
		build_insn(b, VSP_I_MOV, reg, value.reg, 0, 0);
}

uint32_t build_use(build *b, build_value value)
{
	if (value.kind != VALUE_CONST)
		return value.reg;
	uint32_t reg = build_temp(b);
	build_move(b, reg, value);
	return reg;
}

uint32_t build_pop_reg(build *b) { return build_use(b, build_pop(b)); }

/* The value at a place of the stack moves from its local to a register. */
static void flush_value(build *b, build_value *value)
{
	uint32_t reg = build_temp(b);
	build_insn(b, VSP_I_MOV, reg, value->reg, 0, 0);
	b->locals[value->local].pending = value->previous;
	*value = (build_value){.kind = VALUE_REG, .reg = reg};
}

void build_flush(build *b)
{
	for (uint32_t i = b->height; i > b->unflushed; i--) /* the topmost of each local first */
		if (b->values[i - 1].kind == VALUE_LOCAL)
			flush_value(b, &b->values[i - 1]);
	b->unflushed = b->height;
}

static void flush_local(build *b, uint32_t local)
{
	while (b->locals[local].pending)
		flush_value(b, &b->values[b->locals[local].pending - 1]);
}

static build_local *find_local(build *b, uint32_t local)
{
	build_local *l = &b->locals[local];
	if (l->round != b->round)
		*l = (build_local){.round = b->round, .reg = ir_new_reg(b->ir, IR_HOME)};
	return l;
}

/* Has it a value here, whichever way the program came? */
static bool has_value(const build *b, const build_local *l)
{
	return l->ready || (l->depth && l->depth <= b->depth && b->blocks[l->depth - 1].serial == l->serial);
}

void build_local_get(build *b, uint32_t local)
{
	build_local *l = find_local(b, local);
	if (!has_value(b, l)) {
		l->ready = true;
		b->zeros[b->zero_count++] = l->reg;
	}
	build_push(b, (build_value){.kind = VALUE_LOCAL, .reg = l->reg, .local = local, .previous = l->pending});
	l->pending = b->height;
}

/* Its register, which is about to be written. */
static uint32_t set_local(build *b, uint32_t local)
{
	build_local *l = find_local(b, local);
	if (!has_value(b, l)) {
		l->depth = b->depth;
		l->serial = b->blocks[b->depth - 1].serial;
	}
	return l->reg;
}

/* Is the last instruction the one that made the register, a value that is nowhere else? Then it can
   write another one instead. */
static bool made_last(const build *b, build_value value)
{
	if (value.kind != VALUE_REG || !b->ir->count || b->ir->kinds[value.reg] != IR_TEMP)
		return false;
	const ir_insn *last = &b->ir->insns[b->ir->count - 1];
	return last->form < VSP_FORMS && ir_form_writes(last->form) == VSP_FIELD_A && last->v[0] == value.reg &&
	       !(ir_form_reads(last->form) & VSP_FIELD_A);
}

void build_local_set(build *b, uint32_t local, bool keep)
{
	build_value value = build_pop(b);
	uint32_t reg = set_local(b, local);
	if (made_last(b, value) && !ir_failed(b->ir)) {
		ir_insn last = b->ir->insns[--b->ir->count];
		flush_local(b, local); /* before it */
		last.v[0] = reg;
		ir_add(b->ir, last);
	} else if (value.kind == VALUE_CONST || value.reg != reg) {
		flush_local(b, local);
		build_move(b, reg, value);
	}
	if (keep)
		build_local_get(b, local);
}
