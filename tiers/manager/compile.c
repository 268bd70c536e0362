/*
 * The compiling half of the tier manager: the compile thread, and what goes into a job. The thread is started by the first request, opens the
 * compiler's shared object and then takes jobs from the queue (tiers/manager/queue.c).
 */
#include <stdio.h>

#include "ir/callees.h"
#include "ir/cfg.h"
#include "ir/recursion.h"
#include "parts.h"
#include "runtime/base/alloc.h"

/* ---- what goes into a job ---- */

static uint32_t func_size(const vsp_manager *m, uint32_t f) { return m->module->funcs[f].size; }

static bool contains(const uint32_t *list, uint32_t count, uint32_t f)
{
	for (uint32_t i = 0; i < count; i++)
		if (list[i] == f)
			return true;
	return false;
}

/* The callees to be compiled with a function. */
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

/* Those that an INVOKEI calls often; where that is not known, all that it can call, when they are few. */
static void add_targets(const vsp_manager *m, inline_list *l, const vsp_func_profile *profile, const vsp_insn *i)
{
	vsp_profile_callee targets[VSP_TALLY_CALLEES];
	uint64_t other;
	unsigned n = profile ? vsp_profile_targets(m->options.profile, profile, i, targets, &other) : 0;
	for (unsigned t = 0; t < n; t++)
		add_inlined(m, l, targets[t].func);
	uint32_t few[VSP_FEW_CALLEES];
	unsigned possible = n ? 0 : vsp_few_callees(m->module, (unsigned)i->imm & 0xFFFF, few);
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
		else if (i->form == VSP_I_INVOKEI)
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

/* Calls with a callee that is known only as they happen may be of any function. */
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

/* Does the program itself call function f? Without the memory to know, yes. */
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

/* A start that is also a loop head is entered with all registers, not with parameters. Code for the wrong kind of entry would be entered wrongly, so this may not fail. */
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

vsp_jit_job vsp_manager_describe(vsp_manager *m, const vsp_manager_unit *u, int tier, uint32_t inlined[MAX_INLINED])
{
	const vsp_func *func = &m->module->funcs[u->func];
	vsp_jit_job j = {.func = u->func, .tier = tier, .lower = &m->lower[tier], .inlined = inlined};
	j.pc = u->pc == func->start ? VSP_NO_PC : u->pc;
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

/* ---- the compile thread ---- */

vsp_slab *vsp_manager_slab(vsp_manager *m)
{
	vsp_plat_mutex_lock(m->lock);
	bool there = m->slab.base || vsp_slab_create(&m->slab, VSP_SLAB_BYTES);
	vsp_plat_mutex_unlock(m->lock);
	return there ? &m->slab : NULL;
}

/* What is reserved for no job any more. Under the lock. */
static void fail_job(vsp_manager *m, vsp_manager_job *j, const char *why)
{
	vsp_manager_show_compiled(m, j->unit, j->tier, why);
	j->unit->waiting[j->tier] = NULL;
	atomic_store(&j->unit->failed[j->tier], why);
	vsp_free_memory(j);
}

/*
 * LLVM would end the process, from the middle of its work. Its frames cannot be left, so the thread stays in them: nothing is compiled any
 * more, and what runs goes on with the code it has.
 */
static void stop_compiling(void *opaque, const char *message)
{
	vsp_manager *m = opaque;
	vsp_plat_mutex_lock(m->lock);
	snprintf(m->last_words, sizeof m->last_words, "LLVM failed: %s", message);
	m->broken = true;
	m->no_jit = m->last_words;
	if (m->running) /* null: it was opening the compiler */
		fail_job(m, m->running, m->no_jit);
	for (vsp_manager_job *j = m->first, *next; j; j = next) {
		next = j->next;
		fail_job(m, j, m->no_jit);
	}
	m->running = m->first = NULL;
	m->last = &m->first;
	m->pending = 0;
	bool orphan = m->orphan;
	vsp_plat_mutex_signal(m->lock);
	vsp_plat_mutex_unlock(m->lock);
	if (orphan)
		vsp_manager_end(m);
	vsp_plat_fork_release(); /* it holds no lock of ours, and LLVM has been given up */
	vsp_plat_thread_park();
}

const char *vsp_jit_open(const vsp_jit_api **api)
{
	if (vsp_plat_fork_lost())
		return VSP_MANAGER_FORKED;
	void *library = vsp_plat_dlopen(VSP_JIT_LIBRARY);
	/* A pointer to a function from dlsym goes through an integer: ISO C has no conversion. */
	vsp_jit_provider_fn provider =
	        library ? (vsp_jit_provider_fn)(uintptr_t)vsp_plat_dlsym(library, VSP_JIT_SYMBOL) : NULL;
	*api = provider ? provider() : NULL;
	if (*api && (*api)->version == VSP_JIT_VERSION)
		return NULL;
	return !library ? "the compiler library " VSP_JIT_LIBRARY " cannot be opened"
	                : "the compiler library is of another version";
}

static void open_jit(vsp_manager *m, bool guarded)
{
	const vsp_jit_api *api = NULL;
	const char *failed = vsp_jit_open(&api);
	if (failed) {
		m->no_jit = failed;
		return;
	}
	m->api = api;
	if (guarded)
		api->guard(stop_compiling, m);
	vsp_error error = VSP_ERROR_INIT;
	vsp_slab *slab = vsp_manager_slab(m);
	m->jit = slab ? api->create(m->module, vsp_call_addresses, vsp_call_count, slab, &error) : NULL;
	if (m->jit)
		return;
	const char *why = !slab ? "no address space for code" : *error.message ? error.message : "out of memory";
	snprintf(m->last_words, sizeof m->last_words, "the compiler cannot be started: %.200s", why);
	m->no_jit = m->last_words;
}

static const char *compile_unit(vsp_manager *m, vsp_manager_unit *u, int tier)
{
	uint32_t inlined[MAX_INLINED];
	const vsp_func *func = &m->module->funcs[u->func];
	if (func->size > KNOB_COMPILE_SIZE || (tier == 2 && func->size > KNOB_OPTIMISE_SIZE))
		return "the function is too large for this tier";
	vsp_jit_job described = vsp_manager_describe(m, u, tier, inlined);
	return m->api->compile(m->jit, &described, &u->built[tier]);
}

const char *vsp_manager_need_jit(vsp_manager *m, bool guarded)
{
	if (m->jit && guarded)
		m->api->guard(stop_compiling, m);
	if (m->jit || m->no_jit)
		return m->no_jit;
	vsp_trace_begin(m->options.trace, VSP_TRACE_OPEN, 0, 0, 0);
	open_jit(m, guarded);
	vsp_trace_add(m->options.trace, &(vsp_trace_event){.kind = VSP_TRACE_OPEN, .reason = m->no_jit});
	return m->no_jit;
}

void vsp_manager_publish(vsp_manager *m, vsp_manager_unit *u, int tier)
{
	vsp_jit_unit *built = &u->built[tier];
	vsp_plat_mutex_lock(m->lock);
	if (built->native && !(tier == 1 && atomic_load(&u->code[2])))
		atomic_store_explicit(
		        &m->rt->funcs[u->func].code, (void *)(uintptr_t)built->native, memory_order_release);
	atomic_store_explicit(&u->code[tier], built->entry, memory_order_release);
	if (tier > atomic_load(&m->funcs[u->func].tier))
		atomic_store(&m->funcs[u->func].tier, tier);
	vsp_plat_mutex_unlock(m->lock);
}

/* From here to come_out nobody waits for the thread. False: nobody is waiting for the job either. */
static bool go_inside(vsp_manager *m)
{
	vsp_plat_mutex_lock(m->lock);
	bool wanted = m->inside = !m->stop;
	vsp_plat_mutex_unlock(m->lock);
	return wanted;
}

/* False: the instance has gone meanwhile. */
static bool come_out(vsp_manager *m)
{
	vsp_plat_mutex_lock(m->lock);
	m->inside = false;
	bool wanted = !m->orphan;
	vsp_plat_mutex_signal(m->lock);
	vsp_plat_mutex_unlock(m->lock);
	return wanted;
}

static void do_job(vsp_manager *m, const vsp_manager_job *j)
{
	if (!go_inside(m))
		return;
	const char *why = vsp_manager_need_jit(m, true);
	vsp_trace_begin(m->options.trace, VSP_TRACE_COMPILE, j->unit->func, j->unit->pc, j->tier);
	if (!why)
		why = compile_unit(m, j->unit, j->tier);
	if (!come_out(m))
		return;
	vsp_manager_show_compiled(m, j->unit, j->tier, why);
	if (why) {
		atomic_store(&j->unit->failed[j->tier], why);
		return;
	}
	vsp_manager_publish(m, j->unit, j->tier);
	if (!m->cache || !go_inside(m)) /* disks may take long */
		return;
	vsp_manager_keep(m, j->unit, j->tier);
	come_out(m);
}

/* Opens the compiler before a job is taken, since opening takes so long that others may be wanted more by then. Under the lock. */
static void prepare(vsp_manager *m)
{
	if (m->jit || m->no_jit)
		return;
	m->inside = true;
	vsp_plat_mutex_unlock(m->lock);
	vsp_manager_need_jit(m, true);
	vsp_plat_mutex_lock(m->lock);
	m->inside = false;
	vsp_plat_mutex_signal(m->lock);
}

void vsp_manager_compile_thread(void *opaque)
{
	vsp_manager *m = opaque;
	vsp_plat_fork_hold();
	vsp_plat_mutex_lock(m->lock);
	while (!m->stop) {
		if (!m->first) {
			vsp_plat_fork_release();
			vsp_plat_mutex_wait(m->lock, UINT64_MAX);
			vsp_plat_fork_hold();
			continue;
		}
		prepare(m);
		vsp_manager_job *j = m->running = m->stop ? NULL : vsp_manager_take_job(m);
		if (!j)
			continue;
		vsp_plat_mutex_unlock(m->lock);
		do_job(m, j);
		vsp_plat_mutex_lock(m->lock);
		m->running = NULL;
		vsp_free_memory(j);
		m->pending--;
		vsp_plat_mutex_signal(m->lock);
	}
	bool orphan = m->orphan;
	m->ended = true;
	vsp_plat_mutex_signal(m->lock);
	vsp_plat_mutex_unlock(m->lock);
	if (orphan)
		vsp_manager_end(m);
	vsp_plat_fork_release();
}
