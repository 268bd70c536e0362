/*
 * The functions that calls may reach: those of INVOKEI by a search of the functions, those of
 * INVOKET by a search of its table, those of kernels by their code.
 */
#include "callees.h"

#include "runtime/state.h"

bool vsp_is_callee(const vsp_module_data *module, const vsp_insn *insn, uint32_t func)
{
	const vsp_func *f = &module->funcs[func];
	if (insn->form == VSP_I_INVOKET) {
		uint32_t type = vsp_module_func_type(module, func);
		return type != VSP_NO_TYPE && type == insn->imm;
	}
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

/* Adds func to the sorted list of n, unless it is there. Returns the new length, which may be one
   too many. */
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

/* ---- what kernels reach ---- */

static bool contains(const uint32_t *list, uint32_t count, uint32_t f)
{
	while (count > 0)
		if (list[--count] == f)
			return true;
	return false;
}

/* Adds the callees of function f to the list, which has count and at most most. Returns the new
   count. */
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
