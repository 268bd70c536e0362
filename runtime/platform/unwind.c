/*
 * A reader and interpreter of unwind tables, see unwind.h. The format is that of the Linux Standard
 * Base, "Exception Frames", and of DWARF 4, section 6.4.
 */
#include "unwind.h"

#include <string.h>

#include "runtime/base/cursor.h"

static int64_t take_signed(vsp_cursor *c, unsigned bytes)
{
	unsigned shift = 64 - 8 * bytes;
	return (int64_t)(vsp_take(c, bytes) << shift) >> shift;
}

static void skip(vsp_cursor *c, uint64_t bytes)
{
	c->bad |= bytes > (uint64_t)(c->end - c->at);
	c->at = c->bad ? c->end : c->at + bytes;
}

/* ---- pointers ---- */

enum { PE_ABSOLUTE = 0x00, PE_UDATA4 = 0x03, PE_SDATA4 = 0x0B, PE_SDATA8 = 0x0C, PE_PCREL = 0x10, PE_DATAREL = 0x30 };

/* A pointer in one of the encodings that occur; relative pointers count from their own place. */
static uintptr_t take_pointer(vsp_cursor *c, unsigned encoding)
{
	uintptr_t base = encoding & PE_PCREL ? (uintptr_t)c->at : 0;
	switch (encoding & ~(unsigned)PE_PCREL) {
	case PE_ABSOLUTE: return base + (uintptr_t)vsp_take(c, sizeof(uintptr_t));
	case PE_UDATA4: return base + (uintptr_t)vsp_take(c, 4);
	case PE_SDATA4: return base + (uintptr_t)take_signed(c, 4);
	case PE_SDATA8: return base + (uintptr_t)vsp_take(c, 8);
	default: c->bad = true; return 0;
	}
}

const uint8_t *vsp_unwind_find(const uint8_t *header, uintptr_t pc)
{
	vsp_cursor c = {header, header + 12, false, false};
	bool known = vsp_take(&c, 1) == 1 && vsp_take(&c, 1) == (PE_PCREL | PE_SDATA4) &&
	             vsp_take(&c, 1) == PE_UDATA4 && vsp_take(&c, 1) == (PE_DATAREL | PE_SDATA4);
	vsp_take(&c, 4);
	size_t low = 0, high = known ? (size_t)vsp_take(&c, 4) : 0;
	int64_t offset = (int64_t)(pc - (uintptr_t)header);
	int32_t row[2] = {0};
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		memcpy(row, header + 12 + 8 * middle, sizeof row);
		if (row[0] <= offset)
			low = middle + 1;
		else
			high = middle;
	}
	if (!low)
		return NULL;
	memcpy(row, header + 12 + 8 * (low - 1), sizeof row);
	return header + row[1];
}

/* ---- entries ---- */

typedef struct entry {
	uint64_t code_align;
	int64_t data_align;
	unsigned return_register;
	uint8_t encoding;         /* of pointers to code */
	vsp_cursor first, second; /* instructions: first those shared by all entries of a CIE, then this entry's */
	uintptr_t start, size;
	bool augmented;
} entry;

static vsp_cursor open_record(const uint8_t *at)
{
	vsp_cursor c = {at, at + 4, false, false};
	uint64_t length = vsp_take(&c, 4);
	c.end = c.at + length;
	c.bad = length == 0 || length == 0xFFFFFFFF;
	return c;
}

/* Reads the augmentation's data as its string says. */
static void read_augmentation(vsp_cursor *c, const char *string, entry *e)
{
	uint64_t length = vsp_take_leb(c, false);
	vsp_cursor data = *c;
	skip(c, length);
	for (; *string; string++) {
		uint8_t encoding = 0;
		if (*string == 'R')
			e->encoding = (uint8_t)vsp_take(&data, 1);
		else if (*string == 'L')
			vsp_take(&data, 1);
		else if (*string == 'P') {
			encoding = (uint8_t)vsp_take(&data, 1);
			take_pointer(&data, encoding & 0x7F);
		} else if (*string != 'S' && *string != 'B')
			c->bad = true;
	}
	c->bad |= data.bad;
}

static bool read_common(const uint8_t *at, entry *e)
{
	vsp_cursor c = open_record(at);
	bool common = !c.bad && vsp_take(&c, 4) == 0;
	uint64_t version = vsp_take(&c, 1);
	const char *string = (const char *)c.at;
	const uint8_t *zero = common ? memchr(c.at, 0, (size_t)(c.end - c.at)) : NULL;
	if (!zero || (version != 1 && version != 3))
		return false;
	c.at = zero + 1;
	e->code_align = vsp_take_leb(&c, false);
	e->data_align = (int64_t)vsp_take_leb(&c, true);
	e->return_register = (unsigned)(version == 1 ? vsp_take(&c, 1) : vsp_take_leb(&c, false));
	e->augmented = *string == 'z';
	if (e->augmented)
		read_augmentation(&c, string + 1, e);
	e->first = c;
	return !c.bad && (e->augmented || !*string) && e->return_register < VSP_UNWIND_REGISTERS;
}

static bool read_entry(const uint8_t *at, entry *e)
{
	vsp_cursor c = open_record(at);
	const uint8_t *here = c.at;
	uint64_t back = vsp_take(&c, 4);
	if (c.bad || !back || !read_common(here - back, e))
		return false;
	e->start = take_pointer(&c, e->encoding);
	e->size = take_pointer(&c, e->encoding & 0x0F);
	if (e->augmented)
		skip(&c, vsp_take_leb(&c, false));
	e->second = c;
	return !c.bad;
}

const uint8_t *vsp_unwind_scan(const uint8_t *section, size_t size, uintptr_t pc)
{
	const uint8_t *at = section, *end = section + size;
	while (end - at > 4) {
		vsp_cursor c = open_record(at);
		entry e = {.encoding = PE_ABSOLUTE};
		if (c.bad || c.end > end)
			return NULL;
		if (read_entry(at, &e) && pc - e.start < e.size)
			return at;
		at = c.end;
	}
	return NULL;
}

/* ---- rules ---- */

enum rule_kind { RULE_SAME, RULE_OFFSET, RULE_REGISTER, RULE_UNDEFINED };

typedef struct rules {
	struct {
		uint8_t kind;
		int32_t value; /* offset from the frame's address, or number of a register */
	} reg[VSP_UNWIND_REGISTERS];
	unsigned cfa_register;
	int64_t cfa_offset;
} rules;

enum { REMEMBERED = 4 };

/* The state that instructions have set up to the place of interest. */
typedef struct machine {
	const entry *e;
	rules now, initial, remembered[REMEMBERED];
	unsigned depth;
	uintptr_t at;
	bool bad;
} machine;

static void set_rule(machine *m, uint64_t reg, enum rule_kind kind, int64_t value)
{
	if (reg >= VSP_UNWIND_REGISTERS)
		return; /* vector registers and the like */
	m->now.reg[reg].kind = (uint8_t)kind;
	m->now.reg[reg].value = (int32_t)value;
}

static void restore_rule(machine *m, uint64_t reg)
{
	if (reg < VSP_UNWIND_REGISTERS)
		m->now.reg[reg] = m->initial.reg[reg];
}

static void remember(machine *m)
{
	if (m->depth == REMEMBERED)
		m->bad = true;
	else
		m->remembered[m->depth++] = m->now;
}

static void recall(machine *m)
{
	if (m->depth == 0)
		m->bad = true;
	else
		m->now = m->remembered[--m->depth];
}

static void set_cfa(machine *m, uint64_t reg, int64_t offset)
{
	m->bad |= reg >= VSP_UNWIND_REGISTERS;
	m->now.cfa_register = (unsigned)reg;
	m->now.cfa_offset = offset;
}

enum {
	CFA_ADVANCE = 0x40,
	CFA_OFFSET = 0x80,
	CFA_RESTORE = 0xC0,
	CFA_NOP = 0x00,
	CFA_ADVANCE1 = 0x02,
	CFA_ADVANCE2,
	CFA_ADVANCE4,
	CFA_OFFSET_EXTENDED,
	CFA_RESTORE_EXTENDED,
	CFA_UNDEFINED,
	CFA_SAME_VALUE,
	CFA_REGISTER,
	CFA_REMEMBER,
	CFA_RECALL,
	CFA_DEF_CFA,
	CFA_DEF_CFA_REGISTER,
	CFA_DEF_CFA_OFFSET,
	CFA_OFFSET_EXTENDED_SF = 0x11,
	CFA_DEF_CFA_SF,
	CFA_DEF_CFA_OFFSET_SF,
	CFA_ARGS_SIZE = 0x2E
};

/* Executes an instruction that has no operands in its opcode. */
static void run_extended(machine *m, vsp_cursor *c, unsigned op)
{
	uint64_t reg, align = m->e->code_align;
	switch (op) {
	case CFA_NOP: break;
	case CFA_ADVANCE1: m->at += (uintptr_t)(vsp_take(c, 1) * align); break;
	case CFA_ADVANCE2: m->at += (uintptr_t)(vsp_take(c, 2) * align); break;
	case CFA_ADVANCE4: m->at += (uintptr_t)(vsp_take(c, 4) * align); break;
	case CFA_OFFSET_EXTENDED:
		reg = vsp_take_leb(c, false);
		set_rule(m, reg, RULE_OFFSET, (int64_t)vsp_take_leb(c, false) * m->e->data_align);
		break;
	case CFA_OFFSET_EXTENDED_SF:
		reg = vsp_take_leb(c, false);
		set_rule(m, reg, RULE_OFFSET, (int64_t)vsp_take_leb(c, true) * m->e->data_align);
		break;
	case CFA_RESTORE_EXTENDED: restore_rule(m, vsp_take_leb(c, false)); break;
	case CFA_UNDEFINED: set_rule(m, vsp_take_leb(c, false), RULE_UNDEFINED, 0); break;
	case CFA_SAME_VALUE: set_rule(m, vsp_take_leb(c, false), RULE_SAME, 0); break;
	case CFA_REGISTER:
		reg = vsp_take_leb(c, false);
		set_rule(m, reg, RULE_REGISTER, (int64_t)vsp_take_leb(c, false));
		break;
	case CFA_REMEMBER: remember(m); break;
	case CFA_RECALL: recall(m); break;
	case CFA_DEF_CFA:
		reg = vsp_take_leb(c, false);
		set_cfa(m, reg, (int64_t)vsp_take_leb(c, false));
		break;
	case CFA_DEF_CFA_SF:
		reg = vsp_take_leb(c, false);
		set_cfa(m, reg, (int64_t)vsp_take_leb(c, true) * m->e->data_align);
		break;
	case CFA_DEF_CFA_REGISTER: set_cfa(m, vsp_take_leb(c, false), m->now.cfa_offset); break;
	case CFA_DEF_CFA_OFFSET: m->now.cfa_offset = (int64_t)vsp_take_leb(c, false); break;
	case CFA_DEF_CFA_OFFSET_SF: m->now.cfa_offset = (int64_t)vsp_take_leb(c, true) * m->e->data_align; break;
	case CFA_ARGS_SIZE: vsp_take_leb(c, false); break;
	default: m->bad = true; /* expressions, which no compiler uses for ordinary functions */
	}
}

/* Executes instructions up to those for places behind pc. */
static void run(machine *m, vsp_cursor c, uintptr_t pc)
{
	while (!m->bad && !c.bad && c.at < c.end && m->at <= pc) {
		unsigned op = (unsigned)vsp_take(&c, 1), low = op & 0x3F;
		switch (op & 0xC0) {
		case CFA_ADVANCE: m->at += (uintptr_t)(low * m->e->code_align); break;
		case CFA_OFFSET:
			set_rule(m, low, RULE_OFFSET, (int64_t)vsp_take_leb(&c, false) * m->e->data_align);
			break;
		case CFA_RESTORE: restore_rule(m, low); break;
		default: run_extended(m, &c, op);
		}
	}
	m->bad |= c.bad;
}

/* ---- steps ---- */

/* Loads a word of the stack, between SP and limit. */
static bool load(const vsp_unwind_state *s, uintptr_t at, uintptr_t limit, uintptr_t *to)
{
	if (at < s->reg[s->sp] || at >= limit || at % sizeof at)
		return false;
	memcpy(to, (const void *)at, sizeof *to);
	return true;
}

static bool apply(vsp_unwind_state *s, const machine *m, uintptr_t limit)
{
	vsp_unwind_state old = *s;
	uintptr_t cfa = old.reg[m->now.cfa_register] + (uintptr_t)m->now.cfa_offset;
	for (unsigned r = 0; r < VSP_UNWIND_REGISTERS; r++) {
		int32_t value = m->now.reg[r].value;
		switch (m->now.reg[r].kind) {
		case RULE_OFFSET:
			if (!load(&old, cfa + (uintptr_t)(intptr_t)value, limit, &s->reg[r]))
				return false;
			break;
		case RULE_REGISTER: s->reg[r] = value < VSP_UNWIND_REGISTERS ? old.reg[value] : 0; break;
		default: break;
		}
	}
	s->pc = s->reg[m->e->return_register];
	s->reg[s->sp] = cfa;
	return m->now.reg[m->e->return_register].kind != RULE_UNDEFINED && cfa >= old.reg[s->sp];
}

bool vsp_unwind_step(vsp_unwind_state *state, const uint8_t *at, uintptr_t limit)
{
	entry e = {.encoding = PE_ABSOLUTE};
	uintptr_t pc = state->pc - state->after_call; /* the call may be the function's last instruction */
	if (!read_entry(at, &e) || pc - e.start >= e.size)
		return false;
	machine m = {.e = &e, .at = e.start};
	run(&m, e.first, pc);
	m.initial = m.now;
	run(&m, e.second, pc);
	state->after_call = 1;
	return !m.bad && apply(state, &m, limit);
}
