/*
 * Work beside the program, see background.h: a queue under a lock, and a thread that offers its
 * processor to others before each item.
 */
#include "background.h"

#include "runtime/base/alloc.h"
#include "runtime/platform/platform.h"

/* The states of an item, as bits. */
enum { LINKED = 1, WANTED = 2, WORKING = 4 };

struct vsp_background {
	vsp_background_work work;
	void *arg;
	bool (*is_idle)(void *arg);
	vsp_plat_thread *thread; /* the owner's */
	uint32_t forks;          /* that lie behind the process in which the thread runs */
	_Atomic uint32_t stop;
	vsp_plat_mutex *lock; /* of the rest */
	uint32_t *next;       /* per item, the one behind it in the queue */
	uint8_t *state;       /* per item; one that is taken back stays in the queue */
	uint32_t first, last, linked, wanted;
};

vsp_background *vsp_background_create(uint32_t count, vsp_background_work work, void *arg, bool (*is_idle)(void *arg))
{
	vsp_background *b = vsp_alloc(1, sizeof *b);
	if (!b)
		return NULL;
	b->work = work;
	b->arg = arg;
	b->is_idle = is_idle;
	b->forks = vsp_plat_forks();
	b->lock = vsp_plat_mutex_create();
	b->next = vsp_alloc(count, sizeof *b->next);
	b->state = vsp_alloc(count, sizeof *b->state);
	if (b->lock && b->next && b->state)
		return b;
	vsp_background_destroy(b);
	return NULL;
}

void vsp_background_destroy(vsp_background *b)
{
	if (!b)
		return;
	vsp_background_was_forked(b);
	atomic_store(&b->stop, 1);
	if (b->thread) {
		vsp_plat_mutex_lock(b->lock);
		vsp_plat_mutex_signal(b->lock);
		vsp_plat_mutex_unlock(b->lock);
		vsp_plat_thread_join(b->thread);
	}
	if (b->lock)
		vsp_plat_mutex_destroy(b->lock);
	vsp_free_memory(b->next);
	vsp_free_memory(b->state);
	vsp_free_memory(b);
}

/* ---- the thread ---- */

/* Takes the next item that is still wanted. Under the lock. False: there is none. */
static bool take(vsp_background *b, uint32_t *item)
{
	while (b->linked) {
		*item = b->first;
		b->first = b->next[*item];
		b->linked--;
		bool wanted = b->state[*item] & WANTED;
		b->state[*item] = wanted ? WORKING : 0;
		b->wanted -= wanted;
		if (wanted)
			return true;
	}
	return false;
}

/* Under the lock, without which it waits. */
static void sleep_for(vsp_background *b, uint64_t ns)
{
	vsp_plat_fork_release();
	vsp_plat_mutex_wait(b->lock, ns);
	vsp_plat_fork_hold();
}

static bool is_idle(vsp_background *b)
{
	vsp_plat_mutex_unlock(b->lock);
	bool idle = b->is_idle(b->arg);
	vsp_plat_mutex_lock(b->lock);
	return idle;
}

static void run(void *opaque)
{
	enum { AGAIN_NS = 3000000 };
	vsp_background *b = opaque;
	uint32_t item;
	vsp_plat_fork_hold();
	vsp_plat_mutex_lock(b->lock);
	while (!atomic_load(&b->stop)) {
		if (!b->wanted) {
			sleep_for(b, UINT64_MAX);
		} else if (!is_idle(b)) {
			sleep_for(b, AGAIN_NS);
		} else if (take(b, &item)) {
			vsp_plat_mutex_unlock(b->lock);
			b->work(b->arg, item, &b->stop);
			vsp_plat_mutex_lock(b->lock);
			b->state[item] &= (uint8_t)~WORKING;
			vsp_plat_fork_release(); /* a fork need not wait for all that is asked for */
			vsp_plat_fork_hold();
		}
	}
	vsp_plat_mutex_unlock(b->lock);
	vsp_plat_fork_release();
}

/* ---- the owner ---- */

static void append(vsp_background *b, uint32_t item)
{
	if (b->linked++)
		b->next[b->last] = item;
	else
		b->first = item;
	b->last = item;
	b->state[item] |= LINKED;
}

bool vsp_background_ask(vsp_background *b, uint32_t item)
{
	vsp_plat_mutex_lock(b->lock);
	if (!(b->state[item] & (WANTED | WORKING))) {
		b->state[item] |= WANTED;
		if (!(b->state[item] & LINKED))
			append(b, item);
		if (!b->wanted++)
			vsp_plat_mutex_signal(b->lock);
	}
	vsp_plat_mutex_unlock(b->lock);
	if (!b->thread)
		b->thread = vsp_plat_thread_start(run, b);
	return b->thread;
}

bool vsp_background_withdraw(vsp_background *b, uint32_t item)
{
	vsp_plat_mutex_lock(b->lock);
	bool working = b->state[item] & WORKING, wanted = b->state[item] & WANTED;
	b->state[item] &= (uint8_t)~WANTED;
	b->wanted -= wanted;
	vsp_plat_mutex_unlock(b->lock);
	return !working;
}

bool vsp_background_has_thread(const vsp_background *b) { return b && b->thread; }

bool vsp_background_was_forked(vsp_background *b)
{
	if (b->forks == vsp_plat_forks())
		return false;
	b->forks = vsp_plat_forks();
	b->thread = NULL; /* the handle is of no use in the child */
	vsp_plat_mutex_renew(b->lock);
	return true;
}
