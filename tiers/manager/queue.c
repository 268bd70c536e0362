/*
 * The queue between the instance's thread, which asks for units, and the compile thread; see
 * parts.h. A job may be changed into another one until it has begun, and jobs are not simply taken
 * in turn: the code that a program runs first has often finished by the time the compiler is ready.
 */
#include "parts.h"
#include "runtime/base/alloc.h"

#define NS_PER_MS UINT64_C(1000000)

/* ---- taking jobs: the compile thread ---- */

/* Has the program reached the unit recently? */
static bool is_fresh(const vsp_manager *m, const vsp_manager_unit *u)
{
	return atomic_load(&m->asks) - atomic_load(&u->last_asked) < KNOB_FRESH_ASKS;
}

/* One thing that the queue is asked for. */
typedef struct wish {
	vsp_manager_unit *unit;
	int tier;
	uint32_t asked; /* how often */
	bool later;     /* another wish goes first, and one of the two is inlined into the other */
} wish;
enum { MAX_WISHES = 16, MAX_LOOKED = 2000 };

/*
 * Lists the jobs whose units are still asked for, in the order of the queue; if there are very
 * many, those that have waited longest.
 */
static unsigned list_wishes(const vsp_manager *m, wish wishes[MAX_WISHES])
{
	unsigned n = 0, looked = 0;
	for (const vsp_manager_job *j = m->first; j && n < MAX_WISHES && looked < MAX_LOOKED; j = j->next, looked++)
		if (is_fresh(m, j->unit))
			wishes[n++] = (wish){j->unit, j->tier, vsp_manager_asked(m, j->unit), false};
	return n;
}

static bool contains(const uint32_t *list, uint32_t count, uint32_t f)
{
	while (count > 0)
		if (list[--count] == f)
			return true;
	return false;
}

static uint32_t size_of(const vsp_manager *m, uint32_t func) { return m->module->funcs[func].size; }

/*
 * If one of two functions will be inlined into the other, the larger one goes first. If the inner
 * one is larger, its own code covers most of what the program does; otherwise only the outer one's
 * code does.
 */
static void order_pair(const vsp_manager *m, wish *outer, wish *inner)
{
	bool most = size_of(m, inner->unit->func) > size_of(m, outer->unit->func);
	(most ? outer : inner)->later = true;
}

/*
 * Will callees be compiled into it? Tier 2 refuses a function that is too large before it looks at
 * its calls.
 */
static bool inlines(const vsp_manager *m, const wish *w)
{
	return w->tier == 2 && size_of(m, w->unit->func) <= KNOB_OPTIMISE_SIZE;
}

static void order_inlined(const vsp_manager *m, wish *wishes, unsigned n)
{
	uint32_t inlined[MAX_INLINED], left = KNOB_LOOK_SIZE;
	for (unsigned i = 0; i < n; i++) {
		uint32_t func = wishes[i].unit->func, count = 0;
		if (inlines(m, &wishes[i]) && size_of(m, func) <= left) {
			left -= size_of(m, func);
			count = vsp_manager_inlined(m, func, inlined);
		}
		for (unsigned k = 0; k < n; k++)
			if (contains(inlined, count, wishes[k].unit->func))
				order_pair(m, &wishes[i], &wishes[k]);
	}
}

static bool is_loop(const vsp_manager *m, const vsp_manager_unit *u)
{
	return u->pc != m->module->funcs[u->func].start;
}

/*
 * Tier 1 goes first, because it takes little time and is soon of use. Otherwise the unit which asks
 * most often goes first, because the program is there. Once its activations continue in tier 1, a
 * function asks no more, and its next activations begin at its start.
 */
static bool is_better(const vsp_manager *m, const wish *a, const wish *b)
{
	if (a->later != b->later)
		return b->later;
	if (a->tier != b->tier)
		return a->tier < b->tier;
	return a->asked != b->asked ? a->asked > b->asked : is_loop(m, b->unit) && !is_loop(m, a->unit);
}

static const wish *best_wish(const vsp_manager *m, const wish *wishes, unsigned n)
{
	const wish *best = n ? wishes : NULL;
	for (unsigned i = 1; i < n; i++)
		if (is_better(m, &wishes[i], best))
			best = &wishes[i];
	return best;
}

static vsp_manager_job *unlink_job(vsp_manager *m, vsp_manager_job *j)
{
	*j->link = j->next;
	if (j->next)
		j->next->link = j->link;
	else
		m->last = j->link;
	j->unit->waiting[j->tier] = NULL;
	return j;
}

void vsp_manager_append(vsp_manager *m, vsp_manager_job *j)
{
	j->next = NULL;
	j->link = m->last;
	*m->last = j;
	m->last = &j->next;
	j->unit->waiting[j->tier] = j;
}

vsp_manager_job *vsp_manager_take_job(vsp_manager *m)
{
	wish wishes[MAX_WISHES];
	unsigned n = list_wishes(m, wishes);
	/* Looks at the calls of up to 16 functions, and at the calls of their callees. */
	if (n > 1) {
		m->inside = true;
		vsp_plat_mutex_unlock(m->lock);
		order_inlined(m, wishes, n);
		vsp_plat_mutex_lock(m->lock);
		m->inside = false;
		vsp_plat_mutex_signal(m->lock);
	}
	if (m->stop)
		return NULL;
	const wish *best = best_wish(m, wishes, n);
	vsp_manager_job *j = best ? best->unit->waiting[best->tier] : NULL;
	if (!j)
		j = m->first; /* the program has changed its mind */
	return j ? unlink_job(m, j) : NULL;
}

/* ---- asking: the instance's thread ---- */

static void note_loop(vsp_manager *m, vsp_manager_unit *u, int tier)
{
	if (is_loop(m, u))
		m->funcs[u->func].loop[tier] = u;
}

/* Makes a waiting job one of another unit and tier. False: the job has begun. */
static bool change_job(vsp_manager *m, vsp_manager_unit *from, int from_tier, vsp_manager_unit *to, int to_tier)
{
	vsp_plat_mutex_lock(m->lock);
	vsp_manager_job *j = from->waiting[from_tier];
	if (j) {
		from->waiting[from_tier] = NULL;
		to->waiting[to_tier] = j;
		j->unit = to;
		j->tier = to_tier;
		from->requested[from_tier] = false;
		to->requested[to_tier] = true;
		note_loop(m, to, to_tier);
		vsp_manager_show(m, from, from_tier, VSP_TRACE_WITHDRAWN, 0, NULL);
		vsp_manager_show(m, to, to_tier, VSP_TRACE_QUEUED, 0, NULL);
	}
	vsp_plat_mutex_unlock(m->lock);
	return j != NULL;
}

void vsp_manager_redirect(vsp_manager *m, vsp_manager_unit *from, vsp_manager_unit *to, int tier)
{
	change_job(m, from, tier, to, tier);
}

/*
 * Replaces a job for tier 1 of the unit, or of another loop of its function, by tier 2 if that job
 * has not begun.
 */
static bool replaces_tier_1(vsp_manager *m, vsp_manager_unit *u, int tier)
{
	if (tier != 2 || size_of(m, u->func) > KNOB_DIRECT_SIZE)
		return false;
	vsp_manager_unit *loop = is_loop(m, u) ? m->funcs[u->func].loop[1] : NULL;
	return (u->requested[1] && change_job(m, u, 1, u, 2)) ||
	       (loop && loop != u && loop->requested[1] && change_job(m, loop, 1, u, 2));
}

/* Under the lock. A signal handler may interrupt, but not wake. */
static void await_jobs(vsp_manager *m)
{
	while (m->pending && !m->broken && !atomic_load(&m->rt->interrupt))
		vsp_plat_mutex_wait(m->lock, KNOB_LISTEN_MS * NS_PER_MS);
}

void vsp_manager_await_jobs(vsp_manager *m)
{
	vsp_plat_mutex_lock(m->lock);
	await_jobs(m);
	vsp_plat_mutex_unlock(m->lock);
}

/* Queues a job. False: there is no thread that could do it. */
static bool queue_job(vsp_manager *m, vsp_manager_job *j)
{
	vsp_plat_mutex_lock(m->lock);
	if (!m->thread && !m->broken)
		m->thread = vsp_plat_thread_start(m->compile_thread, m);
	bool queued = m->thread && !m->broken;
	if (queued) {
		vsp_manager_append(m, j);
		m->pending++;
		vsp_plat_mutex_signal(m->lock);
		if (m->options.sync)
			await_jobs(m);
	}
	vsp_plat_mutex_unlock(m->lock);
	return queued;
}

void vsp_manager_request(vsp_manager *m, vsp_manager_unit *u, int tier)
{
	if (u->requested[tier] || replaces_tier_1(m, u, tier))
		return;
	u->requested[tier] = true;
	note_loop(m, u, tier);
	vsp_manager_show(m, u, tier, VSP_TRACE_QUEUED, 0, NULL);
	vsp_manager_job *j = vsp_alloc(1, sizeof *j);
	if (j) {
		j->unit = u;
		j->tier = tier;
	}
	if (!j || !queue_job(m, j)) {
		const char *why = !j ? "out of memory" : m->broken ? m->last_words : "no thread for the compiler";
		vsp_manager_show(m, u, tier, VSP_TRACE_GIVE_UP, 0, why);
		atomic_store(&u->failed[tier], why);
		vsp_free_memory(j);
	}
}

/* ---- the end ---- */

/* Waits for a change until a point of time. False: that time has come. Under the lock. */
static bool wait_until(vsp_manager *m, uint64_t then)
{
	uint64_t now = vsp_plat_clock_ns();
	if (now < then)
		vsp_plat_mutex_wait(m->lock, then - now);
	return now < then;
}

/* The thread is never outside LLVM for long, and must not be left alone there. Under the lock. */
static void await_thread(vsp_manager *m)
{
	uint64_t then = vsp_plat_clock_ns() + KNOB_LEAVE_MS * NS_PER_MS;
	while (m->cache && m->pending && wait_until(m, then))
		;
	m->stop = true;
	vsp_plat_mutex_signal(m->lock);
	while (!m->ended && !m->broken) {
		if (!m->inside)
			vsp_plat_mutex_wait(m->lock, UINT64_MAX);
		else if (!wait_until(m, then))
			break;
	}
}

bool vsp_manager_run_errand(vsp_manager *m, void (*errand)(vsp_manager *manager, void *arg), void *arg)
{
	vsp_manager_after_fork(m);
	vsp_plat_mutex_lock(m->lock);
	if (!m->thread && !m->broken)
		m->thread = vsp_plat_thread_start(m->compile_thread, m);
	bool good = m->thread && !m->broken;
	if (good) {
		m->errand_arg = arg;
		m->errand = errand;
		vsp_plat_mutex_signal(m->lock);
		while (m->errand && !m->broken)
			vsp_plat_mutex_wait(m->lock, UINT64_MAX);
		good = !m->broken;
		m->errand = NULL;
	}
	vsp_plat_mutex_unlock(m->lock);
	return good;
}

bool vsp_manager_stop(vsp_manager *m)
{
	vsp_manager_after_fork(m);
	if (!m->thread)
		return true;
	vsp_plat_mutex_lock(m->lock);
	await_thread(m);
	bool ended = m->ended, orphan = m->orphan = !m->ended && !m->broken;
	vsp_plat_thread *thread = m->thread;
	vsp_plat_mutex_unlock(m->lock); /* an orphaned manager may be freed from here on */
	if (ended)
		vsp_plat_thread_join(thread);
	else
		vsp_plat_thread_leave(thread);
	return !orphan;
}
