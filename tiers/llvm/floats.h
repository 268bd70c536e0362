/*
 * The LLVM instructions that have to do with floats. Code without them needs less: fewer passes at
 * tier 2, and simpler calls ahead of time.
 */
#ifndef VSP_LLVM_FLOATS_H
#define VSP_LLVM_FLOATS_H

#include <llvm-c/Core.h>
#include <stdbool.h>

/* Is the result or an operand a float, or a vector of floats? */
bool vsp_llvm_has_float(LLVMValueRef instruction);

#endif
