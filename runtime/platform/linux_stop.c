/*
 * Stoppers on Linux: a timer that, once fired, sends its thread a signal every few milliseconds
 * until the thread is found in generated code. The signal is SIGURG, which the system ignores by
 * default and nothing sends to threads; signals from others are passed on.
 *
 * A child of fork has no timers, but may continue a run that was in progress, from within a
 * callback. The stopper that the run names gets a new timer there when it is first fired.
 */
#include "local.h"
#include "machine_context.h"
#include "posix_stop.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "runtime/base/alloc.h"

#if !defined(sigev_notify_thread_id)
#define sigev_notify_thread_id _sigev_un._tid /* glibc has no name for it */
#endif

enum { STOP_SIGNAL = SIGURG, INTERVAL_NS = 5000000 };

struct vsp_plat_stopper {
	timer_t timer;
	uint64_t thread; /* the thread's serial number, since a system identifier or an address may be reused */
	/*
	 * forks: the forks that lie behind the process that has the timer, because a child has no
	 * timer, or others with the same names. claimed: those behind the last process in which
	 * somebody began to make one.
	 */
	_Atomic uint32_t forks, claimed;
};

static struct sigaction previous;
static atomic_bool installed;
static pthread_once_t install_once = PTHREAD_ONCE_INIT;

static void handle(int number, siginfo_t *info, void *context)
{
	if (info->si_code == SI_TIMER)
		vsp_plat_handle_stop(info->si_value.sival_ptr, context);
	/*
	 * The signal is not ours, or comes at the wrong moment: another runtime in this process may
	 * know the timer.
	 */
	if (previous.sa_flags & SA_SIGINFO)
		previous.sa_sigaction(number, info, context);
	else if (previous.sa_handler != SIG_DFL && previous.sa_handler != SIG_IGN)
		previous.sa_handler(number);
}

/*
 * SA_NODEFER is needed to leave the handler by a jump; system calls of host callbacks are
 * continued.
 */
static void install(void)
{
	struct sigaction action = {
	        .sa_sigaction = handle, .sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER | SA_RESTART};
	sigemptyset(&action.sa_mask);
	bool good = sigaction(STOP_SIGNAL, NULL, &previous) == 0 && sigaction(STOP_SIGNAL, &action, NULL) == 0;
	atomic_store(&installed, good && pthread_atfork(NULL, NULL, vsp_plat_note_fork) == 0);
}

static bool has_timer(const vsp_plat_stopper *s) { return atomic_load(&s->forks) == vsp_plat_forks(); }

/* Creates a timer for a thread, given the system's number of it. */
static bool make_timer(vsp_plat_stopper *s, int thread)
{
	struct sigevent event = {.sigev_notify = SIGEV_THREAD_ID, .sigev_signo = STOP_SIGNAL};
	event.sigev_value.sival_ptr = s;
	event.sigev_notify_thread_id = thread;
	if (timer_create(CLOCK_MONOTONIC, &event, &s->timer) != 0)
		return false;
	atomic_store(&s->forks, vsp_plat_forks());
	return true;
}

/*
 * For a child of fork, if the stopper belongs to the one thread that exists there, which is now the
 * process's first one. False: the stopper's thread is not here, or somebody else is about to fire
 * it.
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
	atomic_store(&s->claimed, claimed); /* the next attempt may succeed */
	return false;
}

/* A thread is found in generated code by its program counter. */
bool vsp_plat_has_stopper(void) { return VSP_CONTEXT_HAS_PC; }
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
