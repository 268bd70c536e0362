/*
 * Private files on POSIX: directories and files that are trusted because of who owns them and who
 * may write to them. A file is judged after it has been opened, not by its name, and links are not
 * followed. The caller is responsible for the directories above the one named.
 */
#include "platform.h"
#include "posix_write.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "runtime/base/alloc.h"

#if defined(__APPLE__)
#define st_mtim st_mtimespec
#endif

static int64_t changed_ns(const struct stat *st)
{
	return (int64_t)st->st_mtim.tv_sec * 1000000000 + st->st_mtim.tv_nsec;
}

bool vsp_plat_file_stamp(const char *path, vsp_plat_stamp *stamp)
{
	struct stat st;
	if (stat(path, &st) != 0)
		return false;
	*stamp = (vsp_plat_stamp){(uint64_t)st.st_size, changed_ns(&st), S_ISDIR(st.st_mode), S_ISREG(st.st_mode)};
	return true;
}

/* Null, or the reason why others can have written what st describes. */
static const char *distrust(const struct stat *st)
{
	if (st->st_uid != geteuid() && st->st_uid != 0)
		return "it belongs to another user";
	if (st->st_mode & (S_IWGRP | S_IWOTH))
		return "other users may write to it";
	return NULL;
}

const char *vsp_plat_private_directory(const char *path)
{
	struct stat st;
	if (mkdir(path, 0700) != 0 && errno != EEXIST) {
		int why = errno;
		if (stat(path, &st) != 0 || !S_ISDIR(st.st_mode))
			return strerror(why);
	}
	if (stat(path, &st) != 0)
		return strerror(errno);
	return S_ISDIR(st.st_mode) ? distrust(&st) : strerror(ENOTDIR);
}

/* ---- reading ---- */

/*
 * Files that were used recently are recognised by their time. If it cannot be set, as on a
 * read-only medium, they just look old.
 */
static void mark_used(int fd, const struct stat *st)
{
	enum { HOUR = 3600 };
	struct timespec now;
	if (clock_gettime(CLOCK_REALTIME, &now) == 0 && now.tv_sec - changed_ns(st) / 1000000000 > HOUR)
		futimens(fd, NULL);
}

static uint8_t *read_trusted(int fd, uint64_t limit, size_t *size, const char **error)
{
	struct stat st;
	*error = fstat(fd, &st) == 0 ? distrust(&st) : strerror(errno);
	if (!*error && !S_ISREG(st.st_mode))
		*error = "it is no regular file";
	if (!*error && (uint64_t)st.st_size > limit)
		*error = strerror(EFBIG);
	if (*error)
		return NULL;
	uint8_t *data = vsp_alloc((size_t)st.st_size, 1);
	if (!data)
		*error = strerror(ENOMEM);
	else if (!vsp_posix_read_all(fd, data, (size_t)st.st_size))
		*error = "it cannot be read";
	if (*error) {
		vsp_free_memory(data);
		return NULL;
	}
	mark_used(fd, &st);
	*size = (size_t)st.st_size;
	return data;
}

uint8_t *vsp_plat_private_read(const char *path, uint64_t limit, size_t *size, const char **error)
{
	/* Without NONBLOCK a pipe in this place would wait for a writer. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
	*error = NULL;
	if (fd < 0) {
		if (errno != ENOENT)
			*error = strerror(errno);
		return NULL;
	}
	uint8_t *data = read_trusted(fd, limit, size, error);
	close(fd);
	return data;
}

/* ---- writing ---- */

/* Creates a file beside path; name has room for strlen(path) + 16 characters. */
static int create_beside(const char *path, char *name)
{
	for (int attempt = 0; attempt < 100; attempt++) {
		uint32_t salt = 0;
		if (!vsp_plat_random(&salt, sizeof salt))
			salt = (uint32_t)vsp_plat_clock_ns();
		sprintf(name, "%s.%08x.tmp", path, (unsigned)salt);
		int fd = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
		if (fd >= 0 || errno != EEXIST)
			return fd;
	}
	return -1;
}

/* Returns 0 or an errno; name is then gone. */
static int write_and_rename(int fd, const char *name, const char *path, const void *data, size_t size)
{
	int failed = vsp_posix_write_all(fd, data, size) ? 0 : errno;
	if (close(fd) != 0 && !failed)
		failed = errno;
	if (!failed && rename(name, path) != 0)
		failed = errno;
	if (failed)
		unlink(name);
	return failed;
}

const char *vsp_plat_private_write(const char *path, const void *data, size_t size)
{
	char *name = vsp_alloc(strlen(path) + 16, 1);
	if (!name)
		return strerror(ENOMEM);
	int fd = create_beside(path, name);
	int failed = fd < 0 ? errno : write_and_rename(fd, name, path, data, size);
	vsp_free_memory(name);
	return failed ? strerror(failed) : NULL;
}

/* ---- directories ---- */

bool vsp_plat_directory_list(const char *path, void (*fn)(void *user, const char *name), void *user)
{
	DIR *directory = opendir(path);
	if (!directory)
		return false;
	for (const struct dirent *entry; (entry = readdir(directory)) != NULL;)
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			fn(user, entry->d_name);
	closedir(directory);
	return true;
}

bool vsp_plat_remove(const char *path) { return unlink(path) == 0 || rmdir(path) == 0; }
