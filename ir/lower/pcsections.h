/* Places of single instructions, with options->pcsections. */
#ifndef VSP_LOWER_PCSECTIONS_H
#define VSP_LOWER_PCSECTIONS_H

#include "context.h"

/* Opens the section's metadata. False: the target does not support it. */
bool vsp_lower_open_pcsections(vsp_lower *l, const char *triple);
/*
 * These give the current place to an access of linear memory or to a call, and return it. After a
 * call that returns, code goes on in a new LLVM block.
 */
LLVMValueRef vsp_lower_mark_access(vsp_fn *f, LLVMValueRef access);
LLVMValueRef vsp_lower_mark_call(vsp_fn *f, LLVMValueRef call, bool returns);

#endif
