/*
 * The counts of blocks, computed from the counts of branches. The counts of edges from conditional
 * branches and tables are known. If the only successor of a block is another block, its count flows
 * on to that block as soon as it is complete.
 */
#include "profile.h"

#include "runtime/base/alloc.h"

typedef struct flow {
	const vsp_func_profile *f;
	const vsp_cfg *cfg;
	uint64_t *blocks;
	uint32_t *pending; /* per block: number of edges into it whose counts are not complete */
	uint32_t *ready;   /* a stack of blocks without such edges */
	uint32_t ready_count;
} flow;

static const vsp_insn *last_insn(const vsp_cfg *cfg, const vsp_block *b)
{
	return &cfg->insns[b->first + b->count - 1];
}

static const vsp_profile_site *site_of(const flow *w, const vsp_block *b)
{
	const vsp_insn *last = last_insn(w->cfg, b);
	int kind = vsp_profile_kind_of(last);
	return kind == VSP_SITE_BRANCH || kind == VSP_SITE_TABLE ? vsp_profile_site_at(w->f, last->pc) : NULL;
}

static void add(uint64_t *to, uint64_t count) { *to = *to <= UINT64_MAX - count ? *to + count : UINT64_MAX; }

/*
 * The successors of a block are its targets in order and then the fall-through, and its counters
 * have the same order.
 */
static void add_site(flow *w, const vsp_block *b, const vsp_profile_site *site)
{
	uint64_t taken, not_taken;
	const uint32_t *to = &w->cfg->succs[b->succ_first];
	if (site->kind == VSP_SITE_BRANCH) {
		vsp_profile_branch(w->f, site, &taken, &not_taken);
		add(&w->blocks[to[0]], taken);
		add(&w->blocks[to[1]], not_taken);
		return;
	}
	for (uint32_t i = 0; i < site->count; i++)
		add(&w->blocks[to[i]], vsp_profile_get(w->f, site->first + i));
}

/*
 * Calls fn for each block that is executed after block i whenever i is: its only successor, and the
 * block to which its CALL returns.
 */
static void each_next(flow *w, uint32_t i, void (*fn)(flow *w, uint32_t from, uint32_t to))
{
	const vsp_block *b = &w->cfg->blocks[i];
	if (site_of(w, b))
		return;
	for (uint32_t n = 0; n < b->succ_count; n++)
		fn(w, i, w->cfg->succs[b->succ_first + n]);
	if (last_insn(w->cfg, b)->form == VSP_I_CALL)
		fn(w, i, i + 1);
}

static void expect(flow *w, uint32_t from, uint32_t to)
{
	(void)from;
	w->pending[to]++;
}

static void pass_on(flow *w, uint32_t from, uint32_t to)
{
	add(&w->blocks[to], w->blocks[from]);
	if (--w->pending[to] == 0)
		w->ready[w->ready_count++] = to;
}

static void solve(flow *w)
{
	const vsp_cfg *cfg = w->cfg;
	for (uint32_t i = 0; i < cfg->block_count; i++)
		each_next(w, i, expect);
	for (uint32_t i = 0; i < cfg->block_count; i++) {
		const vsp_profile_site *site = site_of(w, &cfg->blocks[i]);
		if (site)
			add_site(w, &cfg->blocks[i], site);
	}
	add(&w->blocks[0], vsp_profile_get(w->f, VSP_PROFILE_ENTRIES));
	for (uint32_t i = 0; i < cfg->block_count; i++)
		if (!w->pending[i])
			w->ready[w->ready_count++] = i;
	while (w->ready_count)
		each_next(w, w->ready[--w->ready_count], pass_on);
}

bool vsp_profile_blocks(const vsp_func_profile *f, const vsp_cfg *cfg, uint64_t *blocks)
{
	flow w = {.f = f, .cfg = cfg, .blocks = blocks};
	for (uint32_t i = 0; i < cfg->block_count; i++)
		blocks[i] = 0;
	w.pending = vsp_alloc(2 * (size_t)cfg->block_count, sizeof *w.pending);
	if (!w.pending)
		return false;
	w.ready = w.pending + cfg->block_count;
	solve(&w);
	vsp_free_memory(w.pending);
	return true;
}

bool vsp_profile_cold(const vsp_func_profile *f, const vsp_cfg *cfg, bool *cold)
{
	enum { MUCH = 64 };
	uint64_t most = 0, returns = 0;
	uint64_t *blocks = vsp_alloc(cfg->block_count, sizeof *blocks);
	bool done = blocks && vsp_profile_blocks(f, cfg, blocks);
	for (uint32_t i = 0; done && i < cfg->block_count; i++) {
		most = blocks[i] > most ? blocks[i] : most;
		returns |= cfg->blocks[i].ends_in_ret ? blocks[i] : 0;
	}
	for (uint32_t i = 0; done && i < cfg->block_count; i++)
		cold[i] = most >= MUCH && returns && !blocks[i];
	vsp_free_memory(blocks);
	return done;
}
