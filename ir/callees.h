/*
 * Which functions an INVOKEI may call, from its counts alone: those of kind function that take and return as many values. Where they are few,
 * the call is a choice between them.
 */
#ifndef VSP_IR_CALLEES_H
#define VSP_IR_CALLEES_H

#include "module.h"

enum {
	VSP_FEW_CALLEES = 4,
	VSP_MANY_FUNCTIONS = 4096 /* modules with more are not searched for each call */
};

/* The indices, in order, of all functions that params | results << 8 fits, and their number; 0 when there are more than VSP_FEW_CALLEES. */
unsigned vsp_few_callees(const vsp_module_data *module, unsigned counts, uint32_t out[VSP_FEW_CALLEES]);

#endif
