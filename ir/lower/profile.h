/*
 * Counts of what a function executes: code that makes them, and weights that tell LLVM.
 */
#ifndef VSP_LOWER_PROFILE_H
#define VSP_LOWER_PROFILE_H

#include "context.h"

/* Finds the function's counts and counters once its graph is known. False: out of memory. */
bool vsp_lower_open_profile(vsp_fn *f);
/* Makes the counters accessible, in a prologue. If entered, also counts a call. */
void vsp_lower_tally_open(vsp_fn *f, bool entered);
/* These count what an instruction is about to do. */
void vsp_lower_tally_branch(vsp_fn *f, const vsp_insn *i, LLVMValueRef taken);
void vsp_lower_tally_table(vsp_fn *f, const vsp_insn *i);
void vsp_lower_tally_call(vsp_fn *f, const vsp_insn *i, LLVMValueRef func);
/* These tell LLVM the known counts of an instruction. */
void vsp_lower_weigh_branch(vsp_fn *f, const vsp_insn *i, LLVMValueRef branch);
void vsp_lower_weigh_table(vsp_fn *f, const vsp_insn *i, LLVMValueRef choice);
void vsp_lower_weigh_targets(
        vsp_fn *f, LLVMValueRef choice, const vsp_profile_callee *targets, unsigned n, uint64_t other);
void vsp_lower_weigh_call(vsp_fn *f, LLVMValueRef call);
void vsp_lower_weigh_function(vsp_fn *f);

#endif
