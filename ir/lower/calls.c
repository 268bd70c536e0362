/*
 * The lowering of INVOKE and TRANS, and the parts of calls that INVOKEI (invokei.c) needs. A callee
 * that this LLVM module defines is called directly, and may be inlined. Any other callee is called
 * through its published code pointer, or, if it has no code yet, by a helper that runs it in tier
 * 0. Parameters and the first three results travel in machine registers, further results in rt->r.
 * With options->status the native form returns the status instead of results, which are then all in
 * rt->r.
 */
#include "calls.h"
#include "exits.h"
#include "fields.h"
#include "location.h"
#include "pcsections.h"
#include "profile.h"
#include "spill.h"

enum { RESULTS_IN_REGISTERS = 3 };

/* The number of results that travel in machine registers. */
static unsigned in_registers(const vsp_fn *f, unsigned results)
{
	unsigned room = f->lower->options->status ? 0 : RESULTS_IN_REGISTERS;
	return results < room ? results : room;
}

/* The address of result n, for those that do not. */
static LLVMValueRef result_ptr(vsp_fn *f, unsigned n)
{
	return vsp_lower_state_ptr(f, AT(f, r) + n * sizeof(uint64_t));
}

static LLVMValueRef native_call(vsp_fn *f, const vsp_call_site *c, LLVMValueRef code)
{
	LLVMValueRef args[1 + VSP_REGISTERS] = {f->rt};
	for (unsigned r = 0; r < c->params; r++)
		args[1 + r] = reg(f, r);
	LLVMTypeRef type = vsp_lower_native_type(f->lower, c->params, c->results);
	vsp_lower_publish_sp(f);
	LLVMValueRef call = LLVMBuildCall2(f->b, type, code, args, 1 + c->params, "");
	LLVMSetInstructionCallConv(call, LLVMFastCallConv);
	vsp_lower_weigh_call(f, call);
	/* Otherwise LLVM might inline the two into each other in the opposite direction. */
	if (f->lower->copy && code == f->lower->natives[f->index])
		vsp_lower_call_attribute(f, call, "noinline");
	if (f->lower->self_kind)
		LLVMAddCallSiteAttribute(call, 1, LLVMCreateEnumAttribute(f->lower->context, f->lower->self_kind, 0));
	return vsp_lower_mark_call(f, call, true);
}

/* Sets result registers from what a native call returned. Code goes on only if the run does. */
static void take_results(vsp_fn *f, const vsp_call_site *c, LLVMValueRef returned, LLVMValueRef out[VSP_REGISTERS])
{
	unsigned count = in_registers(f, c->results);
	if (f->lower->options->status)
		vsp_lower_check_ended(f, returned);
	vsp_lower_restore_sp(f);
	for (unsigned r = 0; r < c->results; r++) {
		if (r < count && c->results == 1)
			out[r] = returned;
		else if (r < count)
			out[r] = LLVMBuildExtractValue(f->b, returned, r, "");
		else
			out[r] = vsp_lower_tag_state(f, LLVMBuildLoad2(f->b, f->lower->i64, result_ptr(f, r), ""));
	}
}

/*
 * The callee has no code: tier 0 runs it on registers in memory. It uses the shared ones, since
 * separate room would lengthen every frame.
 */
static void slow_call(vsp_fn *f, const vsp_call_site *c, LLVMValueRef out[VSP_REGISTERS])
{
	LLVMValueRef regs = vsp_lower_state_ptr(f, AT(f, r));
	vsp_lower_spill_to(f, regs, (1u << c->params) - 1);
	LLVMValueRef args[] = {f->rt, c->func, regs};
	vsp_lower_publish_sp(f);
	if (f->lower->options->status)
		vsp_lower_check_ended(f, vsp_lower_call(f, VSP_CALLEE(vsp_rt_try_invoke), args, 3));
	else
		vsp_lower_call(f, VSP_CALLEE(vsp_rt_invoke), args, 3);
	vsp_lower_restore_sp(f);
	for (unsigned r = 0; r < c->results; r++) {
		LLVMValueRef from = vsp_lower_field_ptr(f, regs, r * sizeof(uint64_t));
		out[r] = vsp_lower_tag_state(f, LLVMBuildLoad2(f->b, f->lower->i64, from, ""));
	}
}

/*
 * Published code pointers are read with acquire order, because the code they point to was written
 * before. LLVM's fast instruction selection does not know atomic loads, and leaves the whole block
 * to the slow one. So unoptimised code, in which nothing is moved, uses an ordinary load if the
 * machine keeps reads in order: there it does the same.
 */
static LLVMValueRef load_code(vsp_fn *f, LLVMValueRef func_entry)
{
	LLVMValueRef code = LLVMBuildLoad2(f->b, f->lower->ptr, func_entry, "code");
	if (f->lower->options->optimise || !f->lower->ordered_loads)
		LLVMSetOrdering(code, LLVMAtomicOrderingAcquire);
	else
		LLVMSetVolatile(code, true);
	LLVMSetAlignment(code, f->lower->state.pointer_size);
	return vsp_lower_tag_state(f, code);
}

void vsp_lower_indirect_call(vsp_fn *f, const vsp_call_site *c, LLVMValueRef func_entry)
{
	LLVMValueRef code = load_code(f, func_entry), fast[VSP_REGISTERS], slow[VSP_REGISTERS];
	LLVMBasicBlockRef compiled = vsp_lower_block(f, "compiled"), interpreted = vsp_lower_block(f, "interpreted");
	LLVMBasicBlockRef join = vsp_lower_block(f, "");
	LLVMValueRef none = icmp(f, LLVMIntEQ, code, zero_of(code));
	LLVMValueRef branch = LLVMBuildCondBr(f->b, none, interpreted, compiled);
	LLVMSetMetadata(branch, f->lower->prof_kind, f->lower->unlikely);
	LLVMPositionBuilderAtEnd(f->b, compiled);
	take_results(f, c, native_call(f, c, code), fast);
	compiled = LLVMGetInsertBlock(f->b);
	LLVMBuildBr(f->b, join);
	LLVMPositionBuilderAtEnd(f->b, interpreted);
	slow_call(f, c, slow);
	interpreted = LLVMGetInsertBlock(f->b);
	LLVMBuildBr(f->b, join);
	LLVMPositionBuilderAtEnd(f->b, join);
	for (unsigned r = 0; r < c->results; r++) {
		LLVMValueRef phi = LLVMBuildPhi(f->b, f->lower->i64, "");
		LLVMAddIncoming(
		        phi, (LLVMValueRef[]){fast[r], slow[r]}, (LLVMBasicBlockRef[]){compiled, interpreted}, 2);
		set_reg(f, r, phi);
	}
}

/* Counts the activation if the maximum must be exact. Returns the depth before it. */
LLVMValueRef vsp_lower_enter_depth(vsp_fn *f, const vsp_call_site *c)
{
	if (!f->lower->options->exact_depth)
		return NULL;
	LLVMValueRef depth = STATE_FIELD(f, i32, depth), most = STATE_FIELD(f, i32, max_depth);
	vsp_lower_trap_if(f, icmp(f, LLVMIntUGE, depth, most), VSP_TRAP_CALL_DEPTH, c->insn->pc);
	LLVMValueRef deeper = LLVMBuildAdd(f->b, depth, const_i32(f, 1), "");
	vsp_lower_state_store(f, deeper, AT(f, depth));
	return depth;
}

void vsp_lower_leave_depth(vsp_fn *f, LLVMValueRef depth)
{
	if (depth)
		vsp_lower_state_store(f, depth, AT(f, depth));
}

/* The function's entry in rt->funcs. */
LLVMValueRef vsp_lower_func_entry(vsp_fn *f, LLVMValueRef index)
{
	LLVMValueRef funcs = STATE_FIELD(f, ptr, funcs);
	LLVMValueRef offset = LLVMBuildMul(f->b, zext64(f, index), const_i64(f, f->lower->state.func_size), "");
	return LLVMBuildInBoundsGEP2(f->b, f->lower->i8, funcs, &offset, 1, "");
}

/* For a call of the function itself, the form that lower_unrolled (function.c) names. */
static LLVMValueRef native_form(vsp_fn *f, uint32_t callee)
{
	bool own = callee == f->index && !f->entry && !f->boxed;
	return own && f->lower->again ? f->lower->again : vsp_lower_native_decl(f->lower, callee);
}

/* Calls callee through its native form in this module, and sets the result registers. */
void vsp_lower_direct_call(vsp_fn *f, const vsp_call_site *c, uint32_t callee)
{
	LLVMValueRef out[VSP_REGISTERS];
	take_results(f, c, native_call(f, c, native_form(f, callee)), out);
	for (unsigned r = 0; r < c->results; r++)
		set_reg(f, r, out[r]);
}

void vsp_lower_call_native(vsp_fn *f)
{
	vsp_call_site c = {NULL, f->func->params, f->func->results, NULL};
	vsp_lower_direct_call(f, &c, f->index);
}

static void call_known(vsp_fn *f, const vsp_insn *i)
{
	uint32_t index = (uint32_t)i->imm;
	const vsp_func *callee = &f->lower->data->funcs[index];
	vsp_call_site c = {i, callee->params, callee->results, const_i32(f, index)};
	LLVMValueRef depth = vsp_lower_enter_depth(f, &c);
	if (f->lower->included[index] && !f->lower->options->count) /* counting code may be replaced in a recursion */
		vsp_lower_direct_call(f, &c, index);
	else
		vsp_lower_indirect_call(f, &c, vsp_lower_func_entry(f, c.func));
	vsp_lower_leave_depth(f, depth);
}
HANDLER(INVOKE) { call_known(f, i); }
HANDLER(TRANS) { call_known(f, i); }

void vsp_lower_return_results(vsp_fn *f)
{
	unsigned results = f->func->results, count = in_registers(f, results);
	for (unsigned r = count; r < results; r++)
		vsp_lower_tag_state(f, LLVMBuildStore(f->b, reg(f, r), result_ptr(f, r)));
	LLVMValueRef values[RESULTS_IN_REGISTERS];
	for (unsigned r = 0; r < count; r++)
		values[r] = reg(f, r);
	if (f->lower->options->status)
		LLVMBuildRet(f->b, const_i32(f, 0));
	else if (results == 0)
		LLVMBuildRetVoid(f->b);
	else if (results == 1)
		LLVMBuildRet(f->b, values[0]);
	else
		LLVMBuildAggregateRet(f->b, values, count);
}

bool vsp_lower_makes_calls(const vsp_fn *f)
{
	for (uint32_t n = 0; n < f->cfg.insn_count; n++)
		if (vsp_insn_info(&f->cfg.insns[n])->effects & VSP_FX_CALL)
			return true;
	return false;
}

/*
 * The position of the frame on the machine's stack. The address of the return address does not
 * change within a function, so where LLVM turns a recursion into a loop, it checks that address
 * only once.
 */
static LLVMValueRef stack_address(vsp_fn *f)
{
	const char *name = f->lower->fixed_frame ? "llvm.addressofreturnaddress" : "llvm.stacksave";
	return vsp_lower_intrinsic(f, name, f->lower->ptr, NULL, 0);
}

void vsp_lower_stack_check(vsp_fn *f)
{
	if (!f->lower->options->stack_check || !vsp_lower_makes_calls(f) ||
	        f->lower->copy) /* a copy calls the form that checks */
		return;
	LLVMValueRef limit = STATE_FIELD(f, ptr, stack_limit), here = stack_address(f);
	LLVMSetMetadata(limit, f->lower->invariant_kind, f->lower->empty_node);
	LLVMBasicBlockRef deep = vsp_lower_block(f, "deep"), go = vsp_lower_block(f, "go");
	LLVMValueRef branch = LLVMBuildCondBr(f->b, icmp(f, LLVMIntULT, here, limit), deep, go);
	LLVMSetMetadata(branch, f->lower->prof_kind, f->lower->unlikely);
	LLVMPositionBuilderAtEnd(f->b, deep);
	LLVMValueRef saved[VSP_REGISTERS];
	for (unsigned r = 0; r < VSP_REGISTERS; r++)
		saved[r] = f->slot[r];
	vsp_call_site c = {NULL, f->func->params, f->func->results, const_i32(f, f->index)};
	LLVMValueRef out[VSP_REGISTERS];
	vsp_lower_set_location(f, VSP_NO_PC); /* not a call of the program: back traces leave it out */
	slow_call(f, &c, out);
	vsp_lower_set_location(f, f->func->start);
	for (unsigned r = 0; r < c.results; r++)
		set_reg(f, r, out[r]);
	vsp_lower_return_results(f);
	for (unsigned r = 0; r < VSP_REGISTERS; r++)
		f->slot[r] = saved[r];
	LLVMPositionBuilderAtEnd(f->b, go);
}
