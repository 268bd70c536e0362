/*
 * Large pages and threads on POSIX.
 */
#include "platform.h"
#include "posix_place.h"
#include "local.h"
#include "posix_signals.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#include "runtime/base/alloc.h"

#define NS_PER_S UINT64_C(1000000000)

/* ---- memory ---- */

#if !defined(MAP_NORESERVE)
#define MAP_NORESERVE 0 /* a hint that some systems lack */
#endif

#ifndef MADV_HUGEPAGE
#define MADV_HUGEPAGE MADV_NORMAL /* there are no large pages to ask for */
#endif

/*
 * A page below the one at high, in the upper three quarters of the space below it; null: no
 * randomness is available.
 */
static void *choose_page(uintptr_t high, uint64_t bytes)
{
	uint64_t page = vsp_plat_page_size(), low = high / 4, pages = (high - low) / page, random;
	if (pages <= bytes / page || !vsp_plat_random(&random, sizeof random))
		return NULL;
	return (void *)(uintptr_t)((low / page + random % (pages - bytes / page)) * page);
}

/*
 * The system puts mappings next to one another, starting from one end of the address space. The
 * chosen address is anywhere in the rest of it.
 */
void *vsp_plat_reserve_anywhere(uint64_t bytes)
{
	enum { ATTEMPTS = 4, FLAGS = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE };
	void *usual = vsp_plat_reserve(bytes);
	for (int i = 0; usual && i < ATTEMPTS; i++) {
		void *wanted = choose_page((uintptr_t)usual, bytes);
		void *p = wanted ? mmap(wanted, (size_t)bytes, PROT_NONE, FLAGS, -1, 0) : MAP_FAILED;
		if (p == wanted && wanted) {
			vsp_plat_release(usual, bytes);
			return p;
		}
		if (p != MAP_FAILED) /* the place is taken */
			vsp_plat_release(p, bytes);
	}
	return usual;
}

void vsp_plat_prefer_large_pages(void *address, uint64_t bytes) { madvise(address, (size_t)bytes, MADV_HUGEPAGE); }

/* ---- threads ---- */

struct vsp_plat_thread {
	pthread_t handle;
	void (*fn)(void *);
	void *arg;
	vsp_posix_place place;
};

static void *thread_main(void *opaque)
{
	vsp_plat_thread *t = opaque;
	vsp_posix_place_anywhere(&t->place);
	vsp_plat_fp_text_enter(); /* for the rest of the thread's life: new threads inherit their creator's modes */
	t->fn(t->arg);
	return NULL;
}

/* 0, or an error number. */
static int create(vsp_plat_thread *t, bool elsewhere, bool deep)
{
	enum { GUARD = 64 << 10 };
	pthread_attr_t attributes;
	sigset_t saved;
	int failed = pthread_attr_init(&attributes);
	if (failed)
		return failed;
	if (deep) {
		pthread_attr_setstacksize(&attributes, VSP_PLAT_THREAD_STACK);
		pthread_attr_setguardsize(&attributes, GUARD);
	}
	t->place.chosen = false;
	if (elsewhere)
		vsp_posix_place_elsewhere(&t->place, &attributes);
	vsp_posix_hold_signals(&saved);
	failed = pthread_create(&t->handle, &attributes, thread_main, t);
	pthread_sigmask(SIG_SETMASK, &saved, NULL);
	pthread_attr_destroy(&attributes);
	return failed;
}

vsp_plat_thread *vsp_plat_thread_start(void (*fn)(void *), void *arg)
{
	vsp_plat_thread *t = vsp_alloc(1, sizeof *t);
	if (!t)
		return NULL;
	t->fn = fn;
	t->arg = arg;
	vsp_posix_listen_to_forks();
	/* A processor may have gone in the meantime, or there may be less address space. */
	if (create(t, true, true) == 0 || create(t, false, true) == 0 || create(t, false, false) == 0)
		return t;
	vsp_free_memory(t);
	return NULL;
}

/*
 * A thread that has just woken may be ahead of one that spins, and so get the processor back once
 * or twice; not more often.
 */
bool vsp_plat_processor_is_idle(void)
{
	enum { OFFERS = 4, MOMENT_NS = 100000 };
	for (int i = 0; i < OFFERS; i++) {
		uint64_t start = vsp_plat_clock_ns();
		sched_yield();
		if (vsp_plat_clock_ns() - start > MOMENT_NS)
			return false;
	}
	return true;
}

void vsp_plat_thread_join(vsp_plat_thread *thread)
{
	pthread_join(thread->handle, NULL);
	vsp_free_memory(thread);
}

void vsp_plat_thread_park(void)
{
	for (;;)
		pause();
}

void vsp_plat_thread_leave(vsp_plat_thread *thread)
{
	pthread_detach(thread->handle);
	vsp_free_memory(thread);
}

void vsp_plat_call_once(vsp_plat_once *once, void (*fn)(void))
{
	static pthread_mutex_t one_at_a_time = PTHREAD_MUTEX_INITIALIZER;
	if (atomic_load_explicit(&once->done, memory_order_acquire))
		return;
	vsp_plat_fork_hold(); /* a child of fork could wait for ever */
	pthread_mutex_lock(&one_at_a_time);
	if (!atomic_load(&once->done)) {
		fn();
		atomic_store(&once->done, 1);
	}
	pthread_mutex_unlock(&one_at_a_time);
	vsp_plat_fork_release();
}

struct vsp_plat_mutex {
	pthread_mutex_t lock;
	pthread_cond_t changed;
};

/*
 * Waits end by the monotonic clock. macOS has no condition variables for that, but waits relative
 * to now.
 */
#if defined(__APPLE__)
static int changed_init(pthread_cond_t *changed) { return pthread_cond_init(changed, NULL); }
static int changed_wait(vsp_plat_mutex *m, uint64_t timeout_ns)
{
	struct timespec t = {(time_t)(timeout_ns / NS_PER_S), (long)(timeout_ns % NS_PER_S)};
	return pthread_cond_timedwait_relative_np(&m->changed, &m->lock, &t);
}
#else
static int changed_init(pthread_cond_t *changed)
{
	pthread_condattr_t attributes;
	if (pthread_condattr_init(&attributes) != 0)
		return -1;
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	int failed = pthread_cond_init(changed, &attributes);
	pthread_condattr_destroy(&attributes);
	return failed;
}
static int changed_wait(vsp_plat_mutex *m, uint64_t timeout_ns)
{
	uint64_t now = vsp_plat_clock_ns(), end = now + timeout_ns;
	if (end < now || end / NS_PER_S > INT32_MAX) /* beyond the range of every time_t: for ever */
		return pthread_cond_wait(&m->changed, &m->lock);
	struct timespec t = {(time_t)(end / NS_PER_S), (long)(end % NS_PER_S)};
	return pthread_cond_timedwait(&m->changed, &m->lock, &t);
}
#endif

vsp_plat_mutex *vsp_plat_mutex_create(void)
{
	vsp_plat_mutex *m = vsp_alloc(1, sizeof *m);
	if (!m)
		return NULL;
	if (pthread_mutex_init(&m->lock, NULL) == 0) {
		if (changed_init(&m->changed) == 0)
			return m;
		pthread_mutex_destroy(&m->lock);
	}
	vsp_free_memory(m);
	return NULL;
}

void vsp_plat_mutex_destroy(vsp_plat_mutex *mutex)
{
	if (!mutex)
		return;
	pthread_cond_destroy(&mutex->changed);
	pthread_mutex_destroy(&mutex->lock);
	vsp_free_memory(mutex);
}

void vsp_plat_mutex_renew(vsp_plat_mutex *mutex)
{
	pthread_mutex_init(&mutex->lock, NULL);
	changed_init(&mutex->changed);
}

void vsp_plat_mutex_lock(vsp_plat_mutex *mutex) { pthread_mutex_lock(&mutex->lock); }
void vsp_plat_mutex_unlock(vsp_plat_mutex *mutex) { pthread_mutex_unlock(&mutex->lock); }
void vsp_plat_mutex_signal(vsp_plat_mutex *mutex) { pthread_cond_broadcast(&mutex->changed); }

bool vsp_plat_mutex_wait(vsp_plat_mutex *mutex, uint64_t timeout_ns)
{
	if (timeout_ns == UINT64_MAX)
		return pthread_cond_wait(&mutex->changed, &mutex->lock) == 0;
	return changed_wait(mutex, timeout_ns) != ETIMEDOUT;
}
