/*
 * A function whose registers are coloured, between allocate_colours.c, which leads it, and flow.c,
 * webs.c, interference.c, coalesce.c, colour.c and spill.c, which do one step each.
 *
 * A round makes everything anew but what is said of registers: it finds the blocks, splits
 * registers into webs, builds their interference and colours them. Webs without a colour get a
 * slot, so that only short-lived copies of them need registers, and the next round begins.
 */
#ifndef VSP_FRONTEND_WASM_COLOURING_H
#define VSP_FRONTEND_WASM_COLOURING_H

#include "allocate.h"
#include "ir/arena.h"
#include "runtime/base/bits.h"

enum {
	/* Functions with more than this get a linear scan, so that time stays n log n. */
	COLOUR_MOST_INSNS = 200 * 1000,
	COLOUR_MOST_WEBS = 20 * 1000,
	/* And those whose blocks have more live webs, or whose webs more neighbours, than so many
	   for each instruction. */
	COLOUR_WORK = 64,
	COLOUR_LEAST_WORK = 100 * 1000,
	COLOUR_PAIRS = 8 << 20, /* room in the table of neighbours, half of which is used: 64 MB */
	COLOUR_ROUNDS = 12
};

enum { MENTION_READ = 1, MENTION_WRITE = 2 };

/* A place where an instruction names a register; in an instruction those that read come first. */
typedef struct mention {
	uint32_t *reg;
	uint32_t insn;
	uint8_t how; /* MENTION_* */
} mention;

/* What is known of registers from round to round. */
enum {
	WEB_SLOT = 1,    /* it has no register */
	WEB_SHORT = 2,   /* a copy of one that has none, next to its use: it must have a register */
	WEB_CONSTANT = 4 /* with WEB_SLOT: made anew where it is used */
};

/* Blocks end where the next one begins. */
typedef struct flow {
	uint32_t count;
	uint32_t *first;   /* instruction, by block; count + 1 of them */
	uint32_t *blocks;  /* by instruction */
	uint32_t *succ_at; /* by block: its first in succs; count + 1 of them */
	uint32_t *succs;
	uint32_t *pred_at;
	uint32_t *preds;
} flow;

/* Webs that are live at a block's start. */
typedef struct live_web {
	uint32_t block, web;
} live_web;

typedef struct link {
	uint32_t to, next; /* next: its number + 1, or 0 */
} link;

/* A register that a web had better share or be in; to: a web, or IR_CONSTANT and a register. */
typedef struct wish {
	uint32_t to, next;
	float weight;
} wish;

typedef struct web_node {
	uint32_t alias;  /* the web that it was united with, or itself */
	uint32_t links;  /* the first of its neighbours, or 0 */
	uint32_t wishes; /* the first */
	uint32_t degree; /* neighbours of its class that are in the graph */
	float cost;      /* of a slot: its mentions, weighed by the loops around them */
	uint16_t forbidden;
	uint8_t colour;
	bool read, droppable; /* droppable: what writes it can do without */
	bool removed;         /* from the graph, to be coloured later */
	bool short_lived;
} web_node;

typedef struct colouring {
	wasm_allocation *out;
	ir_code *code;
	vsp_arena arena; /* of a round */
	flow flow;
	mention *mentions;
	uint32_t *mention_at; /* by instruction: its first; one more than instructions */
	uint32_t mention_count, mention_room;
	live_web *live; /* ordered by block */
	uint32_t *live_at;
	uint32_t live_count, live_room;
	web_node *webs; /* by register */
	link *links;
	uint32_t link_count, link_room;
	wish *wishes;
	uint32_t wish_count, wish_room;
	uint64_t *pairs; /* a hash table of neighbours; 0: none */
	uint32_t pair_count, pair_room;
	uint8_t *states; /* WEB_*, by register */
	uint32_t state_room;
	uint64_t work; /* that is left */
	bool gives_up; /* it is too much, or there is no memory, as the allocation says */
} colouring;

static inline float colour_weight(uint16_t depth)
{
	static const float weights[] = {1, 10, 100, 1000, 10000};
	return weights[depth < 4 ? depth : 4];
}

/* Memory of the round, zeroed; null: none, and it gives up. */
void *colour_array(colouring *c, size_t count, size_t size);
/* There is no memory, and it gives up; false. */
static inline bool colour_no_memory(colouring *c)
{
	c->out->no_memory = c->gives_up = true;
	return false;
}
/* Makes room for one more item than count in an array that has room for *room. */
void colour_enlarge(colouring *c, void **array, uint32_t *room, size_t size);
static inline void colour_grow(colouring *c, void **array, uint32_t count, uint32_t *room, size_t size)
{
	if (count >= *room)
		colour_enlarge(c, array, room, size);
}
/* A register with that state. */
uint32_t colour_new_reg(colouring *c, ir_reg_kind kind, uint8_t state);
/* Takes so much of the work that is left. False: there was not so much, and it gives up. */
static inline bool colour_spend(colouring *c, uint64_t work)
{
	if (work > c->work)
		c->gives_up = true;
	c->work -= work > c->work ? c->work : work;
	return !c->gives_up;
}

/* The steps. Each false: it gives up. */
bool flow_find(colouring *c);
/* Lists all mentions, gives each web a register of its own, and finds what is live. */
bool webs_split(colouring *c);
bool interference_build(colouring *c);
/* Unites webs between which values move, where that costs no colours. */
bool coalesce(colouring *c);
/* Gives webs colours; *left: how many now have WEB_SLOT instead. */
bool colour_webs(colouring *c, uint32_t *left);
/* Puts copies beside the uses of webs with WEB_SLOT. */
bool spill_webs(colouring *c);

/* ---- of the graph ---- */

/* What it was united with; shortens the way there. */
static inline uint32_t web_root(colouring *c, uint32_t w)
{
	while (c->webs[w].alias != w)
		w = c->webs[w].alias = c->webs[c->webs[w].alias].alias;
	return w;
}
static inline bool web_has_slot(const colouring *c, uint32_t w) { return c->states[w] & WEB_SLOT; }
/* How many registers it may be in. */
static inline unsigned web_choices(const web_node *w) { return VSP_REGISTERS - vsp_popcnt64(w->forbidden); }
/* Nobody reads it and nothing has to write it. */
static inline bool web_is_dropped(const web_node *w) { return !w->read && w->droppable; }
bool interference_has(const colouring *c, uint32_t a, uint32_t b);
void interference_add(colouring *c, uint32_t a, uint32_t b);

#endif
