/*
 * The end of a process by a signal, on POSIX: SIGINT, SIGTERM and SIGHUP ask a process to end, and
 * it must first clean up. Not in compiled programs.
 */
#include "platform.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#if defined(__linux__)
#include <sys/prctl.h>
#endif

static const int ends[] = {SIGINT, SIGTERM, SIGHUP};
enum { ENDS = sizeof ends / sizeof *ends };

static bool is_ignored(int number)
{
	struct sigaction now;
	return sigaction(number, NULL, &now) == 0 && !(now.sa_flags & SA_SIGINFO) && now.sa_handler == SIG_IGN;
}

void vsp_plat_on_end(void (*fn)(int number))
{
	struct sigaction action = {.sa_handler = fn ? fn : SIG_DFL, .sa_flags = fn ? (int)SA_RESETHAND : 0};
	sigemptyset(&action.sa_mask);
	for (int i = 0; i < ENDS; i++)
		if (!is_ignored(ends[i]))
			sigaction(ends[i], &action, NULL);
}

void vsp_plat_end_by(int number)
{
	sigset_t one;
	signal(number, SIG_DFL);
	sigemptyset(&one);
	sigaddset(&one, number);
	sigprocmask(SIG_UNBLOCK, &one, NULL);
	raise(number);
}

/* ---- a process that is watched ---- */

/*
 * Runs in the child: the processes that it starts are in its group, and it does not outlive the
 * parent.
 */
static _Noreturn void run_child(int (*work)(void *arg), void *arg, const sigset_t *mask)
{
	setpgid(0, 0);
	signal(SIGTTOU, SIG_IGN); /* its group does not own the terminal to which its messages go */
#if defined(__linux__)
	prctl(PR_SET_PDEATHSIG, SIGTERM);
#endif
	sigprocmask(SIG_SETMASK, mask, NULL);
	int status = work(arg);
	fflush(NULL);
	_exit(status);
}

/*
 * Tells a whole group to end, so that linkers remove their temporary files. Processes that do not
 * end are killed.
 */
static void end_group(pid_t group)
{
	enum { STEPS = 500, STEP_NS = 1000000 };
	const struct timespec step = {.tv_nsec = STEP_NS};
	kill(-group, SIGTERM);
	for (int i = 0; i < STEPS && kill(-group, 0) == 0; i++) {
		while (waitpid(-group, NULL, WNOHANG) > 0)
			;
		nanosleep(&step, NULL);
	}
	kill(-group, SIGKILL);
	while (waitpid(-group, NULL, 0) > 0)
		;
}

/*
 * Waits until the child has ended (0; its status is in *status), or for a signal, which is
 * returned.
 */
static int wait_for_child(pid_t child, const sigset_t *awaited, int *status)
{
	for (;;) {
		int number;
		pid_t done = waitpid(child, status, WNOHANG);
		if (done == child || (done < 0 && errno != EINTR))
			return 0;
		if (sigwait(awaited, &number) == 0 && number != SIGCHLD)
			return number;
	}
}

/* Blocks those signals that are not ignored, and the one that reports a child's end. */
static void await_ends(sigset_t *awaited, sigset_t *saved)
{
	sigemptyset(awaited);
	sigaddset(awaited, SIGCHLD);
	for (int i = 0; i < ENDS; i++)
		if (!is_ignored(ends[i]))
			sigaddset(awaited, ends[i]);
	sigprocmask(SIG_BLOCK, awaited, saved);
}

static int watch(pid_t child, void (*clean)(void *arg), void *arg, const sigset_t *awaited, const char **died)
{
	int status = 0, told = wait_for_child(child, awaited, &status);
	if (!told && WIFEXITED(status))
		return WEXITSTATUS(status);
	end_group(child);
	clean(arg);
	if (told)
		vsp_plat_end_by(told);
	*died = WIFSIGNALED(status) ? strsignal(WTERMSIG(status)) : "its end cannot be known";
	return -1;
}

int vsp_plat_supervise(int (*work)(void *arg), void (*clean)(void *arg), void *arg, const char **died)
{
	sigset_t awaited, saved;
	struct sigaction child_ends = {
	        .sa_handler = SIG_DFL}; /* some parents leave it ignored, and then it would report nothing */
	sigemptyset(&child_ends.sa_mask);
	sigaction(SIGCHLD, &child_ends, NULL);
	await_ends(&awaited, &saved);
	fflush(NULL);
	*died = NULL;
#if defined(__linux__)
	prctl(PR_SET_CHILD_SUBREAPER, 1); /* this process then waits for processes that the child leaves behind */
#endif
	pid_t child = fork();
	if (child == 0)
		run_child(work, arg, &saved);
	int result = -1;
	if (child > 0) {
		setpgid(child, child);
		result = watch(child, clean, arg, &awaited, died);
	}
	sigprocmask(SIG_SETMASK, &saved, NULL);
	return result;
}

uint64_t vsp_plat_peak_memory(void)
{
#if defined(__APPLE__)
	enum { UNIT = 1 };
#else
	enum { UNIT = 1024 };
#endif
	struct rusage usage;
	return getrusage(RUSAGE_SELF, &usage) == 0 ? (uint64_t)usage.ru_maxrss * UNIT : 0;
}
