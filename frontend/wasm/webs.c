/*
 * Splitting registers into webs: what is written in one place and read in another is one value and
 * stays in one register, but a local that is used for two things becomes two registers.
 *
 * It is done register by register. A block at whose start one is live has a node, and so has each
 * place that writes it; nodes that are joined by a way through the program are united. That also
 * finds which webs are live where blocks start. Time is proportional to what is found.
 */
#include "colouring.h"

#include <string.h>

enum { NONE = UINT32_MAX };

/* ---- mentions ---- */

static void add_mention(colouring *c, uint32_t *reg, uint32_t insn, uint8_t how)
{
	colour_grow(c, (void **)&c->mentions, c->mention_count, &c->mention_room, sizeof *c->mentions);
	if (!c->gives_up)
		c->mentions[c->mention_count++] = (mention){reg, insn, how};
}

static uint32_t list_reads(const ir_insn *insn)
{
	if (insn->form == IR_ENTRY)
		return 0;
	return insn->v[1] + (insn->form == IR_CALL && IR_CALL_FORM(insn->imm) == VSP_I_INVOKET);
}

static void mention_lists(colouring *c, ir_insn *insn, uint32_t i)
{
	uint32_t *list = c->code->lists, count = list_reads(insn);
	for (uint32_t k = 0; k < count; k++)
		if (!(list[insn->v[0] + k] & IR_CONSTANT))
			add_mention(c, &list[insn->v[0] + k], i, MENTION_READ);
	for (uint32_t k = 0; insn->form == IR_ENTRY && k < insn->v[1]; k++)
		add_mention(c, &list[insn->v[0] + k], i, MENTION_WRITE);
	for (uint32_t k = 0; insn->form != IR_RETURN && k < insn->v[3]; k++)
		add_mention(c, &list[insn->v[2] + k], i, MENTION_WRITE);
}

static void mention_fields(colouring *c, ir_insn *insn, uint32_t i)
{
	uint8_t reads = ir_form_reads(insn->form), writes = ir_form_writes(insn->form);
	for (unsigned f = 0; f < 4; f++)
		if (reads & 1 << f)
			add_mention(c, &insn->v[f], i, MENTION_READ | (writes & 1 << f ? MENTION_WRITE : 0));
	for (unsigned f = 0; f < 4; f++)
		if (writes & ~reads & 1 << f)
			add_mention(c, &insn->v[f], i, MENTION_WRITE);
}

static bool list_mentions(colouring *c)
{
	ir_code *code = c->code;
	c->mention_count = 0;
	c->mention_at = colour_array(c, code->count + 1, sizeof *c->mention_at);
	for (uint32_t i = 0; !c->gives_up && i < code->count; i++) {
		c->mention_at[i] = c->mention_count;
		if (ir_has_lists(code->insns[i].form))
			mention_lists(c, &code->insns[i], i);
		else
			mention_fields(c, &code->insns[i], i);
	}
	if (!c->gives_up)
		c->mention_at[code->count] = c->mention_count;
	return !c->gives_up;
}

/* ---- webs of one register ---- */

typedef struct splitting {
	colouring *c;
	const uint32_t *order; /* mentions of the register, in the order of the code */
	uint32_t count, reg, entry_count;
	uint32_t *nodes;                /* by place in order */
	uint32_t *parents;              /* of nodes: places in order, then entries */
	uint32_t *webs;                 /* by node: its web, or NONE */
	uint32_t *entries;              /* blocks at whose start it is live */
	uint32_t *entry_of, *entry_reg; /* by block: its place in entries, and of which register + 1 */
	uint32_t *exit_of, *exit_reg;   /* the node at its end */
} splitting;

static uint32_t find(splitting *s, uint32_t node)
{
	while (s->parents[node] != node)
		node = s->parents[node] = s->parents[s->parents[node]];
	return node;
}

static void unite(splitting *s, uint32_t a, uint32_t b)
{
	a = find(s, a);
	b = find(s, b);
	s->parents[a > b ? a : b] = a > b ? b : a;
}

static uint32_t entry_node(splitting *s, uint32_t block)
{
	if (s->entry_reg[block] != s->reg + 1) {
		s->entry_reg[block] = s->reg + 1;
		s->entry_of[block] = s->entry_count;
		s->entries[s->entry_count++] = block;
		s->parents[s->count + s->entry_of[block]] = s->count + s->entry_of[block];
	}
	return s->count + s->entry_of[block];
}

static void walk_mentions(splitting *s)
{
	uint32_t block = NONE, node = NONE;
	for (uint32_t k = 0; k < s->count; k++) {
		const mention *m = &s->c->mentions[s->order[k]];
		if (s->c->flow.blocks[m->insn] != block) {
			block = s->c->flow.blocks[m->insn];
			node = NONE;
		}
		s->parents[k] = k;
		if (m->how & MENTION_READ)
			node = node == NONE ? entry_node(s, block) : node;
		else
			node = k;
		s->nodes[k] = node;
		s->exit_of[block] = node;
		s->exit_reg[block] = s->reg + 1;
	}
}

static bool walk_back(splitting *s)
{
	const flow *f = &s->c->flow;
	for (uint32_t e = 0; e < s->entry_count; e++) {
		uint32_t block = s->entries[e];
		for (uint32_t i = f->pred_at[block]; i < f->pred_at[block + 1]; i++) {
			uint32_t before = f->preds[i];
			bool mentioned = s->exit_reg[before] == s->reg + 1;
			unite(s, s->count + e, mentioned ? s->exit_of[before] : entry_node(s, before));
		}
		if (!colour_spend(s->c, f->pred_at[block + 1] - f->pred_at[block] + 1))
			return false;
	}
	return true;
}

/* ---- registers for them ---- */

static void add_live(colouring *c, uint32_t block, uint32_t web)
{
	colour_grow(c, (void **)&c->live, c->live_count, &c->live_room, sizeof *c->live);
	if (!c->gives_up)
		c->live[c->live_count++] = (live_web){block, web};
}

static uint32_t new_web(colouring *c, uint32_t reg)
{
	return colour_new_reg(c, (ir_reg_kind)c->code->kinds[reg], c->states[reg]);
}

/* The first web keeps the register. */
static void name_webs(splitting *s)
{
	bool first = true;
	for (uint32_t k = 0; k < s->count + s->entry_count; k++)
		s->webs[k] = NONE;
	for (uint32_t k = 0; k < s->count; k++) {
		uint32_t *web = &s->webs[find(s, s->nodes[k])];
		if (*web == NONE)
			*web = first ? s->reg : new_web(s->c, s->reg);
		first = false;
		*s->c->mentions[s->order[k]].reg = *web;
	}
	for (uint32_t e = 0; e < s->entry_count; e++)
		add_live(s->c, s->entries[e], s->webs[find(s, s->count + e)]);
}

/* Is it a value that lives within a block only? */
static bool is_local(const splitting *s)
{
	const mention *first = &s->c->mentions[s->order[0]], *last = &s->c->mentions[s->order[s->count - 1]];
	return first->how == MENTION_WRITE && s->c->flow.blocks[first->insn] == s->c->flow.blocks[last->insn] &&
	       s->c->code->kinds[s->reg] == IR_TEMP;
}

static bool split_register(splitting *s)
{
	if (is_local(s))
		return true;
	s->entry_count = 0;
	walk_mentions(s);
	if (!walk_back(s))
		return false;
	name_webs(s);
	return !s->c->gives_up;
}

static bool make_room(splitting *s, uint32_t most)
{
	colouring *c = s->c;
	size_t nodes = (size_t)most + c->flow.count;
	s->nodes = colour_array(c, most, sizeof *s->nodes);
	s->parents = colour_array(c, nodes, sizeof *s->parents);
	s->webs = colour_array(c, nodes, sizeof *s->webs);
	s->entries = colour_array(c, c->flow.count, sizeof *s->entries);
	s->entry_of = colour_array(c, c->flow.count, sizeof *s->entry_of);
	s->entry_reg = colour_array(c, c->flow.count, sizeof *s->entry_reg);
	s->exit_of = colour_array(c, c->flow.count, sizeof *s->exit_of);
	s->exit_reg = colour_array(c, c->flow.count, sizeof *s->exit_reg);
	return !c->gives_up;
}

/* Mentions by register. */
static uint32_t *order_mentions(colouring *c, uint32_t *starts)
{
	uint32_t regs = c->code->reg_count, *order = colour_array(c, c->mention_count, sizeof *order);
	if (!order)
		return NULL;
	for (uint32_t i = 0; i < c->mention_count; i++)
		starts[*c->mentions[i].reg + 1]++;
	for (uint32_t r = 0; r < regs; r++)
		starts[r + 1] += starts[r];
	for (uint32_t i = c->mention_count; i-- > 0;)
		order[--starts[*c->mentions[i].reg + 1]] = i;
	return order; /* now starts[r + 1] is where those of r begin */
}

static bool split_all(colouring *c)
{
	uint32_t regs = c->code->reg_count, most = 0;
	uint32_t *starts = colour_array(c, (size_t)regs + 2, sizeof *starts);
	uint32_t *order = starts ? order_mentions(c, starts) : NULL;
	splitting s = {.c = c};
	if (!order)
		return false;
	starts[regs + 1] = c->mention_count;
	for (uint32_t r = 0; r < regs; r++)
		most = starts[r + 2] - starts[r + 1] > most ? starts[r + 2] - starts[r + 1] : most;
	if (!make_room(&s, most))
		return false;
	for (uint32_t r = 0; r < regs; r++) {
		s.order = order + starts[r + 1];
		s.count = starts[r + 2] - starts[r + 1];
		s.reg = r;
		if (s.count && !split_register(&s))
			return false;
	}
	return true;
}

/* Puts the live webs of each block together. */
static bool order_live(colouring *c)
{
	uint32_t blocks = c->flow.count;
	live_web *ordered = colour_array(c, c->live_count, sizeof *ordered);
	c->live_at = colour_array(c, (size_t)blocks + 1, sizeof *c->live_at);
	if (c->gives_up)
		return false;
	for (uint32_t i = 0; i < c->live_count; i++)
		c->live_at[c->live[i].block]++;
	for (uint32_t b = 1; b <= blocks; b++)
		c->live_at[b] += c->live_at[b - 1];
	for (uint32_t i = c->live_count; i-- > 0;)
		ordered[--c->live_at[c->live[i].block]] = c->live[i];
	if (c->live_count)
		memcpy(c->live, ordered, c->live_count * sizeof *ordered);
	return true;
}

bool webs_split(colouring *c)
{
	c->live_count = 0;
	return list_mentions(c) && split_all(c) && order_live(c);
}
