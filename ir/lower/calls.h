/*
 * Calls: the description of a call that is being lowered, which two files share, and the code of
 * functions around their calls.
 */
#ifndef VSP_LOWER_CALLS_H
#define VSP_LOWER_CALLS_H

#include "context.h"

typedef struct vsp_call_site {
	const vsp_insn *insn; /* null: no call of the program */
	unsigned params, results;
	LLVMValueRef func; /* its index, i32 */
} vsp_call_site;

/*
 * Counts the activation if the maximum must be exact, and traps beyond it. Returns the depth before
 * it, for use after the call, or null.
 */
LLVMValueRef vsp_lower_enter_depth(vsp_fn *f, const vsp_call_site *c);
void vsp_lower_leave_depth(vsp_fn *f, LLVMValueRef depth);
/* The entry of function index (i32) in rt->funcs. */
LLVMValueRef vsp_lower_func_entry(vsp_fn *f, LLVMValueRef index);
/* Calls callee through its native form in this LLVM module and sets the result registers. */
void vsp_lower_direct_call(vsp_fn *f, const vsp_call_site *c, uint32_t callee);
/* The same through the code in func_entry, or by tier 0 if it has none. */
void vsp_lower_indirect_call(vsp_fn *f, const vsp_call_site *c, LLVMValueRef func_entry);

/* The native function's prologue: continues in tier 0 when the stack is almost used up. */
void vsp_lower_stack_check(vsp_fn *f);
/* Does the function call others? */
bool vsp_lower_makes_calls(const vsp_fn *f);
/*
 * Calls the native form of the function itself, as its boxed form does; registers are passed and
 * returned.
 */
void vsp_lower_call_native(vsp_fn *f);
/* Returns from the native entry point. */
void vsp_lower_return_results(vsp_fn *f);

#endif
