/*
 * The functions that an INVOKEI or INVOKET may call, as far as the instruction tells: for INVOKEI
 * functions of the ordinary kind that take and return as many values, for INVOKET those of its type
 * in its table. Where they are few, the call is a choice between them.
 */
#ifndef VSP_IR_CALLEES_H
#define VSP_IR_CALLEES_H

#include "module.h"

enum {
	VSP_FEW_CALLEES = 4,
	VSP_MANY_FUNCTIONS = 4096 /* modules or tables with more functions are not searched for each call */
};

/* May insn, an INVOKEI or INVOKET, call function func, if that is where it leads? */
bool vsp_is_callee(const vsp_module_data *module, const vsp_insn *insn, uint32_t func);
/*
 * Stores the indices, in order, of all functions that insn may call, and returns their number; 0
 * when there are more than VSP_FEW_CALLEES.
 */
unsigned vsp_few_callees(const vsp_module_data *module, const vsp_insn *insn, uint32_t out[VSP_FEW_CALLEES]);

#endif
