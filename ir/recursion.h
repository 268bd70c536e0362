/*
 * Small functions that call themselves. Optimised code runs several activations of them in one
 * machine frame: each call of the function itself becomes a copy of the body, VSP_UNROLLED deep.
 */
#ifndef VSP_IR_RECURSION_H
#define VSP_IR_RECURSION_H

#include <stdbool.h>

#include "module.h"

enum { VSP_UNROLLED = 2 };

/* Is function func of a verified module such a function? */
bool vsp_recursion_unrolls(const vsp_module_data *module, uint32_t func);

#endif
