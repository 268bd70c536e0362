/*
 * The signals that POSIX code of the library leaves to a host.
 */
#ifndef VSP_PLATFORM_POSIX_SIGNALS_H
#define VSP_PLATFORM_POSIX_SIGNALS_H

#include <pthread.h>
#include <signal.h>
#include <stddef.h>

/*
 * Blocks the host's signals on this thread, and returns the old mask. Faults and the like stay with
 * the thread that causes them.
 */
static inline void vsp_posix_hold_signals(sigset_t *saved)
{
	static const int own[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGABRT, SIGPROF};
	sigset_t all;
	sigfillset(&all);
	for (size_t i = 0; i < sizeof own / sizeof *own; i++)
		sigdelset(&all, own[i]);
	pthread_sigmask(SIG_BLOCK, &all, saved);
}

static inline void vsp_posix_release_signals(const sigset_t *saved) { pthread_sigmask(SIG_SETMASK, saved, NULL); }

#endif
