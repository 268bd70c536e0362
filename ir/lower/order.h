/*
 * The order in which a function's nodes are lowered, and what that knows of the ways between them. Private to ir/lower.
 */
#ifndef VSP_LOWER_ORDER_H
#define VSP_LOWER_ORDER_H

#include "context.h"

enum { VSP_PRED_NONE = 0xFFFFFFFF, VSP_PRED_MANY = 0xFFFFFFFE };

/* The order of lowering, and per node: its predecessor when it is the only one, and what is known of the values that come to it. */
typedef struct vsp_order {
	uint32_t *nodes;
	uint32_t count;
	uint32_t *pred; /* VSP_PRED_NONE, or VSP_PRED_MANY, or a node */
	struct vsp_merge {
		uint32_t waiting; /* ways into it that have not been lowered yet */
		uint32_t one;     /* the predecessor lowered first */
		uint32_t differ;  /* slots that are not the same behind all predecessors lowered */
	} *merges;
} vsp_order;

uint32_t vsp_lower_successor_count(const vsp_fn *f, uint32_t node);
uint32_t vsp_lower_successor(const vsp_fn *f, uint32_t node, uint32_t n);
/* Reverse postorder of the nodes that are reached from start. In the function's arena. False: out of memory. */
bool vsp_lower_order(vsp_fn *f, uint32_t start, vsp_order *o);
/* Is a node's only predecessor one that ends in nothing but a jump to it (vsp_lower_jump)? That is the one just before, in this order. */
bool vsp_lower_follows(const vsp_fn *f, const vsp_order *o, uint32_t node);
/* Notes the slots at the end of from, which goes to to. */
void vsp_lower_add_edge(vsp_fn *f, vsp_order *o, uint32_t from, uint32_t to);

#endif
