/*
 * Attempts of code that has broken out in a confined process: each attempt runs in a child that
 * confines itself as vspc does. Fatal calls must end the child with SIGSYS and a message that names
 * the call; others must fail with a certain error, or work where a run needs them.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/platform/platform.h"

enum { DIES = -1, PAGE = 4096 };

static char folder[] = "/tmp/vsp-sandbox-XXXXXX", elsewhere[] = "/tmp/vsp-sandbox-XXXXXX", inside[64], entry[64];
static int inherited;

/* ---- attempts: 0, or the error number ---- */

static int result(long value) { return value < 0 ? errno : 0; }

static int try_execve(void) { return result(execl("/bin/true", "true", (char *)NULL)); }
static int try_fork(void) { return result(syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0)); }
static int try_kill(void) { return result(kill(getppid(), 0)); }
static int try_ptrace(void) { return result(ptrace(PTRACE_TRACEME, 0, NULL, NULL)); }
static int try_socket(void) { return result(socket(AF_INET, SOCK_STREAM, 0)); }
static int try_memfd(void) { return result(syscall(SYS_memfd_create, "code", 0)); }
static int try_unlisted(void) { return result(syscall(SYS_getpriority, 0, 0)); }
static int try_no_such_call(void) { return result(syscall(5000)); }
static int try_filter(void) { return result(syscall(SYS_seccomp, 0, 0, NULL)); }
static int try_limits(void)
{
	const struct rlimit none = {0, 0};
	return result(syscall(SYS_prlimit64, 0, RLIMIT_CORE, &none, NULL));
}
static int try_type_ahead(void) { return result(ioctl(0, TIOCSTI, "x")); }
static int try_privileges(void) { return result(prctl(PR_SET_DUMPABLE, 1)); }
static int try_handler(void)
{
	struct sigaction action = {.sa_handler = SIG_IGN};
	return result(sigaction(SIGSYS, &action, NULL));
}
static int try_blocked(void)
{
	sigset_t all;
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, NULL);
	return try_socket();
}

static int try_read_file(void) { return result(open("/etc/passwd", O_RDONLY)); }
static int try_write_file(void) { return result(open("/dev/null", O_WRONLY)); }
static int try_make_file(void) { return result(open("/tmp/vsp-sandbox-escaped", O_WRONLY | O_CREAT, 0600)); }
static int try_remove_file(void) { return result(unlink(inside)); }
static int try_write_inside(void) { return result(open(inside, O_RDWR | O_CREAT, 0600)); }

static int try_remove_entry(void) { return result(unlink(entry)); }
static int try_write_entry(void) { return result(open(entry, O_WRONLY)); }
static int try_make_entry(void)
{
	char name[80];
	snprintf(name, sizeof name, "%s2", entry);
	return result(open(name, O_WRONLY | O_CREAT, 0600));
}
static int try_read_by_name(void) { return result(open(inside, O_RDONLY)); }
static int try_other_rights(void)
{
	char name[80];
	snprintf(name, sizeof name, "%s2", inside);
	return result(open(name, O_WRONLY | O_CREAT, 04700));
}
static int try_empty_read(void) { return result(open(inside, O_RDONLY | O_TRUNC)); }
static int try_empty_stream(void) { return result(ftruncate(1, 0)); }
static int try_write_over(void) { return result(fcntl(1, F_SETFL, 0)); }
static int try_rights(void) { return result(fchmod(2, 0777)); }
static int try_times(void) { return result(utimensat(AT_FDCWD, inside, NULL, 0)); }
static int try_inherited(void) { return result(fcntl(inherited, F_GETFD)); }

static void *map(int protection) { return mmap(NULL, PAGE, protection, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0); }
static int try_open_pages(void) { return map(PROT_READ | PROT_WRITE | PROT_EXEC) == MAP_FAILED ? errno : 0; }
static int try_reopen_pages(void)
{
	return result(mprotect(map(PROT_READ | PROT_WRITE), PAGE, PROT_READ | PROT_WRITE | PROT_EXEC));
}
static int try_code(void) { return result(mprotect(map(PROT_READ | PROT_WRITE), PAGE, PROT_READ | PROT_EXEC)); }

static int try_advice(void)
{
	enum { SOFT_OFFLINE = 101 };
	return result(madvise(map(PROT_READ), PAGE, SOFT_OFFLINE));
}

static void *in_thread(void *attempt)
{
	int (*fn)(void) = *(int (**)(void))attempt;
	return (void *)(intptr_t)fn();
}
static int try_in_thread(int (*fn)(void))
{
	pthread_t thread;
	void *end = NULL;
	int failed = pthread_create(&thread, NULL, in_thread, &fn);
	return failed || (failed = pthread_join(thread, &end)) ? failed : (int)(intptr_t)end;
}
static int succeed(void) { return 0; }
static int try_thread(void) { return try_in_thread(succeed); }
static int try_socket_in_thread(void) { return try_in_thread(try_socket); }

/* ---- expected results ---- */

static const struct attempt {
	const char *name; /* of a fatal call, as messages have it; else of the attempt */
	int (*fn)(void);
	int interpreting,
	        /* DIES, or the error number: confined as for --tier=interp, and with a compiler
	           and a folder */
	        compiling;
} attempts[] = {
        {"execve", try_execve, DIES, DIES},
        {"clone", try_fork, DIES, DIES},
        {"kill", try_kill, DIES, DIES},
        {"ptrace", try_ptrace, DIES, DIES},
        {"socket", try_socket, DIES, DIES},
        {"socket", try_socket_in_thread, DIES, DIES},
        {"memfd_create", try_memfd, DIES, DIES},
        {"seccomp", try_filter, DIES, DIES},
        {"rt_sigaction", try_handler, DIES, DIES},
        {"mmap", try_open_pages, DIES, DIES},
        {"mprotect", try_reopen_pages, DIES, DIES},
        {"", try_blocked, DIES, DIES},
        {"a call that no rule is for", try_unlisted, ENOSYS, ENOSYS},
        {"a call that there is not", try_no_such_call, ENOSYS, ENOSYS},
        {"new limits", try_limits, EPERM, EPERM},
        {"typing for the terminal", try_type_ahead, ENOTTY, ENOTTY},
        {"privileges", try_privileges, EINVAL, EINVAL},
        {"writing to a file elsewhere", try_write_file, EACCES, EACCES},
        {"making a file elsewhere", try_make_file, EACCES, EACCES},
        {"reading a file elsewhere", try_read_file, EACCES, EACCES},
        {"a file of another user's rights", try_other_rights, EACCES, EACCES},
        {"emptying a file that is read", try_empty_read, EACCES, EACCES},
        {"emptying a stream", try_empty_stream, EPERM, EPERM},
        {"writing over a stream", try_write_over, EINVAL, EINVAL},
        {"the rights of a stream", try_rights, EPERM, EPERM},
        {"the times of a file", try_times, EPERM, EPERM},
        {"an inherited descriptor", try_inherited, EBADF, EBADF},
        {"taking pages out of use", try_advice, EINVAL, EINVAL},
        {"reading a file in the folder", try_read_by_name, EACCES, 0},
        {"removing what another program cached", try_remove_entry, EACCES, 0},
        {"writing to what another program cached", try_write_entry, EACCES, EACCES},
        {"making what another program will load", try_make_entry, EACCES, EACCES},
        {"making code", try_code, EACCES, 0},
        {"writing to a file in the folder", try_write_inside, EACCES, 0},
        {"removing a file in the folder", try_remove_file, EACCES, 0},
        {"a thread", try_thread, 0, 0},
};

/* ---- children ---- */

static void confine(bool compiling, vsp_plat_confined *confined)
{
	const char *const folders[] = {folder, NULL};
	vsp_plat_confinement confinement = {.folders = compiling ? folders : NULL,
	        .cleared = compiling ? elsewhere : NULL,
	        .library = compiling ? "libvsp-llvm.so" : NULL};
	vsp_plat_confine(&confinement, confined);
}

_Noreturn static void run_child(const struct attempt *a, bool compiling)
{
	vsp_plat_confined confined;
	const struct rlimit none = {0, 0};
	setrlimit(RLIMIT_CORE, &none);
	confine(compiling, &confined);
	_exit(a->fn());
}

/* The wait status; said gets the output of the child. */
static int run_attempt(const struct attempt *a, bool compiling, char *said, size_t size)
{
	int ends[2], status = -1;
	if (pipe(ends) != 0)
		exit(99);
	pid_t child = fork();
	if (child == 0) {
		dup2(ends[1], 2);
		run_child(a, compiling);
	}
	close(ends[1]);
	ssize_t n = read(ends[0], said, size - 1);
	said[n > 0 ? n : 0] = 0;
	close(ends[0]);
	waitpid(child, &status, 0);
	return status;
}

static bool is_as_wanted(const struct attempt *a, int wanted, int status, const char *said)
{
	char named[64];
	snprintf(named, sizeof named, "the system call %s (", a->name);
	if (wanted == DIES)
		return WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS && (!*a->name || strstr(said, named));
	return WIFEXITED(status) && WEXITSTATUS(status) == wanted;
}

static int check(const struct attempt *a, bool compiling)
{
	char said[512];
	int wanted = compiling ? a->compiling : a->interpreting;
	close(open(inside, O_WRONLY | O_CREAT, 0600));
	close(open(entry, O_WRONLY | O_CREAT, 0600));
	int status = run_attempt(a, compiling, said, sizeof said);
	if (is_as_wanted(a, wanted, status, said))
		return 0;
	printf("FAILED: %s%s: status 0x%x, wanted %s %d; it said: %s\n", a->name, compiling ? ", with a compiler" : "",
	        (unsigned)status, wanted == DIES ? "the end by signal" : "error", wanted == DIES ? SIGSYS : wanted,
	        said);
	return 1;
}

/* ---- outputs ---- */

/* A confined process whose output lies in a folder that it can do nothing else in; it writes
   that, or dies before. */
_Noreturn static void write_output(const char *path, const char *beside, bool finishes)
{
	const char *why;
	vsp_plat_confined confined;
	vsp_plat_output *outputs[] = {vsp_plat_output_open(path, &why), NULL};
	vsp_plat_confinement confinement = {.outputs = outputs, .library = "libvsp-llvm.so"};
	if (!outputs[0])
		_exit(1);
	vsp_plat_confine(&confinement, &confined);
	if (confined.failed || open(beside, O_WRONLY | O_CREAT, 0600) >= 0)
		_exit(2);
	if (!finishes)
		_exit(0);
	_exit(vsp_plat_output_finish(outputs[0], "whole\n", 6) ? 3 : 0);
}

static bool contains(const char *path, const char *text)
{
	char got[16] = "";
	FILE *f = fopen(path, "r");
	size_t n = f ? fread(got, 1, sizeof got - 1, f) : 0;
	if (f)
		fclose(f);
	return n == strlen(text) && strcmp(got, text) == 0;
}

static int check_output(const char *before, bool finishes, const char *after)
{
	char path[64], beside[64];
	snprintf(path, sizeof path, "%s/out", elsewhere);
	snprintf(beside, sizeof beside, "%s/more", elsewhere);
	FILE *f = *before ? fopen(path, "w") : NULL;
	if (f) {
		fputs(before, f);
		fclose(f);
	}
	int status = -1;
	pid_t child = fork();
	if (child == 0)
		write_output(path, beside, finishes);
	waitpid(child, &status, 0);
	bool right = status == 0 && contains(path, after) && access(beside, F_OK) != 0;
	unlink(path);
	right = right && rmdir(elsewhere) == 0 && mkdir(elsewhere, 0700) == 0; /* nothing else is in it */
	if (!right)
		printf("FAILED: an output over '%s' that is %swritten: status 0x%x\n", before, finishes ? "" : "not ",
		        (unsigned)status);
	return !right;
}

/* The limits that are in force here, as a child finds them. 0: all; 1: no filter of calls; 2: no
   limits on files. */
static int missing_limits(void)
{
	int status;
	pid_t child = fork();
	if (child == 0) {
		vsp_plat_confined confined;
		confine(false, &confined);
		_exit((confined.calls ? 1 : 0) + (confined.files ? 2 : 0));
	}
	return waitpid(child, &status, 0) == child && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

int main(void)
{
	int missing = missing_limits(), failed = 0;
	if (missing) {
		printf("skipped: this system does not limit %s\n", missing & 1 ? "system calls" : "files");
		return 77;
	}
	if (!mkdtemp(folder) || !mkdtemp(elsewhere))
		return 99;
	inherited = open("/", O_RDONLY); /* for programs that are started too */
	snprintf(inside, sizeof inside, "%s/file", folder);
	snprintf(entry, sizeof entry, "%s/entry", elsewhere);
	for (size_t i = 0; i < sizeof attempts / sizeof *attempts; i++)
		failed += check(&attempts[i], false) + check(&attempts[i], true);
	unlink(entry);
	failed += check_output("", true, "whole\n") + check_output("old\n", true, "whole\n") +
	          check_output("", false, "") + check_output("old\n", false, "old\n");
	unlink(inside);
	rmdir(folder);
	rmdir(elsewhere);
	printf("%zu attempts, %d failed\n", 2 * sizeof attempts / sizeof *attempts, failed);
	return failed != 0;
}
