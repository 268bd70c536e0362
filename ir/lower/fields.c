/*
 * Accesses of the fields of the run-time state. They carry a TBAA tag that never overlaps with that
 * of linear memory.
 */
#include "fields.h"

LLVMValueRef vsp_lower_field_ptr(vsp_fn *f, LLVMValueRef base, size_t offset)
{
	LLVMValueRef index = const_i64(f, offset);
	return offset ? LLVMBuildInBoundsGEP2(f->b, f->lower->i8, base, &index, 1, "") : base;
}

LLVMValueRef vsp_lower_state_ptr(vsp_fn *f, size_t offset) { return vsp_lower_field_ptr(f, f->rt, offset); }

LLVMValueRef vsp_lower_tag_state(vsp_fn *f, LLVMValueRef access)
{
	if (f->lower->tbaa_state)
		LLVMSetMetadata(access, f->lower->tbaa_kind, f->lower->tbaa_state);
	return access;
}

LLVMValueRef vsp_lower_state_load(vsp_fn *f, LLVMTypeRef type, size_t offset, const char *name)
{
	return vsp_lower_tag_state(f, LLVMBuildLoad2(f->b, type, vsp_lower_state_ptr(f, offset), name));
}

void vsp_lower_state_store(vsp_fn *f, LLVMValueRef value, size_t offset)
{
	vsp_lower_tag_state(f, LLVMBuildStore(f->b, value, vsp_lower_state_ptr(f, offset)));
}
