/*
 * The search for the basic blocks and edges of one function. Facts about each code address (does a
 * block begin there, and why) are first collected in a byte per code byte; the blocks and their
 * edges are then read off in address order. Every step is linear in the code, except the search for
 * a target's block, which is logarithmic.
 */
#include "cfg.h"

#include "runtime/base/alloc.h"
#include "runtime/base/search.h"

enum { MARK_BLOCK = 1, MARK_TARGET = 2, MARK_LOOP = 4, MARK_CALL_TARGET = 8, MARK_CALL_RETURN = 16 };

/* The code is verified, so decoding cannot fail. */
static void decode(const vsp_cfg *cfg, uint32_t pc, vsp_insn *out)
{
	vsp_insn_decode(cfg->module->code, cfg->module->code_size, pc, out);
}

static bool decode_all(vsp_cfg *cfg, const vsp_func *f, vsp_arena *arena)
{
	vsp_insn insn;
	uint32_t end = f->start + f->size, n = 0;
	for (uint32_t pc = f->start; pc < end; pc += insn.length, n++)
		decode(cfg, pc, &insn);
	cfg->insn_count = n;
	cfg->insns = vsp_arena_array(arena, n, sizeof *cfg->insns);
	if (!cfg->insns)
		return false;
	for (uint32_t pc = f->start, i = 0; i < n; pc += cfg->insns[i].length, i++)
		decode(cfg, pc, &cfg->insns[i]);
	return true;
}

/*
 * Marks the starts of blocks that follow from one instruction. marks[0] is for the function's first
 * byte.
 */
static void mark_insn(const vsp_cfg *cfg, const vsp_func *f, const vsp_insn *insn, uint8_t *marks)
{
	unsigned effects = vsp_insn_info(insn)->effects;
	bool call = insn->form == VSP_I_CALL;
	uint32_t next = insn->pc + insn->length - f->start;
	if ((effects & VSP_FX_END) && next < f->size)
		marks[next] |= (uint8_t)(MARK_BLOCK | (call ? MARK_CALL_RETURN : 0));
	for (uint32_t i = 0, n = vsp_insn_target_count(insn); i < n; i++) {
		uint32_t target = (uint32_t)vsp_insn_target(cfg->module->code, insn, i);
		marks[target - f->start] |= (uint8_t)(MARK_BLOCK | MARK_TARGET | (target <= insn->pc ? MARK_LOOP : 0) |
		                                      (call ? MARK_CALL_TARGET : 0));
	}
}

static uint8_t *mark_all(vsp_cfg *cfg, const vsp_func *f)
{
	uint8_t *marks = vsp_alloc(f->size, 1);
	if (!marks)
		return NULL;
	marks[0] = MARK_BLOCK;
	for (uint32_t i = 0; i < cfg->insn_count; i++) {
		mark_insn(cfg, f, &cfg->insns[i], marks);
		cfg->has_calls |= cfg->insns[i].form == VSP_I_CALL;
		if (vsp_insn_slots(&cfg->insns[i]) > cfg->slots)
			cfg->slots = vsp_insn_slots(&cfg->insns[i]);
	}
	return marks;
}

static bool blocks_make(vsp_cfg *cfg, const vsp_func *f, const uint8_t *marks, vsp_arena *arena)
{
	for (uint32_t i = 0; i < f->size; i++)
		cfg->block_count += marks[i] & MARK_BLOCK;
	cfg->blocks = vsp_arena_array(arena, cfg->block_count, sizeof *cfg->blocks);
	if (!cfg->blocks)
		return false;
	vsp_block *b = cfg->blocks - 1;
	for (uint32_t i = 0; i < cfg->insn_count; i++) {
		const vsp_insn *insn = &cfg->insns[i];
		unsigned mark = marks[insn->pc - f->start];
		if (mark & MARK_BLOCK) {
			*++b = (vsp_block){.first = i,
			        .start = insn->pc,
			        .target = mark & MARK_TARGET,
			        .loop_head = mark & MARK_LOOP,
			        .call_target = mark & MARK_CALL_TARGET,
			        .call_return = mark & MARK_CALL_RETURN};
			cfg->loop_count += b->loop_head;
			cfg->return_count += b->call_return;
		}
		b->count++;
		b->end = insn->pc + insn->length;
		b->ends_in_ret = insn->form == VSP_I_RET;
	}
	return true;
}

uint32_t vsp_cfg_block_at(const vsp_cfg *cfg, uint32_t pc)
{
	return vsp_last_at_most(&cfg->blocks->start, sizeof *cfg->blocks, cfg->block_count, pc);
}

static const vsp_insn *last_insn(const vsp_cfg *cfg, const vsp_block *b)
{
	return &cfg->insns[b->first + b->count - 1];
}

static bool falls_through(const vsp_insn *last) { return !(vsp_insn_info(last)->effects & VSP_FX_NOFALL); }

static bool edges_make(vsp_cfg *cfg, vsp_arena *arena)
{
	size_t total = 0;
	for (uint32_t i = 0; i < cfg->block_count; i++) {
		const vsp_insn *last = last_insn(cfg, &cfg->blocks[i]);
		total += vsp_insn_target_count(last) + falls_through(last);
	}
	cfg->succs = vsp_arena_array(arena, total, sizeof *cfg->succs);
	cfg->returns = vsp_arena_array(arena, cfg->return_count, sizeof *cfg->returns);
	if (!cfg->succs || !cfg->returns)
		return false;
	uint32_t returns = 0;
	for (uint32_t i = 0; i < cfg->block_count; i++) {
		vsp_block *b = &cfg->blocks[i];
		const vsp_insn *last = last_insn(cfg, b);
		b->succ_first = cfg->succ_count;
		for (uint32_t t = 0, n = vsp_insn_target_count(last); t < n; t++)
			cfg->succs[cfg->succ_count++] =
			        vsp_cfg_block_at(cfg, (uint32_t)vsp_insn_target(cfg->module->code, last, t));
		if (falls_through(last))
			cfg->succs[cfg->succ_count++] = i + 1;
		b->succ_count = cfg->succ_count - b->succ_first;
		if (b->call_return)
			cfg->returns[returns++] = i;
	}
	return true;
}

/*
 * A depth-first walk. list holds the blocks to visit from the bottom, and from the top the blocks
 * behind visited CALLs, which wait until a RET is reached; no block is in it twice.
 */
typedef struct walk {
	vsp_cfg *cfg;
	uint32_t *list;
	uint32_t todo, waiting;
	bool ret_reached;
} walk;

static void walk_push(walk *w, uint32_t block)
{
	if (w->cfg->blocks[block].reachable)
		return;
	w->cfg->blocks[block].reachable = true;
	w->list[w->todo++] = block;
}

static void walk_visit(walk *w, uint32_t block)
{
	const vsp_block *b = &w->cfg->blocks[block];
	for (uint32_t i = 0; i < b->succ_count; i++)
		walk_push(w, w->cfg->succs[b->succ_first + i]);
	if (b->ends_in_ret)
		w->ret_reached = true;
	if (last_insn(w->cfg, b)->form == VSP_I_CALL)
		w->list[2 * w->cfg->block_count - ++w->waiting] = block + 1;
	while (w->ret_reached && w->waiting)
		walk_push(w, w->list[2 * w->cfg->block_count - w->waiting--]);
}

static bool mark_reachable(vsp_cfg *cfg)
{
	walk w = {.cfg = cfg, .list = vsp_alloc(2 * (size_t)cfg->block_count, sizeof *w.list)};
	if (!w.list)
		return false;
	walk_push(&w, 0);
	while (w.todo)
		walk_visit(&w, w.list[--w.todo]);
	vsp_free_memory(w.list);
	return true;
}

bool vsp_cfg_build(vsp_cfg *cfg, const vsp_module_data *m, uint32_t func, vsp_arena *arena)
{
	const vsp_func *f = &m->funcs[func];
	*cfg = (vsp_cfg){.module = m, .func = func};
	if (!decode_all(cfg, f, arena))
		return false;
	uint8_t *marks = mark_all(cfg, f);
	bool ok = marks && blocks_make(cfg, f, marks, arena) && edges_make(cfg, arena) && mark_reachable(cfg);
	vsp_free_memory(marks);
	return ok;
}
