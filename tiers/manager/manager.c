/*
 * The tier manager's answers to the counters of tier 0 and tier 1, and its creation; see manager.h.
 */
#include "parts.h"
#include "runtime/base/alloc.h"

/* ---- asking ---- */

/* Does a unit of function func have code of this tier or of a higher one? */
static bool has_code(const vsp_manager *m, uint32_t func, int tier)
{
	return atomic_load(&m->funcs[func].tier) >= tier;
}

static bool is_entry(const vsp_manager *m, const vsp_manager_unit *u)
{
	return u->pc == m->module->funcs[u->func].start;
}

/* The count at which compilation is first asked for. */
static uint32_t first_threshold(const vsp_manager *m)
{
	return m->options.tier1_threshold < m->options.tier2_threshold ? m->options.tier1_threshold
	                                                               : m->options.tier2_threshold;
}

/*
 * The tier that a count asks for. A function which has a loop in tier 2 is known to be hot, so its
 * next calls begin in tier 2. 0: no compilation is due; only code that an earlier process left is
 * of interest.
 */
static int wanted_tier(const vsp_manager *m, const vsp_manager_unit *u, uint32_t count)
{
	if (m->options.tier)
		return m->options.tier;
	if (m->options.tally)
		return 1;
	if (count >= m->options.tier2_threshold || (is_entry(m, u) && has_code(m, u->func, 2)))
		return 2;
	return m->cache && count < first_threshold(m) && !(is_entry(m, u) && has_code(m, u->func, 1)) ? 0 : 1;
}

const void *vsp_manager_best_code(const vsp_manager_unit *u, int above, int *tier)
{
	for (*tier = TIERS - 1; *tier > above; --*tier) {
		const void *code = atomic_load_explicit(&u->code[*tier], memory_order_acquire);
		if (code)
			return code;
	}
	return NULL;
}

static bool gave_up(const vsp_manager_unit *u, int tier) { return atomic_load(&u->failed[tier]) != NULL; }

/* Is a tier of a unit in the queue or being compiled? */
static bool in_flight(const vsp_manager_unit *u, int tier)
{
	return u->requested[tier] && !atomic_load(&u->code[tier]) && !gave_up(u, tier);
}

/*
 * A loop of function func that is queued or being compiled for a tier, or null. There is at most
 * one where this function is used.
 */
static vsp_manager_unit *loop_in_flight(const vsp_manager *m, uint32_t func, int tier)
{
	vsp_manager_unit *u = m->funcs[func].loop[tier];
	return u && in_flight(u, tier) ? u : NULL;
}

/*
 * Asks for a unit at a tier. All loops of a function count together and ask in turn, but code for
 * one of them takes over a whole activation, so only one is compiled at a time: the one that has
 * clearly asked most often by the time the compiler is ready. If another one has code already, this
 * one usually comes next.
 */
static void ask(vsp_manager *m, vsp_manager_unit *u, int tier)
{
	vsp_manager_count_ask(m, u);
	if (m->options.sync && in_flight(u, tier))
		vsp_manager_await_jobs(m); /* an interrupt has ended the first wait */
	if (u->requested[tier] || vsp_manager_from_cache(m, u, tier))
		return;
	uint32_t asked = vsp_manager_asked(m, u);
	vsp_manager_unit *other = is_entry(m, u) || m->options.tier ? NULL : loop_in_flight(m, u->func, tier);
	if (other && asked > vsp_manager_asked(m, other) + KNOB_PATIENCE)
		vsp_manager_redirect(m, other, u, tier);
	else if (!other && (is_entry(m, u) || asked >= KNOB_PATIENCE || !has_code(m, u->func, tier)))
		vsp_manager_request(m, u, tier);
}

/*
 * Asks for a tier. If that tier was given up, as it is for functions too large to be optimised,
 * asks for the tier below. Returns the tier that may still come.
 */
static int ask_or_drop(vsp_manager *m, vsp_manager_unit *u, int wanted)
{
	if (wanted == 2 && !gave_up(u, 2))
		ask(m, u, 2);
	if (wanted == 2 && gave_up(u, 2))
		wanted = 1;
	if (wanted == 1)
		ask(m, u, 1);
	return wanted;
}

/*
 * The number of counts until a unit without code asks again. It is small if other code of the
 * function waits to be reached, but it grows from time to time; otherwise a program that stays in
 * this loop would do little else than ask.
 */
static uint32_t pause_of(const vsp_manager *m, const vsp_manager_unit *u, int tier)
{
	uint32_t asked = vsp_manager_asked(m, u);
	if (in_flight(u, tier) && m->options.sync)
		return 1;
	if (in_flight(u, tier) || !has_code(m, u->func, tier) || asked > KNOB_ASK_AGAIN)
		return KNOB_ASK_AGAIN;
	return asked ? asked : 1;
}

/*
 * The same before compilation is first asked for: the cache may hold other loops of the function.
 */
static uint32_t pause_early(const vsp_manager *m, const vsp_manager_unit *u, uint32_t count)
{
	bool loops = !is_entry(m, u) && vsp_manager_may_load(m, u->func, true);
	return loops ? 1 : first_threshold(m) - count;
}

static uint32_t add_counts(uint32_t count, uint32_t more)
{
	return count < UINT32_MAX - more ? count + more : UINT32_MAX;
}

/* Adds an event to the trace when a unit's code is used for the first time. */
static void trace_use(vsp_manager *m, vsp_manager_unit *u, int tier, int from)
{
	if (!m->options.trace || u->traced[tier])
		return;
	u->traced[tier] = true;
	bool start = u->pc == m->module->funcs[u->func].start;
	vsp_manager_show(m, u, tier, start ? VSP_TRACE_ENTER : VSP_TRACE_OSR, from, NULL);
}

static const void *hot(vsp_compiler *self, vsp_rt *rt, uint32_t func, uint32_t pc, uint32_t count, uint32_t *next_at)
{
	vsp_manager *m = vsp_manager_of(self);
	vsp_manager_after_fork(m);
	*next_at = add_counts(count, KNOB_ASK_AGAIN);
	if (!vsp_manager_may_begin(m))
		return NULL;
	vsp_manager_unit *u = vsp_manager_find_unit(m, func, pc);
	int tier = 0, wanted = u ? wanted_tier(m, u, count) : 0;
	if (!rt->call_stack && vsp_guarded_create(&m->call_stack, VSP_MAX_CALLS, sizeof *rt->call_stack))
		rt->call_stack = m->call_stack.block;
	if (!u || !rt->call_stack)
		return NULL;
	vsp_manager_look_up(m, u);
	wanted = ask_or_drop(m, u, wanted);
	const void *code = vsp_manager_best_code(u, 0, &tier);
	if (code) {
		*next_at = 1;
		if (!vsp_manager_can_enter(m) || atomic_load(&m->rt->interrupt))
			return NULL;
		vsp_manager_settle_asks(m, func);
		m->ran = tier > m->ran ? tier : m->ran;
		trace_use(m, u, tier, 0);
		return code;
	}
	*next_at = add_counts(count, wanted ? pause_of(m, u, wanted) : pause_early(m, u, count));
	if (wanted && gave_up(u, wanted) && (m->options.tier || gave_up(u, 2)))
		*next_at = UINT32_MAX;
	return NULL;
}

/*
 * The same question from tier 1 code, which keeps its own counts. Only code of a higher tier is an
 * answer.
 */
static const void *hot_compiled(vsp_rt *rt, uint32_t func, uint32_t pc, uint32_t counter)
{
	enum { HARDLY_EVER = 1 << 20 };
	vsp_manager *m = rt->manager;
	vsp_manager_after_fork(m);
	vsp_manager_unit *u = vsp_manager_find_unit(m, func, pc);
	uint32_t count = rt->counters[counter], pause = HARDLY_EVER;
	int tier;
	const void *code = NULL;
	if (u && !gave_up(u, 2)) {
		ask(m, u, 2);
		code = vsp_manager_best_code(u, 1, &tier);
		pause = code ? KNOB_ASK_AGAIN : pause_of(m, u, 2);
	}
	rt->thresholds[counter] = add_counts(count, pause);
	if (!code)
		return NULL;
	vsp_manager_settle_asks(m, func);
	rt->thresholds[counter & ~1u] = 0; /* the next call asks too */
	m->ran = 2;
	trace_use(m, u, 2, 1);
	return code;
}

/* ---- creation ---- */

static void set_lowering(vsp_manager *m)
{
	const vsp_rt *rt = m->rt;
	bool tools = m->options.observe & VSP_OBSERVE_CODE;
	for (int tier = 1; tier < TIERS; tier++)
		m->lower[tier] = (vsp_lower_options){
		        .precise = tier == 1 || m->options.precise,
		        .mark = tier == 2 && m->options.precise,
		        .guarded = rt->memory.guarded,
		        .mask = m->options.mask,
		        .meter = rt->fuel_on || m->options.count,
		        .fuel = rt->fuel_on,
		        .deterministic = rt->deterministic,
		        .poll = rt->no_signals || !vsp_plat_has_stopper(),
		        .exact_depth = rt->depth_exact,
		        .stack_check = true,
		        .debug = tools || tier == 2, /* back traces name the callers of inlined functions */
		        .pcsections = tier == 1 && rt->memory.guarded && !tools,
		        .count = tier == 1 && !m->options.tier && !m->options.tally,
		        .optimise = tier == 2,
		        .refuse = true,
		};
	for (int tier = 1; tier < TIERS; tier++) { /* the instructions of kernels are not the program's */
		m->lower_loop[tier] = m->lower[tier];
		m->lower_loop[tier].meter = m->lower_loop[tier].count = false;
	}
}

void vsp_manager_return_status(vsp_manager *m)
{
	for (int tier = 1; tier < TIERS; tier++)
		m->lower[tier].status = m->lower_loop[tier].status = true;
	vsp_manager_close_cache(m); /* its key describes other code */
}

/* The counts of tier 1 continue from the count at which tier 0 handed over. */
static bool create_counters(vsp_manager *m)
{
	uint32_t done = m->options.tier1_threshold, goal = m->options.tier2_threshold,
	         left = goal > done ? goal - done : 1;
	size_t n = 2 * (size_t)m->module->func_count;
	m->rt->manager = m;
	m->rt->tallies = m->options.tally ? m->options.profile->counts : NULL;
	m->rt->hot = hot_compiled;
	m->rt->kernels = m->options.tally ? NULL : &vsp_manager_kernel_calls; /* they are not counted */
	m->rt->counters = vsp_alloc(n, sizeof *m->rt->counters);
	m->rt->thresholds = vsp_alloc(n, sizeof *m->rt->thresholds);
	for (size_t i = 0; m->rt->thresholds && i < n; i++)
		m->rt->thresholds[i] = left;
	return m->rt->counters && m->rt->thresholds;
}

static void add_pass(void *user, int tier, const char *name, uint64_t ns) { vsp_pass_times_add(user, tier, name, ns); }

void vsp_manager_use_folder(vsp_manager *m, const char *folder) { m->listener.folder = folder; }

/* False: out of memory. */
static bool create_passes(vsp_manager *m)
{
	if (m->options.observe & VSP_OBSERVE_PASSES)
		m->passes = vsp_pass_times_create();
	m->listener = (vsp_jit_listener){add_pass, m->passes, NULL};
	return m->passes || !(m->options.observe & VSP_OBSERVE_PASSES);
}

static uint32_t first_count(vsp_compiler *self, uint32_t func, bool loop)
{
	const vsp_manager *m = vsp_manager_of(self);
	return m->options.tier || vsp_manager_may_load(m, func, loop) ? 0 : first_threshold(m);
}

vsp_manager *vsp_manager_create(
        vsp_rt *rt, const vsp_module_data *module, const vsp_manager_options *options, vsp_error *error)
{
	vsp_manager *m = vsp_alloc(1, sizeof *m);
	if (!m)
		return NULL;
	m->options = *options;
	m->weighs = !options->tier && !options->sync && !options->cache && !options->tally &&
	            !options->tier1_threshold && !options->tier2_threshold;
	if (!m->options.tier1_threshold)
		m->options.tier1_threshold = KNOB_TIER1_THRESHOLD;
	if (!m->options.tier2_threshold)
		m->options.tier2_threshold = KNOB_TIER2_THRESHOLD;
	m->compiler = (vsp_compiler){.version = VSP_COMPILER_VERSION,
	        .first_count = first_count,
	        .hot = hot,
	        .enter = vsp_manager_enter,
	        .interrupt = vsp_manager_interrupt};
	m->compile_thread = vsp_manager_compile_thread;
	m->rt = rt;
	m->forks = vsp_plat_forks();
	m->module = module;
	vsp_module_retain(m->options.owner);
	m->last = &m->first;
	m->funcs = vsp_alloc(module->func_count, sizeof *m->funcs);
	m->lock = vsp_plat_mutex_create();
	set_lowering(m);
	if (m->funcs && m->lock && create_counters(m) && create_passes(m) && vsp_manager_open_cache(m, error))
		return m;
	vsp_manager_destroy(m);
	return NULL;
}

bool vsp_manager_destroy(vsp_manager *m)
{
	if (!m)
		return true;
	vsp_rt *rt = m->rt;
	vsp_stop_slot_close(&m->stopper);
	vsp_guarded_destroy(&m->call_stack); /* only a run needs it: the compile thread does not use it */
	rt->call_stack = NULL;
	bool ended = vsp_manager_stop(m);
	if (ended) /* otherwise the compile thread owns it, and may have freed it */
		vsp_manager_end(m);
	vsp_free_memory(rt->counters);
	vsp_free_memory(rt->thresholds);
	rt->counters = rt->thresholds = NULL;
	return ended;
}

bool vsp_manager_has_thread(const vsp_manager *m) { return m && m->thread; }

vsp_compiler *vsp_manager_compiler(vsp_manager *m) { return m ? &m->compiler : NULL; }
