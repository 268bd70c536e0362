/* Registers in memory between blocks. */
#ifndef VSP_LOWER_HOMES_H
#define VSP_LOWER_HOMES_H

#include "context.h"

/* In a prologue: makes the homes. */
void vsp_lower_open_homes(vsp_fn *f);
/* Before a prologue: makes the home of rt, from which exit blocks take it, those that prologues lead to included. */
void vsp_lower_open_rt_home(vsp_fn *f);
/* rt where no piece is: in blocks that many have in common. */
LLVMValueRef vsp_lower_rt_again(vsp_fn *f);
/* At the start of a block where live is live, and of the return switch: loads what is read there. */
void vsp_lower_load_homes(vsp_fn *f, const vsp_block *b, uint32_t live);
void vsp_lower_load_no_homes(vsp_fn *f);
/* At the end of a node, whose edges are those from first_edge on: stores what has changed of live. */
void vsp_lower_store_homes(vsp_fn *f, uint32_t first_edge, uint32_t live);
/* Before instruction n of the block: begins a new piece, where the last one is long enough. */
void vsp_lower_cut(vsp_fn *f, const vsp_block *b, uint32_t n);

#endif
