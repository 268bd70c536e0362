/*
 * Which functions depend on the floating-point environment. Looking at it takes longer than the rest of a call from a host, so exported
 * functions without floats go without. The answer comes from the LLVM module, before optimisation: yes unless all that can be reached is
 * known and has no float in it.
 */
#include "job.h"

#include <string.h>

#include "tiers/llvm/floats.h"

/* Functions that only end the run have no use for floats; vsp_rt_invoke does the same here, or runs the function that calls it. */
static bool is_harmless(LLVMValueRef callee)
{
	const char *name = LLVMGetValueName(callee);
	return strncmp(name, "vsp_rt_stop_", 12) == 0 || strncmp(name, "vsp_rt_end_", 11) == 0 ||
	       strcmp(name, "vsp_rt_invoke") == 0 || strcmp(name, "vsp_rt_try_invoke") == 0 ||
	       strncmp(name, "llvm.", 5) == 0;
}

/* The functions found so far, each once. */
typedef struct reached {
	LLVMValueRef *list;
	size_t count;
} reached;

static void add(reached *r, LLVMValueRef fn)
{
	for (size_t i = 0; i < r->count; i++)
		if (r->list[i] == fn)
			return;
	r->list[r->count++] = fn;
}

/* False: what is called may depend on anything. */
static bool add_callee(reached *r, LLVMValueRef call)
{
	LLVMValueRef callee = LLVMGetCalledValue(call);
	if (!LLVMIsAFunction(callee))
		return false;
	if (LLVMIsDeclaration(callee))
		return is_harmless(callee);
	add(r, callee);
	return true;
}

static bool body_uses_floats(reached *r, LLVMValueRef fn)
{
	for (LLVMBasicBlockRef b = LLVMGetFirstBasicBlock(fn); b; b = LLVMGetNextBasicBlock(b))
		for (LLVMValueRef i = LLVMGetFirstInstruction(b); i; i = LLVMGetNextInstruction(i))
			if (vsp_llvm_has_float(i) || (LLVMIsACallInst(i) && !add_callee(r, i)))
				return true;
	return false;
}

bool aot_uses_floats(aot_job *job, LLVMValueRef fn)
{
	size_t most = 1;
	for (LLVMValueRef f = LLVMGetFirstFunction(job->module); f; f = LLVMGetNextFunction(f))
		most++;
	reached r = {vsp_arena_array(&job->arena, most, sizeof(LLVMValueRef)), 0};
	if (!r.list)
		return true;
	add(&r, fn);
	for (size_t i = 0; i < r.count; i++)
		if (body_uses_floats(&r, r.list[i]))
			return true;
	return false;
}
