/*
 * The compile thread. The first request starts it; it opens the compiler's shared object and then
 * takes jobs from the queue (queue.c).
 */
#include <stdio.h>

#include "parts.h"
#include "runtime/base/alloc.h"
#include "tiers/effort.h"

/* Gives up a job, which is freed; its unit keeps the reason. Under the lock. */
static void fail_job(vsp_manager *m, vsp_manager_job *j, const char *why)
{
	vsp_manager_show_compiled(m, j->unit, j->tier, why);
	j->unit->waiting[j->tier] = NULL;
	atomic_store(&j->unit->failed[j->tier], why);
	vsp_free_memory(j);
}

/*
 * LLVM would end the process here, in the middle of its work. Its frames cannot be left, so the
 * thread stays in them for ever: nothing is compiled any more, and the program goes on with the
 * code it has.
 */
static void stop_compiling(void *opaque, const char *message)
{
	vsp_manager *m = opaque;
	vsp_plat_mutex_lock(m->lock);
	snprintf(m->last_words, sizeof m->last_words, "LLVM failed: %s", message);
	m->broken = true;
	m->no_jit = m->last_words;
	if (m->running) /* null: the thread was opening the compiler */
		fail_job(m, m->running, m->no_jit);
	for (vsp_manager_job *j = m->first, *next; j; j = next) {
		next = j->next;
		fail_job(m, j, m->no_jit);
	}
	m->running = m->first = NULL;
	m->last = &m->first;
	m->pending = 0;
	bool orphan = m->orphan;
	if (m->options.beside && !orphan)
		atomic_store(&m->options.beside->compiling, false);
	vsp_plat_mutex_signal(m->lock);
	vsp_plat_mutex_unlock(m->lock);
	if (orphan)
		vsp_manager_end(m);
	vsp_plat_fork_release(); /* the thread holds no lock of ours, and LLVM has been given up */
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

static void open_jit(vsp_manager *m)
{
	const vsp_jit_api *api = NULL;
	const char *failed = vsp_jit_open(&api);
	if (failed) {
		m->no_jit = failed;
		return;
	}
	m->api = api;
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

/* What the lowering would say, which is not asked: it is in the compiler's library. */
static const struct {
	const char *OK
#define LOWER_REASON(name, text) , *name
#include "ir/lower/reasons.def"
	        ;
} reasons = {""
#define LOWER_REASON(name, text) , text
#include "ir/lower/reasons.def"
};

static const char *compile_unit(vsp_manager *m, vsp_manager_unit *u, int tier)
{
	uint32_t inlined[MAX_INLINED];
	const vsp_func *func = &m->module->funcs[u->func];
	if (func->size > KNOB_COMPILE_SIZE || (tier == 2 && func->size > KNOB_OPTIMISE_SIZE))
		return reasons.TOO_LARGE;
	vsp_jit_job described = vsp_manager_describe(m, u, tier, inlined);
	return m->api->compile(m->jit, &described, &u->built[tier]);
}

const char *vsp_manager_need_jit(vsp_manager *m)
{
	if (m->jit)
		m->api->guard(stop_compiling, m);
	if (m->jit || m->no_jit)
		return m->no_jit;
	vsp_trace_begin(m->options.trace, VSP_TRACE_OPEN, 0, 0, 0);
	open_jit(m);
	vsp_trace_add(m->options.trace, &(vsp_trace_event){.kind = VSP_TRACE_OPEN, .reason = m->no_jit});
	return m->no_jit;
}

/* Under the lock. When the instance has gone, so has what the threads know of one another. */
static void set_inside(vsp_manager *m, bool inside)
{
	m->inside = inside;
	if (m->options.beside && !m->orphan)
		atomic_store(&m->options.beside->compiling, inside);
}

/* From here to come_out nobody waits for the thread. False: nobody waits for the job either. */
static bool go_inside(vsp_manager *m)
{
	vsp_plat_mutex_lock(m->lock);
	bool wanted = !m->stop;
	set_inside(m, wanted);
	vsp_plat_mutex_unlock(m->lock);
	return wanted;
}

/* False: the instance has gone in the meantime. */
static bool come_out(vsp_manager *m)
{
	vsp_plat_mutex_lock(m->lock);
	set_inside(m, false);
	bool wanted = !m->orphan;
	vsp_plat_mutex_signal(m->lock);
	vsp_plat_mutex_unlock(m->lock);
	return wanted;
}

static void do_job(vsp_manager *m, const vsp_manager_job *j)
{
	if (!go_inside(m))
		return;
	const char *why = vsp_manager_need_jit(m);
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
	if (!m->cache || !go_inside(m)) /* disk accesses may take long */
		return;
	vsp_manager_keep(m, j->unit, j->tier);
	come_out(m);
}

/*
 * Opens the compiler before a job is taken, because opening takes so long that another job may be
 * more urgent afterwards. Under the lock.
 */
static void prepare(vsp_manager *m)
{
	if (m->jit || m->no_jit)
		return;
	set_inside(m, true);
	vsp_plat_mutex_unlock(m->lock);
	vsp_manager_need_jit(m);
	vsp_plat_mutex_lock(m->lock);
	set_inside(m, false);
	vsp_plat_mutex_signal(m->lock);
}

/* Under the lock, which is released in between. */
static void run_errand(vsp_manager *m)
{
	vsp_plat_mutex_unlock(m->lock);
	m->errand(m, m->errand_arg); /* both stay as they are until this is done */
	vsp_plat_mutex_lock(m->lock);
	m->errand = NULL;
	vsp_plat_mutex_signal(m->lock);
}

/* Under the lock, which is released in between. */
static void finish_job(vsp_manager *m, vsp_manager_job *j)
{
	vsp_plat_mutex_unlock(m->lock);
	do_job(m, j);
	vsp_plat_mutex_lock(m->lock);
	m->running = NULL;
	vsp_free_memory(j);
	m->pending--;
	vsp_plat_mutex_signal(m->lock);
}

void vsp_manager_compile_thread(void *opaque)
{
	vsp_manager *m = opaque;
	vsp_plat_fork_hold();
	vsp_plat_mutex_lock(m->lock);
	while (!m->stop) {
		if (m->errand) {
			run_errand(m);
			continue;
		}
		if (!m->first) {
			vsp_plat_fork_release();
			vsp_plat_mutex_wait(m->lock, UINT64_MAX);
			vsp_plat_fork_hold();
			continue;
		}
		if (!vsp_manager_is_worth(m))
			continue;
		uint64_t start = vsp_plat_clock_ns();
		prepare(m);
		vsp_manager_job *j = m->running = m->stop ? NULL : vsp_manager_take_job(m);
		if (j)
			finish_job(m, j);
		m->spent += vsp_plat_clock_ns() - start;
	}
	bool orphan = m->orphan;
	m->ended = true;
	vsp_plat_mutex_signal(m->lock);
	vsp_plat_mutex_unlock(m->lock);
	if (orphan)
		vsp_manager_end(m);
	vsp_plat_fork_release();
}
