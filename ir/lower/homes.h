/*
 * Registers that are kept in memory between blocks.
 */
#ifndef VSP_LOWER_HOMES_H
#define VSP_LOWER_HOMES_H

#include "context.h"

/* Creates the homes, in a prologue. */
void vsp_lower_open_homes(vsp_fn *f);
/*
 * Creates the home of rt, before a prologue. Exit blocks take rt from it, including those to which
 * prologues jump.
 */
void vsp_lower_open_rt_home(vsp_fn *f);
/* rt for blocks that belong to no piece because several share them. */
LLVMValueRef vsp_lower_rt_again(vsp_fn *f);
/*
 * At the start of a block, or of the return switch, where the slots of live are live: loads the
 * slots that are read there.
 */
void vsp_lower_load_homes(vsp_fn *f, const vsp_block *b, uint32_t live);
void vsp_lower_load_no_homes(vsp_fn *f);
/* At the end of a node, whose edges start at first_edge: stores the changed slots of live. */
void vsp_lower_store_homes(vsp_fn *f, uint32_t first_edge, uint32_t live);
/* Before instruction n of the block: begins a new piece if the current one is long enough. */
void vsp_lower_cut(vsp_fn *f, const vsp_block *b, uint32_t n);

#endif
