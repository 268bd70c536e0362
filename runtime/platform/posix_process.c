/*
 * Programs that are run, and folders, on POSIX.
 */
#include "platform.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

/* Reads to the end and keeps the part that fits. */
static void read_all(int from, char *output, size_t size)
{
	char rest[4096];
	size_t used = 0;
	for (;;) {
		bool full = used + 1 >= size;
		ssize_t n = read(from, full ? rest : output + used, full ? sizeof rest : size - 1 - used);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		used += full ? 0 : (size_t)n;
	}
	if (size)
		output[used] = 0;
}

/*
 * Programs start with no signal blocked, whichever thread starts them: our threads block the host's
 * signals.
 */
static int spawn_unblocked(const char *const *words, const posix_spawn_file_actions_t *actions, pid_t *child)
{
	posix_spawnattr_t attributes;
	sigset_t none;
	int failed = posix_spawnattr_init(&attributes);
	if (failed)
		return failed;
	sigemptyset(&none);
	failed = posix_spawnattr_setsigmask(&attributes, &none);
	if (!failed)
		failed = posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
	if (!failed)
		failed = posix_spawnp(child, words[0], actions, &attributes, (char *const *)(uintptr_t)words, environ);
	posix_spawnattr_destroy(&attributes);
	return failed;
}

static int spawn(const char *const *words, int to, int other, pid_t *child)
{
	posix_spawn_file_actions_t actions;
	int failed = posix_spawn_file_actions_init(&actions);
	if (failed)
		return failed;
	failed = posix_spawn_file_actions_addclose(&actions, other);
	for (int stream = 1; stream <= 2 && !failed; stream++)
		failed = posix_spawn_file_actions_adddup2(&actions, to, stream);
	if (!failed)
		failed = spawn_unblocked(words, &actions, child);
	posix_spawn_file_actions_destroy(&actions);
	return failed;
}

vsp_plat_run_result vsp_plat_run(const char *const *words, char *output, size_t size, int *status)
{
	int ends[2], code;
	pid_t child, waited;
	if (size)
		output[0] = 0;
	if (pipe(ends) != 0)
		return VSP_PLAT_RUN_FAILED;
	fcntl(ends[0], F_SETFD, FD_CLOEXEC);
	fcntl(ends[1], F_SETFD, FD_CLOEXEC);
	int failed = spawn(words, ends[1], ends[0], &child);
	close(ends[1]);
	if (!failed)
		read_all(ends[0], output, size);
	close(ends[0]);
	if (failed)
		return failed == ENOENT ? VSP_PLAT_RUN_MISSING : VSP_PLAT_RUN_FAILED;
	do
		waited = waitpid(child, &code, 0);
	while (waited < 0 && errno == EINTR);
	if (waited != child || !WIFEXITED(code))
		return VSP_PLAT_RUN_FAILED;
	*status = WEXITSTATUS(code);
	/*
	 * This is how a spawn that runs in a child of the C library's own reports a missing
	 * program.
	 */
	return *status == 127 ? VSP_PLAT_RUN_MISSING : VSP_PLAT_RUN_DONE;
}

bool vsp_plat_make_folder(const char *path)
{
	char part[PATH_MAX];
	size_t n = strlen(path);
	struct stat st;
	if (n == 0 || n >= sizeof part)
		return false;
	memcpy(part, path, n + 1);
	for (char *slash = strchr(part + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = 0;
		mkdir(part, 0777); /* it may exist */
		*slash = '/';
	}
	mkdir(part, 0777);
	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}
