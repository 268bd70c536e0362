/*
 * Small emitters that any handler uses: blocks, calls of intrinsics, attributes of calls.
 */
#include "context.h"

#include <string.h>

LLVMBasicBlockRef vsp_lower_block(vsp_fn *f, const char *name)
{
	if (f->before)
		return LLVMInsertBasicBlockInContext(f->lower->context, f->before, name);
	return LLVMAppendBasicBlockInContext(f->lower->context, f->value, name);
}

LLVMValueRef vsp_lower_intrinsic(vsp_fn *f, const char *name, LLVMTypeRef type, LLVMValueRef *args, unsigned count)
{
	return vsp_lower_intrinsic2(f, name, &type, type ? 1 : 0, args, count);
}

LLVMValueRef vsp_lower_intrinsic2(
        vsp_fn *f, const char *name, LLVMTypeRef *types, unsigned type_count, LLVMValueRef *args, unsigned count)
{
	unsigned id = LLVMLookupIntrinsicID(name, strlen(name));
	LLVMValueRef fn = LLVMGetIntrinsicDeclaration(f->lower->module, id, types, type_count);
	LLVMTypeRef type = LLVMIntrinsicGetType(f->lower->context, id, types, type_count);
	return LLVMBuildCall2(f->b, type, fn, args, count, "");
}

void vsp_lower_call_attribute(vsp_fn *f, LLVMValueRef call, const char *name)
{
	unsigned kind = LLVMGetEnumAttributeKindForName(name, strlen(name));
	LLVMAttributeRef attribute = LLVMCreateEnumAttribute(f->lower->context, kind, 0);
	LLVMAddCallSiteAttribute(call, (LLVMAttributeIndex)LLVMAttributeFunctionIndex, attribute);
}
