/*
 * Functions that end soon by their RET, whatever happens: calls of them need no preparation for
 * traps, interrupts or callbacks.
 */
#ifndef VSP_IR_SHORT_H
#define VSP_IR_SHORT_H

#include "module.h"

/*
 * Can function f of a verified module neither trap, nor loop, nor touch memory or SP, nor call, nor
 * reach the host, and is it small? With fuel it can trap all the same.
 */
bool vsp_function_is_short(const vsp_module_data *m, uint32_t f);
/* May an instruction of function f, its callees aside, depend on the modes for floats? */
bool vsp_function_has_floats(const vsp_module_data *m, uint32_t f);

/* The same of one instruction. */
static inline bool vsp_form_has_floats(const vsp_form_info *info)
{
	return info->effects & (VSP_FX_FLOAT | VSP_FX_FUNCTION | VSP_FX_BATCH);
}

#endif
