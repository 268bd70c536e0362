/* Jumps between the nodes of a function. */
#ifndef VSP_LOWER_CONTROL_H
#define VSP_LOWER_CONTROL_H

#include "context.h"

/*
 * Goes to a node at the end of another, by a jump that ends the LLVM block or by continuing in it.
 */
void vsp_lower_jump(vsp_fn *f, uint32_t node);
/* The node of the block at pc. */
uint32_t vsp_lower_node_at(const vsp_fn *f, uint32_t pc);
/*
 * Records an edge from the LLVM block that the builder is in to node; to be called once for each
 * edge. Returns the start of the node's code.
 */
LLVMBasicBlockRef vsp_lower_edge(vsp_fn *f, uint32_t node);
/* The body of the return switch. */
void vsp_lower_return_switch(vsp_fn *f);

#endif
