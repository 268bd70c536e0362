/*
 * Chains of functions that are called from one place each, and where they are cut.
 *
 * LLVM inlines a function with one call into its caller however large it is, and simplifies the
 * caller anew each time. In a chain of such functions, each calling the next, every instruction is
 * simplified once for each function above it: a program of 10,000 instructions took 40 seconds. So
 * at every CHAIN_MOST levels one function of a chain stays apart, and no instruction is simplified
 * more often than that.
 */
#include "job.h"

enum { CHAIN_MOST = 16, NO_CALLER = -1, MANY_CALLERS = -2 };

typedef struct chains {
	const vsp_module_data *data;
	int32_t *caller;   /* per function: the one that calls it, in one place; or NO_CALLER, MANY_CALLERS */
	uint32_t *pending; /* per function: the callees called from it alone that were not looked at yet */
	uint8_t *below;    /* per function: the levels of such callees that can be inlined into it */
	uint32_t *ready;   /* functions without pending callees, in the order in which they are looked at */
	uint32_t ready_count;
} chains;

/* INVOKE and TRANS name their callee; TRANS's form of a function is called like any other. */
static void count_calls(chains *c, uint32_t func)
{
	const vsp_module_data *m = c->data;
	vsp_insn i;
	for (uint32_t pc = m->funcs[func].start, end = pc + m->funcs[func].size; pc < end; pc += i.length) {
		vsp_insn_decode(m->code, m->code_size, pc, &i);
		if (i.form == VSP_I_INVOKE || i.form == VSP_I_TRANS)
			c->caller[i.imm] = c->caller[i.imm] == NO_CALLER ? (int32_t)func : MANY_CALLERS;
	}
}

static void find_callers(chains *c)
{
	uint32_t count = c->data->func_count;
	for (uint32_t f = 0; f < count; f++)
		c->caller[f] = NO_CALLER;
	for (uint32_t f = 0; f < count; f++)
		count_calls(c, f);
	for (uint32_t f = 0; f < count; f++)
		if (c->caller[f] >= 0)
			c->pending[c->caller[f]]++;
	for (uint32_t f = 0; f < count; f++)
		if (!c->pending[f])
			c->ready[c->ready_count++] = f;
}

/* func's callees have been looked at: tells its caller, and says whether func stays apart. */
static bool look_at(chains *c, uint32_t func)
{
	int32_t caller = c->caller[func];
	bool apart = c->below[func] == CHAIN_MOST - 1;
	if (caller < 0)
		return false;
	if (!apart && c->below[caller] < c->below[func] + 1)
		c->below[caller] = c->below[func] + 1;
	if (--c->pending[caller] == 0)
		c->ready[c->ready_count++] = (uint32_t)caller;
	return apart;
}

/* Functions that call one another in a circle never become ready, and LLVM does not inline them. */
vsp_status aot_cut_chains(aot_job *job, void (*cut)(aot_job *job, uint32_t func))
{
	uint32_t count = job->data->func_count;
	chains c = {.data = job->data,
	        .caller = vsp_arena_array(&job->arena, count, sizeof(int32_t)),
	        .pending = vsp_arena_array(&job->arena, count, sizeof(uint32_t)),
	        .below = vsp_arena_array(&job->arena, count, sizeof(uint8_t)),
	        .ready = vsp_arena_array(&job->arena, count, sizeof(uint32_t))};
	if (!c.caller || !c.pending || !c.below || !c.ready)
		return aot_fail_memory(job);
	find_callers(&c);
	for (uint32_t done = 0; done < c.ready_count; done++)
		if (look_at(&c, c.ready[done]))
			cut(job, c.ready[done]);
	return VSP_OK;
}
