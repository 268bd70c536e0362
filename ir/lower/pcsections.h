/* Places of single instructions, with options->pcsections. */
#ifndef VSP_LOWER_PCSECTIONS_H
#define VSP_LOWER_PCSECTIONS_H

#include "context.h"

/* False: the target has none. */
bool vsp_lower_open_pcsections(vsp_lower *l, const char *triple);
/* Give an access of linear memory and a call the current place, and return it; behind a call that returns, code goes on in a new LLVM block. */
LLVMValueRef vsp_lower_mark_access(vsp_fn *f, LLVMValueRef access);
LLVMValueRef vsp_lower_mark_call(vsp_fn *f, LLVMValueRef call, bool returns);

#endif
