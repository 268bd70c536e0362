/*
 * The control flow graph of one function, with its basic blocks and loop heads, for liveness, fuel
 * charging, tier 0's decoder and the lowering. A block begins at the function's start, at every
 * target, and behind every instruction with VSP_FX_END; these are exactly the fuel blocks of the
 * contract. It works only on verified modules, in one linear pass, with memory from the caller's
 * arena.
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
	bool target;        /* some branch, CALL or BRTAB has it as a target */
	bool loop_head;     /* target of a branch from the same or a later address */
	bool call_target;   /* target of a CALL */
	bool call_return;   /* behind a CALL: a RET may continue here */
	bool ends_in_ret;   /* its other successors are all blocks in vsp_cfg.returns */
	bool reachable;     /* reachable from the function's start */
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
	/*
	 * The call_return blocks, in address order: every RET of the function may continue at any
	 * of them, if it does not end the activation. They are stored once and not as edges of
	 * every RET, which would be quadratic.
	 */
	uint32_t *returns;
	uint32_t return_count;
	uint32_t loop_count; /* loop heads */
	uint32_t slots;      /* local slots: 1 + the greatest number in the function, or 0 */
	bool has_calls;      /* the function has CALLs, so RET may be local */
} vsp_cfg;

/* Builds the graph of function func of a verified module. False: out of memory. */
bool vsp_cfg_build(vsp_cfg *cfg, const vsp_module_data *m, uint32_t func, vsp_arena *arena);
/* The block that starts at code address pc, which must be the start of a block of the function. */
uint32_t vsp_cfg_block_at(const vsp_cfg *cfg, uint32_t pc);

#endif
