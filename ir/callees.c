/*
 * The callees of INVOKEI: a search of the table of functions.
 */
#include "callees.h"

#include "runtime/state.h"

unsigned vsp_few_callees(const vsp_module_data *module, unsigned counts, uint32_t out[VSP_FEW_CALLEES])
{
	unsigned n = 0;
	if (module->func_count > VSP_MANY_FUNCTIONS)
		return 0;
	for (uint32_t i = 0; i < module->func_count; i++) {
		const vsp_func *f = &module->funcs[i];
		if (f->kind != VSP_KIND_FUNCTION || (f->params | (unsigned)f->results << 8) != counts)
			continue;
		if (n == VSP_FEW_CALLEES)
			return 0;
		out[n++] = i;
	}
	return n;
}
