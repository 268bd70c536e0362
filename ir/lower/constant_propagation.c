/*
 * The analysis that finds registers which hold known constants at the start of a block. Without it,
 * code entered at a loop head would load from memory the values that the function had set by MOVI,
 * and LLVM could not fold or vectorise with them. It is a forward dataflow analysis of moves alone,
 * from the function's start, where nothing is known. An entry may rely on it because every
 * activation came from that start.
 */
#include "constant_propagation.h"

#include <string.h>

/* The registers in known hold value; reached: some path to the block has been seen. */
typedef struct facts {
	uint64_t value[VSP_REGISTERS];
	uint16_t known;
	bool reached;
} facts;

/* Keeps in *to only what also holds in from. Returns true if that changed *to. */
static bool meet(facts *to, const facts *from)
{
	if (!to->reached) {
		*to = *from;
		return true;
	}
	uint16_t known = to->known & from->known;
	for (unsigned r = 0; r < VSP_REGISTERS; r++)
		if (to->value[r] != from->value[r])
			known &= (uint16_t)~(1u << r);
	bool changed = known != to->known;
	to->known = known;
	return changed;
}

static bool is_constant_move(const vsp_insn *i)
{
	return i->form == VSP_I_MOVI_8 || i->form == VSP_I_MOVI_32 || i->form == VSP_I_MOVI_64;
}

static void step(const vsp_fn *f, facts *at, const vsp_insn *i)
{
	uint32_t reads, writes;
	uint64_t moved = is_constant_move(i) ? (uint64_t)i->imm : at->value[i->b];
	bool known = is_constant_move(i) || (i->form == VSP_I_MOV && at->known >> i->b & 1);
	vsp_insn_effects(f->lower->data, f->func, i, &reads, &writes);
	at->known &= (uint16_t)~writes;
	if (known) {
		at->value[i->a] = moved;
		at->known |= (uint16_t)(1u << i->a);
	}
}

/*
 * Passes what holds at the end of block b on to its successors. Each successor whose facts change
 * is put on todo.
 */
static void pass_on(const vsp_fn *f, facts *in, uint32_t b, uint32_t *todo, uint32_t *count, bool *queued)
{
	const vsp_block *block = &f->cfg.blocks[b];
	facts at = in[b];
	if (block->call_return)
		at.known = 0;
	for (uint32_t n = block->first; n < block->first + block->count; n++)
		step(f, &at, &f->cfg.insns[n]);
	for (uint32_t n = 0; n < block->succ_count; n++) {
		uint32_t to = f->cfg.succs[block->succ_first + n];
		if (meet(&in[to], &at) && !queued[to]) {
			queued[to] = true;
			todo[(*count)++] = to;
		}
	}
}

static void begin_at(facts *in, uint32_t b, uint32_t *todo, uint32_t *count, bool *queued)
{
	in[b] = (facts){.reached = true};
	queued[b] = true;
	todo[(*count)++] = b;
}

void vsp_lower_constants(vsp_fn *f, uint32_t block, uint64_t value[VSP_REGISTERS], uint16_t *known)
{
	uint32_t n = f->cfg.block_count, count = 0;
	facts *in = vsp_arena_array(f->arena, n, sizeof *in);
	uint32_t *todo = vsp_arena_array(f->arena, n, sizeof *todo);
	bool *queued = vsp_arena_array(f->arena, n, sizeof *queued);
	*known = 0;
	if (!in || !todo || !queued)
		return; /* to know nothing is correct */
	begin_at(in, vsp_cfg_block_at(&f->cfg, f->func->start), todo, &count, queued);
	for (uint32_t i = 0; i < f->cfg.return_count; i++)
		if (!queued[f->cfg.returns[i]])
			begin_at(in, f->cfg.returns[i], todo, &count, queued);
	while (count) {
		uint32_t b = todo[--count];
		queued[b] = false;
		pass_on(f, in, b, todo, &count, queued);
	}
	if (!in[block].reached || f->cfg.blocks[block].call_return)
		return;
	*known = in[block].known;
	memcpy(value, in[block].value, sizeof in[block].value);
}
