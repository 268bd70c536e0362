/*
 * The callees of INVOKEI and INVOKET: a search of the functions, or of a table of them.
 */
#include "callees.h"

#include "runtime/state.h"

bool vsp_is_callee(const vsp_module_data *module, const vsp_insn *insn, uint32_t func)
{
	const vsp_func *f = &module->funcs[func];
	if (insn->form == VSP_I_INVOKET)
		return vsp_module_func_type(module, func) == insn->imm;
	return f->kind == VSP_KIND_FUNCTION && (f->params | f->results << 8) == (insn->imm & 0xFFFF);
}

static unsigned few_of_signature(const vsp_module_data *module, const vsp_insn *insn, uint32_t out[VSP_FEW_CALLEES])
{
	unsigned n = 0;
	if (module->func_count > VSP_MANY_FUNCTIONS)
		return 0;
	for (uint32_t i = 0; i < module->func_count; i++) {
		if (!vsp_is_callee(module, insn, i))
			continue;
		if (n == VSP_FEW_CALLEES)
			return 0;
		out[n++] = i;
	}
	return n;
}

/* Adds func to the sorted list of n, unless it is there. Returns the new length, which may be one too many. */
static unsigned insert(uint32_t list[VSP_FEW_CALLEES + 1], unsigned n, uint32_t func)
{
	unsigned at = n;
	while (at && list[at - 1] >= func)
		at--;
	if (at < n && list[at] == func)
		return n;
	for (unsigned i = n; i > at; i--)
		list[i] = list[i - 1];
	list[at] = func;
	return n + 1;
}

static unsigned few_of_run(const vsp_module_data *module, const vsp_table_run *run, const vsp_insn *insn,
        uint32_t list[VSP_FEW_CALLEES + 1], unsigned n)
{
	for (uint32_t i = 0; i < run->count && n <= VSP_FEW_CALLEES; i++) {
		uint32_t func = (uint32_t)vsp_read_le(run->functions + 4 * (size_t)i, 4);
		if (vsp_is_callee(module, insn, func))
			n = insert(list, n, func);
	}
	return n;
}

static unsigned few_of_table(const vsp_module_data *module, const vsp_insn *insn, uint32_t out[VSP_FEW_CALLEES])
{
	uint32_t list[VSP_FEW_CALLEES + 1];
	unsigned n = 0;
	if (module->payloads.table_list[insn->b].used > VSP_MANY_FUNCTIONS || module->run_count > VSP_MANY_FUNCTIONS)
		return 0;
	for (uint32_t i = 0; i < module->run_count && n <= VSP_FEW_CALLEES; i++)
		if (module->runs[i].table == insn->b)
			n = few_of_run(module, &module->runs[i], insn, list, n);
	for (unsigned i = 0; i < n && i < VSP_FEW_CALLEES; i++)
		out[i] = list[i];
	return n <= VSP_FEW_CALLEES ? n : 0;
}

unsigned vsp_few_callees(const vsp_module_data *module, const vsp_insn *insn, uint32_t out[VSP_FEW_CALLEES])
{
	return insn->form == VSP_I_INVOKET ? few_of_table(module, insn, out) : few_of_signature(module, insn, out);
}
