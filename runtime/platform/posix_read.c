/*
 * The reader of whole files on POSIX. Ordinary files and pipes are read, devices never: some have
 * no end, and some have effects when they are opened.
 */
#include "platform.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "read_all.h"
#include "runtime/base/alloc.h"

/*
 * A first guess of a file's size: the system's answer for regular files, and a small number for
 * pipes. One more byte finds the end.
 */
static size_t read_guess(int fd, uint64_t limit)
{
	struct stat st;
	uint64_t guess = 65536;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size >= 0)
		guess = (uint64_t)st.st_size + 1;
	if (guess > limit && limit < SIZE_MAX)
		guess = limit + 1;
	return guess > SIZE_MAX ? SIZE_MAX : (size_t)guess;
}

/* A part of the file whose descriptor source points to. */
static long read_some(void *source, uint8_t *to, size_t room, const char **error)
{
	ssize_t n;
	do
		n = read(*(int *)source, to, room);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		*error = strerror(errno);
	return (long)n;
}

/*
 * Null, or the reason why the file that st describes is not read. Folders pass, because read has
 * its own message for them.
 */
static const char *refuse(const struct stat *st)
{
	return S_ISCHR(st->st_mode) || S_ISBLK(st->st_mode) ? "it is a device" : NULL;
}

/* Reads and closes the opened file, if it was opened. */
static uint8_t *read_open(int fd, uint64_t limit, size_t *size, const char **error)
{
	struct stat st;
	*error = fd < 0 || fstat(fd, &st) != 0 ? strerror(errno) : refuse(&st);
	if (!*error && S_ISREG(st.st_mode) && st.st_size > 0 && (uint64_t)st.st_size > limit)
		*error = strerror(EFBIG);
	uint8_t *data = *error ? NULL : vsp_read_all(read_some, &fd, read_guess(fd, limit), limit, size, error);
	if (fd >= 0)
		close(fd);
	return data;
}

uint8_t *vsp_plat_file_read(const char *path, uint64_t limit, size_t *size, const char **error)
{
	struct stat st;
	*error = stat(path, &st) == 0 ? refuse(&st) : strerror(errno);
	return *error ? NULL : read_open(open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY), limit, size, error);
}

void vsp_plat_file_free(uint8_t *data, size_t size)
{
	(void)size;
	vsp_free_memory(data);
}

/* ---- files by their real paths ---- */

const char *vsp_plat_real_path(const char *path, char *out, size_t size)
{
	char *real = realpath(path, NULL);
	if (!real)
		return strerror(errno);
	bool fits = strlen(real) < size;
	if (fits)
		strcpy(out, real);
	free(real);
	return fits ? NULL : strerror(ENAMETOOLONG);
}

#if !defined(O_PATH)
#define O_PATH O_RDONLY /* this needs the right to list folders on the way */
#endif

/* Opens the folder name in the folder at, which is closed. */
static int step_into(int at, const char *name)
{
	int next = openat(at, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	int why = errno;
	close(at);
	errno = why;
	return next;
}

/*
 * The folder that contains the file of a real path, reached by walking through folders only. real
 * is cut into names.
 */
static int open_parent(char *real, const char **name)
{
	int at = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	*name = real + 1;
	for (char *slash = strchr(real + 1, '/'); slash && at >= 0; slash = strchr(slash + 1, '/')) {
		*slash = 0;
		at = step_into(at, *name);
		*name = slash + 1;
	}
	return at;
}

/* Opens a file that is ordinary before it is opened and still ordinary afterwards. */
static int open_ordinary(int folder, const char *name, const char **error)
{
	struct stat st;
	int fd = -1;
	*error = fstatat(folder, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && !S_ISREG(st.st_mode) ? "it is no ordinary file"
	                                                                                      : NULL;
	if (!*error)
		fd = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
		return fd;
	if (!*error)
		*error = fd < 0 ? strerror(errno) : "it is no ordinary file";
	if (fd >= 0)
		close(fd);
	return -1;
}

uint8_t *vsp_plat_real_read(const char *real, uint64_t limit, size_t *size, const char **error)
{
	char copy[VSP_PLAT_PATH];
	const char *name;
	size_t n = strlen(real) + 1;
	if (*real != '/' || n > sizeof copy) {
		*error = strerror(ENAMETOOLONG);
		return NULL;
	}
	memcpy(copy, real, n);
	int folder = open_parent(copy, &name);
	if (folder < 0) {
		*error = strerror(errno);
		return NULL;
	}
	int fd = open_ordinary(folder, name, error);
	close(folder);
	return fd < 0 ? NULL : read_open(fd, limit, size, error);
}

FILE *vsp_plat_stream_open(const char *path, bool write) { return fopen(path, write ? "wbe" : "rbe"); }
