/*
 * The stores of registers, results and SP to the places where helpers find them: in the frame and
 * in the run-time state.
 */
#include "spill.h"
#include "fields.h"

/*
 * Allocas are put in the LLVM entry block, so that they are static. Moving the builder there also
 * sets the location of the code there.
 */
LLVMValueRef vsp_lower_variable(vsp_fn *f, LLVMTypeRef type, const char *name)
{
	LLVMBasicBlockRef here = LLVMGetInsertBlock(f->b);
	LLVMMetadataRef location = LLVMGetCurrentDebugLocation2(f->b);
	LLVMValueRef head = LLVMGetFirstInstruction(f->first);
	if (head)
		LLVMPositionBuilderBefore(f->b, head);
	else
		LLVMPositionBuilderAtEnd(f->b, f->first);
	LLVMValueRef slot = LLVMBuildAlloca(f->b, type, name);
	LLVMPositionBuilderAtEnd(f->b, here);
	LLVMSetCurrentDebugLocation2(f->b, location);
	return slot;
}

LLVMValueRef vsp_lower_scratch(vsp_fn *f)
{
	if (!f->scratch)
		f->scratch = vsp_lower_variable(f, LLVMArrayType2(f->lower->i64, VSP_REGISTERS), "regs");
	return f->scratch;
}

LLVMValueRef vsp_lower_out(vsp_fn *f)
{
	if (!f->out)
		f->out = vsp_lower_variable(f, f->lower->i64, "out");
	return f->out;
}

LLVMValueRef vsp_lower_out_value(vsp_fn *f, LLVMTypeRef type)
{
	return vsp_lower_tag_state(f, LLVMBuildLoad2(f->b, type, vsp_lower_out(f), ""));
}

static LLVMValueRef register_ptr(vsp_fn *f, LLVMValueRef regs, unsigned r)
{
	return vsp_lower_field_ptr(f, regs, r * sizeof(uint64_t));
}

static void store_register(vsp_fn *f, LLVMValueRef regs, unsigned r)
{
	vsp_lower_tag_state(f, LLVMBuildStore(f->b, reg(f, r), register_ptr(f, regs, r)));
}

void vsp_lower_store_registers(vsp_fn *f, LLVMValueRef regs, unsigned count)
{
	for (unsigned r = 0; r < count; r++)
		store_register(f, regs, r);
}

void vsp_lower_spill_to(vsp_fn *f, LLVMValueRef regs, uint32_t mask)
{
	for (unsigned r = 0; r < VSP_REGISTERS; r++)
		if (mask >> r & 1)
			store_register(f, regs, r);
}

LLVMValueRef vsp_lower_spill(vsp_fn *f, uint32_t mask)
{
	LLVMValueRef regs = vsp_lower_scratch(f);
	vsp_lower_spill_to(f, regs, mask);
	return regs;
}

void vsp_lower_reload(vsp_fn *f, LLVMValueRef regs, uint32_t mask)
{
	for (unsigned r = 0; r < VSP_REGISTERS; r++)
		if (mask >> r & 1)
			set_reg(f, r,
			        vsp_lower_tag_state(
			                f, LLVMBuildLoad2(f->b, f->lower->i64, register_ptr(f, regs, r), "")));
}

void vsp_lower_open_sp(vsp_fn *f)
{
	f->sp = f->slot[SLOT_SP] = STATE_FIELD(f, i32, sp);
	for (uint32_t n = 0; n < f->cfg.insn_count; n++)
		f->moves_sp |= (vsp_insn_info(&f->cfg.insns[n])->effects & VSP_FX_SP_W) != 0;
}

void vsp_lower_publish_sp(vsp_fn *f)
{
	if (f->moves_sp && f->slot[SLOT_SP] != f->sp)
		vsp_lower_state_store(f, f->slot[SLOT_SP], AT(f, sp));
}

void vsp_lower_restore_sp(vsp_fn *f)
{
	if (f->moves_sp && f->slot[SLOT_SP] != f->sp)
		vsp_lower_state_store(f, f->sp, AT(f, sp));
}
