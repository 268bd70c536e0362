/*
 * Which functions depend on the floating-point environment. Reading the environment takes longer
 * than the rest of a call from a host, so exported functions without floats leave it alone. The
 * answer is computed from the LLVM module, before optimisation: yes unless all reachable functions
 * are known and contain no float.
 */
#include "job.h"

#include <string.h>

#include "tiers/llvm/floats.h"

/* Functions that only end the run use no floats; vsp_rt_invoke does the same here, or runs the
   function that calls it. */
static bool is_harmless(LLVMValueRef callee)
{
	const char *name = LLVMGetValueName(callee);
	return strncmp(name, "vsp_rt_stop_", 12) == 0 || strncmp(name, "vsp_rt_end_", 11) == 0 ||
	       strcmp(name, "vsp_rt_invoke") == 0 || strcmp(name, "vsp_rt_try_invoke") == 0 ||
	       strncmp(name, "llvm.", 5) == 0;
}

/* Functions that depend on it: a hash table with open addressing, and a list, which begins with
   those whose callers were marked. */
struct aot_floats {
	LLVMValueRef *keys, *list;
	size_t room, count; /* room: of keys, a power of two */
};

static size_t place_of(const struct aot_floats *all, LLVMValueRef fn)
{
	size_t at = (size_t)((uint64_t)(uintptr_t)fn * 0x9E3779B97F4A7C15u >> 32) & (all->room - 1);
	while (all->keys[at] && all->keys[at] != fn)
		at = (at + 1) & (all->room - 1);
	return at;
}

static void add(struct aot_floats *all, LLVMValueRef fn)
{
	size_t at = place_of(all, fn);
	if (all->keys[at])
		return;
	all->keys[at] = all->list[all->count++] = fn;
}

static bool may_do_anything(LLVMValueRef call)
{
	LLVMValueRef callee = LLVMGetCalledValue(call);
	return !LLVMIsAFunction(callee) || (LLVMIsDeclaration(callee) && !is_harmless(callee));
}

static bool body_uses_floats(LLVMValueRef fn)
{
	for (LLVMBasicBlockRef b = LLVMGetFirstBasicBlock(fn); b; b = LLVMGetNextBasicBlock(b))
		for (LLVMValueRef i = LLVMGetFirstInstruction(b); i; i = LLVMGetNextInstruction(i))
			if (vsp_llvm_has_float(i) || (LLVMIsACallInst(i) && may_do_anything(i)))
				return true;
	return false;
}

static void add_callers(struct aot_floats *all, LLVMValueRef fn)
{
	for (LLVMUseRef use = LLVMGetFirstUse(fn); use; use = LLVMGetNextUse(use)) {
		LLVMValueRef user = LLVMGetUser(use);
		if (LLVMIsACallInst(user) && LLVMGetCalledValue(user) == fn)
			add(all, LLVMGetBasicBlockParent(LLVMGetInstructionParent(user)));
	}
}

/* Null: out of memory. */
static struct aot_floats *find_all(aot_job *job)
{
	struct aot_floats *all = vsp_arena_array(&job->arena, 1, sizeof *all);
	size_t most = 1;
	for (LLVMValueRef fn = LLVMGetFirstFunction(job->module); fn; fn = LLVMGetNextFunction(fn))
		most++;
	if (!all)
		return NULL;
	for (all->room = 16; all->room < 2 * most;)
		all->room *= 2;
	all->keys = vsp_arena_array(&job->arena, all->room, sizeof(LLVMValueRef));
	all->list = vsp_arena_array(&job->arena, most, sizeof(LLVMValueRef));
	if (!all->keys || !all->list)
		return NULL;
	for (LLVMValueRef fn = LLVMGetFirstFunction(job->module); fn; fn = LLVMGetNextFunction(fn))
		if (body_uses_floats(fn))
			add(all, fn);
	for (size_t i = 0; i < all->count; i++)
		add_callers(all, all->list[i]);
	return all;
}

bool aot_uses_floats(aot_job *job, LLVMValueRef fn)
{
	if (!job->floats)
		job->floats = find_all(job);
	return !job->floats || job->floats->keys[place_of(job->floats, fn)];
}
