/*
 * LAUNCH on several threads, see team.h. The instance's own thread waits meanwhile: it looks for
 * interrupts, and stops the others after a trap.
 *
 * Compiled kernels touch little of the run-time state, but some of it (results of calls, the end of
 * the run), so each thread has a copy. Kernels never run anything but the code of their loop, so
 * nothing else of the copies is used.
 *
 * Parts are given out in ascending order. After a trap no later part is begun, and later parts that
 * run are stopped; the earlier ones go on to their end. So of several iterations that trap the
 * first one is reported.
 */
#include <string.h>

#include "pool.h"
#include "runtime/base/alloc.h"
#include "runtime/helpers.h"
#include "team.h"
#include "threads.h"

enum { PARTS_EACH = 4 };

/* A thread's share of a LAUNCH. */
typedef struct worker {
	vsp_rt rt; /* a copy */
	_Atomic(vsp_plat_stopper *) stopper;
	_Atomic uint64_t at; /* where its part begins; NOWHERE: it has none */
	int trap;            /* how its last part, from at on, ended */
} worker;
#define NOWHERE UINT64_MAX

typedef struct team {
	vsp_rt *rt;
	const void *code;
	const vsp_batch_op *op;
	uint64_t size;
	unsigned count;
	_Atomic uint64_t next; /* the first iteration that has not been given out */
	_Atomic uint64_t end;  /* no part from here on is to run */
	bool fired;
	worker *workers;
} team;

/* ---- how many ---- */

/* Decides once how many threads this instance has. 0, or a trap. */
static int count_threads(vsp_rt *rt)
{
	vsp_error error = VSP_ERROR_INIT;
	if (!rt->threads && vsp_threads_asked(&rt->threads, &error) != VSP_OK)
		return vsp_rt_fail(rt, VSP_TRAP_BACKEND, "%s", error.message);
	if (!rt->threads)
		rt->threads = vsp_plat_processors();
	if (rt->threads > VSP_THREADS_MOST)
		rt->threads = VSP_THREADS_MOST;
	return 0;
}

/* The instance's threads, which are started if necessary. Null: there are none to be had. */
static vsp_thread_pool *find_pool(vsp_rt *rt)
{
	vsp_backends *b = rt->backends;
	if (b->pool && vsp_thread_pool_is_alive(b->pool))
		return b->pool;
	vsp_thread_pool_destroy(b->pool);
	b->pool = vsp_thread_pool_create(rt->threads, !rt->no_signals);
	b->destroy_pool = vsp_thread_pool_destroy;
	return b->pool;
}

/* ---- in the threads ---- */

/* Takes the next part. False: there is none. */
static bool take_part(team *t, vsp_kernel_part *part)
{
	uint64_t begin = atomic_load(&t->next), end;
	do {
		if (begin >= atomic_load(&t->end))
			return false;
		uint64_t left = t->op->count - begin, share = left / ((uint64_t)PARTS_EACH * t->count);
		uint64_t size = share < t->size ? share : t->size;
		end = begin + (size ? size : 1);
	} while (!atomic_compare_exchange_weak(&t->next, &begin, end));
	*part = (vsp_kernel_part){t->op->index, begin, end, t->op->argument};
	return true;
}

static void end_at(team *t, uint64_t end)
{
	uint64_t old = atomic_load(&t->end);
	while (end < old && !atomic_compare_exchange_weak(&t->end, &old, end))
		;
}

static void work(void *arg, unsigned n, vsp_plat_stopper *stopper)
{
	team *t = arg;
	worker *w = &t->workers[n];
	vsp_kernel_part part;
	if (!stopper && !t->rt->no_signals && vsp_plat_has_stopper())
		return; /* nothing could stop it */
	atomic_store(&w->stopper, stopper);
	while (!w->trap && take_part(t, &part)) {
		atomic_store(&w->at, part.begin);
		w->trap = t->rt->kernels->run(&w->rt, t->code, &part, stopper);
		if (w->trap && w->trap != VSP_TRAP_INTERRUPTED)
			end_at(t, part.begin);
	}
	if (!w->trap)
		atomic_store(&w->at, NOWHERE);
}

/* ---- in the instance's thread ---- */

static void stop(team *t, worker *w)
{
	vsp_plat_stopper *stopper = atomic_load(&w->stopper);
	atomic_store(&w->rt.interrupt, 1);
	t->fired = true;
	if (stopper)
		vsp_plat_stopper_fire(stopper);
}

static void watch(void *arg)
{
	team *t = arg;
	bool all = atomic_load(&t->rt->interrupt);
	if (all)
		end_at(t, 0);
	for (unsigned n = 0; n < t->count; n++) {
		uint64_t at = atomic_load(&t->workers[n].at);
		if (at != NOWHERE && (all || at > atomic_load(&t->end)))
			stop(t, &t->workers[n]);
	}
}

static void copy_bytes(vsp_rt *to, const vsp_rt *from, size_t begin, size_t end)
{
	memcpy((char *)to + begin, (const char *)from + begin, end - begin);
}

/*
 * Other threads change two fields meanwhile: anybody the flag of interrupts, and the compile thread
 * the account.
 */
static void copy_state(vsp_rt *to, const vsp_rt *from)
{
	enum { FLAG = offsetof(vsp_rt, interrupt), ACCOUNT = offsetof(vsp_rt, account) };
	static_assert(FLAG < ACCOUNT, "the copies are in the order of the fields");
	copy_bytes(to, from, 0, FLAG);
	copy_bytes(to, from, FLAG + sizeof from->interrupt, ACCOUNT);
	copy_bytes(to, from, ACCOUNT + sizeof from->account, sizeof *from);
	atomic_store(&to->interrupt, 0);
	to->account.limit = from->account.limit;
	atomic_store(&to->account.used, atomic_load(&from->account.used));
	to->stack_limit = NULL; /* calls of kernels do not recurse, and the stack is large */
	to->end = VSP_END_NONE;
}

/* The worker whose trap is to be reported, or null. */
static const worker *first_trap(const team *t)
{
	const worker *first = NULL;
	for (unsigned n = 0; n < t->count; n++) {
		const worker *w = &t->workers[n];
		bool counts = w->trap && (w->trap != VSP_TRAP_INTERRUPTED || atomic_load(&t->rt->interrupt));
		if (counts && (!first || w->at < first->at))
			first = w;
	}
	return first;
}

static int take_trap(vsp_rt *rt, const worker *w)
{
	if (!w)
		return vsp_rt_poll(rt);
	rt->trap = w->rt.trap;
	rt->end = w->rt.end;
	rt->end_pc = w->rt.end_pc;
	rt->end_known = w->rt.end_known;
	return w->trap;
}

static int run(team *t, vsp_thread_pool *pool)
{
	for (unsigned n = 0; n < t->count; n++) {
		copy_state(&t->workers[n].rt, t->rt);
		atomic_store(&t->workers[n].at, NOWHERE);
	}
	vsp_thread_pool_run(pool, &(vsp_thread_pool_task){work, watch, t});
	for (unsigned n = 0; t->fired && n < t->count; n++)
		if (atomic_load(&t->workers[n].stopper))
			vsp_plat_stopper_rest(atomic_load(&t->workers[n].stopper));
	return take_trap(t->rt, first_trap(t));
}

int vsp_team_run(vsp_rt *rt, const void *code, const vsp_batch_op *op, uint64_t size, uint64_t *next)
{
	team t = {.rt = rt, .code = code, .op = op, .size = size, .next = *next, .end = op->count};
	int wrong = count_threads(rt);
	if (wrong)
		return wrong;
	vsp_thread_pool *pool = rt->threads > 1 ? find_pool(rt) : NULL;
	t.count = pool ? vsp_thread_pool_size(pool) : 0;
	t.workers = pool ? vsp_alloc(t.count, sizeof *t.workers) : NULL;
	int trap = t.workers ? run(&t, pool) : 0;
	*next = atomic_load(&t.next);
	vsp_free_memory(t.workers);
	return trap;
}
