/*
 * The start form, which runs when a host calls an exported function, without registers in memory in
 * between. It calls the entry form, which LLVM inlines; then registers that are not parameters are
 * constants, and the state shown is stored in rt->r directly.
 */
#include "context.h"
#include "fields.h"
#include "location.h"
#include "spill.h"

#include "runtime/compiled.h"

static LLVMValueRef declare(vsp_lower *l, uint32_t func)
{
	char name[VSP_LOWER_NAME];
	vsp_lower_name(name, VSP_POINT_START, func, 0);
	LLVMTypeRef type = LLVMFunctionType(l->none, &l->ptr, 1, false);
	LLVMValueRef value = LLVMAddFunction(l->module, name, type);
	LLVMSetLinkage(value, LLVMInternalLinkage);
	vsp_lower_function_attributes(l, value);
	return value;
}

/* A run that ended before its RET has already left its state in rt. */
static void return_if_ended(vsp_fn *f, LLVMValueRef end)
{
	LLVMBasicBlockRef ended = vsp_lower_block(f, "ended"), go = vsp_lower_block(f, "");
	LLVMBuildCondBr(f->b, icmp(f, LLVMIntEQ, end, const_i32(f, VSP_RUN_ENDED)), ended, go);
	LLVMPositionBuilderAtEnd(f->b, ended);
	LLVMBuildRetVoid(f->b);
	LLVMPositionBuilderAtEnd(f->b, go);
}

static LLVMValueRef call_entry(vsp_fn *f)
{
	char name[VSP_LOWER_NAME];
	vsp_lower_name(name, VSP_POINT_ENTRY, f->index, f->func->start);
	LLVMValueRef entry = LLVMGetNamedFunction(f->lower->module, name);
	LLVMValueRef args[] = {f->rt, f->regs, const_i32(f, 0), const_i32(f, 0)};
	return LLVMBuildCall2(f->b, f->lower->entry_type, entry, args, 4, "end");
}

/* Copies the parameters from rt->r to regs; the other registers become 0. */
static void set_registers(vsp_fn *f, LLVMValueRef shown)
{
	for (unsigned r = 0; r < VSP_REGISTERS; r++)
		f->slot[r] = const_i64(f, 0);
	vsp_lower_reload(f, shown, (1u << f->func->params) - 1);
	vsp_lower_store_registers(f, f->regs, VSP_REGISTERS);
}

LLVMValueRef vsp_lower_start(vsp_lower *l, uint32_t func)
{
	vsp_fn f = {
	        .lower = l, .b = l->builder, .func = &l->data->funcs[func], .index = func, .value = declare(l, func)};
	f.rt = LLVMGetParam(f.value, 0);
	vsp_lower_set_scope(&f, VSP_NO_PC); /* back traces leave it out */
	f.first = vsp_lower_block(&f, "entry");
	LLVMPositionBuilderAtEnd(f.b, f.first);
	vsp_lower_set_location(&f, VSP_NO_PC);
	LLVMValueRef shown = vsp_lower_state_ptr(&f, AT(&f, r));
	f.regs = LLVMBuildAlloca(f.b, LLVMArrayType2(l->i64, VSP_REGISTERS), "regs");
	set_registers(&f, shown);
	LLVMValueRef end = call_entry(&f);
	if (l->options->status)
		return_if_ended(&f, end);
	vsp_lower_reload(&f, f.regs, (1u << VSP_REGISTERS) - 1);
	vsp_lower_store_registers(&f, shown, VSP_REGISTERS);
	vsp_lower_state_store(&f, end, AT(&f, end_pc));
	vsp_lower_state_store(&f, const_i32(&f, VSP_END_RETURNED), AT(&f, end));
	LLVMBuildRetVoid(f.b);
	LLVMSetCurrentDebugLocation2(l->builder, NULL);
	return f.value;
}
