/*
 * Stoppers on Linux: a timer that sends its thread a signal now and then every few milliseconds, until the thread is found in generated
 * code. The signal is SIGURG, which the system ignores by default and nothing sends to threads; what others send is passed on.
 */
#include "platform_local.h"
#include "platform_posix_stop.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "alloc.h"

enum { STOP_SIGNAL = SIGURG, INTERVAL_NS = 5000000 };

struct vsp_plat_stopper {
	timer_t timer;
	uint64_t thread; /* its serial number: an identifier of the system's, or an address, may come again */
	uint32_t forks;  /* behind the process that made it: a child has no timers, or others of the same names */
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

static bool has_timer(const vsp_plat_stopper *s) { return s->forks == vsp_plat_forks(); }

bool vsp_plat_has_stopper(void) { return true; }
int vsp_plat_stop_signal(void) { return STOP_SIGNAL; }

vsp_plat_stopper *vsp_plat_stopper_create(void)
{
	vsp_plat_stopper *s = vsp_alloc(1, sizeof *s);
	struct sigevent event = {.sigev_notify = SIGEV_THREAD_ID, .sigev_signo = STOP_SIGNAL};
	event.sigev_value.sival_ptr = s;
	event._sigev_un._tid = (int)syscall(SYS_gettid);
	pthread_once(&install_once, install);
	if (s && atomic_load(&installed) && timer_create(CLOCK_MONOTONIC, &event, &s->timer) == 0) {
		s->thread = vsp_plat_thread_serial();
		s->forks = vsp_plat_forks();
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
	if (has_timer(stopper))
		timer_settime(stopper->timer, 0, &when, NULL);
}

void vsp_plat_stopper_rest(vsp_plat_stopper *stopper)
{
	struct itimerspec never = {.it_value.tv_nsec = 0};
	if (has_timer(stopper))
		timer_settime(stopper->timer, 0, &never, NULL);
}
