/*
 * Finds short functions and floats by one walk over a function's instructions, see short.h.
 */
#include "short.h"

/* Effects that a short function may have. */
enum { HARMLESS = VSP_FX_BRANCH | VSP_FX_END | VSP_FX_NOFALL | VSP_FX_SP_R | VSP_FX_INST_R | VSP_FX_FLOAT };
/* Bytes of code, and local slots, which are zeroed. */
enum { FEW_BYTES = 4096, FEW_SLOTS = 64 };

static bool jumps_back(const vsp_module_data *m, const vsp_insn *insn)
{
	for (uint32_t i = 0; i < vsp_insn_target_count(insn); i++)
		if (vsp_insn_target(m->code, insn, i) <= insn->pc)
			return true;
	return false;
}

bool vsp_function_is_short(const vsp_module_data *m, uint32_t f)
{
	const vsp_func *func = &m->funcs[f];
	vsp_insn i;
	if (func->size > FEW_BYTES)
		return false;
	for (uint32_t pc = func->start; pc < func->start + func->size; pc += i.length) {
		vsp_insn_decode(m->code, m->code_size, pc, &i);
		bool harmful = vsp_insn_info(&i)->effects & ~(unsigned)HARMLESS;
		if (harmful || vsp_insn_slots(&i) > FEW_SLOTS || jumps_back(m, &i))
			return false;
	}
	return true;
}

bool vsp_function_has_floats(const vsp_module_data *m, uint32_t f)
{
	const vsp_func *func = &m->funcs[f];
	vsp_insn i;
	for (uint32_t pc = func->start; pc < func->start + func->size; pc += i.length) {
		vsp_insn_decode(m->code, m->code_size, pc, &i);
		if (vsp_form_has_floats(vsp_insn_info(&i)))
			return true;
	}
	return false;
}
