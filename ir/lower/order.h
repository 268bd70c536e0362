/*
 * The order in which a function's nodes are lowered, and the knowledge about edges between them
 * that is gained on the way. Private to ir/lower.
 */
#ifndef VSP_LOWER_ORDER_H
#define VSP_LOWER_ORDER_H

#include "context.h"

enum { VSP_PRED_NONE = 0xFFFFFFFF, VSP_PRED_MANY = 0xFFFFFFFE };

/*
 * The order of lowering; per node, its predecessor if there is only one, and the facts about the
 * values that reach it.
 */
typedef struct vsp_order {
	uint32_t *nodes;
	uint32_t count;
	uint32_t *pred; /* VSP_PRED_NONE, or VSP_PRED_MANY, or a node */
	struct vsp_merge {
		uint32_t waiting; /* number of edges into it that have not been lowered yet */
		uint32_t one;     /* the predecessor that was lowered first */
		uint32_t differ;  /* slots that differ between the predecessors lowered so far */
	} *merges;
} vsp_order;

uint32_t vsp_lower_successor_count(const vsp_fn *f, uint32_t node);
uint32_t vsp_lower_successor(const vsp_fn *f, uint32_t node, uint32_t n);
/*
 * Sets the reverse postorder of the nodes that are reached from start, in the function's arena.
 * False: out of memory.
 */
bool vsp_lower_order(vsp_fn *f, uint32_t start, vsp_order *o);
/*
 * Does a node have only one predecessor, which ends in nothing but a jump to it (vsp_lower_jump)?
 * In this order that predecessor comes just before the node.
 */
bool vsp_lower_follows(const vsp_fn *f, const vsp_order *o, uint32_t node);
/* Records the slots at the end of from for the edge to to. */
void vsp_lower_add_edge(vsp_fn *f, vsp_order *o, uint32_t from, uint32_t to);

#endif
