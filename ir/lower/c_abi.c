/*
 * How C functions take and return 32-bit values, see c_abi.h. The list is that of the processors'
 * binary interfaces (psABI): RISC-V, LoongArch and MIPS extend by the sign whatever the type is,
 * s390x, 64-bit PowerPC and 64-bit SPARC by the type; x86, Arm and WebAssembly leave the upper bits
 * undefined.
 */
#include "c_abi.h"

#include <string.h>

enum extension { BY_NOTHING, BY_SIGN, BY_TYPE };

static enum extension extension_on(const char *triple)
{
	static const struct {
		const char *family;
		enum extension extension;
	} rows[] = {{"riscv64", BY_SIGN}, {"loongarch64", BY_SIGN}, {"mips64", BY_SIGN}, {"s390x", BY_TYPE},
	        {"powerpc64", BY_TYPE}, {"sparcv9", BY_TYPE}, {"sparc64", BY_TYPE}};
	for (unsigned i = 0; i < sizeof rows / sizeof rows[0]; i++)
		if (strncmp(triple, rows[i].family, strlen(rows[i].family)) == 0)
			return rows[i].extension;
	return BY_NOTHING;
}

/* at: as in LLVMAddAttributeAtIndex. */
static void extend(LLVMValueRef fn, unsigned at, bool is_signed)
{
	LLVMModuleRef module = LLVMGetGlobalParent(fn);
	enum extension extension = extension_on(LLVMGetTarget(module));
	const char *name = is_signed || extension == BY_SIGN ? "signext" : "zeroext";
	unsigned kind = LLVMGetEnumAttributeKindForName(name, strlen(name));
	if (extension != BY_NOTHING)
		LLVMAddAttributeAtIndex(fn, at, LLVMCreateEnumAttribute(LLVMGetModuleContext(module), kind, 0));
}

static bool is_narrow(LLVMTypeRef type)
{
	return LLVMGetTypeKind(type) == LLVMIntegerTypeKind && LLVMGetIntTypeWidth(type) == 32;
}

void vsp_lower_c_parameters(LLVMValueRef fn)
{
	for (unsigned i = 0; i < LLVMCountParams(fn); i++)
		if (is_narrow(LLVMTypeOf(LLVMGetParam(fn, i))))
			extend(fn, 1 + i, false);
}

void vsp_lower_c_result(LLVMValueRef fn, bool is_signed)
{
	if (is_narrow(LLVMGetReturnType(LLVMGlobalGetValueType(fn))))
		extend(fn, LLVMAttributeReturnIndex, is_signed);
}
