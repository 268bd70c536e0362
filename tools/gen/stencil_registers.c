/*
 * Of the generator of stencils: finds where the numbers of registers stand in a stencil. It is in the
 * objects several times, with its operands in different registers; where two of them differ, such a
 * number stands. The first four tell where; the others must then be what the numbers make of the
 * first, to the bit.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/gen/stencils.h"

/* Such a number can begin at these bits of a byte. */
static const uint8_t shifts[] = {0, 3};
enum { NUMBER = 7 };
enum { JUMP_OPCODE = 0xE9, JUMP_SIZE = 5 };

const uint8_t gen_variants[VARIANTS][3] = {
        {3, 6, 7}, {6, 3, 7}, {7, 6, 3}, {3, 7, 6}, {1, 0, 3}, {4, 5, 7}, {5, 3, 4}, {6, 4, 5}};

static bool same_holes(const piece *p, const piece *q)
{
	if (p->size != q->size || p->holes != q->holes)
		return false;
	for (uint32_t i = 0; i < p->holes; i++)
		if (p->hole[i].at != q->hole[i].at || p->hole[i].kind != q->hole[i].kind ||
		        p->hole[i].operand != q->hole[i].operand || p->hole[i].addend != q->hole[i].addend)
			return false;
	return true;
}

/* What the variants' numbers of operand k differ by at its places. */
static uint8_t difference(unsigned v, unsigned k) { return gen_variants[v][k] ^ gen_variants[0][k]; }

/* The operand whose number changes in this way from variant to variant; 3: none. */
static unsigned operand_of(const uint8_t changed[LEARN])
{
	unsigned k = 0;
	while (k < 3 &&
	        (changed[1] != difference(1, k) || changed[2] != difference(2, k) || changed[3] != difference(3, k)))
		k++;
	return k;
}

/* Adds the number that stands at a bit of a byte, if there is one. False: what differs is not a number. */
static bool learn_at(piece variant[VARIANTS], uint32_t at, unsigned shift)
{
	piece *p = &variant[0];
	uint8_t changed[LEARN] = {0}, any = 0;
	for (unsigned v = 1; v < LEARN; v++) {
		changed[v] = (p->code[at] ^ variant[v].code[at]) >> shift & NUMBER;
		any |= changed[v];
	}
	unsigned operand = operand_of(changed);
	if (!any)
		return true;
	if (operand == 3 || p->holes == MOST_HOLES)
		return false;
	p->hole[p->holes++] = (vsp_hole){
	        .at = (uint16_t)at, .kind = VSP_HOLE_REGISTER, .operand = (uint8_t)operand, .addend = 1 << shift};
	return true;
}

/* Are the numbers of a variant's registers all that makes it different from p? */
static bool predicts(const piece *p, const piece *other, const uint8_t numbers[3])
{
	uint8_t code[MOST_BYTES];
	if (!other->usable || p->size != other->size)
		return false;
	memcpy(code, p->code, p->size);
	for (uint32_t i = 0; i < p->holes; i++) {
		const vsp_hole *hole = &p->hole[i];
		if (hole->kind == VSP_HOLE_REGISTER)
			code[hole->at] ^=
			        (uint8_t)((numbers[hole->operand] ^ gen_variants[0][hole->operand]) * hole->addend);
	}
	return memcmp(code, other->code, p->size) == 0;
}

/* Completes variant 0. *bases: the last registers are possible too. False: there is no stencil. */
static bool finish(piece variant[VARIANTS], bool *bases)
{
	piece *p = &variant[0];
	if (!p->usable)
		return false;
	for (unsigned v = 1; v < COMMON; v++)
		if (!variant[v].usable || !same_holes(p, &variant[v]))
			return false;
	for (uint32_t at = 0; at < p->size; at++)
		for (size_t i = 0; i < sizeof shifts; i++)
			if (!learn_at(variant, at, shifts[i]))
				return false;
	/* Nothing else differs: the predictions are to the bit, for the variants learnt from too. */
	*bases = true;
	for (unsigned v = 1; v < VARIANTS; v++)
		if (!predicts(p, &variant[v], gen_variants[v])) {
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
		named |= p->hole[i].kind == VSP_HOLE_REGISTER;
	return alias < VSP_FLOAT_NONE || gen_is_piece(s) || (named && p->size <= general->size + SLACK);
}

/* The jump to the next piece at the end is not needed. */
static void drop_last_jump(piece *p)
{
	for (uint32_t i = 0; i < p->holes; i++)
		if (p->hole[i].kind == VSP_HOLE_NEXT && p->hole[i].at + 4u == p->size && p->size >= JUMP_SIZE &&
		        p->code[p->size - JUMP_SIZE] == JUMP_OPCODE) {
			p->size -= JUMP_SIZE;
			p->hole[i] = p->hole[--p->holes];
			return;
		}
}

void gen_choose_kinds(stencil *s, bool exists[VSP_SHARES], bool bases[VSP_SHARES])
{
	for (unsigned alias = 0; alias < VSP_SHARES; alias++)
		exists[alias] = finish(s->variant[alias], &bases[alias]) && is_worth_it(s, alias);
	for (unsigned alias = 0; alias < VSP_SHARES; alias++)
		if (exists[alias])
			drop_last_jump(&s->variant[alias][0]);
		else if (alias < VSP_FLOAT_NONE && getenv("VSP_STENCILS_LEFT"))
			fprintf(stderr, "left to the interpreter: %s %s\n", gen_alias_names[alias], s->name);
}
