/*
 * A measure of how deeply loops nest in the graph that LLVM will see: the sum of the blocks of all
 * its loops. LLVM lists every block with every loop around it, so its memory, and the time of every
 * pass over loops, are at least that sum. Loops are natural loops, as in LLVM: an edge back to a
 * block that dominates the edge's source. Dominators are found by semidominators (Georgiadis,
 * "Linear-Time Algorithms for Dominators and Related Problems", 2005, SNCA), as LLVM finds them;
 * there is no recursion.
 *
 * All nodes are numbered in preorder; the start is 0. Steps are counted wherever they may be more
 * than linear, and are limited.
 */
#include "budget.h"
#include "order.h"

enum { NONE = UINT32_MAX };

typedef struct forest {
	const vsp_fn *f;
	vsp_arena arena; /* everything below is in it */
	uint32_t n;
	uint32_t *node, *number;      /* by number; by node, NONE: not reached */
	uint32_t *first, *preds;      /* predecessors of number i: preds[first[i]..first[i + 1]) */
	uint32_t *parent;             /* in the depth-first tree; later, compressed, in the forest of linked vertices */
	uint32_t *semi, *label, *dom; /* dom: the immediate dominator */
	uint32_t *stack, *mark;
	uint64_t steps, most_steps, members, limit;
} forest;

static bool has_room(forest *t)
{
	uint32_t nodes = node_count(t->f), edges = 0;
	for (uint32_t i = 0; i < node_count(t->f) - 1; i++)
		edges += vsp_lower_successor_count(t->f, i);
	uint32_t **arrays[] = {&t->node, &t->number, &t->parent, &t->semi, &t->label, &t->dom, &t->stack, &t->mark};
	for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++)
		if (!(*arrays[i] = vsp_arena_array(&t->arena, nodes, sizeof(uint32_t))))
			return false;
	t->first = vsp_arena_array(&t->arena, nodes + 2, sizeof *t->first);
	t->preds = vsp_arena_array(&t->arena, edges, sizeof *t->preds);
	return t->first && t->preds;
}

/* Numbers the nodes that are reached from start. mark counts the successors that were followed. */
static void number_nodes(forest *t, uint32_t start)
{
	uint32_t depth = 0;
	for (uint32_t i = 0; i < node_count(t->f); i++)
		t->number[i] = NONE;
	t->number[start] = 0;
	t->node[t->n++] = t->stack[depth++] = start;
	while (depth) {
		uint32_t node = t->stack[depth - 1];
		if (t->mark[node] == vsp_lower_successor_count(t->f, node)) {
			depth--;
			continue;
		}
		uint32_t to = vsp_lower_successor(t->f, node, t->mark[node]++);
		if (t->number[to] != NONE)
			continue;
		t->parent[t->n] = t->number[node];
		t->number[to] = t->n;
		t->node[t->n++] = t->stack[depth++] = to;
	}
}

/* Counting sort of the edges by their targets. */
static void invert_edges(forest *t)
{
	for (uint32_t i = 0; i < t->n; i++)
		for (uint32_t k = 0; k < vsp_lower_successor_count(t->f, t->node[i]); k++)
			t->first[t->number[vsp_lower_successor(t->f, t->node[i], k)] + 2]++;
	for (uint32_t i = 2; i < t->n + 2; i++)
		t->first[i] += t->first[i - 1];
	for (uint32_t i = 0; i < t->n; i++)
		for (uint32_t k = 0; k < vsp_lower_successor_count(t->f, t->node[i]); k++)
			t->preds[t->first[t->number[vsp_lower_successor(t->f, t->node[i], k)] + 1]++] = i;
}

/*
 * The vertex with the least semidominator on the path from v up to the last linked vertex;
 * compresses that path.
 */
static uint32_t evaluate(forest *t, uint32_t v, uint32_t linked)
{
	uint32_t depth = 0;
	if (t->parent[v] < linked)
		return t->label[v];
	for (; t->parent[v] >= linked; v = t->parent[v])
		t->stack[depth++] = v;
	uint32_t above = v, best = t->label[v];
	while (depth) {
		v = t->stack[--depth];
		t->parent[v] = t->parent[above];
		if (t->semi[best] < t->semi[t->label[v]])
			t->label[v] = t->label[above];
		else
			best = t->label[v];
		above = v;
	}
	return t->label[v];
}

static void find_dominators(forest *t)
{
	for (uint32_t w = 0; w < t->n; w++) {
		t->label[w] = t->semi[w] = w;
		t->dom[w] = t->parent[w];
	}
	for (uint32_t w = t->n; w-- > 1;) {
		t->semi[w] = t->parent[w];
		for (uint32_t e = t->first[w]; e < t->first[w + 1]; e++) {
			uint32_t semi = t->semi[evaluate(t, t->preds[e], w + 1)];
			t->semi[w] = semi < t->semi[w] ? semi : t->semi[w];
		}
	}
	for (uint32_t w = 1; w < t->n && t->steps < t->most_steps; w++)
		for (; t->dom[w] > t->semi[w]; t->steps++)
			t->dom[w] = t->dom[t->dom[w]];
}

static bool is_over(const forest *t) { return t->members > t->limit || t->steps > t->most_steps; }

static bool dominates(forest *t, uint32_t head, uint32_t v)
{
	for (; v > head; t->steps++)
		v = t->dom[v];
	return v == head;
}

/* Puts a block into the loop of head, unless it is in it already. */
static uint32_t enter(forest *t, uint32_t head, uint32_t v, uint32_t depth)
{
	if (v == head || t->mark[v] == head)
		return depth;
	t->mark[v] = head;
	t->members++;
	t->stack[depth] = v;
	return depth + 1;
}

static void count_loop(forest *t, uint32_t head)
{
	uint32_t depth = 0;
	bool loop = false;
	for (uint32_t e = t->first[head]; e < t->first[head + 1]; e++) {
		if (t->preds[e] < head || !dominates(t, head, t->preds[e]))
			continue;
		loop = true;
		depth = enter(t, head, t->preds[e], depth);
	}
	t->members += loop;
	while (depth && !is_over(t)) {
		uint32_t v = t->stack[--depth];
		for (uint32_t e = t->first[v]; e < t->first[v + 1]; e++, t->steps++)
			depth = enter(t, head, t->preds[e], depth);
	}
}

bool vsp_lower_nesting(const vsp_fn *f, uint32_t start, uint64_t limit, uint64_t *members)
{
	forest t = {.f = f, .arena = VSP_ARENA_INIT};
	bool done = has_room(&t);
	if (done) {
		number_nodes(&t, start);
		t.limit = limit;
		t.most_steps = 4 * limit + 64 * (uint64_t)t.n;
		invert_edges(&t);
		find_dominators(&t);
		for (uint32_t i = 0; i < t.n; i++)
			t.mark[i] = NONE;
		for (uint32_t i = 0; i < t.n && !is_over(&t); i++)
			count_loop(&t, i);
		*members = is_over(&t) ? UINT64_MAX : t.members;
	}
	vsp_arena_free(&t.arena);
	return done;
}
