/*
 * The loop form of kernels, which runs iterations of a LAUNCH. The body is lowered once more inside
 * the loop, so that LLVM sees one loop without calls, and can make vectors across iterations.
 *
 * Kernels usually begin by reading their arguments from the block at R1. An iteration that writes
 * what another one reads is a race, whose bytes are unspecified, so all iterations may see the
 * block as it was before the first of them. Loads at constant distances from R1 that every
 * iteration makes before it stores anything are therefore made once, before the loop. Without that
 * LLVM would have to assume that each store changes the addresses of all others. The first
 * iteration would make them in any case, so they trap exactly when it would.
 */
#include "iterations.h"
#include "dispatch.h"
#include "exits.h"
#include "location.h"
#include "slots.h"
#include "spill.h"

enum { INDEX, BLOCK }; /* the kernel's parameters */
enum { BEGIN, END, ARGUMENT };

static LLVMValueRef given(vsp_fn *f, unsigned n)
{
	LLVMValueRef from = vsp_lower_field_ptr(f, f->regs, n * sizeof(uint64_t));
	return vsp_lower_tag_state(f, LLVMBuildLoad2(f->b, f->lower->i64, from, ""));
}

static void begin_activation(vsp_fn *f, LLVMValueRef index, LLVMValueRef argument)
{
	for (unsigned r = 0; r < VSP_REGISTERS; r++)
		f->slot[r] = const_i64(f, 0);
	for (unsigned slot = SLOT_Z; slot <= SLOT_O; slot++)
		f->slot[slot] = const_i1(f, false);
	f->slot[INDEX] = index;
	f->slot[BLOCK] = argument;
}

/* ---- loads before the loop ---- */

static bool is_argument(const vsp_insn *i)
{
	const vsp_operand_info *o = &vsp_operands[vsp_form_memory((vsp_form)i->form)];
	bool loads = vsp_insn_info(i)->effects & VSP_FX_LOAD && i->form != VSP_I_LSTATE_B;
	return loads && o->look == VSP_LOOK_BASE && i->b == BLOCK;
}

/* Does the instruction write the register with the block's address? */
static bool moves_block(const vsp_fn *f, const vsp_insn *i)
{
	uint32_t reads, writes;
	vsp_insn_effects(f->lower->data, f->func, i, &reads, &writes);
	return writes >> BLOCK & 1;
}

static void load_before(vsp_fn *f, uint32_t n)
{
	const vsp_insn *i = &f->cfg.insns[n];
	LLVMValueRef before = f->slot[i->a];
	vsp_lower_set_location(f, i->pc);
	f->live_out = f->live.insn_out[n];
	vsp_lower_handlers[i->form](f, i);
	f->known[n] = f->slot[i->a];
	f->slot[i->a] = before;
}

/*
 * Makes the loads of the body's first block. In precise code they stay where they are, and so they
 * do where values must not live long (homes.c) and where the block runs more than once in an
 * iteration.
 */
static void load_arguments(vsp_fn *f, const vsp_block *b)
{
	if (f->lower->options->precise || f->in_memory || b->loop_head)
		return;
	f->known = vsp_arena_array(f->arena, f->cfg.insn_count, sizeof(LLVMValueRef));
	f->failed |= !f->known;
	for (uint32_t n = b->first; f->known && n < b->first + b->count; n++) {
		const vsp_insn *i = &f->cfg.insns[n];
		if (is_argument(i))
			load_before(f, n);
		if (vsp_insn_info(i)->effects & VSP_FX_STORE || moves_block(f, i))
			break;
	}
}

/* ---- the loop ---- */

/* Ends an iteration, with the builder where it was. */
static void build_next(vsp_fn *f, LLVMBasicBlockRef body, LLVMValueRef index, LLVMValueRef end)
{
	LLVMBasicBlockRef here = LLVMGetInsertBlock(f->b), out = vsp_lower_block(f, "out");
	f->next = vsp_lower_block(f, "next");
	LLVMPositionBuilderAtEnd(f->b, f->next);
	LLVMValueRef more = LLVMBuildAdd(f->b, index, const_i64(f, 1), "");
	LLVMSetNUW(more, true); /* it is at most end */
	LLVMAddIncoming(index, &more, &f->next, 1);
	LLVMBuildCondBr(f->b, icmp(f, LLVMIntEQ, more, end), out, body);
	LLVMPositionBuilderAtEnd(f->b, out);
	LLVMBuildRet(f->b, const_i32(f, VSP_NO_PC));
	LLVMPositionBuilderAtEnd(f->b, here);
}

void vsp_lower_open_iterations(vsp_fn *f, uint32_t start)
{
	LLVMValueRef begin = given(f, BEGIN), end = given(f, END), argument = given(f, ARGUMENT);
	begin_activation(f, begin, argument);
	load_arguments(f, &f->cfg.blocks[start]);
	vsp_lower_set_location(f, f->func->start);
	LLVMBasicBlockRef before = LLVMGetInsertBlock(f->b), body = vsp_lower_block(f, "iteration");
	LLVMBuildBr(f->b, body);
	LLVMPositionBuilderAtEnd(f->b, body);
	LLVMValueRef index = LLVMBuildPhi(f->b, f->lower->i64, "index");
	LLVMAddIncoming(index, &begin, &before, 1);
	build_next(f, body, index, end);
	begin_activation(f, index, argument);
	vsp_lower_open_slots(f);
}
