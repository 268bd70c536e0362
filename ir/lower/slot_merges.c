/*
 * The estimate of how many values of local slots merge where blocks meet, once LLVM's passes have
 * made values of the slots' variables: a dataflow over sets of slots, backward, as liveness is for
 * registers. Above a size it takes all slots to be live everywhere.
 */
#include "budget.h"

#include <string.h>

#include "runtime/base/bits.h"

enum { MOST_WORDS = 1 << 20, MOST_ROUNDS = 64 };

typedef struct slot_sets {
	uint32_t *number;                    /* per slot: its number among those that are named, + 1 */
	uint32_t named, words;               /* how many are, and the words of a set of them */
	uint64_t *in, *reads, *writes, *out; /* per node, and one set for the node being visited */
	uint64_t *written;                   /* somewhere in the function */
} slot_sets;

static void number_slots(const vsp_fn *f, slot_sets *s)
{
	for (uint32_t i = 0; i < f->cfg.insn_count; i++) {
		uint32_t slots = vsp_insn_slots(&f->cfg.insns[i]);
		if (slots && !s->number[slots - 1])
			s->number[slots - 1] = ++s->named;
	}
	s->words = (s->named + 63) / 64;
}

static bool allocate(const vsp_fn *f, slot_sets *s)
{
	size_t n = (size_t)node_count(f) * s->words;
	s->in = vsp_arena_array(f->arena, n, sizeof *s->in);
	s->reads = vsp_arena_array(f->arena, n, sizeof *s->reads);
	s->writes = vsp_arena_array(f->arena, n, sizeof *s->writes);
	s->out = vsp_arena_array(f->arena, s->words, sizeof *s->out);
	s->written = vsp_arena_array(f->arena, s->words, sizeof *s->written);
	return s->in && s->reads && s->writes && s->out && s->written;
}

/* The slots that a block reads before it writes them, and those that it writes. */
static void note_block(const vsp_fn *f, slot_sets *s, uint32_t block)
{
	const vsp_block *b = &f->cfg.blocks[block];
	uint64_t *reads = s->reads + (size_t)block * s->words, *writes = s->writes + (size_t)block * s->words;
	for (uint32_t i = b->first; i < b->first + b->count; i++) {
		const vsp_insn *insn = &f->cfg.insns[i];
		if (!vsp_insn_slots(insn))
			continue;
		uint32_t n = s->number[insn->imm] - 1;
		uint64_t bit = UINT64_C(1) << (n % 64);
		if (insn->form == VSP_I_STLOC) {
			writes[n / 64] |= bit;
			s->written[n / 64] |= bit;
		} else if (!(writes[n / 64] & bit))
			reads[n / 64] |= bit;
	}
}

/* Returns whether the node's set has grown. */
static bool visit(vsp_fn *f, slot_sets *s, uint32_t node)
{
	uint64_t *in = s->in + (size_t)node * s->words;
	bool grown = false;
	memset(s->out, 0, s->words * sizeof *s->out);
	for (uint32_t n = 0; n < vsp_lower_successor_count(f, node); n++) {
		const uint64_t *next = s->in + (size_t)vsp_lower_successor(f, node, n) * s->words;
		for (uint32_t w = 0; w < s->words; w++)
			s->out[w] |= next[w];
	}
	for (uint32_t w = 0; w < s->words; w++) {
		size_t at = (size_t)node * s->words + w;
		uint64_t now = s->reads[at] | (s->out[w] & ~s->writes[at]);
		grown |= now != in[w];
		in[w] = now;
	}
	return grown;
}

/* False: it takes too long. */
static bool solve(vsp_fn *f, const vsp_order *o, slot_sets *s)
{
	bool grown = true;
	for (unsigned round = 0; grown && round < MOST_ROUNDS; round++) {
		grown = false;
		for (uint32_t n = o->count; n-- > 0;)
			grown |= visit(f, s, o->nodes[n]);
	}
	return !grown;
}

/* The values that one edge to the node carries. */
static uint64_t carried(const slot_sets *s, uint32_t node)
{
	uint64_t sum = 0;
	for (uint32_t w = 0; w < s->words; w++)
		sum += vsp_popcnt64(s->in[(size_t)node * s->words + w] & s->written[w]);
	return sum;
}

static uint64_t sum_edges(vsp_fn *f, const vsp_order *o, const slot_sets *s, bool solved)
{
	uint64_t sum = 0;
	for (uint32_t i = 0; i < o->count; i++)
		for (uint32_t n = 0; n < vsp_lower_successor_count(f, o->nodes[i]); n++) {
			uint32_t to = vsp_lower_successor(f, o->nodes[i], n);
			if (o->pred[to] == VSP_PRED_MANY)
				sum += solved ? carried(s, to) : s->named;
		}
	return sum;
}

bool vsp_lower_merged_slots(vsp_fn *f, const vsp_order *o, uint64_t *merged)
{
	slot_sets s = {.number = vsp_arena_array(f->arena, f->cfg.slots, sizeof *s.number)};
	*merged = 0;
	if (!f->cfg.slots || !f->lower->options->optimise)
		return true;
	if (!s.number)
		return false;
	number_slots(f, &s);
	bool small = (uint64_t)node_count(f) * s.words <= MOST_WORDS;
	if (small && !allocate(f, &s))
		return false;
	for (uint32_t i = 0; small && i < o->count; i++)
		if (o->nodes[i] < f->cfg.block_count)
			note_block(f, &s, o->nodes[i]);
	*merged = sum_edges(f, o, &s, small && solve(f, o, &s));
	return true;
}
