/*
 * The search for the loops of an LLVM function, see block_loops.h. It is one depth-first walk
 * without recursion, which passes the headers of loops along the path (Wei, Mao, Zou and Chen, "A
 * New Algorithm for Identifying Loops in Decompilation", 2007). If a region can be entered at
 * several blocks, its header is the one that the walk reaches first. The time is linear in the
 * number of edges times the depth of the loops, which the budget of lowering bounds
 * (ir/lower/budget.h).
 */
#include "block_loops.h"

#include "runtime/base/alloc.h"

enum { MOST_DEPTH = 32 };

/* The state of a walk. on_path: the position on the path, from 1 at its start; 0: not on it. */
typedef struct walk {
	vsp_block_loops *loops;
	uint32_t *path, *on_path, *followed, depth;
	bool *seen;
} walk;

/* ---- numbers ---- */

static uint32_t hash(const vsp_block_loops *l, LLVMBasicBlockRef b)
{
	return (uint32_t)(((uintptr_t)b >> 4) * UINT64_C(0x9E3779B97F4A7C15) >> 32) & l->mask; /* Fibonacci hashing */
}

static uint32_t number_of(const vsp_block_loops *l, LLVMBasicBlockRef b)
{
	uint32_t h = hash(l, b);
	while (l->blocks[l->table[h]] != b)
		h = (h + 1) & l->mask;
	return l->table[h];
}

static void number_blocks(vsp_block_loops *l)
{
	for (uint32_t h = 0; h <= l->mask; h++)
		l->table[h] = VSP_NO_BLOCK;
	for (uint32_t i = 0; i < l->count; i++) {
		uint32_t h = hash(l, l->blocks[i]);
		while (l->table[h] != VSP_NO_BLOCK)
			h = (h + 1) & l->mask;
		l->table[h] = i;
		l->around[i] = VSP_NO_BLOCK;
	}
}

/* ---- the walk ---- */

/*
 * Records that a loop with this header contains block b: inserts the header at its place among the
 * headers that are known.
 */
static void put_around(walk *w, uint32_t b, uint32_t header)
{
	uint32_t *around = w->loops->around;
	if (header == VSP_NO_BLOCK)
		return;
	while (b != header) {
		uint32_t known = around[b];
		if (known == header)
			return;
		if (known == VSP_NO_BLOCK) {
			around[b] = header;
			return;
		}
		if (w->on_path[known] < w->on_path[header]) { /* the new loop is further in */
			around[b] = header;
			b = header;
			header = known;
		} else {
			b = known;
		}
	}
}

/*
 * The innermost loop around a visited block whose header is on the path; loops whose headers are
 * not on it have been left.
 */
static uint32_t open_loop(const walk *w, uint32_t b)
{
	uint32_t header = w->loops->around[b];
	while (header != VSP_NO_BLOCK && !w->on_path[header])
		header = w->loops->around[header];
	return header;
}

static void step_into(walk *w, uint32_t b)
{
	w->seen[b] = true;
	w->path[w->depth++] = b;
	w->on_path[b] = w->depth;
}

static void step_back(walk *w)
{
	uint32_t b = w->path[--w->depth];
	w->on_path[b] = 0;
	if (w->depth)
		put_around(w, w->path[w->depth - 1], open_loop(w, b));
}

static void follow(walk *w, uint32_t from, uint32_t to)
{
	if (!w->seen[to]) {
		step_into(w, to);
	} else if (w->on_path[to]) {
		w->loops->is_header[to] = true;
		put_around(w, from, to);
	} else {
		put_around(w, from, open_loop(w, to));
	}
}

static void walk_all(walk *w)
{
	step_into(w, 0);
	while (w->depth) {
		uint32_t b = w->path[w->depth - 1];
		LLVMValueRef end = LLVMGetBasicBlockTerminator(w->loops->blocks[b]);
		if (w->followed[b] == LLVMGetNumSuccessors(end))
			step_back(w);
		else
			follow(w, b, number_of(w->loops, LLVMGetSuccessor(end, w->followed[b]++)));
	}
}

/* ---- the whole ---- */

bool vsp_block_loops_find(vsp_block_loops *l, LLVMValueRef function)
{
	uint32_t n = LLVMCountBasicBlocks(function), room = 16;
	while (room < 2 * (uint64_t)n)
		room *= 2;
	*l = (vsp_block_loops){.count = n, .mask = room - 1};
	l->blocks = vsp_alloc(n + 1, sizeof *l->blocks);
	l->table = vsp_alloc(room, sizeof *l->table);
	l->around = vsp_alloc(n + 1, sizeof *l->around);
	l->is_header = vsp_alloc(n + 1, sizeof *l->is_header);
	uint32_t *stacks = vsp_alloc(3 * (size_t)n + 1, sizeof *stacks);
	walk w = {.loops = l, .path = stacks, .seen = vsp_alloc(n + 1, sizeof *w.seen)};
	bool ok = l->blocks && l->table && l->around && l->is_header && stacks && w.seen;
	if (ok && n) {
		w.on_path = stacks + n;
		w.followed = stacks + 2 * (size_t)n;
		LLVMGetBasicBlocks(function, l->blocks);
		number_blocks(l);
		walk_all(&w);
	}
	vsp_free_memory(stacks);
	vsp_free_memory(w.seen);
	if (!ok)
		vsp_block_loops_free(l);
	return ok;
}

void vsp_block_loops_free(vsp_block_loops *l)
{
	vsp_free_memory(l->blocks);
	vsp_free_memory(l->table);
	vsp_free_memory(l->around);
	vsp_free_memory(l->is_header);
	*l = (vsp_block_loops){0};
}

LLVMBasicBlockRef vsp_block_loop(const vsp_block_loops *l, LLVMBasicBlockRef b)
{
	uint32_t i = number_of(l, b), header = l->is_header[i] ? i : l->around[i];
	return header == VSP_NO_BLOCK ? NULL : l->blocks[header];
}

bool vsp_block_in_loop(const vsp_block_loops *l, LLVMBasicBlockRef b, LLVMBasicBlockRef header)
{
	uint32_t i = number_of(l, b), depth = 0;
	for (; i != VSP_NO_BLOCK && depth < MOST_DEPTH; depth++, i = l->around[i])
		if (l->blocks[i] == header)
			return true;
	return false;
}
