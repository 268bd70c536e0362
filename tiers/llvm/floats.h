/*
 * Which LLVM instructions have to do with floats, for those who can do with less where there are none: tier 2's passes, and calls ahead of time.
 */
#ifndef VSP_LLVM_FLOATS_H
#define VSP_LLVM_FLOATS_H

#include <llvm-c/Core.h>
#include <stdbool.h>

/* Is the result or an operand a float, or a vector of floats? */
bool vsp_llvm_has_float(LLVMValueRef instruction);

#endif
