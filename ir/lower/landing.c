/*
 * Marks of where indirect jumps and calls may land, see landing.h. LLVM makes x86's of a flag of
 * the module, and ARM's of an attribute of each function.
 */
#include "landing.h"

#include <stdbool.h>
#include <string.h>

#define ARM_MARKS "branch-target-enforcement"
#define X86_MARKS "cf-protection-branch"

static const struct target {
	const char *machine, *flag; /* the start of a triple; a flag of modules */
	bool functions;             /* and an attribute of functions */
} targets[] = {{"x86_64", X86_MARKS, false}, {"i386", X86_MARKS, false}, {"i686", X86_MARKS, false},
        {"aarch64", ARM_MARKS, true}, {"arm64", ARM_MARKS, true}};

static const struct target *target_of(LLVMModuleRef module)
{
	const char *triple = LLVMGetTarget(module);
	for (size_t i = 0; i < sizeof targets / sizeof *targets; i++)
		if (strncmp(triple, targets[i].machine, strlen(targets[i].machine)) == 0)
			return &targets[i];
	return NULL;
}

/* Functions of another module, which it is linked with, are generated as the flag says. */
static void add_flag(LLVMModuleRef module, const char *flag)
{
	LLVMTypeRef i32 = LLVMInt32TypeInContext(LLVMGetModuleContext(module));
	if (!LLVMGetModuleFlag(module, flag, strlen(flag)))
		LLVMAddModuleFlag(module, LLVMModuleFlagBehaviorOverride, flag, strlen(flag),
		        LLVMValueAsMetadata(LLVMConstInt(i32, 1, false)));
}

static void add_attributes(LLVMModuleRef module, const char *name)
{
	LLVMAttributeRef attribute = LLVMCreateStringAttribute(
	        LLVMGetModuleContext(module), name, (unsigned)strlen(name), "true", (unsigned)strlen("true"));
	for (LLVMValueRef fn = LLVMGetFirstFunction(module); fn; fn = LLVMGetNextFunction(fn))
		if (!LLVMIsDeclaration(fn))
			LLVMAddAttributeAtIndex(fn, (LLVMAttributeIndex)LLVMAttributeFunctionIndex, attribute);
}

void vsp_lower_mark_landings(LLVMModuleRef module)
{
	const struct target *t = target_of(module);
	if (!t)
		return;
	add_flag(module, t->flag);
	if (t->functions)
		add_attributes(module, t->flag);
}
