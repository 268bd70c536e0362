/*
 * Small functions that call themselves, which optimised code runs several activations of in one machine frame: each call of its own becomes a
 * copy of the body, VSP_UNROLLED deep.
 */
#ifndef VSP_IR_RECURSION_H
#define VSP_IR_RECURSION_H

#include <stdbool.h>

#include "module.h"

enum { VSP_UNROLLED = 2 };

/* Is function func, of a verified module, one of them? */
bool vsp_recursion_unrolls(const vsp_module_data *module, uint32_t func);

#endif
