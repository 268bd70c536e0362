/*
 * Conservative coalescing (Briggs, Register Allocation via Graph Coloring, 1992): the two webs of a
 * move become one if fewer of its neighbours than it has choices are themselves hard to colour, so
 * that the graph stays as colourable as it was. Moves of inner loops come first.
 */
#include "colouring.h"

static bool is_hard(const colouring *c, uint32_t w, bool shared)
{
	const web_node *v = &c->webs[w];
	return v->degree - shared >= web_choices(v);
}

/* Counts neighbours of a that are hard to colour once a and other are one, up to most; those that
   both have only if both says so. */
static uint32_t count_hard(const colouring *c, uint32_t a, uint32_t other, bool both, uint32_t most)
{
	uint32_t count = 0;
	for (uint32_t l = c->webs[a].links; l && count < most; l = c->links[l - 1].next) {
		uint32_t n = c->links[l - 1].to;
		if (c->webs[n].alias != n)
			continue;
		bool shared = interference_has(c, n, other);
		if (!shared || both)
			count += is_hard(c, n, shared);
	}
	return count;
}

static bool is_safe(const colouring *c, uint32_t a, uint32_t b)
{
	web_node both = {.forbidden = c->webs[a].forbidden | c->webs[b].forbidden};
	uint32_t choices = web_choices(&both);
	uint32_t hard = count_hard(c, a, b, true, choices);
	return hard < choices && hard + count_hard(c, b, a, false, choices) < choices;
}

static void join_wishes(colouring *c, uint32_t a, uint32_t b)
{
	uint32_t *end = &c->webs[b].wishes, length = 0;
	for (; *end; length++)
		end = &c->wishes[*end - 1].next;
	colour_spend(c, length / 8);
	*end = c->webs[a].wishes;
	c->webs[a].wishes = c->webs[b].wishes;
}

/* b becomes a. */
static void join(colouring *c, uint32_t a, uint32_t b)
{
	web_node *to = &c->webs[a], *from = &c->webs[b];
	from->alias = a;
	for (uint32_t l = from->links; l; l = c->links[l - 1].next) {
		uint32_t n = c->links[l - 1].to;
		if (c->webs[n].alias != n)
			continue;
		if (interference_has(c, a, n))
			c->webs[n].degree--;
		else {
			interference_add(c, a, n);
			c->webs[n].degree--; /* it had b */
		}
	}
	to->forbidden |= from->forbidden;
	to->cost += from->cost;
	to->read |= from->read;
	to->droppable &= from->droppable;
	to->short_lived = false;
	if (c->code->kinds[b] == IR_HOME) /* the linear scan may come to see it, and loops carry it */
		c->code->kinds[a] = IR_HOME;
	join_wishes(c, a, b);
}

static uint32_t list_length(const colouring *c, uint32_t w, uint32_t most)
{
	uint32_t length = 0;
	for (uint32_t l = c->webs[w].links; l && length < most; l = c->links[l - 1].next)
		length++;
	return length;
}

static void try_join(colouring *c, uint32_t a, uint32_t b)
{
	enum { LONGEST = 1000 };
	a = web_root(c, a);
	b = web_root(c, b);
	if (a == b || (c->states[a] | c->states[b]) || interference_has(c, a, b))
		return;
	/* What is written there is left out, so no edges say what it may not overwrite. */
	if (web_is_dropped(&c->webs[a]) || web_is_dropped(&c->webs[b]))
		return;
	uint32_t length = list_length(c, a, LONGEST), other = list_length(c, b, LONGEST);
	if (!colour_spend(c, (length + other) / 8) || length == LONGEST || other == LONGEST)
		return;
	if (is_safe(c, a, b))
		join(c, length < other ? b : a, length < other ? a : b);
}

/* Mentions get the register of what a web became, and moves between equal ones go. */
static void rename_webs(colouring *c)
{
	for (uint32_t i = 0; i < c->mention_count; i++)
		*c->mentions[i].reg = web_root(c, *c->mentions[i].reg);
	for (uint32_t i = 0; i < c->code->count; i++) {
		ir_insn *insn = &c->code->insns[i];
		if (insn->form == VSP_I_MOV && insn->v[0] == insn->v[1])
			insn->form = IR_NOTHING;
	}
}

bool coalesce(colouring *c)
{
	for (int depth = 4; depth >= 0; depth--)
		for (uint32_t i = 0; i < c->code->count && !c->gives_up; i++) {
			const ir_insn *insn = &c->code->insns[i];
			if (insn->form == VSP_I_MOV && (insn->depth < 4 ? insn->depth : 4) == depth)
				try_join(c, insn->v[0], insn->v[1]);
		}
	if (!c->gives_up)
		rename_webs(c);
	return !c->gives_up;
}
