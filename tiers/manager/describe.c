/*
 * The description of what is compiled for a unit: which callees are compiled with it, and which
 * entry points it gets.
 */
#include "ir/callees.h"
#include "ir/cfg.h"
#include "ir/recursion.h"
#include "parts.h"
#include "runtime/base/alloc.h"

static uint32_t func_size(const vsp_manager *m, uint32_t f) { return m->module->funcs[f].size; }

static bool contains(const uint32_t *list, uint32_t count, uint32_t f)
{
	for (uint32_t i = 0; i < count; i++)
		if (list[i] == f)
			return true;
	return false;
}

/* The callees that are compiled with a function. */
typedef struct inline_list {
	uint32_t func;
	uint32_t *list, count;
	uint32_t total; /* bytes of bytecode */
} inline_list;

static void add_inlined(const vsp_manager *m, inline_list *l, uint32_t callee)
{
	uint32_t size = func_size(m, callee);
	if (l->count == MAX_INLINED || callee == l->func || contains(l->list, l->count, callee) ||
	        size > KNOB_INLINE_SIZE || l->total + size > KNOB_INLINE_TOTAL)
		return;
	l->total += size;
	l->list[l->count++] = callee;
}

/*
 * Adds the callees that an INVOKEI or INVOKET calls often; where that is not known, all that it can
 * call, if they are few.
 */
static void add_targets(const vsp_manager *m, inline_list *l, const vsp_func_profile *profile, const vsp_insn *i)
{
	vsp_profile_callee targets[VSP_TALLY_CALLEES];
	uint64_t other;
	unsigned n = profile ? vsp_profile_targets(m->options.profile, profile, i, targets, &other) : 0;
	for (unsigned t = 0; t < n; t++)
		add_inlined(m, l, targets[t].func);
	uint32_t few[VSP_FEW_CALLEES];
	unsigned possible = n ? 0 : vsp_few_callees(m->module, i, few);
	for (unsigned t = 0; t < possible; t++)
		add_inlined(m, l, few[t]);
}

static void add_callees(const vsp_manager *m, inline_list *l, uint32_t f)
{
	const vsp_func_profile *profile = vsp_profile_known(m->options.profile, f);
	vsp_arena arena = VSP_ARENA_INIT;
	vsp_cfg cfg;
	if (!vsp_cfg_build(&cfg, m->module, f, &arena)) {
		vsp_arena_free(&arena);
		return;
	}
	bool *cold = profile ? vsp_arena_array(&arena, cfg.block_count, sizeof *cold) : NULL;
	if (cold && !vsp_profile_cold(profile, &cfg, cold))
		cold = NULL;
	for (uint32_t b = 0; b < cfg.block_count; b++) {
		const vsp_insn *i = &cfg.insns[cfg.blocks[b].first + cfg.blocks[b].count - 1]; /* calls end blocks */
		if (cold && cold[b])
			continue;
		if (i->form == VSP_I_INVOKE || i->form == VSP_I_TRANS)
			add_inlined(m, l, (uint32_t)i->imm);
		else if (i->form == VSP_I_INVOKEI || i->form == VSP_I_INVOKET)
			add_targets(m, l, profile, i);
	}
	vsp_arena_free(&arena);
}

uint32_t vsp_manager_inlined(const vsp_manager *m, uint32_t f, uint32_t list[MAX_INLINED])
{
	inline_list l = {.func = f, .list = list};
	add_callees(m, &l, f);
	for (uint32_t done = 0; done < l.count; done++)
		add_callees(m, &l, list[done]);
	return l.count;
}

/* A call whose callee is known only at run time may call any function. */
static void note_calls(vsp_manager *m, const vsp_func *func)
{
	vsp_insn i;
	for (uint32_t pc = func->start; pc < func->start + func->size; pc += i.length) {
		vsp_insn_decode(m->module->code, m->module->code_size, pc, &i);
		if (i.form == VSP_I_INVOKE || i.form == VSP_I_TRANS)
			m->called[i.imm] = 1;
		else if (vsp_insn_info(&i)->effects & VSP_FX_CALL)
			m->calls_any = true;
	}
}

/* Does the program itself call function f? The answer is yes if there is no memory to find out. */
static bool is_called(vsp_manager *m, uint32_t f)
{
	if (!m->called && !m->calls_any) {
		m->called = vsp_alloc(m->module->func_count, sizeof *m->called);
		m->calls_any = !m->called;
		for (uint32_t i = 0; m->called && i < m->module->func_count; i++)
			note_calls(m, &m->module->funcs[i]);
	}
	return m->calls_any || m->called[f];
}

static bool has_target(const vsp_manager *m, const vsp_insn *i, uint32_t target)
{
	for (uint32_t n = vsp_insn_target_count(i); n > 0; n--)
		if ((uint32_t)vsp_insn_target(m->module->code, i, n - 1) == target)
			return true;
	return false;
}

/*
 * A function start that is also a loop head is entered with all registers, not with parameters.
 * This may not fail, because code for the wrong kind of entry would be entered wrongly.
 */
static bool start_is_loop(const vsp_manager *m, const vsp_func *f)
{
	vsp_insn i;
	for (uint32_t pc = f->start; pc < f->start + f->size; pc += i.length) {
		vsp_insn_decode(m->module->code, m->module->code_size, pc, &i);
		if (has_target(m, &i, f->start))
			return true;
	}
	return false;
}

/* Completes the description of a kernel's loop: everything that it reaches is compiled with it. */
static vsp_jit_job describe_loop(const vsp_manager *m, vsp_jit_job j, uint32_t inlined[MAX_INLINED])
{
	j.lower = &m->lower_loop[j.tier];
	j.inlined_count = vsp_reached_callees(m->module, j.func, inlined, MAX_INLINED);
	j.listener = m->passes ? &m->listener : NULL;
	j.describe = m->options.observe & VSP_OBSERVE_CODE || (j.inlined_count && j.lower->debug);
	j.keep = m->cache != NULL;
	if (j.tier == 2)
		j.profile = m->options.profile;
	return j;
}

vsp_jit_job vsp_manager_describe(vsp_manager *m, const vsp_manager_unit *u, int tier, uint32_t inlined[MAX_INLINED])
{
	const vsp_func *func = &m->module->funcs[u->func];
	vsp_jit_job j = {.func = u->func, .tier = tier, .lower = &m->lower[tier], .inlined = inlined};
	j.pc = u->pc == func->start ? VSP_NO_PC : u->pc;
	if (u->pc == VSP_LOOP_PC)
		return describe_loop(m, j, inlined);
	j.shown = func->flags & VSP_FUNC_EXPORTED || u->func == m->module->entry_func || start_is_loop(m, func);
	j.native = !j.shown || is_called(m, u->func);
	j.listener = m->passes ? &m->listener : NULL;
	j.describe = (m->options.observe & VSP_OBSERVE_CODE) != 0;
	j.keep = m->cache != NULL;
	if (m->options.tally)
		j.tally = m->options.profile;
	else if (tier == 2)
		j.profile = m->options.profile;
	if (tier == 2)
		j.inlined_count = vsp_manager_inlined(m, u->func, inlined);
	bool inlines = j.inlined_count || (tier == 2 && vsp_recursion_unrolls(m->module, u->func));
	j.describe |= inlines && j.lower->debug; /* for back traces */
	return j;
}
