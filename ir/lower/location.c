/*
 * The place in the program of the code that is being built: debug locations whose lines are code
 * addresses plus one, if options ask for them.
 */
#include "location.h"

void vsp_lower_set_location(vsp_fn *f, uint32_t pc)
{
	f->place = pc;
	if (f->scope)
		LLVMSetCurrentDebugLocation2(
		        f->b, LLVMDIBuilderCreateDebugLocation(f->lower->context, pc + 1, 0, f->scope, NULL));
}

/* The prologue's code has the place pc. */
void vsp_lower_set_scope(vsp_fn *f, uint32_t pc)
{
	vsp_lower *l = f->lower;
	if (!l->di)
		return;
	size_t length;
	const char *name = LLVMGetValueName2(f->value, &length);
	f->scope = LLVMDIBuilderCreateFunction(l->di, l->di_file, name, length, name, length, l->di_file, pc + 1,
	        l->di_type, true, true, pc + 1, LLVMDIFlagZero, l->options->optimise);
	LLVMSetSubprogram(f->value, f->scope);
}
