/*
 * The estimate of what a function costs to compile, made before anything is built, and its
 * consequences (limits.def). The time and memory of LLVM's passes grow faster than their input:
 * with the number of values that are merged, of blocks that these pass through, and of loops around
 * the blocks. So a function above a size is lowered in another way (homes.c), in which all costs
 * are linear, or refused if a lower tier can run it.
 */
#include "budget.h"
#include "order.h"

#include "runtime/base/bits.h"

enum { LONG = 2048 };

/*
 * The approximate cost of an instruction's code: a few LLVM instructions, or a call of a helper and
 * what goes with it. In a function that is kept from the passes, helpers that they would put in
 * its place stay calls (KEPT). LLVM's allocator asks of each short value about each call, so that
 * these calls cost little one by one, and a fifth of the time when they are 80,000.
 */
static unsigned weight(const vsp_fn *f, const vsp_insn *i)
{
	enum { PLAIN = 1, ACCESS = 2, KEPT = 2, CALL = 8 };
	unsigned effects = vsp_insn_info(i)->effects;
	if (vsp_form_sense((vsp_form)i->form) == VSP_SENSE_GLOBAL)
		return ACCESS;
	if (i->form == VSP_I_CALL ||
	        effects & (VSP_FX_CALL | VSP_FX_HOST | VSP_FX_INST_R | VSP_FX_INST_W | VSP_FX_BATCH))
		return CALL;
	if (effects & VSP_FX_FUNCTION && !f->lower->options->optimise)
		return CALL;
	if (effects & VSP_FX_FUNCTION && f->in_memory)
		return KEPT;
	return effects & VSP_FX_TRAP ? ACCESS : PLAIN;
}

static uint64_t block_instructions(const vsp_fn *f, const vsp_block *b)
{
	uint64_t sum = 0;
	for (uint32_t n = b->first; n < b->first + b->count; n++)
		if (!f->live.needless[n])
			sum += weight(f, &f->cfg.insns[n]);
	return sum;
}

/*
 * The sum of the weights; *again receives the extra cost of long blocks. To select and schedule the
 * instructions of a block takes twice as long when it has LONG of them.
 */
static uint64_t instructions(const vsp_fn *f, uint64_t *again)
{
	uint64_t sum = 0;
	*again = 0;
	for (uint32_t b = 0; b < f->cfg.block_count; b++) {
		uint64_t here = block_instructions(f, &f->cfg.blocks[b]);
		sum += here;
		*again += here * here / LONG;
	}
	return sum;
}

/* The slots live at the start of the return switch, which are those live behind some CALL. */
static uint32_t live_in_switch(const vsp_fn *f)
{
	uint32_t live = 0;
	for (uint32_t i = 0; i < f->cfg.return_count; i++)
		live |= f->live.block_in[f->cfg.returns[i]];
	return live;
}

/*
 * Each edge into a block with several predecessors carries a value for each live slot that the
 * function writes.
 */
static uint64_t merged_values(const vsp_fn *f, const vsp_order *o)
{
	uint64_t sum = 0;
	uint32_t behind_calls = live_in_switch(f);
	for (uint32_t i = 0; i < o->count; i++) {
		uint32_t node = o->nodes[i];
		for (uint32_t n = 0; n < vsp_lower_successor_count(f, node); n++) {
			uint32_t to = vsp_lower_successor(f, node, n);
			uint32_t live = to == node_switch(f) ? behind_calls : f->live.block_in[to];
			if (o->pred[to] == VSP_PRED_MANY)
				sum += vsp_popcnt64(live & f->live.written);
		}
	}
	return sum;
}

/*
 * The entry points of one function are lowered one after the other, so a function is counted once.
 */
static void note(struct vsp_lower_large *large, uint32_t func)
{
	if (!large->count)
		large->first = func;
	if (!large->count || large->last != func)
		large->count++;
	large->last = func;
}

vsp_lower_reason vsp_lower_judge(vsp_fn *f, const vsp_order *o, uint32_t start)
{
	const vsp_lower_options *options = f->lower->options;
	vsp_lower_outcome *outcome = &f->lower->outcome;
	uint64_t members, again, merged, size = instructions(f, &again);
	if (!vsp_lower_nesting(f, start, VSP_LIMIT_NESTING, &members) || !vsp_lower_merged_slots(f, o, &merged))
		return VSP_LOWER_OUT_OF_MEMORY;
	merged += merged_values(f, o);
	uint64_t work = size + again + merged;
	bool nested = members > VSP_LIMIT_NESTING, tangled = nested || f->cfg.return_count > VSP_LIMIT_RETURN_SITES;
	f->in_memory = tangled || work > (options->optimise ? VSP_LIMIT_OPTIMISE_WORK : VSP_LIMIT_REGISTER_WORK);
	f->no_vectors = merged > VSP_LIMIT_VECTOR_VALUES;
	if (f->in_memory) {
		note(&outcome->in_memory, f->index);
		size = instructions(f, &again);
	}
	if (tangled || size > VSP_LIMIT_PLAIN_SIZE || size * f->cfg.loop_count > VSP_LIMIT_PLAIN_LOOPS)
		note(&outcome->plain, f->index);
	if (!options->refuse || !f->in_memory)
		return VSP_LOWER_OK;
	if (nested)
		return VSP_LOWER_NESTED;
	return options->optimise || size > VSP_LIMIT_REFUSE_SIZE ? VSP_LOWER_TOO_LARGE : VSP_LOWER_OK;
}
