/*
 * The way in which a process gives up rights on Linux: it takes no new privileges, limits files by
 * Landlock and system calls by a filter, and prints a message if code tries what was given up.
 *
 * A fatal call raises SIGSYS before the kernel does anything. The handler names the call and lets
 * the signal end the process. Code that has broken out could have blocked the signal, which ends
 * the process at once; it cannot replace the handler, because the filter forbids that.
 */
#include "linux_confine.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

static const struct {
	const char *name;
	int number;
} names[] = {
#define CALL(NAME, RULE, why) {#NAME, SYS_##NAME},
#include "confine_calls.def"
};

static const char *name_of(int number)
{
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (names[i].number == number)
			return names[i].name;
	return "of no name";
}

enum { SECCOMP_CODE = 1 }; /* SYS_SECCOMP, which some headers lack */

typedef struct line {
	char text[192];
	size_t length;
} line;

static void add(line *l, const char *text)
{
	size_t n = strlen(text), room = sizeof l->text - l->length;
	n = n < room ? n : room;
	memcpy(l->text + l->length, text, n);
	l->length += n;
}

static void add_number(line *l, unsigned number)
{
	char digits[12], *at = digits + sizeof digits - 1;
	*at = 0;
	do
		*--at = (char)('0' + number % 10);
	while (number /= 10);
	add(l, at);
}

/*
 * Uses only functions that may be called in a handler. SA_RESETHAND has restored the default
 * action, which ends the process.
 */
static void refuse(int signal, siginfo_t *info, void *context)
{
	line l = {.length = 0};
	(void)context;
	if (info->si_code != SECCOMP_CODE) { /* another process has sent it */
		syscall(SYS_tgkill, getpid(), (int)syscall(SYS_gettid), signal);
		return;
	}
	add(&l, "vsp: the sandbox ends this process: it made the system call ");
	add(&l, name_of(info->si_syscall));
	add(&l, " (");
	add_number(&l, (unsigned)info->si_syscall);
	add(&l, "), for which no program that runs here has a reason (docs/security.md)\n");
	ssize_t ignored = write(STDERR_FILENO, l.text, l.length);
	(void)ignored;
	syscall(SYS_tgkill, getpid(), (int)syscall(SYS_gettid), signal);
}

static bool install_handler(void)
{
	struct sigaction action = {
	        .sa_sigaction = refuse, .sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER | (int)SA_RESETHAND};
	sigemptyset(&action.sa_mask);
	return sigaction(SIGSYS, &action, NULL) == 0;
}

/* ---- before ---- */

/*
 * Inherited descriptors are those that exec left open; all that are opened here are closed by exec.
 */
static void close_if_inherited(int fd)
{
	int flags = fd > STDERR_FILENO ? fcntl(fd, F_GETFD) : -1;
	if (flags >= 0 && !(flags & FD_CLOEXEC))
		close(fd);
}

static void close_named(void *opaque, const char *name)
{
	(void)opaque;
	close_if_inherited(atoi(name));
}

/* If there is no list of descriptors, all possible ones are tried. */
static void close_inherited(void)
{
	enum { MOST = 1 << 20 };
	if (vsp_plat_directory_list("/proc/self/fd", close_named, NULL))
		return;
	long limit = sysconf(_SC_OPEN_MAX);
	for (int fd = STDERR_FILENO + 1; fd < (limit > 0 && limit < MOST ? limit : MOST); fd++)
		close_if_inherited(fd);
}

/*
 * In a process that was started in this way (setarch -X), data that can be read can also be
 * executed.
 */
static void drop_executable_data(void)
{
	int now = personality(0xffffffff);
	if (now >= 0 && now & READ_IMPLIES_EXEC)
		personality((unsigned long)(now & ~READ_IMPLIES_EXEC));
}

/* Starts the other processes. Returns the first error. */
static int delegate(const vsp_plat_confinement *c)
{
	int failed = c->scratch ? vsp_linux_scratch(c->scratch) : 0;
	for (vsp_plat_output *const *o = c->outputs; o && *o && !failed; o++)
		failed = vsp_linux_output_delegate(*o);
	return failed;
}

void vsp_plat_confine(const vsp_plat_confinement *c, vsp_plat_confined *result)
{
	int failed = delegate(c);
	*result = (vsp_plat_confined){.calls = NULL};
	if (failed) {
		result->calls = result->files = result->failed = strerror(failed);
		return;
	}
	close_inherited();
	drop_executable_data();
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || !install_handler()) {
		result->calls = result->files = strerror(errno);
		return;
	}
	result->files = vsp_linux_limit_files(c);
	result->calls = vsp_linux_filter_calls(c);
}
