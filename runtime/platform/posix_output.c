/*
 * Outputs on POSIX: files that appear whole, see platform.h. Between opening and finishing an
 * ordinary file nothing of it is in the file system, and only its folder is open. So there is
 * nothing to clean up, whenever and however the process ends.
 */
#include "posix_output.h"
#include "posix_signals.h"
#include "posix_write.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runtime/base/alloc.h"

enum {
	PERMISSIONS = 0777,
	NAME_MORE = 16,
	LONGEST_NAME = 255 - NAME_MORE /* 255 bytes are the most that systems take */
};

/* ---- paths ---- */

static const char *last_name(const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash ? slash + 1 : path;
}

/* Opens the folder that contains path. */
static int open_folder(const char *path)
{
	char folder[4096];
	size_t n = (size_t)(last_name(path) - path);
	if (n >= sizeof folder) {
		errno = ENAMETOOLONG;
		return -1;
	}
	memcpy(folder, path, n);
	folder[n] = 0;
	return open(n ? folder : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static bool same(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

/* Do two names, neither of whose files exists, mean the same place? */
static bool same_place(const char *a, const char *b)
{
	int x = open_folder(a), y = open_folder(b);
	struct stat folder_a, folder_b;
	bool known = x >= 0 && y >= 0 && fstat(x, &folder_a) == 0 && fstat(y, &folder_b) == 0;
	if (x >= 0)
		close(x);
	if (y >= 0)
		close(y);
	return known && same(&folder_a, &folder_b) && strcmp(last_name(a), last_name(b)) == 0;
}

bool vsp_plat_same_file(const char *a, const char *b)
{
	struct stat file_a, file_b;
	bool there_a = stat(a, &file_a) == 0, there_b = stat(b, &file_b) == 0;
	if (there_a != there_b)
		return false;
	return there_a ? S_ISREG(file_a.st_mode) && same(&file_a, &file_b) : same_place(a, b);
}

const char *vsp_plat_file_replaceable(const char *path)
{
	struct stat st;
	if (lstat(path, &st) != 0)
		return errno == ENOENT && *path ? NULL : strerror(errno);
	if (S_ISLNK(st.st_mode))
		return "it is a link; name the file that it leads to";
	if (!S_ISREG(st.st_mode))
		return S_ISDIR(st.st_mode) ? strerror(EISDIR) : "it is no ordinary file";
	return faccessat(AT_FDCWD, path, W_OK, AT_EACCESS) == 0 ? NULL : strerror(errno);
}

/* ---- opening ---- */

/*
 * Creates a file in the output's folder, with the permissions that a new file at its place would
 * get.
 */
static int create_beside(const vsp_plat_output *o, char *name)
{
	const char *begin = strlen(o->name) > LONGEST_NAME ? "vsp" : o->name;
	for (int attempt = 0; attempt < 100; attempt++) {
		uint32_t salt = 0;
		if (!vsp_plat_random(&salt, sizeof salt))
			salt = (uint32_t)vsp_plat_clock_ns();
		sprintf(name, "%s.%08x.tmp", begin, (unsigned)salt);
		int fd = openat(o->folder, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0666);
		if (fd >= 0 || errno != EEXIST)
			return fd;
	}
	return -1;
}

/* Can files be created there? Tries it by creating one. */
static int try_folder(const vsp_plat_output *o)
{
	char *name = vsp_alloc(strlen(o->name) + NAME_MORE, 1);
	sigset_t saved;
	if (!name)
		return ENOMEM;
	vsp_posix_hold_signals(&saved);
	int fd = create_beside(o, name), failed = fd < 0 ? errno : 0;
	if (fd >= 0) {
		unlinkat(o->folder, name, 0);
		close(fd);
	}
	vsp_posix_release_signals(&saved);
	vsp_free_memory(name);
	return failed;
}

/*
 * The process's own stdout or stderr, if st describes it: opening it a second time would overwrite
 * what has been written to it.
 */
static int open_stream(const struct stat *st)
{
	struct stat own;
	for (int fd = 1; fd <= 2; fd++)
		if (fstat(fd, &own) == 0 && same(&own, st))
			return fcntl(fd, F_DUPFD_CLOEXEC, 3);
	return -1;
}

/* Returns 0 or an errno. */
static int open_in_place(vsp_plat_output *o, const struct stat *st)
{
	o->file = open_stream(st);
	if (o->file >= 0)
		return 0;
	o->file = open(o->path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
	o->truncate = S_ISREG(st->st_mode);
	return o->file < 0 ? errno : 0;
}

static int open_output(vsp_plat_output *o)
{
	struct stat st, link;
	bool there = stat(o->path, &st) == 0;
	if (!there && errno != ENOENT)
		return errno;
	if (there && S_ISDIR(st.st_mode))
		return EISDIR;
	if (there && (!S_ISREG(st.st_mode) || (lstat(o->path, &link) == 0 && S_ISLNK(link.st_mode))))
		return open_in_place(o, &st);
	if (there && (o->file = open_stream(&st)) >= 0)
		return 0;
	if (there && faccessat(AT_FDCWD, o->path, W_OK, AT_EACCESS) != 0)
		return errno;
	if (!there && (!*o->name || lstat(o->path, &link) == 0))
		return ENOENT; /* the name is missing, or is a link to nowhere */
	o->folder = open_folder(o->path);
	return o->folder < 0 ? errno : try_folder(o);
}

vsp_plat_output *vsp_plat_output_open(const char *path, const char **why)
{
	size_t n = strlen(path) + 1;
	vsp_plat_output *o = vsp_alloc(sizeof *o + n, 1);
	*why = strerror(ENOMEM);
	if (!o)
		return NULL;
	memcpy(o->path, path, n);
	o->name = last_name(o->path);
	o->file = o->folder = o->request = o->answer = -1;
	int failed = open_output(o);
	*why = failed ? strerror(failed) : NULL;
	if (!failed)
		return o;
	vsp_plat_output_cancel(o);
	return NULL;
}

/* ---- writing ---- */

/* Takes the next part of a source, at most size bytes. 0: it ended early. */
static size_t take(const vsp_posix_source *s, uint64_t done, char *to, size_t size)
{
	size_t n = s->size - done < size ? (size_t)(s->size - done) : size;
	if (s->data) {
		memcpy(to, (const char *)s->data + done, n);
		return n;
	}
	ssize_t got;
	do
		got = read(s->pipe, to, n);
	while (got < 0 && errno == EINTR);
	return got > 0 ? (size_t)got : 0;
}

/* Returns 0 or an errno. */
static int copy(int fd, const vsp_posix_source *s)
{
	char part[16384];
	for (uint64_t done = 0; done < s->size;) {
		size_t n = take(s, done, part, sizeof part);
		if (!n)
			return EPIPE;
		if (!vsp_posix_write_all(fd, part, n))
			return errno;
		done += n;
	}
	return 0;
}

static int write_in_place(const vsp_plat_output *o, const vsp_posix_source *source)
{
	if (o->truncate && ftruncate(o->file, 0) != 0)
		return errno;
	return copy(o->file, source);
}

/*
 * Copies the permissions of the file that is replaced, if there is one. If that is not allowed, as
 * on some media, it is not needed.
 */
static void keep_permissions(const vsp_plat_output *o, int fd)
{
	struct stat st;
	if (fstatat(o->folder, o->name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(st.st_mode))
		(void)!fchmod(fd, st.st_mode & PERMISSIONS);
}

static int write_beside(const vsp_plat_output *o, char *name, const vsp_posix_source *source)
{
	int fd = create_beside(o, name);
	if (fd < 0)
		return errno;
	keep_permissions(o, fd);
	int failed = copy(fd, source);
	if (close(fd) != 0 && !failed)
		failed = errno;
	if (!failed && renameat(o->folder, name, o->folder, o->name) != 0)
		failed = errno;
	if (failed)
		unlinkat(o->folder, name, 0);
	return failed;
}

static int replace(const vsp_plat_output *o, const vsp_posix_source *source)
{
	char *name = vsp_alloc(strlen(o->name) + NAME_MORE, 1);
	sigset_t saved;
	if (!name)
		return ENOMEM;
	vsp_posix_hold_signals(&saved);
	int failed = write_beside(o, name, source);
	vsp_posix_release_signals(&saved);
	vsp_free_memory(name);
	return failed;
}

int vsp_posix_output_write(const vsp_plat_output *o, const vsp_posix_source *source)
{
	return o->file >= 0 ? write_in_place(o, source) : replace(o, source);
}

/*
 * Passes the data to the process that writes the file, and waits for its answer, which is a better
 * reason than that the pipe is closed.
 */
static int hand_over(const vsp_plat_output *o, const void *data, size_t size)
{
	uint64_t bytes = size;
	bool sent =
	        vsp_posix_write_all(o->request, &bytes, sizeof bytes) && vsp_posix_write_all(o->request, data, size);
	int failed = sent ? EPIPE : errno, told;
	return vsp_posix_read_all(o->answer, &told, sizeof told) ? told : failed;
}

const char *vsp_plat_output_finish(vsp_plat_output *o, const void *data, size_t size)
{
	vsp_posix_source source = {data, -1, size};
	int failed = o->request >= 0 ? hand_over(o, data, size) : vsp_posix_output_write(o, &source);
	if (o->file >= 0 && close(o->file) != 0 && !failed)
		failed = errno;
	o->file = -1;
	vsp_plat_output_cancel(o);
	return failed ? strerror(failed) : NULL;
}

void vsp_plat_output_cancel(vsp_plat_output *o)
{
	if (!o)
		return;
	if (o->file >= 0)
		close(o->file);
	if (o->folder >= 0)
		close(o->folder);
	if (o->request >= 0) {
		close(o->request);
		close(o->answer);
	}
	vsp_free_memory(o);
}

/* ---- folders ---- */

const char *vsp_plat_make_own_folder(const char *path) { return mkdir(path, 0700) == 0 ? NULL : strerror(errno); }

static void remove_within(void *user, const char *name)
{
	char path[4096];
	int n = snprintf(path, sizeof path, "%s/%s", (const char *)user, name);
	if (n > 0 && (size_t)n < sizeof path)
		unlink(path);
}

void vsp_plat_remove_folder(const char *path)
{
	char copy[4096];
	struct stat st;
	if (strlen(path) >= sizeof copy || lstat(path, &st) != 0 || !S_ISDIR(st.st_mode))
		return;
	strcpy(copy, path);
	vsp_plat_directory_list(path, remove_within, copy);
	rmdir(path);
}
