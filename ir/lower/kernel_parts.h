/* The parts of the lowering that are different on devices. Private to ir/lower. */
#ifndef VSP_LOWER_KERNEL_PARTS_H
#define VSP_LOWER_KERNEL_PARTS_H

#include "context.h"

/* The high half of a 64-bit product, without integers of 128 bits. */
LLVMValueRef vsp_lower_device_high_half(vsp_fn *f, LLVMValueRef x, LLVMValueRef y, bool is_signed);
/*
 * Accesses of bytes at address, which is that of the linear address ea. Devices access only aligned
 * addresses as a whole, so others are accessed byte by byte.
 */
LLVMValueRef vsp_lower_device_load(vsp_fn *f, LLVMTypeRef type, LLVMValueRef address, LLVMValueRef ea, unsigned bytes);
void vsp_lower_device_store(vsp_fn *f, LLVMValueRef value, LLVMValueRef address, LLVMValueRef ea, unsigned bytes);

#endif
