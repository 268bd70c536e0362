/*
 * The pool of threads, see pool.h. Tasks are numbered, and each thread does each of them once:
 * threads that wake late find their task all the same, since the owner waits for them.
 */
#include "pool.h"

#include "runtime/base/alloc.h"

enum { WATCH_NS = 2000000 };

typedef struct member {
	struct vsp_thread_pool *pool;
	vsp_plat_thread *thread;
	unsigned n;
} member;

struct vsp_thread_pool {
	uint32_t forks; /* the forks behind the process that has the threads */
	unsigned size;
	bool signals;
	vsp_plat_mutex *lock;
	/* Under the lock. */
	uint64_t given; /* number of tasks so far; task is the last one */
	unsigned busy;  /* threads that have not done it */
	bool ending;
	vsp_thread_pool_task task;
	member members[];
};

/* Waits for the task after number done. False: the pool ends. Under the lock. */
static bool next_task(vsp_thread_pool *pool, uint64_t done)
{
	while (pool->given == done && !pool->ending)
		vsp_plat_mutex_wait(pool->lock, UINT64_MAX);
	return !pool->ending;
}

static void thread(void *opaque)
{
	const member *self = opaque;
	vsp_thread_pool *pool = self->pool;
	if (pool->signals)
		vsp_plat_signals_open();
	vsp_plat_stopper *stopper = pool->signals && vsp_plat_has_stopper() ? vsp_plat_stopper_create() : NULL;
	vsp_plat_mutex_lock(pool->lock);
	for (uint64_t done = 0; next_task(pool, done); done++) {
		vsp_thread_pool_task task = pool->task;
		vsp_plat_mutex_unlock(pool->lock);
		task.do_it(task.arg, self->n, stopper);
		vsp_plat_mutex_lock(pool->lock);
		if (--pool->busy == 0)
			vsp_plat_mutex_signal(pool->lock);
	}
	vsp_plat_mutex_unlock(pool->lock);
	vsp_plat_stopper_destroy(stopper);
}

/* Forks are counted from the first hold on, so a child knows that it has none of these threads. */
vsp_thread_pool *vsp_thread_pool_create(unsigned count, bool signals)
{
	vsp_thread_pool *pool = vsp_alloc(1, sizeof *pool + count * sizeof pool->members[0]);
	if (!pool)
		return NULL;
	vsp_plat_fork_hold();
	pool->forks = vsp_plat_forks();
	pool->signals = signals;
	pool->lock = vsp_plat_mutex_create();
	for (unsigned n = 0; pool->lock && n < count; n++) {
		member *m = &pool->members[n];
		*m = (member){pool, NULL, n};
		m->thread = vsp_plat_thread_start(thread, m);
		if (!m->thread)
			break;
		pool->size++;
	}
	vsp_plat_fork_release();
	if (pool->size)
		return pool;
	vsp_thread_pool_destroy(pool);
	return NULL;
}

bool vsp_thread_pool_is_alive(const vsp_thread_pool *pool) { return pool->forks == vsp_plat_forks(); }
unsigned vsp_thread_pool_size(const vsp_thread_pool *pool) { return pool->size; }

static void end_threads(vsp_thread_pool *pool)
{
	vsp_plat_mutex_lock(pool->lock);
	pool->ending = true;
	vsp_plat_mutex_signal(pool->lock);
	vsp_plat_mutex_unlock(pool->lock);
	for (unsigned n = 0; n < pool->size; n++)
		vsp_plat_thread_join(pool->members[n].thread);
}

/*
 * In a child of fork the threads are gone, their handles are of no use, and one of them may have
 * held the lock.
 */
void vsp_thread_pool_destroy(vsp_thread_pool *pool)
{
	if (!pool)
		return;
	if (!vsp_thread_pool_is_alive(pool))
		vsp_plat_mutex_renew(pool->lock);
	else if (pool->size)
		end_threads(pool);
	vsp_plat_mutex_destroy(pool->lock);
	vsp_free_memory(pool);
}

void vsp_thread_pool_run(vsp_thread_pool *pool, const vsp_thread_pool_task *task)
{
	vsp_plat_mutex_lock(pool->lock);
	pool->task = *task;
	pool->busy = pool->size;
	pool->given++;
	vsp_plat_mutex_signal(pool->lock);
	while (pool->busy) {
		vsp_plat_mutex_wait(pool->lock, WATCH_NS);
		vsp_plat_mutex_unlock(pool->lock);
		task->watch(task->arg);
		vsp_plat_mutex_lock(pool->lock);
	}
	vsp_plat_mutex_unlock(pool->lock);
}
