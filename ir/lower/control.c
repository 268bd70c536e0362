/*
 * The lowering of jumps, and of CALL and RET within a function. A CALL pushes the address behind it
 * on the instance's stack of pending CALLs and jumps. All RETs of a function share one switch on
 * that address, so LLVM sees plain branches and can thread a subroutine to its caller.
 */
#include "control.h"
#include "calls.h"
#include "exits.h"
#include "fields.h"
#include "profile.h"
#include "spill.h"

#include "runtime/base/alloc.h"
#include "runtime/base/grow.h"

uint32_t vsp_lower_node_at(const vsp_fn *f, uint32_t pc) { return vsp_cfg_block_at(&f->cfg, pc); }

LLVMBasicBlockRef vsp_lower_edge(vsp_fn *f, uint32_t node)
{
	vsp_edge *edges = vsp_grow(f->edges, f->edge_count, &f->edge_capacity, sizeof *edges, 64);
	if (!edges) {
		f->failed = true;
		return f->block[node];
	}
	f->edges = edges;
	f->edges[f->edge_count++] = (vsp_edge){LLVMGetInsertBlock(f->b), f->node, node};
	return f->block[node];
}

void vsp_lower_jump(vsp_fn *f, uint32_t node)
{
	if (f->block[node])
		LLVMBuildBr(f->b, vsp_lower_edge(f, node));
	else
		f->block[node] = LLVMGetInsertBlock(f->b);
}

/* Jumps to the instruction's target if condition holds, otherwise falls through. */
static void branch_if(vsp_fn *f, const vsp_insn *i, LLVMValueRef condition)
{
	vsp_lower_tally_branch(f, i, condition);
	LLVMBasicBlockRef taken = vsp_lower_edge(f, vsp_lower_node_at(f, (uint32_t)i->imm));
	LLVMBasicBlockRef next = vsp_lower_edge(f, vsp_lower_node_at(f, i->pc + i->length));
	vsp_lower_weigh_branch(f, i, LLVMBuildCondBr(f->b, condition, taken, next));
}

static void compare_branch(vsp_fn *f, const vsp_insn *i, LLVMIntPredicate p)
{
	branch_if(f, i, icmp(f, p, reg(f, i->a), reg(f, i->b)));
}
HANDLER(BEQ) { compare_branch(f, i, LLVMIntEQ); }
HANDLER(BNE) { compare_branch(f, i, LLVMIntNE); }
HANDLER(BLT) { compare_branch(f, i, LLVMIntSLT); }
HANDLER(BGE) { compare_branch(f, i, LLVMIntSGE); }
HANDLER(BLTU) { compare_branch(f, i, LLVMIntULT); }
HANDLER(BGEU) { compare_branch(f, i, LLVMIntUGE); }
HANDLER(BZ) { branch_if(f, i, icmp(f, LLVMIntEQ, reg(f, i->a), const_i64(f, 0))); }
HANDLER(BNZ) { branch_if(f, i, icmp(f, LLVMIntNE, reg(f, i->a), const_i64(f, 0))); }

static void branch_if_clear(vsp_fn *f, const vsp_insn *i, unsigned slot)
{
	branch_if(f, i, LLVMBuildNot(f->b, slot_get(f, slot), ""));
}
HANDLER(JZ) { branch_if(f, i, slot_get(f, SLOT_Z)); }
HANDLER(JN) { branch_if(f, i, slot_get(f, SLOT_N)); }
HANDLER(JO) { branch_if(f, i, slot_get(f, SLOT_O)); }
HANDLER(JNZ) { branch_if_clear(f, i, SLOT_Z); }
HANDLER(JNN) { branch_if_clear(f, i, SLOT_N); }
HANDLER(JNO) { branch_if_clear(f, i, SLOT_O); }

HANDLER(JC)
{
	LLVMValueRef collapse = STATE_FIELD(f, i8, collapse);
	branch_if(f, i, icmp(f, LLVMIntNE, collapse, zero_of(collapse)));
}

HANDLER(LOOP)
{
	LLVMValueRef left = LLVMBuildSub(f->b, reg(f, 12), const_i64(f, 1), "");
	set_reg(f, 12, left);
	branch_if(f, i, icmp(f, LLVMIntNE, left, const_i64(f, 0)));
}

HANDLER(JMP) { vsp_lower_jump(f, vsp_lower_node_at(f, (uint32_t)i->imm)); }

HANDLER(BRTAB)
{
	uint32_t count = (uint32_t)i->imm;
	vsp_lower_tally_table(f, i);
	LLVMBasicBlockRef none = vsp_lower_edge(f, vsp_lower_node_at(f, i->pc + i->length));
	LLVMValueRef choice = LLVMBuildSwitch(f->b, reg(f, i->a), none, count);
	for (uint32_t n = 0; n < count; n++) {
		uint32_t target = vsp_insn_table_target(f->lower->data->code, i, n);
		LLVMAddCase(choice, const_i64(f, n), vsp_lower_edge(f, vsp_lower_node_at(f, target)));
	}
	vsp_lower_weigh_table(f, i, choice);
}

HANDLER(NOP)
{
	(void)f;
	(void)i;
}

/* ---- CALL and RET ---- */

/* The address at which the return address of pending CALL number n is kept. */
static LLVMValueRef return_address_ptr(vsp_fn *f, LLVMValueRef n)
{
	LLVMValueRef stack = STATE_FIELD(f, ptr, call_stack);
	LLVMValueRef index = zext64(f, n);
	return LLVMBuildInBoundsGEP2(f->b, f->lower->i32, stack, &index, 1, "");
}

HANDLER(CALL)
{
	/* Loop heads are the targets of branches, and RET is none: a tree of CALLs can run long
	   without one. */
	vsp_lower_poll(f, i->pc);
	LLVMValueRef calls = STATE_FIELD(f, i32, calls);
	LLVMValueRef full = icmp(f, LLVMIntUGE, calls, const_i32(f, VSP_MAX_CALLS));
	vsp_lower_trap_if(f, full, VSP_TRAP_CALL_DEPTH, i->pc);
	LLVMValueRef address = const_i32(f, i->pc + i->length);
	vsp_lower_tag_state(f, LLVMBuildStore(f->b, address, return_address_ptr(f, calls)));
	LLVMValueRef more = LLVMBuildAdd(f->b, calls, const_i32(f, 1), "");
	vsp_lower_state_store(f, more, AT(f, calls));
	vsp_lower_jump(f, vsp_lower_node_at(f, (uint32_t)i->imm));
}

/* The end of the activation. */
static void return_out(vsp_fn *f, const vsp_insn *i)
{
	if (f->next) {
		LLVMBuildBr(f->b, f->next);
		return;
	}
	if (!f->entry) {
		vsp_lower_return_results(f);
		return;
	}
	if (f->shown) /* registers that are not written still have their values there */
		vsp_lower_show(f, f->regs, f->live.written);
	else
		vsp_lower_store_registers(f, f->regs, f->func->results);
	LLVMBuildRet(f->b, const_i32(f, i->pc));
}

HANDLER(RET)
{
	if (!f->cfg.has_calls) {
		return_out(f, i);
		return;
	}
	LLVMValueRef calls = STATE_FIELD(f, i32, calls);
	LLVMBasicBlockRef out = vsp_lower_block(f, "out");
	LLVMValueRef none = icmp(f, LLVMIntEQ, calls, f->call_base);
	LLVMBuildCondBr(f->b, none, out, vsp_lower_edge(f, node_switch(f)));
	LLVMPositionBuilderAtEnd(f->b, out);
	return_out(f, i);
}

void vsp_lower_return_switch(vsp_fn *f)
{
	LLVMValueRef calls = STATE_FIELD(f, i32, calls);
	LLVMValueRef last = LLVMBuildSub(f->b, calls, const_i32(f, 1), "");
	vsp_lower_state_store(f, last, AT(f, calls));
	LLVMValueRef address = LLVMBuildLoad2(f->b, f->lower->i32, return_address_ptr(f, last), "");
	vsp_lower_tag_state(f, address);
	/*
	 * The address was pushed by a CALL, but it has been in memory, so nothing is assumed about
	 * it: without a default LLVM would jump unchecked.
	 */
	LLVMBasicBlockRef none = vsp_lower_trap_block(f, VSP_TRAP_BAD_FUNCTION, f->func->start);
	LLVMValueRef choice = LLVMBuildSwitch(f->b, address, none, f->cfg.return_count);
	for (uint32_t n = 0; n < f->cfg.return_count; n++) {
		const vsp_block *block = &f->cfg.blocks[f->cfg.returns[n]];
		LLVMAddCase(choice, const_i32(f, block->start), vsp_lower_edge(f, f->cfg.returns[n]));
	}
}
