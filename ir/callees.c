/*
 * The functions that calls may reach: those of INVOKEI by a search of the table of functions, those
 * of kernels by their code.
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

/* ---- what kernels reach ---- */

static bool contains(const uint32_t *list, uint32_t count, uint32_t f)
{
	while (count > 0)
		if (list[--count] == f)
			return true;
	return false;
}

/* Adds the callees of function f to the list, which has count and at most most. Returns the new count. */
static uint32_t add_callees(const vsp_module_data *m, uint32_t f, uint32_t *list, uint32_t count, uint32_t most)
{
	vsp_insn i;
	for (uint32_t pc = m->funcs[f].start, end = pc + m->funcs[f].size; pc < end && count <= most; pc += i.length) {
		vsp_insn_decode(m->code, m->code_size, pc, &i);
		if (!(vsp_insn_info(&i)->effects & VSP_FX_CALL) || contains(list, count, (uint32_t)i.imm))
			continue;
		if (count < most)
			list[count] = (uint32_t)i.imm;
		count++;
	}
	return count;
}

uint32_t vsp_reached_callees(const vsp_module_data *m, uint32_t f, uint32_t *list, uint32_t most)
{
	uint32_t count = add_callees(m, f, list, 0, most);
	for (uint32_t done = 0; done < count && count <= most; done++)
		count = add_callees(m, list[done], list, count, most);
	return count;
}
