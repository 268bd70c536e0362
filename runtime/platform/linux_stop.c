/*
 * Stoppers on Linux: a timer that sends its thread a signal now and then every few milliseconds, until the thread is found in generated
 * code. The signal is SIGURG, which the system ignores by default and nothing sends to threads; what others send is passed on.
 *
 * A child of fork has no timers, but may go on in a run that was under way, from within a callback. The stopper that the run
 * names gets a new timer there when it is first fired.
 */
#include "local.h"
#include "posix_stop.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "runtime/base/alloc.h"

enum { STOP_SIGNAL = SIGURG, INTERVAL_NS = 5000000 };

struct vsp_plat_stopper {
	timer_t timer;
	uint64_t thread; /* its serial number: an identifier of the system's, or an address, may come again */
	/* Forks behind the process that has the timer - a child has none, or others of the same names - and behind the last one
	   in which somebody set about making one. */
	_Atomic uint32_t forks, claimed;
};

static struct sigaction previous;
static atomic_bool installed;
static pthread_once_t install_once = PTHREAD_ONCE_INIT;

static void handle(int number, siginfo_t *info, void *context)
{
	if (info->si_code == SI_TIMER)
		vsp_plat_handle_stop(info->si_value.sival_ptr, context);
	/* Not ours, or ours at the wrong moment: another runtime in this process may know the timer. */
	if (previous.sa_flags & SA_SIGINFO)
		previous.sa_sigaction(number, info, context);
	else if (previous.sa_handler != SIG_DFL && previous.sa_handler != SIG_IGN)
		previous.sa_handler(number);
}

/* Leaving the handler by a jump needs SA_NODEFER; system calls of host callbacks go on. */
static void install(void)
{
	struct sigaction action = {
	        .sa_sigaction = handle, .sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER | SA_RESTART};
	sigemptyset(&action.sa_mask);
	bool good = sigaction(STOP_SIGNAL, NULL, &previous) == 0 && sigaction(STOP_SIGNAL, &action, NULL) == 0;
	atomic_store(&installed, good && pthread_atfork(NULL, NULL, vsp_plat_note_fork) == 0);
}

static bool has_timer(const vsp_plat_stopper *s) { return atomic_load(&s->forks) == vsp_plat_forks(); }

/* A timer for a thread by the system's number of it. */
static bool make_timer(vsp_plat_stopper *s, int thread)
{
	struct sigevent event = {.sigev_notify = SIGEV_THREAD_ID, .sigev_signo = STOP_SIGNAL};
	event.sigev_value.sival_ptr = s;
	event._sigev_un._tid = thread;
	if (timer_create(CLOCK_MONOTONIC, &event, &s->timer) != 0)
		return false;
	atomic_store(&s->forks, vsp_plat_forks());
	return true;
}

/*
 * In a child, where the stopper is that of the one thread which has come along and is the process's first one now. False: its thread
 * is not here, or somebody else is about to fire.
 */
static bool remake_timer(vsp_plat_stopper *s)
{
	uint32_t now = vsp_plat_forks(), claimed = atomic_load(&s->claimed);
	if (s->thread != vsp_plat_forked_serial() || claimed == now)
		return false;
	if (!atomic_compare_exchange_strong(&s->claimed, &claimed, now))
		return false;
	if (make_timer(s, (int)getpid()))
		return true;
	atomic_store(&s->claimed, claimed); /* perhaps next time */
	return false;
}

bool vsp_plat_has_stopper(void) { return true; }
int vsp_plat_stop_signal(void) { return STOP_SIGNAL; }

vsp_plat_stopper *vsp_plat_stopper_create(void)
{
	vsp_plat_stopper *s = vsp_alloc(1, sizeof *s);
	pthread_once(&install_once, install);
	if (s && atomic_load(&installed) && make_timer(s, (int)syscall(SYS_gettid))) {
		s->thread = vsp_plat_thread_serial();
		atomic_store(&s->claimed, vsp_plat_forks());
		return s;
	}
	vsp_free_memory(s);
	return NULL;
}

void vsp_plat_stopper_destroy(vsp_plat_stopper *stopper)
{
	if (!stopper)
		return;
	if (has_timer(stopper))
		timer_delete(stopper->timer);
	vsp_free_memory(stopper);
}

bool vsp_plat_stopper_is_mine(const vsp_plat_stopper *stopper)
{
	return stopper && stopper->thread == vsp_plat_thread_serial();
}

void vsp_plat_stopper_fire(vsp_plat_stopper *stopper)
{
	struct itimerspec when = {.it_interval.tv_nsec = INTERVAL_NS, .it_value.tv_nsec = 1};
	if (has_timer(stopper) || remake_timer(stopper))
		timer_settime(stopper->timer, 0, &when, NULL);
}

void vsp_plat_stopper_rest(vsp_plat_stopper *stopper)
{
	struct itimerspec never = {.it_value.tv_nsec = 0};
	if (has_timer(stopper))
		timer_settime(stopper->timer, 0, &never, NULL);
}
