/* Addresses, loads and stores of linear memory. */
#ifndef VSP_LOWER_MEMORY_H
#define VSP_LOWER_MEMORY_H

#include "context.h"

/*
 * The address (ptr) of bytes at the exact linear address ea (i64); it is checked if memory is not
 * guarded.
 */
LLVMValueRef vsp_lower_address(vsp_fn *f, LLVMValueRef ea, unsigned bytes, bool write, uint32_t pc);
LLVMValueRef vsp_lower_load(vsp_fn *f, LLVMTypeRef type, LLVMValueRef ea, unsigned bytes, uint32_t pc);
void vsp_lower_store(vsp_fn *f, LLVMValueRef value, LLVMValueRef ea, unsigned bytes, uint32_t pc);

#endif
