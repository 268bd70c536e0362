/*
 * The test for floats in LLVM instructions, by their types; see floats.h.
 */
#include "floats.h"

static bool is_float(LLVMTypeRef type)
{
	LLVMTypeKind kind = LLVMGetTypeKind(type);
	if (kind == LLVMVectorTypeKind)
		kind = LLVMGetTypeKind(LLVMGetElementType(type));
	return kind == LLVMFloatTypeKind || kind == LLVMDoubleTypeKind;
}

bool vsp_llvm_has_float(LLVMValueRef instruction)
{
	if (is_float(LLVMTypeOf(instruction)))
		return true;
	for (int i = 0; i < LLVMGetNumOperands(instruction); i++)
		if (is_float(LLVMTypeOf(LLVMGetOperand(instruction, (unsigned)i))))
			return true;
	return false;
}
