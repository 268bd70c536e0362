/*
 * What code that has broken out can do in a process that was confined with folders granted to its
 * program: everything a WASI program may, in those folders; nothing else, and nothing to its
 * standard streams. Each attempt runs in a child.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runtime/platform/platform.h"

enum { DIES = -1 };
enum grant { NONE, READ_ONLY, WRITABLE, GRANTS };

static char base[] = "/tmp/vsp-grants-XXXXXX";

static int result(long value) { return value < 0 ? errno : 0; }
static int open_inside(int flags) { return open("granted/file", flags); }

/* ---- attempts, in the folder above; 0, or the error number ---- */

static int try_read(void) { return result(open_inside(O_RDONLY)); }
static int try_write(void) { return result(open_inside(O_RDWR)); }
static int try_create(void) { return result(open("granted/new", O_WRONLY | O_CREAT, 0666)); }
static int try_folder(void) { return result(mkdir("granted/d", 0777)); }
static int try_symlink(void) { return result(symlinkat("file", AT_FDCWD, "granted/link")); }
static int try_link(void) { return result(linkat(AT_FDCWD, "granted/file", AT_FDCWD, "granted/hard", 0)); }
static int try_rename(void) { return result(rename("granted/file", "granted/sub/file")); }
static int try_times(void) { return result(utimensat(AT_FDCWD, "granted/file", NULL, 0)); }
static int try_remove(void) { return result(unlink("granted/file")); }
static int try_advise(void) { return posix_fadvise(9, 0, 0, POSIX_FADV_NORMAL) == ENOSYS ? ENOSYS : 0; }
static int with_file(int (*fn)(int fd))
{
	int fd = open_inside(O_RDWR);
	return fd < 0 ? errno : fn(fd);
}
static int cut(int fd) { return result(ftruncate(fd, 1)); }
static int make_room(int fd) { return result(fallocate(fd, 0, 0, 10)); }
static int append(int fd) { return result(fcntl(fd, F_SETFL, O_APPEND)); }
static int try_cut(void) { return with_file(cut); }
static int try_room(void) { return with_file(make_room); }
static int try_append(void) { return with_file(append); }

static int try_read_elsewhere(void) { return result(open("elsewhere/file", O_RDONLY)); }
static int try_write_elsewhere(void) { return result(open("elsewhere/file", O_WRONLY)); }
static int try_create_elsewhere(void) { return result(open("elsewhere/new", O_WRONLY | O_CREAT, 0666)); }
static int try_folder_elsewhere(void) { return result(mkdir("elsewhere/d", 0777)); }
static int try_link_in(void) { return result(linkat(AT_FDCWD, "elsewhere/file", AT_FDCWD, "granted/in", 0)); }
static int try_link_out(void) { return result(linkat(AT_FDCWD, "granted/file", AT_FDCWD, "elsewhere/out", 0)); }
static int try_symlink_elsewhere(void) { return result(symlinkat("x", AT_FDCWD, "elsewhere/link")); }
static int try_move_out(void) { return result(rename("granted/file", "elsewhere/moved")); }
static int try_device(void) { return result(mknodat(AT_FDCWD, "granted/fifo", S_IFIFO | 0666, 0)); }
static int try_rights(void) { return result(open("granted/set", O_WRONLY | O_CREAT, 04777)); }
static int try_unnamed(void) { return result(open("granted", O_RDWR | O_TMPFILE, 04777)); }
static int try_chmod(void) { return result(fchmodat(AT_FDCWD, "granted/file", 04777, 0)); }

/* Stream 1 is a file that a shell has opened to append to. */
static int try_empty_stream(void) { return result(ftruncate(1, 0)); }
static int try_punch_stream(void) { return result(fallocate(1, 0, 0, 10)); }
static int try_overwrite_stream(void) { return result(fcntl(1, F_SETFL, 0)); }
static int try_second_number(void)
{
	int fd = fcntl(1, F_DUPFD_CLOEXEC, 3);
	return fd < 0 ? errno : ftruncate(fd, 0) == 0 ? 0 : errno;
}
static int try_dup(void) { return result(syscall(SYS_dup, 1)); }

static const struct attempt {
	const char *name;
	int (*fn)(void);
	int wanted[GRANTS];
} attempts[] = {
        {"reading", try_read, {EACCES, 0, 0}},
        {"writing", try_write, {EACCES, EACCES, 0}},
        {"a new file", try_create, {EACCES, EACCES, 0}},
        {"a new folder", try_folder, {EACCES, EACCES, 0}},
        {"a symbolic link", try_symlink, {DIES, DIES, 0}},
        {"a second name", try_link, {DIES, DIES, 0}},
        {"a move", try_rename, {EACCES, EACCES, 0}},
        {"times", try_times, {EPERM, EPERM, 0}}, /* even of files that are not the program's: Landlock has no say */
        {"removing", try_remove, {EACCES, EACCES, 0}},
        {"advice", try_advise, {ENOSYS, 0, 0}},
        {"a size", try_cut, {EACCES, EACCES, 0}},
        {"room", try_room, {EACCES, EACCES, 0}},
        {"flags", try_append, {EACCES, EACCES, 0}},
        {"reading elsewhere", try_read_elsewhere, {EACCES, EACCES, EACCES}},
        {"writing elsewhere", try_write_elsewhere, {EACCES, EACCES, EACCES}},
        {"a new file elsewhere", try_create_elsewhere, {EACCES, EACCES, EACCES}},
        {"a new folder elsewhere", try_folder_elsewhere, {EACCES, EACCES, EACCES}},
        {"a name for a file elsewhere", try_link_in, {DIES, DIES, EXDEV}},
        {"a name elsewhere", try_link_out, {DIES, DIES, EACCES}},
        {"a symbolic link elsewhere", try_symlink_elsewhere, {DIES, DIES, EACCES}},
        {"a move elsewhere", try_move_out, {EACCES, EACCES, EACCES}},
        {"a pipe with a name", try_device, {DIES, DIES, DIES}},
        {"a file of another user's rights", try_rights, {EACCES, EACCES, EACCES}},
        {"a nameless one", try_unnamed, {EACCES, EACCES, EACCES}},
        {"other rights", try_chmod, {DIES, DIES, DIES}},
        {"emptying a stream", try_empty_stream, {EPERM, EPERM, EPERM}},
        {"changing a stream", try_punch_stream, {EPERM, EPERM, EPERM}},
        {"writing over a stream", try_overwrite_stream, {EINVAL, EINVAL, EINVAL}},
        {"emptying a stream by a second number", try_second_number, {EPERM, EPERM, EINVAL}},
        {"a second number of the old kind", try_dup, {ENOSYS, ENOSYS, ENOSYS}},
};

static vsp_plat_confined confine(enum grant grant)
{
	vsp_plat_confined confined;
	vsp_plat_grant grants[] = {{"granted", grant == READ_ONLY}, {NULL, false}};
	vsp_plat_confinement confinement = {.grants = grant == NONE ? NULL : grants};
	vsp_plat_confine(&confinement, &confined);
	return confined;
}

_Noreturn static void run_child(const struct attempt *a, enum grant grant)
{
	const struct rlimit none = {0, 0};
	setrlimit(RLIMIT_CORE, &none);
	dup2(open("log", O_WRONLY | O_APPEND), 1);
	dup2(open("/dev/null", O_WRONLY), 2);
	confine(grant);
	_exit(a->fn());
}

static void prepare(void)
{
	if (system("rm -rf granted elsewhere && mkdir -p granted/sub elsewhere && echo text > granted/file &&"
	           "echo text > elsewhere/file && echo log > log") != 0)
		exit(99);
}

static int check(const struct attempt *a, enum grant grant)
{
	int status = -1, wanted = a->wanted[grant];
	prepare();
	fflush(stdout);
	pid_t child = fork();
	if (child == 0)
		run_child(a, grant);
	waitpid(child, &status, 0);
	bool right = wanted == DIES ? WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS
	                            : WIFEXITED(status) && WEXITSTATUS(status) == wanted;
	if (system("[ \"$(cat log)\" = log ] && [ \"$(ls elsewhere)\" = file ] && [ ! -u granted/set ]") != 0)
		right = false;
	if (!right)
		printf("FAILED: %s, with folders of kind %d: status 0x%x, wanted %d\n", a->name, (int)grant,
		        (unsigned)status, wanted);
	return !right;
}

/* Are system calls and files limited here? */
static bool is_limited(void)
{
	int status = -1;
	pid_t child = fork();
	if (child == 0) {
		vsp_plat_confined confined = confine(NONE);
		_exit(confined.calls || confined.files);
	}
	return waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

int main(void)
{
	int failed = 0;
	if (!is_limited()) {
		printf("skipped: this system does not limit system calls and files\n");
		return 77;
	}
	if (!mkdtemp(base) || chdir(base) != 0)
		return 99;
	for (size_t i = 0; i < sizeof attempts / sizeof *attempts; i++)
		for (int grant = NONE; grant < GRANTS; grant++)
			failed += check(&attempts[i], (enum grant)grant);
	char line[96];
	snprintf(line, sizeof line, "rm -rf %s", base);
	return system(line) != 0 || failed;
}
