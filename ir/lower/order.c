/*
 * The order of lowering, see order.h: nodes are the blocks of the control flow graph, the return
 * switch and the entry (context.h).
 */
#include "order.h"

uint32_t vsp_lower_successor_count(const vsp_fn *f, uint32_t node)
{
	if (node == node_switch(f))
		return f->cfg.return_count;
	const vsp_block *b = &f->cfg.blocks[node];
	return b->succ_count + (b->ends_in_ret && f->cfg.has_calls);
}

uint32_t vsp_lower_successor(const vsp_fn *f, uint32_t node, uint32_t n)
{
	if (node == node_switch(f))
		return f->cfg.returns[n];
	const vsp_block *b = &f->cfg.blocks[node];
	return n < b->succ_count ? f->cfg.succs[b->succ_first + n] : node_switch(f);
}

static void note_pred(vsp_order *o, uint32_t from, uint32_t to)
{
	o->merges[to].waiting++;
	if (o->pred[to] == VSP_PRED_NONE)
		o->pred[to] = from;
	else if (o->pred[to] != from)
		o->pred[to] = VSP_PRED_MANY;
}

/*
 * Depth-first from start with an explicit stack; nodes are numbered from the back as they are left.
 */
bool vsp_lower_order(vsp_fn *f, uint32_t start, vsp_order *o)
{
	uint32_t n = node_count(f), depth = 0, at = n;
	uint32_t *stack = vsp_arena_array(f->arena, n, sizeof *stack),
	         *next = vsp_arena_array(f->arena, n, sizeof *next);
	o->nodes = vsp_arena_array(f->arena, n, sizeof *o->nodes);
	o->pred = vsp_arena_array(f->arena, n, sizeof *o->pred);
	o->merges = vsp_arena_array(f->arena, n, sizeof *o->merges);
	if (!stack || !next || !o->nodes || !o->pred || !o->merges)
		return false;
	for (uint32_t i = 0; i < n; i++)
		o->pred[i] = o->merges[i].one = VSP_PRED_NONE;
	note_pred(o, node_entry(f), start);
	stack[depth++] = start;
	while (depth) {
		uint32_t node = stack[depth - 1];
		if (next[node] == vsp_lower_successor_count(f, node)) {
			o->nodes[--at] = node;
			depth--;
			continue;
		}
		uint32_t to = vsp_lower_successor(f, node, next[node]++);
		bool seen = o->pred[to] != VSP_PRED_NONE;
		note_pred(o, node, to);
		if (!seen)
			stack[depth++] = to;
	}
	o->count = n - at;
	o->nodes += at;
	return true;
}

/* Does a node end in nothing but a jump (vsp_lower_jump)? */
static bool only_jumps(const vsp_fn *f, uint32_t node)
{
	if (node == node_entry(f))
		return true;
	if (node == node_switch(f) || vsp_lower_successor_count(f, node) != 1)
		return false;
	const vsp_block *b = &f->cfg.blocks[node];
	const vsp_insn *last = &f->cfg.insns[b->first + b->count - 1];
	return last->form == VSP_I_JMP || last->form == VSP_I_CALL ||
	       !(vsp_insn_info(last)->effects & (VSP_FX_BRANCH | VSP_FX_NOFALL));
}

bool vsp_lower_follows(const vsp_fn *f, const vsp_order *o, uint32_t node)
{
	return o->pred[node] != VSP_PRED_MANY && only_jumps(f, o->pred[node]);
}

void vsp_lower_add_edge(vsp_fn *f, vsp_order *o, uint32_t from, uint32_t to)
{
	struct vsp_merge *merge = &o->merges[to];
	merge->waiting--;
	if (merge->one == VSP_PRED_NONE)
		merge->one = from;
	for (unsigned slot = 0; slot < SLOTS; slot++)
		if (f->final[from][slot] != f->final[merge->one][slot])
			merge->differ |= 1u << slot;
}
