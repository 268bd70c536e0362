/*
 * Outputs, on Linux, of a process that gives up its rights: another process, which is started
 * earlier and keeps its rights, writes the file. It accepts only one request from the confined
 * process: to write bytes to that one file. The request comes through a pipe as a number of bytes,
 * followed by these bytes. If the pipe ends early, because the confined process has died, nothing
 * is written.
 */
#include "linux_confine.h"
#include "posix_output.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "posix_signals.h"
#include "posix_write.h"

enum { REQUEST, ANSWER, PLACE, KEPT };

/* Closes all descriptors from KEPT on. */
static void close_others(void)
{
	/* The number of close_range, which is the same on all machines; some headers are older. */
	enum { CLOSE_RANGE = 436, MOST = 4096 };
	if (syscall(CLOSE_RANGE, KEPT, ~0U, 0) != 0)
		for (int fd = KEPT; fd < MOST; fd++)
			close(fd);
}

/*
 * Runs in the new process: makes it survive signals to the whole group, and leaves open only what
 * it needs. Returns 0, or an errno, after which nothing may be touched.
 */
static int settle(int request, int answer, int place)
{
	sigset_t all;
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	int from = fcntl(request, F_DUPFD, KEPT), to = fcntl(answer, F_DUPFD, KEPT), at = fcntl(place, F_DUPFD, KEPT);
	if (from < 0 || to < 0 || at < 0 || dup2(from, REQUEST) < 0 || dup2(to, ANSWER) < 0 || dup2(at, PLACE) < 0)
		return errno;
	close_others();
	return 0;
}

static void serve(const vsp_plat_output *o)
{
	uint64_t size;
	if (!vsp_posix_read_all(REQUEST, &size, sizeof size))
		return; /* there is nothing to write */
	vsp_posix_source source = {NULL, REQUEST, size};
	int failed = vsp_posix_output_write(o, &source);
	vsp_posix_write_all(ANSWER, &failed, sizeof failed);
}

static int make_pipes(int request[2], int answer[2])
{
	if (pipe(request) != 0)
		return errno;
	if (pipe(answer) != 0) {
		int why = errno;
		close(request[0]);
		close(request[1]);
		return why;
	}
	for (int i = 0; i < 2; i++) {
		fcntl(request[i], F_SETFD, FD_CLOEXEC);
		fcntl(answer[i], F_SETFD, FD_CLOEXEC);
	}
	return 0;
}

static void write_for(vsp_plat_output *o, int request, int answer)
{
	int failed = settle(request, answer, o->folder >= 0 ? o->folder : o->file);
	vsp_posix_write_all(failed ? answer : ANSWER, &failed, sizeof failed);
	if (failed)
		return;
	o->request = o->answer = -1;
	*(o->folder >= 0 ? &o->folder : &o->file) = PLACE;
	serve(o);
}

int vsp_linux_output_delegate(vsp_plat_output *o)
{
	int request[2], answer[2];
	if (o->folder < 0 && !o->truncate)
		return 0;
	int failed = make_pipes(request, answer);
	if (failed)
		return failed;
	pid_t child = fork();
	if (child == 0) {
		write_for(o, request[0], answer[1]);
		_exit(0);
	}
	failed = child < 0 ? errno : 0;
	close(request[0]);
	close(answer[1]);
	o->request = request[1];
	o->answer = answer[0];
	if (!failed && !vsp_posix_read_all(o->answer, &failed, sizeof failed))
		failed = ECHILD; /* the process has died */
	return failed;
}

/* Runs in the new process: waits until the one that started it has ended. */
static void remove_after(const char *path, int pipe)
{
	char byte;
	if (settle(pipe, pipe, pipe))
		return;
	while (vsp_posix_read_all(REQUEST, &byte, 1))
		;
	vsp_plat_remove_folder(path);
}

int vsp_linux_scratch(const char *path)
{
	int ends[2], failed = mkdir(path, 0700) == 0 ? 0 : errno;
	if (failed)
		return failed;
	if (pipe(ends) != 0) {
		failed = errno;
		rmdir(path);
		return failed;
	}
	fcntl(ends[1], F_SETFD, FD_CLOEXEC); /* this end stays open as long as this process lives */
	pid_t child = fork();
	if (child == 0) {
		close(ends[1]);
		remove_after(path, ends[0]);
		_exit(0);
	}
	failed = child < 0 ? errno : 0;
	close(ends[0]);
	if (failed)
		rmdir(path);
	return failed;
}
