/*
 * The lowering of everything that ends the run: traps, failed helpers, and the state shown
 * afterwards. The sites of a function share one cold block for each kind, with a phi for the place,
 * so hot code contains only a compare and a branch. Those blocks call a helper that records what
 * happened and leaves the generated frames, which own nothing, through the entry trampoline. With
 * options->status they call a helper that returns, and then return themselves, as do their callers,
 * one after the other.
 */
#include "exits.h"
#include "budget.h"
#include "fields.h"
#include "homes.h"
#include "location.h"
#include "spill.h"

#include "runtime/compiled.h"

static void finish_exit(vsp_fn *f, unsigned kind, const exit_block *s);

/*
 * The shared block of a kind of exit, created on first use. vsp_lower_finish_exits completes it
 * when all sites are known, or earlier when it has enough of them, because code generation searches
 * through all edges into a block.
 */
static exit_block *exit_of(vsp_fn *f, unsigned kind, LLVMTypeRef value_type)
{
	exit_block *s = &f->exits[kind];
	LLVMBasicBlockRef here = LLVMGetInsertBlock(f->b);
	if (s->sites++ == VSP_LIMIT_EXIT_SITES) {
		uint32_t place = f->place;
		vsp_lower_set_location(f, f->func->start);
		f->place = VSP_NO_PC; /* as at the end of the function */
		LLVMPositionBuilderAtEnd(f->b, s->block);
		finish_exit(f, kind, s);
		LLVMPositionBuilderAtEnd(f->b, here);
		vsp_lower_set_location(f, place);
		*s = (exit_block){.sites = 1};
	}
	if (!s->block) {
		s->block = vsp_lower_block(f, "exit");
		LLVMPositionBuilderAtEnd(f->b, s->block);
		if (kind != EXIT_ENDED)
			s->pc = LLVMBuildPhi(f->b, f->lower->i32, "pc");
		if (value_type)
			s->value = LLVMBuildPhi(f->b, value_type, "");
		LLVMPositionBuilderAtEnd(f->b, here);
	}
	return s;
}

static void add_site(vsp_fn *f, exit_block *s, LLVMValueRef value, uint32_t pc)
{
	LLVMBasicBlockRef here = LLVMGetInsertBlock(f->b);
	LLVMValueRef place = const_i32(f, pc);
	if (s->pc)
		LLVMAddIncoming(s->pc, &place, &here, 1);
	if (s->value)
		LLVMAddIncoming(s->value, &value, &here, 1);
}

static void exit_if(vsp_fn *f, LLVMValueRef condition, exit_block *s, LLVMValueRef value, uint32_t pc)
{
	LLVMBasicBlockRef next = vsp_lower_block(f, "");
	add_site(f, s, value, pc);
	LLVMValueRef branch = LLVMBuildCondBr(f->b, condition, s->block, next);
	LLVMSetMetadata(branch, f->lower->prof_kind, f->lower->unlikely);
	LLVMMoveBasicBlockAfter(next, LLVMGetInsertBlock(f->b));
	LLVMPositionBuilderAtEnd(f->b, next);
}

void vsp_lower_trap_if(vsp_fn *f, LLVMValueRef condition, vsp_trap kind, uint32_t pc)
{
	exit_if(f, condition, exit_of(f, kind, NULL), NULL, pc);
}

LLVMBasicBlockRef vsp_lower_trap_block(vsp_fn *f, vsp_trap kind, uint32_t pc)
{
	exit_block *s = exit_of(f, kind, NULL);
	add_site(f, s, NULL, pc);
	return s->block;
}

void vsp_lower_access_trap_if(vsp_fn *f, LLVMValueRef condition, LLVMValueRef ea, uint32_t pc)
{
	exit_if(f, condition, exit_of(f, EXIT_ACCESS, f->lower->i64), ea, pc);
}

void vsp_lower_check(vsp_fn *f, LLVMValueRef status, uint32_t pc)
{
	LLVMValueRef failed = icmp(f, LLVMIntNE, status, const_i32(f, 0));
	exit_if(f, failed, exit_of(f, EXIT_STATUS, f->lower->i32), status, pc);
}

void vsp_lower_fail(vsp_fn *f, LLVMValueRef status, uint32_t pc)
{
	exit_block *s = exit_of(f, EXIT_STATUS, f->lower->i32);
	add_site(f, s, status, pc);
	LLVMBuildBr(f->b, s->block);
}

void vsp_lower_check_ended(vsp_fn *f, LLVMValueRef status)
{
	LLVMValueRef ended = icmp(f, LLVMIntNE, status, const_i32(f, 0));
	exit_if(f, ended, exit_of(f, EXIT_ENDED, f->lower->i32), status, 0);
}

/* Returns to the caller from a function in which the run has ended. */
static void return_ended(vsp_fn *f, LLVMValueRef status)
{
	LLVMBuildRet(f->b, f->entry || f->boxed ? const_i32(f, VSP_RUN_ENDED) : status);
}

/* On a device the kind is all that is noted (kernel.h). */
static void device_trap(vsp_fn *f, vsp_callee end, LLVMValueRef what)
{
	LLVMValueRef kind = const_i32(f, VSP_TRAP_OUT_OF_BOUNDS);
	if (end == VSP_CALLEE(vsp_rt_end_trap))
		kind = what;
	else if (end == VSP_CALLEE(vsp_rt_end_explicit))
		kind = const_i32(f, VSP_TRAP_EXPLICIT);
	vsp_lower_state_store(f, kind, AT(f, end));
}

void vsp_lower_end_run(vsp_fn *f, vsp_callee stop, vsp_callee end, LLVMValueRef *args, unsigned count)
{
	bool returns = f->lower->options->status;
	if (f->lower->options->device) {
		device_trap(f, end, args[1]);
		return_ended(f, const_i32(f, VSP_RT_EXIT));
		return;
	}
	vsp_lower_call(f, returns ? end : stop, args, count);
	if (returns)
		return_ended(f, const_i32(f, VSP_RT_EXIT));
	else
		LLVMBuildUnreachable(f->b);
}

static void finish_exit(vsp_fn *f, unsigned kind, const exit_block *s)
{
	LLVMValueRef what = s->value ? s->value : const_i32(f, kind);
	LLVMValueRef args[] = {vsp_lower_rt_again(f), what, s->pc, const_i32(f, f->index)};
	switch (kind) {
	case EXIT_ACCESS: END_RUN(f, access, args, 4); break;
	case EXIT_STATUS: END_RUN(f, status, args, 4); break;
	case EXIT_ENDED: return_ended(f, s->value); break;
	default: END_RUN(f, trap, args, 4);
	}
}

void vsp_lower_finish_exits(vsp_fn *f)
{
	for (unsigned kind = 0; kind < EXITS; kind++) {
		exit_block *s = &f->exits[kind];
		if (!s->block)
			continue;
		LLVMPositionBuilderAtEnd(f->b, s->block);
		finish_exit(f, kind, s);
	}
}

static bool is_zero(LLVMValueRef v) { return LLVMIsAConstantInt(v) && LLVMConstIntGetZExtValue(v) == 0; }

/*
 * Puts the flag into bit n of all, which has its lower bits set already. It is a sum of shifted
 * bits, since fast instruction selection makes a branch from a choice between bytes.
 */
static LLVMValueRef add_flag(vsp_fn *f, LLVMValueRef all, unsigned n)
{
	LLVMTypeRef i8 = f->lower->i8;
	LLVMValueRef bit = LLVMBuildZExt(f->b, slot_get(f, SLOT_Z + n), i8, "");
	if (is_zero(bit))
		return all;
	if (n)
		bit = LLVMBuildShl(f->b, bit, LLVMConstInt(i8, n, false), "");
	return is_zero(all) ? bit : LLVMBuildOr(f->b, bit, all, "");
}

LLVMValueRef vsp_lower_flags(vsp_fn *f)
{
	LLVMValueRef all = LLVMConstNull(f->lower->i8);
	for (unsigned n = 0; n < 3; n++)
		all = add_flag(f, all, n);
	return all;
}
static_assert(VSP_SR_Z == 1 && VSP_SR_N == 2 && VSP_SR_O == 4, "flag slots are the status register's bits in order");

void vsp_lower_show(vsp_fn *f, LLVMValueRef regs, uint32_t mask)
{
	vsp_lower_spill_to(f, regs, mask);
	vsp_lower_state_store(f, vsp_lower_flags(f), AT(f, flags));
	vsp_lower_publish_sp(f);
}

HANDLER(TRAP)
{
	LLVMValueRef args[] = {f->rt, const_i32(f, (uint32_t)i->imm), const_i32(f, i->pc), const_i32(f, f->index)};
	END_RUN(f, explicit, args, 4);
}

HANDLER(HLT)
{
	vsp_lower_show(f, vsp_lower_state_ptr(f, AT(f, r)), VSP_LIVE_ALL);
	LLVMValueRef args[] = {f->rt, const_i32(f, i->pc), const_i32(f, f->index)};
	END_RUN(f, halt, args, 3);
}

/* On a device loops have a budget. */
static void device_poll(vsp_fn *f, uint32_t pc)
{
	LLVMValueRef left = STATE_FIELD(f, i64, fuel);
	vsp_lower_trap_if(f, icmp(f, LLVMIntEQ, left, const_i64(f, 0)), VSP_TRAP_FUEL, pc);
	vsp_lower_state_store(f, LLVMBuildSub(f->b, left, const_i64(f, 1), ""), AT(f, fuel));
}

void vsp_lower_poll(vsp_fn *f, uint32_t pc)
{
	if (f->lower->options->device)
		device_poll(f, pc);
	if (!f->lower->options->poll)
		return;
	LLVMValueRef flag = STATE_FIELD(f, i32, interrupt);
	LLVMSetOrdering(flag, LLVMAtomicOrderingMonotonic);
	vsp_lower_trap_if(f, icmp(f, LLVMIntNE, flag, const_i32(f, 0)), VSP_TRAP_INTERRUPTED, pc);
}
