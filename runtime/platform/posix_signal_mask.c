/*
 * The signals that protected calls need and that a host's threads may block.
 */
#include "platform.h"
#include "posix_stop.h"

#include <pthread.h>
#include <signal.h>

static const int fault_signals[] = {VSP_FAULT_SIGNALS};
enum { FAULT_SIGNALS = sizeof fault_signals / sizeof *fault_signals };

/* Number i of the signals that protected calls need; 0: there is none with that number. */
enum { NEEDED_SIGNALS = FAULT_SIGNALS + 1 };
static int needed_signal(unsigned i) { return i < FAULT_SIGNALS ? fault_signals[i] : vsp_plat_stop_signal(); }

/* The signals whose bits are set. */
static sigset_t signal_set(unsigned bits)
{
	sigset_t set;
	sigemptyset(&set);
	for (unsigned i = 0; i < NEEDED_SIGNALS; i++)
		if (bits & 1u << i && needed_signal(i))
			sigaddset(&set, needed_signal(i));
	return set;
}

unsigned vsp_plat_signals_open(void)
{
	sigset_t needed = signal_set(~0u), had;
	unsigned blocked = 0;
	if (pthread_sigmask(SIG_UNBLOCK, &needed, &had) != 0)
		return 0;
	for (unsigned i = 0; i < NEEDED_SIGNALS; i++)
		if (needed_signal(i) && sigismember(&had, needed_signal(i)) == 1)
			blocked |= 1u << i;
	return blocked;
}

void vsp_plat_signals_close(unsigned blocked)
{
	sigset_t set = signal_set(blocked);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
}
