/*
 * Code that ends the run.
 */
#ifndef VSP_LOWER_EXITS_H
#define VSP_LOWER_EXITS_H

#include "context.h"

/* Traps with kind if condition holds; otherwise code goes on in a new block. */
void vsp_lower_trap_if(vsp_fn *f, LLVMValueRef condition, vsp_trap kind, uint32_t pc);
/* The block to which the builder's LLVM block jumps to trap; to be called once for each edge. */
LLVMBasicBlockRef vsp_lower_trap_block(vsp_fn *f, vsp_trap kind, uint32_t pc);
/* Traps for an access at ea (i64) if condition holds. */
void vsp_lower_access_trap_if(vsp_fn *f, LLVMValueRef condition, LLVMValueRef ea, uint32_t pc);
/* Goes on if status (i32) is 0, otherwise ends the run with it. */
void vsp_lower_check(vsp_fn *f, LLVMValueRef status, uint32_t pc);
/* Ends the run with status, which is not 0, and the LLVM block. */
void vsp_lower_fail(vsp_fn *f, LLVMValueRef status, uint32_t pc);
/*
 * Goes on if status (i32) is 0, otherwise returns. The status is that of a callee which runs
 * program code and has recorded how that ended. With options->status.
 */
void vsp_lower_check_ended(vsp_fn *f, LLVMValueRef status);
/*
 * Calls the helper that records an end of the run (stop leaves the frames, end returns), and ends
 * the LLVM block.
 */
void vsp_lower_end_run(vsp_fn *f, vsp_callee stop, vsp_callee end, LLVMValueRef *args, unsigned count);
#define END_RUN(f, name, args, count) \
	vsp_lower_end_run(f, VSP_CALLEE(vsp_rt_stop_##name), VSP_CALLEE(vsp_rt_end_##name), args, count)
/* Stores the registers of mask to regs, and flags and SP to the state shown. */
void vsp_lower_show(vsp_fn *f, LLVMValueRef regs, uint32_t mask);
/* Z N O as the low bits of the status register, in a byte. */
LLVMValueRef vsp_lower_flags(vsp_fn *f);
/* Completes the shared blocks when all sites are known. */
void vsp_lower_finish_exits(vsp_fn *f);
/* Polls for interrupts: traps INTERRUPTED at pc if one is pending. */
void vsp_lower_poll(vsp_fn *f, uint32_t pc);

#endif
