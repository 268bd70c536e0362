/*
 * Registers and results in the frame, for helpers that take their address; and SP, which is in
 * rt->sp during calls that may look at it.
 */
#ifndef VSP_LOWER_SPILL_H
#define VSP_LOWER_SPILL_H

#include "fields.h"

/* A variable in the frame. */
LLVMValueRef vsp_lower_variable(vsp_fn *f, LLVMTypeRef type, const char *name);
/* Scratch registers: 16 words. */
LLVMValueRef vsp_lower_scratch(vsp_fn *f);
/* The same with the registers of mask stored. */
LLVMValueRef vsp_lower_spill(vsp_fn *f, uint32_t mask);
/* The same with regs as the destination. */
void vsp_lower_spill_to(vsp_fn *f, LLVMValueRef regs, uint32_t mask);
/* Sets the registers of mask from regs. */
void vsp_lower_reload(vsp_fn *f, LLVMValueRef regs, uint32_t mask);
/* Stores R0..R(count-1). */
void vsp_lower_store_registers(vsp_fn *f, LLVMValueRef regs, unsigned count);
LLVMValueRef vsp_lower_out(vsp_fn *f); /* the result word */
LLVMValueRef vsp_lower_out_value(vsp_fn *f, LLVMTypeRef type);

/* ---- SP: rt->sp holds its value at the start, except during calls that may look at it ---- */

/* Reads SP in a prologue. */
void vsp_lower_open_sp(vsp_fn *f);
/* To be called before and after such a call. */
void vsp_lower_publish_sp(vsp_fn *f);
void vsp_lower_restore_sp(vsp_fn *f);

#endif
