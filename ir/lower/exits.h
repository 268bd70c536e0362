/* Everything that ends the run. */
#ifndef VSP_LOWER_EXITS_H
#define VSP_LOWER_EXITS_H

#include "context.h"

/* Traps with kind when condition holds; goes on in a new block. */
void vsp_lower_trap_if(vsp_fn *f, LLVMValueRef condition, vsp_trap kind, uint32_t pc);
/* Where to go from the LLVM block the builder is in, once, to trap. */
LLVMBasicBlockRef vsp_lower_trap_block(vsp_fn *f, vsp_trap kind, uint32_t pc);
/* Traps for an access at ea (i64) when condition holds. */
void vsp_lower_access_trap_if(vsp_fn *f, LLVMValueRef condition, LLVMValueRef ea, uint32_t pc);
/* Goes on when status (i32) is 0, else leaves with it. */
void vsp_lower_check(vsp_fn *f, LLVMValueRef status, uint32_t pc);
/* Goes on when status (i32), of something that runs program code and has noted how that ended, is 0; else returns. With options->status. */
void vsp_lower_check_ended(vsp_fn *f, LLVMValueRef status);
/* Calls what notes an end of the run - the one that leaves or the one that returns - and ends the LLVM block. */
void vsp_lower_end_run(vsp_fn *f, vsp_callee stop, vsp_callee end, LLVMValueRef *args, unsigned count);
#define END_RUN(f, name, args, count) \
	vsp_lower_end_run(f, VSP_CALLEE(vsp_rt_stop_##name), VSP_CALLEE(vsp_rt_end_##name), args, count)
/* Stores the registers of mask to regs, and flags and SP as the state shown. */
void vsp_lower_show(vsp_fn *f, LLVMValueRef regs, uint32_t mask);
/* Z N O as the low bits of the status register, a byte. */
LLVMValueRef vsp_lower_flags(vsp_fn *f);
/* Ends the shared blocks, when all sites are known. */
void vsp_lower_finish_exits(vsp_fn *f);
/* Where code polls for interrupts: traps INTERRUPTED at pc when one waits. */
void vsp_lower_poll(vsp_fn *f, uint32_t pc);

#endif
