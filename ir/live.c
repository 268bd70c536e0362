/*
 * Liveness by a worklist of blocks: out = union of the successors' in; before each instruction,
 * from the last one to the first, live = reads | (live & ~writes). All edges from RETs to the
 * blocks behind CALLs go through one value, the union of those blocks' in sets, so the number of
 * edges stays linear. A set only grows and has 19 members, so a block is visited at most 20 times.
 */
#include "live.h"

#include "runtime/base/alloc.h"

static_assert(VSP_LIVE_Z == VSP_F_Z << 16 && VSP_LIVE_N == VSP_F_N << 16 && VSP_LIVE_O == VSP_F_O << 16,
        "flag masks are the status register's bits above the registers");

/* R0..R(n-1), n up to 16. */
static uint32_t first_registers(unsigned n) { return (1u << n) - 1; }

static uint32_t flag_mask(unsigned flags) { return (uint32_t)flags << 16; }

/*
 * The parameters and results of the callee of INVOKE, INVOKEI, INVOKET or HCALL. Counts of INVOKEI
 * above 16 make it trap.
 */
static void callee_signature(const vsp_module_data *m, const vsp_insn *insn, unsigned *params, unsigned *results)
{
	if (insn->form == VSP_I_INVOKE) {
		*params = m->funcs[insn->imm].params;
		*results = m->funcs[insn->imm].results;
	} else if (insn->form == VSP_I_INVOKET) {
		*params = vsp_type_registers(m->types[insn->imm].params);
		*results = vsp_type_registers(m->types[insn->imm].results);
	} else if (insn->form == VSP_I_HCALL) {
		*params = m->imports[insn->imm].params;
		*results = m->imports[insn->imm].results;
	} else {
		*params = (unsigned)insn->imm & 0xFF;
		*results = (unsigned)insn->imm >> 8;
		if (*params > VSP_REGISTERS || *results > VSP_REGISTERS)
			*params = *results = 0;
	}
}

void vsp_insn_effects(
        const vsp_module_data *m, const vsp_func *f, const vsp_insn *insn, uint32_t *reads, uint32_t *writes)
{
	const vsp_form_info *info = vsp_insn_info(insn);
	uint16_t r, w;
	vsp_insn_registers(insn, &r, &w);
	*reads = r | flag_mask(info->flags_read);
	*writes = w | flag_mask(info->flags_written);
	if (info->implicit == VSP_X_CALLEE) {
		unsigned params, results;
		callee_signature(m, insn, &params, &results);
		*reads |= first_registers(params);
		*writes |= first_registers(results);
	} else if (info->implicit == VSP_X_RETURN) {
		*reads = first_registers(f->results);
	} else if (info->implicit == VSP_X_SYSCALL) {
		const vsp_syscall_info *syscall = vsp_syscall_find(insn->imm);
		*reads = syscall->reads | flag_mask(syscall->flags);
		*writes = syscall->writes | flag_mask(syscall->flags);
	}
}

/* The effects of an instruction, under the options of a solve. */
typedef struct effect {
	uint32_t reads, writes;
	bool pure; /* has no other effects; with VSP_LIVE_NEEDED */
} effect;

typedef struct solver {
	const vsp_cfg *cfg;
	vsp_live *live;
	effect *effects;              /* per instruction */
	uint32_t *pred_first, *preds; /* blocks with an edge to block b: preds[pred_first[b]..pred_first[b + 1]) */
	uint32_t *rets;               /* blocks that end in RET */
	uint32_t ret_count;
	uint32_t behind_calls; /* union of the in sets of cfg->returns */
	uint32_t *todo;        /* ring of blocks to visit, each at most once */
	uint32_t todo_first, todo_count;
	bool *queued;
	bool shown;
	int precise; /* enum vsp_live_precision */
} solver;

static effect insn_effect(const solver *s, const vsp_insn *insn)
{
	const vsp_module_data *m = s->cfg->module;
	unsigned effects = vsp_insn_info(insn)->effects;
	effect e;
	vsp_insn_effects(m, &m->funcs[s->cfg->func], insn, &e.reads, &e.writes);
	if (s->shown && insn->form == VSP_I_RET)
		e.reads = VSP_LIVE_ALL;
	if (s->precise == VSP_LIVE_READERS && !(effects & VSP_FX_BRANCH))
		e.reads &= ~VSP_LIVE_ZNO;
	if (s->precise >= VSP_LIVE_TRAPS && effects & VSP_FX_TRAP)
		e.reads |= VSP_LIVE_ZNO;
	e.pure = s->precise == VSP_LIVE_NEEDED && e.writes &&
	         !(effects & ~(unsigned)(VSP_FX_SP_R | VSP_FX_INST_R | VSP_FX_FUNCTION | VSP_FX_FLOAT));
	return e;
}

static void note_effects(solver *s)
{
	for (uint32_t i = 0; i < s->cfg->insn_count; i++)
		s->effects[i] = insn_effect(s, &s->cfg->insns[i]);
	for (uint32_t b = 0; b < s->cfg->block_count; b++)
		if (s->cfg->blocks[b].ends_in_ret)
			s->rets[s->ret_count++] = b;
}

/* Counting sort of the edges by their target. */
static void invert_edges(solver *s)
{
	const vsp_cfg *cfg = s->cfg;
	for (uint32_t e = 0; e < cfg->succ_count; e++)
		s->pred_first[cfg->succs[e] + 1]++;
	for (uint32_t b = 0; b < cfg->block_count; b++)
		s->pred_first[b + 1] += s->pred_first[b];
	for (uint32_t b = cfg->block_count; b-- > 0;)
		for (uint32_t i = 0; i < cfg->blocks[b].succ_count; i++) {
			uint32_t target = cfg->succs[cfg->blocks[b].succ_first + i];
			s->preds[--s->pred_first[target + 1]] = b;
		}
	/* Each entry is now one place too far up: it holds the first edge of the block before. */
	for (uint32_t b = 0; b < cfg->block_count; b++)
		s->pred_first[b] = s->pred_first[b + 1];
	s->pred_first[cfg->block_count] = cfg->succ_count;
}

static void enqueue(solver *s, uint32_t block)
{
	if (s->queued[block])
		return;
	s->queued[block] = true;
	s->todo[(s->todo_first + s->todo_count++) % s->cfg->block_count] = block;
}

static uint32_t dequeue(solver *s)
{
	uint32_t block = s->todo[s->todo_first];
	s->todo_first = (s->todo_first + 1) % s->cfg->block_count;
	s->todo_count--;
	s->queued[block] = false;
	return block;
}

/* The in set of a block has grown: puts its predecessors on the worklist. */
static void announce(solver *s, uint32_t block)
{
	uint32_t in = s->live->block_in[block];
	for (uint32_t i = s->pred_first[block]; i < s->pred_first[block + 1]; i++)
		if (in & ~s->live->block_out[s->preds[i]]) {
			s->live->block_out[s->preds[i]] |= in;
			enqueue(s, s->preds[i]);
		}
	if (!s->cfg->blocks[block].call_return || !(in & ~s->behind_calls))
		return;
	s->behind_calls |= in;
	for (uint32_t i = 0; i < s->ret_count; i++) {
		s->live->block_out[s->rets[i]] |= in;
		enqueue(s, s->rets[i]);
	}
}

static bool is_needless(const effect *e, uint32_t out) { return e->pure && !(e->writes & out); }

/* The slots live at the start of a block, computed from those live at its end. */
static uint32_t flow(solver *s, uint32_t block)
{
	const vsp_block *b = &s->cfg->blocks[block];
	uint32_t live = s->live->block_out[block];
	for (uint32_t i = b->first + b->count; i-- > b->first;) {
		const effect *e = &s->effects[i];
		s->live->insn_out[i] = live;
		if (!is_needless(e, live))
			live = e->reads | (live & ~e->writes);
	}
	return s->precise >= VSP_LIVE_BLOCKS ? live | VSP_LIVE_ZNO : live;
}

static void visit(solver *s, uint32_t block)
{
	uint32_t in = flow(s, block);
	if (in == s->live->block_in[block])
		return;
	s->live->block_in[block] = in;
	announce(s, block);
}

static void solve(solver *s)
{
	for (uint32_t b = s->cfg->block_count; b-- > 0;)
		enqueue(s, b);
	while (s->todo_count)
		visit(s, dequeue(s));
}

static void sum_up(const solver *s)
{
	for (uint32_t i = 0; i < s->cfg->insn_count; i++) {
		const effect *e = &s->effects[i];
		s->live->needless[i] = is_needless(e, s->live->insn_out[i]);
		if (s->live->needless[i])
			continue;
		s->live->written |= e->writes;
		if (!(s->shown && s->cfg->insns[i].form == VSP_I_RET))
			s->live->read |= e->reads;
	}
}

static bool solver_alloc(solver *s)
{
	size_t n = s->cfg->block_count;
	s->effects = vsp_alloc(s->cfg->insn_count, sizeof *s->effects);
	s->pred_first = vsp_alloc(n + 1, sizeof *s->pred_first);
	s->preds = vsp_alloc(s->cfg->succ_count, sizeof *s->preds);
	s->rets = vsp_alloc(n, sizeof *s->rets);
	s->todo = vsp_alloc(n, sizeof *s->todo);
	s->queued = vsp_alloc(n, sizeof *s->queued);
	return s->effects && s->pred_first && s->preds && s->rets && s->todo && s->queued;
}

static void solver_free(solver *s)
{
	vsp_free_memory(s->effects);
	vsp_free_memory(s->pred_first);
	vsp_free_memory(s->preds);
	vsp_free_memory(s->rets);
	vsp_free_memory(s->todo);
	vsp_free_memory(s->queued);
}

bool vsp_live_build(vsp_live *live, const vsp_cfg *cfg, bool shown, int precise, vsp_arena *arena)
{
	live->block_in = vsp_arena_array(arena, cfg->block_count, sizeof *live->block_in);
	live->block_out = vsp_arena_array(arena, cfg->block_count, sizeof *live->block_out);
	live->insn_out = vsp_arena_array(arena, cfg->insn_count, sizeof *live->insn_out);
	live->needless = vsp_arena_array(arena, cfg->insn_count, sizeof *live->needless);
	live->read = live->written = 0;
	if (!live->block_in || !live->block_out || !live->insn_out || !live->needless)
		return false;
	solver s = {.cfg = cfg, .live = live, .shown = shown, .precise = precise};
	bool ok = solver_alloc(&s);
	if (ok) {
		note_effects(&s);
		invert_edges(&s);
		solve(&s);
		sum_up(&s);
	}
	solver_free(&s);
	return ok;
}
