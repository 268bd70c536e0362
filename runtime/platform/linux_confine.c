/*
 * Giving up rights on Linux: no new privileges, files by Landlock, system calls by a filter; and the message of whoever tries what was given up.
 *
 * A fatal call raises SIGSYS before the kernel does anything. The handler names the call and lets the signal end the process. Code that has broken out could have
 * the signal blocked, which ends the process at once; the handler itself cannot be replaced, as the filter forbids that.
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

/* Only what may be called in a handler. SA_RESETHAND has put the default action back, which ends the process. */
static void refuse(int signal, siginfo_t *info, void *context)
{
	line l = {.length = 0};
	(void)context;
	if (info->si_code != SECCOMP_CODE) { /* somebody else has sent it */
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

/* What was inherited is what an exec left open; all that is opened here is closed by one. */
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

/* Where there is no list of them, all that there may be are tried. */
static void close_inherited(void)
{
	enum { MOST = 1 << 20 };
	if (vsp_plat_directory_list("/proc/self/fd", close_named, NULL))
		return;
	long limit = sysconf(_SC_OPEN_MAX);
	for (int fd = STDERR_FILENO + 1; fd < (limit > 0 && limit < MOST ? limit : MOST); fd++)
		close_if_inherited(fd);
}

/* Data that may be read may be executed in a process that was started so (setarch -X). */
static void drop_executable_data(void)
{
	int now = personality(0xffffffff);
	if (now >= 0 && now & READ_IMPLIES_EXEC)
		personality((unsigned long)(now & ~READ_IMPLIES_EXEC));
}

/* The first error of what other processes are to do. */
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
