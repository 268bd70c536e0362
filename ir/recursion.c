/*
 * The choice of recursions that are unrolled: those whose copies, one for each call in each copy,
 * stay small.
 */
#include "recursion.h"

#include "opcode.h"

enum {
	MOST_BYTES = 200, /* of a function that is considered */
	MOST_INSNS = 160  /* of all copies */
};

/* The number of instructions of a function, and of its calls of itself. */
typedef struct self_calls {
	unsigned insns, calls;
} self_calls;

static self_calls count_calls(const vsp_module_data *m, uint32_t func)
{
	self_calls n = {0, 0};
	const vsp_func *f = &m->funcs[func];
	vsp_insn i;
	for (uint32_t pc = f->start; pc < f->start + f->size; pc += i.length) {
		vsp_insn_decode(m->code, m->code_size, pc, &i);
		n.insns++;
		n.calls += i.form == VSP_I_INVOKE && (uint32_t)i.imm == func;
	}
	return n;
}

bool vsp_recursion_unrolls(const vsp_module_data *module, uint32_t func)
{
	if (module->funcs[func].size > MOST_BYTES)
		return false;
	self_calls n = count_calls(module, func);
	unsigned copies = 1, all = n.insns;
	for (unsigned depth = 0; depth < VSP_UNROLLED; depth++) {
		copies *= n.calls;
		all += copies * n.insns;
	}
	return n.calls != 0 && all <= MOST_INSNS;
}
