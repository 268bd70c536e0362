/*
 * The graph of webs that cannot share a register, or a slot: each is a neighbour of what is live
 * where it is written, except of the value that is moved to it. Webs in slots and webs in registers
 * are in the same graph without edges between them.
 *
 * It is also noted in which registers a web cannot be because calls write them, and in which it
 * had better be: those in which calls take and give values, and those of webs that are moved to or
 * from.
 */
#include "colouring.h"

#include "runtime/base/alloc.h"

/* ---- pairs ---- */

static uint64_t pair_of(uint32_t a, uint32_t b) { return a < b ? (uint64_t)a << 32 | b : (uint64_t)b << 32 | a; }

/* The place of the pair, or the free one where it would be. No pair is 0, as nothing is its own
   neighbour. */
static uint32_t pair_place(const uint64_t *pairs, uint32_t room, uint64_t pair)
{
	uint64_t mixed = pair * UINT64_C(0x9E3779B97F4A7C15);
	uint32_t at = (uint32_t)(mixed >> 32) & (room - 1);
	while (pairs[at] && pairs[at] != pair)
		at = (at + 1) & (room - 1);
	return at;
}

static bool grow_pairs(colouring *c)
{
	uint32_t room = c->pair_room ? c->pair_room * 2 : 256;
	if (room > COLOUR_PAIRS) {
		c->gives_up = true;
		return false;
	}
	uint64_t *pairs = vsp_alloc(room, sizeof *pairs);
	if (!pairs)
		return colour_no_memory(c);
	for (uint32_t i = 0; i < c->pair_room; i++)
		if (c->pairs[i])
			pairs[pair_place(pairs, room, c->pairs[i])] = c->pairs[i];
	vsp_free_memory(c->pairs);
	c->pairs = pairs;
	c->pair_room = room;
	return true;
}

bool interference_has(const colouring *c, uint32_t a, uint32_t b)
{
	return c->pair_room && c->pairs[pair_place(c->pairs, c->pair_room, pair_of(a, b))];
}

/* ---- edges ---- */

static void add_link(colouring *c, uint32_t from, uint32_t to)
{
	colour_grow(c, (void **)&c->links, c->link_count, &c->link_room, sizeof *c->links);
	if (c->gives_up)
		return;
	c->links[c->link_count] = (link){to, c->webs[from].links};
	c->webs[from].links = ++c->link_count;
	c->webs[from].degree++;
}

void interference_add(colouring *c, uint32_t a, uint32_t b)
{
	if (c->gives_up || a == b || web_has_slot(c, a) != web_has_slot(c, b))
		return;
	if (c->pair_count * 2 >= c->pair_room && !grow_pairs(c))
		return;
	uint32_t at = pair_place(c->pairs, c->pair_room, pair_of(a, b));
	if (c->pairs[at])
		return;
	c->pairs[at] = pair_of(a, b);
	c->pair_count++;
	add_link(c, a, b);
	add_link(c, b, a);
	colour_spend(c, 1);
}

/* ---- wishes ---- */

static void add_wish(colouring *c, uint32_t web, uint32_t to, float weight)
{
	colour_grow(c, (void **)&c->wishes, c->wish_count, &c->wish_room, sizeof *c->wishes);
	if (c->gives_up)
		return;
	c->wishes[c->wish_count] = (wish){to, c->webs[web].wishes, weight};
	c->webs[web].wishes = ++c->wish_count;
}

static void wish_list(colouring *c, uint32_t first, uint32_t count, float weight)
{
	const uint32_t *list = c->code->lists + first;
	for (uint32_t i = 0; i < count; i++)
		if (!(list[i] & IR_CONSTANT))
			add_wish(c, list[i], IR_CONSTANT | i, weight);
}

static void add_wishes(colouring *c)
{
	for (uint32_t i = 0; i < c->code->count; i++) {
		const ir_insn *insn = &c->code->insns[i];
		float weight = colour_weight(insn->depth);
		if (insn->form == VSP_I_MOV && insn->v[0] != insn->v[1]) {
			add_wish(c, insn->v[0], insn->v[1], weight);
			add_wish(c, insn->v[1], insn->v[0], weight);
		} else if (ir_has_lists(insn->form)) {
			if (insn->form != IR_ENTRY)
				wish_list(c, insn->v[0], insn->v[1], weight);
			if (insn->form != IR_RETURN)
				wish_list(c, insn->v[2], insn->v[3], weight);
		}
	}
}

/* ---- what is known of each web ---- */

static bool needs_place(uint16_t form) { return form != VSP_I_MOV && form != VSP_I_MOVI_64 && !ir_has_lists(form); }

static void note_mention(colouring *c, const mention *m)
{
	const ir_insn *insn = &c->code->insns[m->insn];
	web_node *w = &c->webs[*m->reg];
	w->cost += insn->form == IR_ENTRY ? 1 : colour_weight(insn->depth);
	w->read |= (m->how & MENTION_READ) != 0;
	if (m->how & MENTION_WRITE && needs_place(insn->form))
		w->droppable = false;
}

/* A web that is written once, and read by the next instruction alone, gains nothing from a slot. */
static void note_short(colouring *c)
{
	for (uint32_t i = 0; i < c->mention_count; i++) {
		const mention *m = &c->mentions[i];
		web_node *w = &c->webs[*m->reg];
		if (m->how == MENTION_WRITE && !w->degree++)
			w->links = m->insn;
		if (m->how & MENTION_READ && (w->degree != 1 || m->insn != w->links + 1))
			w->short_lived = false;
	}
	for (uint32_t r = 0; r < c->code->reg_count; r++) {
		web_node *w = &c->webs[r];
		w->short_lived = (w->short_lived && w->degree == 1 && w->read) || c->states[r] & WEB_SHORT;
		w->degree = w->links = 0;
	}
}

static void note_webs(colouring *c)
{
	for (uint32_t r = 0; r < c->code->reg_count; r++)
		c->webs[r] = (web_node){.alias = r, .colour = VSP_REGISTERS, .droppable = true, .short_lived = true};
	for (uint32_t i = 0; i < c->mention_count; i++)
		note_mention(c, &c->mentions[i]);
	note_short(c);
}

/* ---- what is live ---- */

typedef struct live_set {
	uint32_t *webs, *places; /* places: by web, + 1; 0: it is not live */
	uint32_t count;
} live_set;

static void insert(live_set *s, uint32_t w)
{
	if (s->places[w])
		return;
	s->webs[s->count++] = w;
	s->places[w] = s->count;
}

static void erase(live_set *s, uint32_t w)
{
	uint32_t place = s->places[w];
	if (!place)
		return;
	uint32_t last = s->webs[--s->count];
	s->webs[place - 1] = last;
	s->places[last] = place;
	s->places[w] = 0;
}

static void clear(live_set *s)
{
	while (s->count)
		s->places[s->webs[--s->count]] = 0;
}

/* Call results and arguments; those of INVOKET have the index behind them, for which R15 is used
   where its own register is none or an argument's. */
static void forbid(colouring *c, const ir_insn *insn, const live_set *live)
{
	const uint32_t *args = c->code->lists + insn->v[0];
	uint32_t most = insn->v[1] > insn->v[3] ? insn->v[1] : insn->v[3], mask = (UINT32_C(1) << most) - 1;
	if (IR_CALL_FORM(insn->imm) == VSP_I_INVOKET)
		mask |= UINT32_C(1) << (VSP_REGISTERS - 1);
	colour_spend(c, live->count / 2);
	for (uint32_t k = 0; k < live->count; k++) {
		uint32_t own = 0;
		for (uint32_t i = insn->v[3]; i < insn->v[1]; i++)
			own |= args[i] == live->webs[k] ? UINT32_C(1) << i : 0;
		c->webs[live->webs[k]].forbidden |= (uint16_t)(mask & ~own);
	}
}

static void write_webs(colouring *c, const ir_insn *insn, const mention *from, const mention *to, live_set *live)
{
	uint32_t moved = insn->form == VSP_I_MOV ? insn->v[1] : IR_NO_REG;
	for (const mention *m = from; m < to; m++)
		if (m->how & MENTION_WRITE && !web_is_dropped(&c->webs[*m->reg]))
			insert(live, *m->reg);
	for (const mention *m = from; m < to; m++) {
		if (!(m->how & MENTION_WRITE) || web_is_dropped(&c->webs[*m->reg]))
			continue;
		if (!colour_spend(c, live->count / 4))
			return;
		for (uint32_t k = 0; k < live->count; k++)
			if (live->webs[k] != moved)
				interference_add(c, *m->reg, live->webs[k]);
	}
	for (const mention *m = from; m < to; m++)
		if (m->how & MENTION_WRITE)
			erase(live, *m->reg);
}

static void walk_block(colouring *c, uint32_t block, live_set *live)
{
	const flow *f = &c->flow;
	clear(live);
	for (uint32_t i = f->succ_at[block]; i < f->succ_at[block + 1]; i++) {
		uint32_t next = f->succs[i];
		for (uint32_t k = c->live_at[next]; k < c->live_at[next + 1]; k++)
			insert(live, c->live[k].web);
		colour_spend(c, c->live_at[next + 1] - c->live_at[next]);
	}
	for (uint32_t i = f->first[block + 1]; i-- > f->first[block] && !c->gives_up;) {
		const ir_insn *insn = &c->code->insns[i];
		const mention *from = c->mentions + c->mention_at[i], *to = c->mentions + c->mention_at[i + 1];
		write_webs(c, insn, from, to, live);
		if (insn->form == IR_CALL)
			forbid(c, insn, live);
		for (const mention *m = from; m < to; m++)
			if (m->how & MENTION_READ)
				insert(live, *m->reg);
	}
}

bool interference_build(colouring *c)
{
	uint32_t regs = c->code->reg_count;
	live_set live = {
	        .webs = colour_array(c, regs, sizeof *live.webs), .places = colour_array(c, regs, sizeof *live.places)};
	c->webs = colour_array(c, regs, sizeof *c->webs);
	c->link_count = c->wish_count = c->pair_count = 0;
	vsp_free_memory(c->pairs);
	c->pairs = NULL;
	c->pair_room = 0;
	if (c->gives_up)
		return false;
	note_webs(c);
	for (uint32_t b = 0; b < c->flow.count && !c->gives_up; b++)
		walk_block(c, b, &live);
	add_wishes(c);
	return !c->gives_up;
}
