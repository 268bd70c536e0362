/*
 * The handlers of fork on POSIX. A child has only one thread, the caller's. The work of other
 * threads stays half done and their locks stay locked for ever, so a fork waits until the library's
 * own threads are idle, which they report. A compilation may take longer than a host can wait; then
 * the child knows that it can compile no more.
 *
 * Invariants. at_work counts threads between hold and release; while closed is not 0 no thread
 * begins work.
 */
#include "platform.h"
#include "local.h"

#include <pthread.h>
#include <stdatomic.h>
#include <time.h>

enum { PATIENCE_MS = 1000, NAP_NS = 200000 };

static atomic_uint at_work, closed;
static atomic_bool lost;
static _Thread_local unsigned depth;
static pthread_once_t listen_once = PTHREAD_ONCE_INIT;

static void nap(void) { nanosleep(&(struct timespec){.tv_nsec = NAP_NS}, NULL); }

/* The forking thread may itself be between hold and release. */
static unsigned own(void) { return depth ? 1 : 0; }

static void before(void)
{
	uint64_t start = vsp_plat_clock_ns();
	atomic_fetch_add(&closed, 1);
	while (atomic_load(&at_work) > own() && vsp_plat_clock_ns() - start < PATIENCE_MS * UINT64_C(1000000))
		nap();
}

static void in_parent(void) { atomic_fetch_sub(&closed, 1); }

static void in_child(void)
{
	if (atomic_load(&at_work) > own())
		atomic_store(&lost, true);
	atomic_store(&at_work, own());
	atomic_store(&closed, 0);
	vsp_plat_note_fork();
}

static void listen(void) { pthread_atfork(before, in_parent, in_child); }

void vsp_posix_listen_to_forks(void) { pthread_once(&listen_once, listen); }

void vsp_plat_fork_hold(void)
{
	vsp_posix_listen_to_forks();
	if (depth++)
		return;
	for (;;) {
		atomic_fetch_add(&at_work, 1);
		if (!atomic_load(&closed))
			return;
		atomic_fetch_sub(&at_work, 1);
		while (atomic_load(&closed))
			nap();
	}
}

void vsp_plat_fork_release(void)
{
	if (!--depth)
		atomic_fetch_sub(&at_work, 1);
}

bool vsp_plat_fork_lost(void) { return atomic_load(&lost); }
