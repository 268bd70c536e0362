/*
 * The part of the verifier for kernels: a depth-first walk over INVOKE and TRANS from every kernel.
 * The walk keeps its own stack of (function, place to continue), visits each function once, and
 * reads callees from the code. So it is linear in the code, and as deep as there are functions.
 */
#include <inttypes.h>

#include "runtime/base/alloc.h"
#include "verify_parts.h"

enum { UNSEEN, ON_STACK, DONE };

typedef struct walk {
	vsp_verifier *v;
	uint8_t *state;   /* per function */
	uint32_t *resume; /* per function on the stack: the place to continue */
	uint32_t *stack;  /* functions */
	uint32_t depth;
} walk;

static bool enter(walk *w, uint32_t func)
{
	vsp_verifier *v = w->v;
	uint32_t pc = v->not_kernel[func];
	if (pc != VSP_NO_PC) {
		vsp_insn insn;
		vsp_insn_decode(v->m->code, v->m->code_size, pc, &insn);
		return vsp_verify_fail_insn(
		        v, pc, "kernels may not contain or reach %s", vsp_insn_info(&insn)->mnemonic);
	}
	w->state[func] = ON_STACK;
	w->resume[func] = v->m->funcs[func].start;
	w->stack[w->depth++] = func;
	return true;
}

/* Continues in the function on top: to its next callee, or back when there is none. */
static bool step(walk *w)
{
	const vsp_module_data *m = w->v->m;
	uint32_t func = w->stack[w->depth - 1], end = m->funcs[func].start + m->funcs[func].size;
	while (w->resume[func] < end) {
		vsp_insn insn;
		vsp_insn_decode(m->code, m->code_size, w->resume[func], &insn);
		w->resume[func] += insn.length;
		if (!(vsp_insn_info(&insn)->effects & VSP_FX_CALL) || w->state[insn.imm] == DONE)
			continue; /* calls that kernels may contain have the callee's index as immediate */
		if (w->state[insn.imm] == ON_STACK)
			return vsp_verify_fail_insn(w->v, insn.pc, "kernels may not contain or reach recursion");
		return enter(w, (uint32_t)insn.imm);
	}
	w->state[func] = DONE;
	w->depth--;
	return true;
}

static bool walk_all(walk *w)
{
	const vsp_module_data *m = w->v->m;
	for (uint32_t i = 0; i < m->func_count; i++) {
		if (m->funcs[i].kind != VSP_KIND_KERNEL || w->state[i] != UNSEEN)
			continue;
		if (!enter(w, i))
			return false;
		while (w->depth)
			if (!step(w))
				return false;
	}
	return true;
}

bool vsp_verify_kernels(vsp_verifier *v)
{
	size_t n = v->m->func_count;
	walk w = {.v = v,
	        .state = vsp_alloc(n, 1),
	        .resume = vsp_alloc(n, sizeof *w.resume),
	        .stack = vsp_alloc(n, sizeof *w.stack)};
	bool ok = w.state && w.resume && w.stack ? walk_all(&w) : vsp_verify_no_memory(v);
	vsp_free_memory(w.state);
	vsp_free_memory(w.resume);
	vsp_free_memory(w.stack);
	return ok;
}
