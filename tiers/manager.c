/*
 * The tier manager, see manager.h. Threads: the instance's thread calls hot and enter; the compile thread takes jobs from the queue, under
 * the lock, and compiles outside it. Code, reasons and sizes of a unit are written by the compile thread before it publishes the
 * unit's code with release order, or sets failed; the instance's thread reads them only after.
 */
#include "manager.h"

#include <string.h>

#include "ir/cfg.h"
#include "jit.h"
#include "machine_stack.h"
#include "runtime/alloc.h"
#include "runtime/error.h"
#include "runtime/platform.h"

enum {
#define KNOB(name, value, text) KNOB_##name = (value),
#include "knobs.def"
	TIERS = 3,
	MAX_INLINED = 32
};

typedef struct unit {
	struct unit *next; /* of the same function */
	uint32_t func, pc;
	_Atomic(const void *) code[TIERS];
	_Atomic(const char *) failed[TIERS]; /* why this tier cannot be had */
	bool requested[TIERS];
	vsp_jit_unit built[TIERS];
} unit;

typedef struct job {
	struct job *next;
	unit *unit;
	int tier;
} job;

struct vsp_manager {
	vsp_compiler compiler; /* first: tier 0 holds a pointer to it */
	vsp_rt *rt;
	const vsp_module_data *module;
	vsp_manager_options options;
	unit **units;                        /* per function: a list */
	int ran;                             /* highest tier that ran */
	_Atomic(vsp_plat_stopper *) stopper; /* of the thread that ran last; null before, or where there are none */
	vsp_machine_stack stack;             /* of the thread that ran last */

	/* Under lock. */
	vsp_plat_mutex *lock;
	vsp_plat_thread *thread;
	job *first, **last;
	uint32_t pending; /* jobs not done */
	bool stop;

	/* The compile thread's. */
	const vsp_jit_api *api;
	vsp_jit *jit;
	const char *no_jit; /* why there is none */
	uint8_t *called;    /* per function: some INVOKE or TRANS names it; null until asked for */
	bool calls_any;     /* other calls occur, or what is called is not known */
	vsp_lower_options lower[TIERS];
};

static vsp_manager *manager_of(vsp_compiler *self) { return (vsp_manager *)self; }

/* ---- compiling: the compile thread ---- */

static void open_jit(vsp_manager *m)
{
	void *library = vsp_plat_dlopen(VSP_JIT_LIBRARY);
	/* A pointer to a function from dlsym goes through an integer: ISO C has no conversion. */
	vsp_jit_provider_fn provider =
	        library ? (vsp_jit_provider_fn)(uintptr_t)vsp_plat_dlsym(library, VSP_JIT_SYMBOL) : NULL;
	const vsp_jit_api *api = provider ? provider() : NULL;
	if (!api || api->version != VSP_JIT_VERSION) {
		m->no_jit = !library ? "the compiler library " VSP_JIT_LIBRARY " cannot be opened"
		                     : "the compiler library is of another version";
		return;
	}
	m->api = api;
	m->jit = api->create(m->module, vsp_call_addresses, vsp_call_count, NULL);
	if (!m->jit)
		m->no_jit = "the compiler cannot be started on this machine";
}

static uint32_t func_size(const vsp_manager *m, uint32_t f) { return m->module->funcs[f].size; }

static bool contains(const uint32_t *list, uint32_t count, uint32_t f)
{
	for (uint32_t i = 0; i < count; i++)
		if (list[i] == f)
			return true;
	return false;
}

/* Callees of function f, and theirs, that are small enough to be compiled with it. */
static uint32_t choose_inlined(const vsp_manager *m, uint32_t f, uint32_t list[MAX_INLINED])
{
	uint32_t count = 0, total = 0, from = f;
	for (uint32_t done = 0;; from = list[done++]) {
		const vsp_func *func = &m->module->funcs[from];
		vsp_insn i;
		for (uint32_t pc = func->start; pc < func->start + func->size; pc += i.length) {
			vsp_insn_decode(m->module->code, m->module->code_size, pc, &i);
			uint32_t callee = (uint32_t)i.imm;
			if ((i.form != VSP_I_INVOKE && i.form != VSP_I_TRANS) || callee == f ||
			        contains(list, count, callee))
				continue;
			if (func_size(m, callee) > KNOB_INLINE_SIZE || total + func_size(m, callee) > KNOB_INLINE_TOTAL)
				continue;
			total += func_size(m, callee);
			list[count++] = callee;
			if (count == MAX_INLINED)
				return count;
		}
		if (done == count)
			return count;
	}
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

/* A start that is also a loop head is entered with all registers, not with parameters. */
static bool start_is_loop(const vsp_manager *m, uint32_t f)
{
	vsp_arena arena = VSP_ARENA_INIT;
	vsp_cfg cfg;
	bool loop = vsp_cfg_build(&cfg, m->module, f, &arena) && cfg.blocks[0].loop_head;
	vsp_arena_free(&arena);
	return loop;
}

static vsp_jit_job describe_job(vsp_manager *m, const unit *u, int tier, uint32_t inlined[MAX_INLINED])
{
	const vsp_func *func = &m->module->funcs[u->func];
	vsp_jit_job j = {.func = u->func, .tier = tier, .lower = &m->lower[tier], .inlined = inlined};
	j.pc = u->pc == func->start ? VSP_NO_PC : u->pc;
	j.shown = func->flags & VSP_FUNC_EXPORTED || u->func == m->module->entry_func || start_is_loop(m, u->func);
	j.native = !j.shown || is_called(m, u->func);
	if (tier == 2)
		j.inlined_count = choose_inlined(m, u->func, inlined);
	return j;
}

static const char *compile_unit(vsp_manager *m, unit *u, int tier)
{
	uint32_t inlined[MAX_INLINED];
	const vsp_func *func = &m->module->funcs[u->func];
	vsp_jit_job described = describe_job(m, u, tier, inlined);
	if (func->size > KNOB_COMPILE_SIZE || (tier == 2 && func->size > KNOB_OPTIMISE_SIZE))
		return "the function is too large for this tier";
	return m->api->compile(m->jit, &described, &u->built[tier]);
}

/* Makes a unit's code visible, unless a higher tier was faster. */
static void publish(vsp_manager *m, unit *u, int tier)
{
	vsp_jit_unit *built = &u->built[tier];
	if (built->native && !(tier == 1 && atomic_load(&u->code[2])))
		atomic_store_explicit(
		        &m->rt->funcs[u->func].code, (void *)(uintptr_t)built->native, memory_order_release);
	atomic_store_explicit(&u->code[tier], built->entry, memory_order_release);
}

static void do_job(vsp_manager *m, const job *j)
{
	if (!m->jit && !m->no_jit)
		open_jit(m);
	const char *why = m->no_jit ? m->no_jit : compile_unit(m, j->unit, j->tier);
	if (why)
		atomic_store(&j->unit->failed[j->tier], why);
	else
		publish(m, j->unit, j->tier);
}

static void compile_thread(void *opaque)
{
	vsp_manager *m = opaque;
	vsp_plat_mutex_lock(m->lock);
	while (!m->stop) {
		job *j = m->first;
		if (!j) {
			vsp_plat_mutex_wait(m->lock, UINT64_MAX);
			continue;
		}
		m->first = j->next;
		if (!m->first)
			m->last = &m->first;
		vsp_plat_mutex_unlock(m->lock);
		do_job(m, j);
		vsp_free_memory(j);
		vsp_plat_mutex_lock(m->lock);
		m->pending--;
		vsp_plat_mutex_signal(m->lock);
	}
	vsp_plat_mutex_unlock(m->lock);
}

/* ---- asking: the instance's thread ---- */

static unit *find_unit(vsp_manager *m, uint32_t func, uint32_t pc)
{
	for (unit *u = m->units[func]; u; u = u->next)
		if (u->pc == pc)
			return u;
	unit *u = vsp_alloc(1, sizeof *u);
	if (!u)
		return NULL;
	u->func = func;
	u->pc = pc;
	u->next = m->units[func];
	m->units[func] = u;
	return u;
}

/* Queues a job, once per unit and tier. Without memory or threads the tier is given up for this unit. */
static void request(vsp_manager *m, unit *u, int tier)
{
	if (u->requested[tier])
		return;
	u->requested[tier] = true;
	job *j = vsp_alloc(1, sizeof *j);
	if (!j) {
		atomic_store(&u->failed[tier], "out of memory");
		return;
	}
	j->unit = u;
	j->tier = tier;
	vsp_plat_mutex_lock(m->lock);
	if (!m->thread)
		m->thread = vsp_plat_thread_start(compile_thread, m);
	if (m->thread) {
		*m->last = j;
		m->last = &j->next;
		m->pending++;
		vsp_plat_mutex_signal(m->lock);
		while (m->options.sync && m->pending)
			vsp_plat_mutex_wait(m->lock, UINT64_MAX);
		j = NULL;
	}
	vsp_plat_mutex_unlock(m->lock);
	if (j)
		atomic_store(&u->failed[tier], "no thread for the compiler");
	vsp_free_memory(j);
}

/* The tier that a count asks for. */
static int wanted_tier(const vsp_manager *m, uint32_t count)
{
	if (m->options.tier)
		return m->options.tier;
	return count >= m->options.tier2_threshold ? 2 : 1;
}

/* The best code of a unit above a tier, or null. */
static const void *best_code(const unit *u, int above, int *tier)
{
	for (*tier = TIERS - 1; *tier > above; --*tier) {
		const void *code = atomic_load_explicit(&u->code[*tier], memory_order_acquire);
		if (code)
			return code;
	}
	return NULL;
}

static bool gave_up(const unit *u, int tier) { return atomic_load(&u->failed[tier]) != NULL; }

/* Can compiled code that runs on this thread be interrupted? */
static bool stopper_ready(vsp_manager *m)
{
	vsp_plat_stopper *old = atomic_load(&m->stopper);
	if (!vsp_plat_has_stopper() || vsp_plat_stopper_is_mine(old))
		return true;
	atomic_store(&m->stopper, NULL);
	vsp_plat_stopper_destroy(old);
	atomic_store(&m->stopper, vsp_plat_stopper_create());
	return atomic_load(&m->stopper) != NULL;
}

static void interrupt(vsp_compiler *self, bool pending)
{
	vsp_plat_stopper *stopper = atomic_load(&manager_of(self)->stopper);
	if (stopper && pending)
		vsp_plat_stopper_fire(stopper);
	else if (stopper)
		vsp_plat_stopper_rest(stopper);
}

/* Is there room on this thread's stack for compiled code? Also keeps rt->stack_limit right. */
static bool stack_has_room(vsp_manager *m)
{
	enum { MARGIN = 256 << 10, ROOM = 64 << 10 };
	size_t left = vsp_machine_stack_left(&m->stack);
	m->rt->stack_limit = m->stack.low + MARGIN;
	return left >= MARGIN + ROOM;
}

static const void *hot(vsp_compiler *self, vsp_rt *rt, uint32_t func, uint32_t pc, uint32_t count, uint32_t *next_at)
{
	vsp_manager *m = manager_of(self);
	unit *u = find_unit(m, func, pc);
	int tier, wanted = wanted_tier(m, count);
	*next_at = count < UINT32_MAX - KNOB_ASK_AGAIN ? count + KNOB_ASK_AGAIN : UINT32_MAX;
	if (!rt->call_stack)
		rt->call_stack = vsp_alloc(VSP_MAX_CALLS, sizeof *rt->call_stack);
	if (!u || !rt->call_stack)
		return NULL;
	if (wanted == 2 && gave_up(u, 2) && !m->options.tier)
		wanted = 1;
	request(m, u, wanted);
	const void *code = best_code(u, 0, &tier);
	if (code) {
		*next_at = 1;
		if (!stack_has_room(m) || !stopper_ready(m) || atomic_load(&m->rt->interrupt))
			return NULL;
		m->ran = tier > m->ran ? tier : m->ran;
		return code;
	}
	if (gave_up(u, wanted) && (wanted == 2 || m->options.tier))
		*next_at = UINT32_MAX;
	return NULL;
}

/* The same question from tier 1 code, which keeps its own counts; only better code is an answer. */
static const void *hot_compiled(vsp_rt *rt, uint32_t func, uint32_t pc, uint32_t counter)
{
	enum { HARDLY_EVER = 1 << 20 };
	vsp_manager *m = rt->manager;
	unit *u = find_unit(m, func, pc);
	uint32_t count = rt->counters[counter], pause = KNOB_ASK_AGAIN;
	int tier;
	const void *code = NULL;
	if (u && !gave_up(u, 2)) {
		request(m, u, 2);
		code = best_code(u, 1, &tier);
	} else {
		pause = HARDLY_EVER;
	}
	rt->thresholds[counter] = count < UINT32_MAX - pause ? count + pause : UINT32_MAX;
	if (code)
		m->ran = 2;
	return code;
}

/* ---- running ---- */

typedef struct entry_call {
	vsp_rt *rt;
	vsp_entry_fn code;
	vsp_activation *activation;
	uint32_t base;
	uint32_t end_pc;
} entry_call;

static void call_entry(void *opaque)
{
	entry_call *c = opaque;
	c->end_pc = c->code(c->rt, c->activation->regs, c->activation->flags, c->base);
}

/* The unit whose code holds a machine address, with its tier; null when none does. */
static unit *unit_at(vsp_manager *m, const void *machine_pc, int *tier)
{
	uintptr_t at = (uintptr_t)machine_pc;
	for (uint32_t f = 0; f < m->module->func_count; f++)
		for (unit *u = m->units[f]; u; u = u->next)
			for (*tier = 1; *tier < TIERS; ++*tier) {
				uintptr_t start = (uintptr_t)u->built[*tier].code;
				if (atomic_load(&u->code[*tier]) && at >= start &&
				        at - start < u->built[*tier].code_size)
					return u;
			}
	return NULL;
}

/* The place of a trap, from where the machine was; function func when that is not known. */
static void set_place(vsp_manager *m, const void *machine_pc, uint32_t func)
{
	int tier;
	vsp_rt *rt = m->rt;
	uint32_t pc = VSP_NO_PC;
	unit *u = unit_at(m, machine_pc, &tier);
	if (u)
		pc = m->api->place(&u->built[tier], machine_pc);
	rt->trap.pc = rt->end_pc = pc;
	rt->trap.func = pc == VSP_NO_PC ? func : vsp_module_func_at(m->module, pc);
	rt->end = VSP_END_TRAPPED;
}

/* A guard page was hit: what an explicit check would have said. */
static void trap_fault(vsp_manager *m, const vsp_plat_region *region, uint32_t func)
{
	vsp_rt *rt = m->rt;
	int64_t ea = (int64_t)((uintptr_t)region->fault - (uintptr_t)rt->memory.base);
	vsp_rt_fail(rt, vsp_access_trap(ea), "access at address %lld", (long long)ea);
	set_place(m, region->pc, func);
}

static void trap_interrupted(vsp_manager *m, const vsp_plat_region *region, uint32_t func)
{
	vsp_rt_fail(m->rt, VSP_TRAP_INTERRUPTED, NULL);
	set_place(m, region->pc, func);
}

static enum vsp_compiled_end enter(vsp_compiler *self, vsp_rt *rt, const void *code, vsp_activation *a)
{
	vsp_manager *m = manager_of(self);
	const vsp_func *func = &m->module->funcs[a->func];
	uint32_t base = rt->calls - a->calls, sp = rt->sp;
	entry_call call = {rt, (vsp_entry_fn)(uintptr_t)code, a, base, VSP_NO_PC};
	vsp_plat_region region = {
	        .base = rt->memory.reservation, .size = rt->memory.reserved, .stopper = atomic_load(&m->stopper)};
	m->api->code_range(m->jit, &region.code, &region.code_size);
	if (a->calls)
		memcpy(rt->call_stack + base, a->returns, a->calls * sizeof *a->returns);
	rt->end = VSP_END_NONE;
	vsp_plat_outcome outcome = vsp_plat_protect(&region, call_entry, &call);
	if (outcome == VSP_PLAT_FAULT)
		trap_fault(m, &region, a->func);
	else if (outcome == VSP_PLAT_LEFT && rt->end == VSP_END_NONE)
		trap_interrupted(m, &region, a->func);
	if (outcome != VSP_PLAT_RETURNED) {
		rt->end_known = m->ran == 1 || m->options.precise ? VSP_KNOWN_MEMORY : 0;
		return VSP_COMPILED_ENDED;
	}
	a->pc = rt->end_pc = call.end_pc;
	a->flags = rt->flags;
	if (!(func->flags & VSP_FUNC_EXPORTED) && a->func != m->module->entry_func)
		rt->sp = sp;
	return VSP_COMPILED_RETURNED;
}

/* ---- creation ---- */

static void set_lowering(vsp_manager *m)
{
	const vsp_rt *rt = m->rt;
	for (int tier = 1; tier < TIERS; tier++)
		m->lower[tier] = (vsp_lower_options){
		        .precise = tier == 1 || m->options.precise,
		        .guarded = rt->memory.guarded,
		        .meter = rt->fuel_on || m->options.count,
		        .fuel = rt->fuel_on,
		        .deterministic = rt->deterministic,
		        .poll = !vsp_plat_has_stopper(),
		        .exact_depth = rt->depth_exact,
		        .stack_check = true,
		        .debug = rt->memory.guarded,
		        .count = tier == 1 && !m->options.tier,
		        .optimise = tier == 2,
		};
}

/* Counts of tier 1 go on from where tier 0 handed over. */
static bool create_counters(vsp_manager *m)
{
	uint32_t done = m->options.tier1_threshold, goal = m->options.tier2_threshold,
	         left = goal > done ? goal - done : 1;
	size_t n = 2 * (size_t)m->module->func_count;
	m->rt->manager = m;
	m->rt->hot = hot_compiled;
	m->rt->counters = vsp_alloc(n, sizeof *m->rt->counters);
	m->rt->thresholds = vsp_alloc(n, sizeof *m->rt->thresholds);
	for (size_t i = 0; m->rt->thresholds && i < n; i++)
		m->rt->thresholds[i] = left;
	return m->rt->counters && m->rt->thresholds;
}

vsp_manager *vsp_manager_create(vsp_rt *rt, const vsp_module_data *module, const vsp_manager_options *options)
{
	vsp_manager *m = vsp_alloc(1, sizeof *m);
	if (!m)
		return NULL;
	m->options = *options;
	if (!m->options.tier1_threshold)
		m->options.tier1_threshold = KNOB_TIER1_THRESHOLD;
	if (!m->options.tier2_threshold)
		m->options.tier2_threshold = KNOB_TIER2_THRESHOLD;
	uint32_t first = m->options.tier1_threshold;
	if (m->options.tier2_threshold < first)
		first = m->options.tier2_threshold;
	m->compiler = (vsp_compiler){.version = VSP_COMPILER_VERSION,
	        .call_threshold = options->tier ? 0 : first,
	        .loop_threshold = options->tier ? 0 : first,
	        .hot = hot,
	        .enter = enter,
	        .interrupt = interrupt};
	m->rt = rt;
	m->module = module;
	m->last = &m->first;
	m->units = vsp_alloc(module->func_count, sizeof *m->units);
	m->lock = vsp_plat_mutex_create();
	if (!m->units || !m->lock || !create_counters(m)) {
		vsp_manager_destroy(m);
		return NULL;
	}
	set_lowering(m);
	return m;
}

static void free_units(vsp_manager *m)
{
	for (uint32_t f = 0; m->units && f < m->module->func_count; f++)
		for (unit *u = m->units[f], *next; u; u = next) {
			next = u->next;
			for (int tier = 1; tier < TIERS; tier++)
				if (u->built[tier].handle)
					m->api->release(m->jit, &u->built[tier]);
			vsp_free_memory(u);
		}
	vsp_free_memory(m->called);
	vsp_free_memory(m->units);
}

static void free_jobs(vsp_manager *m)
{
	for (job *j = m->first, *next; j; j = next) {
		next = j->next;
		vsp_free_memory(j);
	}
}

void vsp_manager_destroy(vsp_manager *m)
{
	if (!m)
		return;
	if (m->thread) {
		vsp_plat_mutex_lock(m->lock);
		m->stop = true;
		vsp_plat_mutex_signal(m->lock);
		vsp_plat_mutex_unlock(m->lock);
		vsp_plat_thread_join(m->thread);
	}
	vsp_plat_stopper_destroy(atomic_load(&m->stopper));
	free_jobs(m);
	free_units(m);
	if (m->jit)
		m->api->destroy(m->jit);
	if (m->lock)
		vsp_plat_mutex_destroy(m->lock);
	vsp_free_memory(m->rt->call_stack);
	m->rt->call_stack = NULL;
	vsp_free_memory(m->rt->counters);
	vsp_free_memory(m->rt->thresholds);
	m->rt->counters = m->rt->thresholds = NULL;
	vsp_free_memory(m);
}

vsp_compiler *vsp_manager_compiler(vsp_manager *m) { return m ? &m->compiler : NULL; }

uint32_t vsp_manager_pending(const vsp_manager *m)
{
	vsp_plat_mutex_lock(m->lock);
	uint32_t pending = m->pending;
	vsp_plat_mutex_unlock(m->lock);
	return pending;
}

int vsp_manager_tier(const vsp_manager *m) { return m->ran; }

vsp_manager_stats vsp_manager_stats_of(const vsp_manager *m, uint32_t func)
{
	vsp_manager_stats stats = {.reason = ""};
	for (const unit *u = m->units[func]; u; u = u->next)
		for (int tier = 1; tier < TIERS; tier++) {
			const char *why = atomic_load(&u->failed[tier]);
			if (why)
				stats.reason = why;
			if (!atomic_load(&u->code[tier]))
				continue;
			const vsp_jit_unit *b = &u->built[tier];
			stats.tier = tier > stats.tier ? tier : stats.tier;
			stats.compile_ns += b->lower_ns + b->optimise_ns + b->emit_ns + b->link_ns;
			stats.code_size += b->code_size;
		}
	return stats;
}

/* ---- what has been compiled ---- */

/* Appends text; false when there is no memory, *all is then freed. */
static bool append_text(char **all, size_t *length, const char *text)
{
	size_t n = strlen(text);
	char *longer = vsp_realloc(*all, *length + n + 1, 1);
	if (!longer) {
		vsp_free_memory(*all);
		*all = NULL;
		return false;
	}
	memcpy(longer + *length, text, n + 1);
	*all = longer;
	*length += n;
	return true;
}

static bool append_unit(vsp_manager *m, const unit *u, char **all, size_t *length)
{
	uint32_t inlined[MAX_INLINED];
	int tier;
	if (!best_code(u, 0, &tier))
		return true;
	vsp_jit_job described = describe_job(m, u, tier, inlined);
	char *text = m->api->text(m->jit, &described, tier == 2);
	bool done = append_text(all, length, text ? text : "");
	if (text)
		m->api->free_text(text);
	return done;
}

char *vsp_manager_text(vsp_manager *m, size_t *length)
{
	char *all = NULL;
	*length = 0;
	if (!append_text(&all, length, ""))
		return NULL;
	vsp_plat_mutex_lock(m->lock);
	while (m->pending)
		vsp_plat_mutex_wait(m->lock, UINT64_MAX);
	for (uint32_t f = 0; f < m->module->func_count; f++)
		for (const unit *u = m->units[f]; u && all; u = u->next)
			append_unit(m, u, &all, length);
	vsp_plat_mutex_unlock(m->lock);
	return all;
}
