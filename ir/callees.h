/*
 * Sets of functions that calls may reach. An INVOKEI may call functions of the ordinary kind that
 * take and return as many values as its counts tell, an INVOKET those of its type in its table;
 * where they are few, the call is a choice between them. A kernel reaches what its calls name.
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

/*
 * Lists the functions that a kernel, or a function that kernels may call, reaches: these call by
 * INVOKE and TRANS alone. Returns their number, without f; beyond most the list is not complete.
 */
uint32_t vsp_reached_callees(const vsp_module_data *module, uint32_t f, uint32_t *list, uint32_t most);

#endif
