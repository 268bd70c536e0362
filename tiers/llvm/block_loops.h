/*
 * The loops of an LLVM function, found from its blocks alone: for each block the header of the
 * innermost loop around it. LLVM's C interface has no such analysis.
 */
#ifndef VSP_LLVM_BLOCK_LOOPS_H
#define VSP_LLVM_BLOCK_LOOPS_H

#include <llvm-c/Core.h>
#include <stdbool.h>
#include <stdint.h>

enum { VSP_NO_BLOCK = UINT32_MAX };

typedef struct vsp_block_loops {
	uint32_t count;            /* number of blocks, which are numbered in the function's order */
	LLVMBasicBlockRef *blocks; /* indexed by number */
	uint32_t *table, mask;     /* block numbers by the hash of the block */
	uint32_t *
	        around; /* by number: the header of the innermost loop, for a header of the next one; or VSP_NO_BLOCK */
	bool *is_header; /* by number */
} vsp_block_loops;

/* False: no memory; there is nothing to free. */
bool vsp_block_loops_find(vsp_block_loops *loops, LLVMValueRef function);
void vsp_block_loops_free(vsp_block_loops *loops);

/* The header of the innermost loop that contains b; null: b is in no loop. */
LLVMBasicBlockRef vsp_block_loop(const vsp_block_loops *loops, LLVMBasicBlockRef b);
/*
 * Is b in the loop with that header? Also false for blocks that lie more than 32 loops further in.
 */
bool vsp_block_in_loop(const vsp_block_loops *loops, LLVMBasicBlockRef b, LLVMBasicBlockRef header);

#endif
