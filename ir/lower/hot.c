/*
 * The counters of tier 1 code, and its way to better code. A counter that passes its threshold asks
 * the tier manager; at a loop head the rest of the activation continues in the entry form that the
 * manager returns. Code of native forms and of entries then returns in its own way.
 */
#include "hot.h"
#include "calls.h"
#include "exits.h"
#include "fields.h"
#include "location.h"
#include "pcsections.h"
#include "slots.h"
#include "spill.h"

#include "runtime/compiled.h"

/* The address of counters[2f + which], or of its threshold. */
static LLVMValueRef element(vsp_fn *f, LLVMValueRef array, unsigned which)
{
	return vsp_lower_field_ptr(f, array, (2 * (size_t)f->index + which) * sizeof(uint32_t));
}

/* Counts, and returns whether the threshold was reached. */
static LLVMValueRef count(vsp_fn *f, unsigned which)
{
	LLVMTypeRef i32 = f->lower->i32;
	LLVMValueRef counter = element(f, STATE_FIELD(f, ptr, counters), which);
	LLVMValueRef threshold = element(f, STATE_FIELD(f, ptr, thresholds), which);
	LLVMValueRef old = vsp_lower_tag_state(f, LLVMBuildLoad2(f->b, i32, counter, ""));
	LLVMValueRef now = LLVMBuildAdd(f->b, old, const_i32(f, 1), "");
	vsp_lower_tag_state(f, LLVMBuildStore(f->b, now, counter));
	LLVMValueRef limit = vsp_lower_tag_state(f, LLVMBuildLoad2(f->b, i32, threshold, ""));
	return icmp(f, LLVMIntUGE, now, limit);
}

static LLVMValueRef ask(vsp_fn *f, uint32_t pc, unsigned which)
{
	LLVMValueRef args[] = {f->rt, const_i32(f, f->index), const_i32(f, pc), const_i32(f, 2 * f->index + which)};
	return vsp_lower_call(f, VSP_CALLEE(vsp_rt_hot), args, 4);
}

/* Continues in an entry form, code, until the activation ends. */
static void transfer(vsp_fn *f, LLVMValueRef code, uint32_t live)
{
	LLVMValueRef regs = f->entry ? f->regs : vsp_lower_spill(f, 0);
	vsp_lower_spill_to(f, regs, live & vsp_lower_kept(f));
	vsp_lower_publish_sp(f);
	vsp_lower_hand_over_slots(f);
	LLVMValueRef flags = LLVMBuildZExt(f->b, vsp_lower_flags(f), f->lower->i32, "");
	LLVMValueRef args[] = {f->rt, regs, flags, f->call_base ? f->call_base : const_i32(f, 0)};
	uint32_t place = f->place;
	vsp_lower_set_location(f, VSP_NO_PC); /* not a call of the program: the same activation goes on */
	LLVMValueRef end_pc =
	        vsp_lower_mark_call(f, LLVMBuildCall2(f->b, f->lower->entry_type, code, args, 4, ""), true);
	vsp_lower_set_location(f, place);
	if (f->entry) {
		LLVMBuildRet(f->b, end_pc);
		return;
	}
	if (f->moves_sp)
		vsp_lower_state_store(f, f->sp, AT(f, sp));
	if (f->lower->options->status) {
		LLVMValueRef ended = icmp(f, LLVMIntEQ, end_pc, const_i32(f, VSP_RUN_ENDED));
		vsp_lower_check_ended(f, LLVMBuildZExt(f->b, ended, f->lower->i32, ""));
	}
	vsp_lower_reload(f, regs, (1u << f->func->results) - 1);
	vsp_lower_return_results(f);
}

/* Starts a block for the rare case that condition holds. Returns the block behind it. */
static LLVMBasicBlockRef rarely(vsp_fn *f, LLVMValueRef condition)
{
	LLVMBasicBlockRef then = vsp_lower_block(f, "hot"), next = vsp_lower_block(f, "");
	LLVMSetMetadata(LLVMBuildCondBr(f->b, condition, then, next), f->lower->prof_kind, f->lower->unlikely);
	LLVMPositionBuilderAtEnd(f->b, then);
	return next;
}

void vsp_lower_count_entry(vsp_fn *f, uint32_t pc)
{
	LLVMBasicBlockRef next = rarely(f, count(f, 0));
	ask(f, pc, 0); /* the next call finds the better code */
	LLVMBuildBr(f->b, next);
	LLVMPositionBuilderAtEnd(f->b, next);
}

void vsp_lower_count_loop(vsp_fn *f, uint32_t pc, uint32_t live)
{
	LLVMValueRef saved[SLOTS];
	LLVMBasicBlockRef next = rarely(f, count(f, 1));
	LLVMValueRef code = ask(f, pc, 1);
	LLVMBasicBlockRef go = vsp_lower_block(f, "transfer");
	LLVMBuildCondBr(f->b, icmp(f, LLVMIntEQ, code, zero_of(code)), next, go);
	LLVMPositionBuilderAtEnd(f->b, go);
	for (unsigned slot = 0; slot < SLOTS; slot++)
		saved[slot] = f->slot[slot];
	transfer(f, code, live);
	for (unsigned slot = 0; slot < SLOTS; slot++)
		f->slot[slot] = saved[slot];
	LLVMPositionBuilderAtEnd(f->b, next);
}
