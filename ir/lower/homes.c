/*
 * Registers that are kept in memory between blocks, for functions that are too large for values to
 * travel through phis. In every compiler the steps that merge, spill and split such values take
 * time and memory that grow with values times edges times blocks. Here no value lives longer than a
 * piece, which is a block or a part of a long one, so all costs are linear in the code. That
 * includes values that never change: if one is kept in a register through thousands of calls, the
 * register allocator spends longer on it than on everything else. Blocks that the lowering adds,
 * including cold ones, are placed where they are used: between two distant parts of a value's life
 * the allocator looks at everything that lies between them in the function.
 *
 * Each slot has a home, which is a variable in the frame. A piece loads the slots that its
 * instructions read, and stores those that they have changed and others need. In between, slots are
 * SSA values as usual, and handlers notice no difference. A null slot is one that the piece does
 * not read: its value is in its home.
 */
#include "homes.h"
#include "budget.h"
#include "spill.h"

#include <assert.h>

static LLVMValueRef *invariant(vsp_fn *f, unsigned n)
{
	LLVMValueRef *const all[] = {&f->rt, &f->memory, &f->sp, &f->call_base, &f->regs, &f->tallies};
	static_assert(sizeof all / sizeof *all == INVARIANTS, "each has a home");
	return all[n];
}

static void open_invariant(vsp_fn *f, unsigned n)
{
	LLVMValueRef value = *invariant(f, n);
	if (!value)
		return;
	f->invariant_home[n] = vsp_lower_variable(f, LLVMTypeOf(value), "");
	LLVMBuildStore(f->b, value, f->invariant_home[n]);
}

void vsp_lower_open_rt_home(vsp_fn *f) { open_invariant(f, 0); }

static void open_invariants(vsp_fn *f)
{
	for (unsigned n = 1; n < INVARIANTS; n++)
		open_invariant(f, n);
}

/*
 * Takes back a load that the piece, which ends here, did not use. Instruction selection would leave
 * it out as well, but until then every walk over a function of many small blocks would pass more of
 * these loads than of anything else.
 */
static void forget(LLVMValueRef value)
{
	if (value && LLVMIsALoadInst(value) && !LLVMGetFirstUse(value))
		LLVMInstructionEraseFromParent(value);
}

static void load_invariants(vsp_fn *f)
{
	for (unsigned n = 0; n < INVARIANTS; n++) {
		LLVMValueRef *value = invariant(f, n), old = *value;
		if (!f->invariant_home[n])
			continue;
		*value = LLVMBuildLoad2(f->b, LLVMTypeOf(old), f->invariant_home[n], "");
		forget(old);
	}
	if (!f->moves_sp)
		f->slot[SLOT_SP] = f->sp;
}

LLVMValueRef vsp_lower_rt_again(vsp_fn *f)
{
	return f->in_memory ? LLVMBuildLoad2(f->b, LLVMTypeOf(f->rt), f->invariant_home[0], "") : f->rt;
}

void vsp_lower_open_homes(vsp_fn *f)
{
	open_invariants(f);
	for (unsigned slot = 0; slot < SLOTS; slot++)
		if (slot != SLOT_SP || f->moves_sp)
			f->home[slot] = vsp_lower_variable(f, slot_type(f->lower, slot), "");
}

/* The slots that the instructions from first to end read. */
static uint32_t reads(const vsp_fn *f, uint32_t first, uint32_t end)
{
	const vsp_module_data *m = f->lower->data;
	uint32_t all = 0;
	for (uint32_t n = first; n < end; n++) {
		uint32_t read, written;
		const vsp_insn *i = &f->cfg.insns[n];
		if (f->live.needless[n])
			continue;
		vsp_insn_effects(m, f->func, i, &read, &written);
		all |= f->shown && i->form == VSP_I_RET ? VSP_LIVE_ALL : read;
	}
	return all;
}

static uint32_t piece_end(const vsp_block *b, uint32_t first)
{
	uint32_t end = b->first + b->count;
	return end - first < (uint32_t)VSP_LIMIT_PIECE ? end : first + (uint32_t)VSP_LIMIT_PIECE;
}

static void load(vsp_fn *f, uint32_t mask)
{
	load_invariants(f);
	for (unsigned slot = 0; slot < SLOTS; slot++) {
		if (slot == SLOT_SP && !f->moves_sp)
			continue;
		bool wanted = slot == SLOT_SP || mask >> slot & 1;
		LLVMTypeRef type = slot_type(f->lower, slot);
		forget(f->loaded[slot]);
		f->slot[slot] = f->loaded[slot] = wanted ? LLVMBuildLoad2(f->b, type, f->home[slot], "") : NULL;
	}
}

void vsp_lower_load_homes(vsp_fn *f, const vsp_block *b, uint32_t live)
{
	bool all = b->loop_head && f->lower->options->count; /* execution may move to other code with all of them */
	load(f, all ? live : live & reads(f, b->first, piece_end(b, b->first)));
}

void vsp_lower_load_no_homes(vsp_fn *f) { load(f, 0); }

static void store(vsp_fn *f, uint32_t live)
{
	for (unsigned slot = 0; slot < SLOTS; slot++)
		if (f->home[slot] && (live | LIVE_SP) >> slot & 1 && f->slot[slot] && f->slot[slot] != f->loaded[slot])
			LLVMBuildStore(f->b, f->slot[slot], f->home[slot]);
}

void vsp_lower_store_homes(vsp_fn *f, uint32_t first_edge, uint32_t live)
{
	LLVMBasicBlockRef done = NULL;
	for (uint32_t e = first_edge; e < f->edge_count; e++) {
		LLVMBasicBlockRef source = f->edges[e].source;
		if (source == done)
			continue;
		LLVMPositionBuilderBefore(f->b, LLVMGetBasicBlockTerminator(source));
		store(f, live);
		done = source;
	}
}

void vsp_lower_cut(vsp_fn *f, const vsp_block *b, uint32_t n)
{
	if (n == b->first || (n - b->first) % VSP_LIMIT_PIECE)
		return;
	store(f, f->live.insn_out[n - 1]);
	LLVMBasicBlockRef next = vsp_lower_block(f, "");
	LLVMBuildBr(f->b, next);
	LLVMPositionBuilderAtEnd(f->b, next);
	load(f, f->live.insn_out[n - 1] & reads(f, n, piece_end(b, n)));
}
