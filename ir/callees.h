/*
 * The functions that an INVOKEI may call, as far as its counts tell: functions of the ordinary kind
 * that take and return as many values. Where they are few, the call is a choice between them.
 */
#ifndef VSP_IR_CALLEES_H
#define VSP_IR_CALLEES_H

#include "module.h"

enum {
	VSP_FEW_CALLEES = 4,
	VSP_MANY_FUNCTIONS = 4096 /* modules with more functions are not searched for each call */
};

/*
 * Stores the indices, in order, of all functions whose signature is params | results << 8, and
 * returns their number; 0 when there are more than VSP_FEW_CALLEES.
 */
unsigned vsp_few_callees(const vsp_module_data *module, unsigned counts, uint32_t out[VSP_FEW_CALLEES]);

#endif
