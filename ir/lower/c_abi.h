/*
 * C's calling convention for 32-bit values, where LLVM leaves it to the front end.
 */
#ifndef VSP_LOWER_C_ABI_H
#define VSP_LOWER_C_ABI_H

#include <llvm-c/Core.h>
#include <stdbool.h>

/*
 * Some machines with 64-bit registers want 32-bit values extended, to which both sides of a call
 * must hold. Marks the parameters of a function as C's uint32_t or uint64_t, for one that is
 * called, and its result as int or uint32_t. The module's target must be set.
 */
void vsp_lower_c_parameters(LLVMValueRef fn);
void vsp_lower_c_result(LLVMValueRef fn, bool is_signed);

#endif
