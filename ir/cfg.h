/*
 * Control flow of one function: basic blocks and loop heads, for liveness, fuel charging, tier 0's decoder and the lowering. A
 * block begins at the function's start, at every target, and behind every instruction with VSP_FX_END (which is exactly
 * the fuel block of the contract). Works on verified modules only; one linear pass, memory in the caller's arena.
 */
#ifndef VSP_IR_CFG_H
#define VSP_IR_CFG_H

#include "module.h"

typedef struct vsp_block {
	uint32_t first, count; /* instructions: indices into vsp_cfg.insns */
	uint32_t start, end;   /* code addresses, end exclusive */
	uint32_t succ_first,
	        succ_count; /* into vsp_cfg.succs: the taken targets, then the fall-through where there is one;
	                                    none for HLT, TRAP and RET (see vsp_cfg.returns) */
	bool target;        /* some branch, CALL or BRTAB names it */
	bool loop_head;     /* target of a branch from the same or a later address */
	bool call_target;   /* target of a CALL */
	bool call_return;   /* behind a CALL: where RETs may land */
	bool ends_in_ret;   /* its other successors are all of vsp_cfg.returns */
	bool reachable;     /* from the function's start */
} vsp_block;

typedef struct vsp_cfg {
	const vsp_module_data *module;
	uint32_t func;
	vsp_insn *insns; /* in address order */
	uint32_t insn_count;
	vsp_block *blocks; /* in address order */
	uint32_t block_count;
	uint32_t *succs; /* block indices */
	uint32_t succ_count;
	/* The call_return blocks, in address order: where every RET of the function may land, beside ending the activation. Kept once,
	   not as edges of every RET, which would be quadratic. */
	uint32_t *returns;
	uint32_t return_count;
	uint32_t loop_count; /* loop heads */
	bool has_calls;      /* CALL occurs: RET may be local */
} vsp_cfg;

/* Of function func of a verified module. False: out of memory. */
bool vsp_cfg_build(vsp_cfg *cfg, const vsp_module_data *m, uint32_t func, vsp_arena *arena);
/* Block that starts at code address pc, which must be a block start of the function. */
uint32_t vsp_cfg_block_at(const vsp_cfg *cfg, uint32_t pc);

#endif
