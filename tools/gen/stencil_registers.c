/*
 * Of the generator of stencils: finds where the numbers of registers stand in a stencil. It is in
 * the objects several times, with its operands in different registers; where two of them differ,
 * such a number stands. The first three tell where; the others must then be what the numbers make
 * of the first, to the bit.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/gen/stencils.h"

const uint8_t gen_variants[VARIANTS][3] = {{3, 6, 7}, {6, 3, 7}, {7, 6, 3}, {1, 0, 3}, {4, 5, 7}, {5, 3, 4}, {6, 4, 5}};

static bool same_holes(const piece *p, const piece *q)
{
	if (p->size != q->size || p->holes != q->holes)
		return false;
	for (uint32_t i = 0; i < p->holes; i++)
		if (p->hole[i].at != q->hole[i].at || p->hole[i].kind != q->hole[i].kind ||
		        p->hole[i].form != q->hole[i].form || p->hole[i].addend != q->hole[i].addend)
			return false;
	return true;
}

/* What the variants' numbers of operand k differ by at its places. */
static uint8_t difference(unsigned v, unsigned k, unsigned share)
{
	return gen_number(v, k, share) ^ gen_number(0, k, share);
}

/* The operand whose number changes in this way from variant to variant; 3: none. */
static unsigned operand_of(const uint8_t changed[LEARN], unsigned share)
{
	unsigned k = 0;
	while (k < 3 && (changed[1] != difference(1, k, share) || changed[2] != difference(2, k, share)))
		k++;
	return k;
}

/* A unit of the code. */
static uint32_t unit_at(const piece *p, uint32_t at)
{
	uint32_t bits = 0;
	for (unsigned i = 0; i < gen_machine->unit; i++)
		bits |= (uint32_t)p->code[at + i] << 8 * i;
	return bits;
}

/* Adds the number that stands at a bit of a unit, if there is one. False: what differs is not a
   number. */
static bool learn_at(piece variant[VARIANTS], unsigned share, uint32_t at, unsigned shift)
{
	piece *p = &variant[0];
	uint8_t changed[LEARN] = {0}, any = 0;
	for (unsigned v = 1; v < LEARN; v++) {
		changed[v] = (uint8_t)((unit_at(p, at) ^ unit_at(&variant[v], at)) >> shift & gen_machine->number_mask);
		any |= changed[v];
	}
	unsigned operand = operand_of(changed, share);
	if (!any)
		return true;
	if (operand == 3 || p->holes == MOST_HOLES)
		return false;
	p->hole[p->holes++] = (vsp_hole){.at = (uint16_t)at,
	        .kind = (uint8_t)(VSP_HOLE_REGISTER + operand),
	        .form = (uint8_t)gen_machine->number_form,
	        .addend = 1 << shift};
	return true;
}

/* Are the numbers of a variant's registers all that makes it different from p? */
static bool predicts(const piece *p, const piece *other, unsigned v, unsigned share)
{
	uint8_t code[MOST_BYTES];
	if (!other->usable || p->size != other->size)
		return false;
	memcpy(code, p->code, p->size);
	for (uint32_t i = 0; i < p->holes; i++) {
		const vsp_hole *hole = &p->hole[i];
		if (hole->form != gen_machine->number_form)
			continue;
		uint32_t bits = difference(v, hole->kind - (unsigned)VSP_HOLE_REGISTER, share) * (uint32_t)hole->addend;
		for (unsigned k = 0; k < gen_machine->unit; k++)
			code[hole->at + k] ^= (uint8_t)(bits >> 8 * k);
	}
	return memcmp(code, other->code, p->size) == 0;
}

static bool learn(piece variant[VARIANTS], unsigned share)
{
	for (uint32_t at = 0; at < variant[0].size; at += gen_machine->unit)
		for (unsigned i = 0; i < gen_machine->shift_count; i++)
			if (!learn_at(variant, share, at, gen_machine->shifts[i]))
				return false;
	return true;
}

/* Completes variant 0. *bases: the last registers are possible too. False: there is no stencil. */
static bool finish(piece variant[VARIANTS], unsigned share, bool *bases)
{
	piece *p = &variant[0];
	if (!p->usable || p->size % gen_machine->unit)
		return false;
	for (unsigned v = 1; v < COMMON; v++)
		if (!variant[v].usable || !same_holes(p, &variant[v]))
			return false;
	if (!learn(variant, share))
		return false;
	/* Nothing else differs: the predictions are to the bit, for the variants learnt from
	   too. */
	*bases = true;
	for (unsigned v = 1; v < VARIANTS; v++)
		if (!predicts(p, &variant[v], v, share)) {
			if (v < COMMON)
				return false;
			*bases = false;
		}
	return true;
}

/*
 * A stencil with operands in float registers is worth having if it need not move them to general
 * ones first: if it is no larger than the other one.
 */
static bool is_worth_it(const stencil *s, unsigned alias)
{
	enum { SLACK = 2 };
	const piece *p = &s->variant[alias][0], *general = &s->variant[VSP_SHARE_NONE][0];
	bool named = false;
	for (uint32_t i = 0; i < p->holes; i++)
		named |= p->hole[i].form == gen_machine->number_form;
	return alias < VSP_FLOAT_NONE || gen_is_piece(s) || (named && p->size <= general->size + SLACK);
}

/* The jump to the next piece at the end is not needed. */
static void drop_last_jump(piece *p)
{
	const machine *m = gen_machine;
	uint32_t start = p->size - m->jump_size;
	for (uint32_t i = 0; i < p->holes; i++)
		if (p->hole[i].kind == VSP_HOLE_NEXT && p->hole[i].at == start + m->jump_hole &&
		        p->size >= m->jump_size && memcmp(p->code + start, m->jump, m->opcode_size) == 0) {
			p->size = start;
			p->hole[i] = p->hole[--p->holes];
			return;
		}
}

void gen_choose_kinds(stencil *s, bool exists[VSP_SHARES], bool bases[VSP_SHARES])
{
	for (unsigned alias = 0; alias < VSP_SHARES; alias++)
		exists[alias] = finish(s->variant[alias], alias, &bases[alias]) && is_worth_it(s, alias);
	for (unsigned alias = 0; alias < VSP_SHARES; alias++)
		if (exists[alias])
			drop_last_jump(&s->variant[alias][0]);
		else if (alias < VSP_FLOAT_NONE && getenv("VSP_STENCILS_LEFT"))
			fprintf(stderr, "left to the interpreter: %s %s\n", gen_alias_names[alias], s->name);
}
