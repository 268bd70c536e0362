/*
 * Open files on POSIX, see files.h. Paths are in posix_beneath.c; what only some systems have is in
 * linux_files.c and posix_plain_files.c.
 */
#include "posix_files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "runtime/base/alloc.h"

#define NS_PER_S INT64_C(1000000000)
#if !defined(PIPE_BUF)
#define PIPE_BUF 512 /* the minimum that POSIX guarantees */
#endif

/* The result of a call that returns -1 on failure. */
static int result(long value) { return value < 0 ? vsp_posix_file_error(errno) : 0; }

/* ---- what describes a file ---- */

static enum vsp_file_kind kind_of(mode_t mode)
{
	return S_ISREG(mode)    ? VSP_FILE_REGULAR
	       : S_ISDIR(mode)  ? VSP_FILE_FOLDER
	       : S_ISLNK(mode)  ? VSP_FILE_LINK
	       : S_ISCHR(mode)  ? VSP_FILE_CHARACTERS
	       : S_ISBLK(mode)  ? VSP_FILE_BLOCKS
	       : S_ISSOCK(mode) ? VSP_FILE_STREAM
	                        : VSP_FILE_UNKNOWN;
}

void vsp_posix_file_info(const struct stat *st, vsp_file_info *info)
{
	*info = (vsp_file_info){.device = (uint64_t)st->st_dev,
	        .inode = (uint64_t)st->st_ino,
	        .links = (uint64_t)st->st_nlink,
	        .size = (uint64_t)st->st_size,
	        .kind = kind_of(st->st_mode)};
	vsp_posix_stat_times(st, info);
}

int vsp_file_stat(int file, vsp_file_info *info)
{
	struct stat st;
	if (fstat(file, &st) != 0)
		return vsp_posix_file_error(errno);
	vsp_posix_file_info(&st, info);
	return 0;
}

bool vsp_file_is_terminal(int file) { return isatty(file) == 1; }
int vsp_file_of_stream(FILE *stream) { return fileno(stream); }

static struct timespec time_of(int64_t ns)
{
	if (ns == VSP_FILE_NOW)
		return (struct timespec){.tv_nsec = UTIME_NOW};
	if (ns == VSP_FILE_KEEP)
		return (struct timespec){.tv_nsec = UTIME_OMIT};
	int64_t seconds = ns / NS_PER_S, rest = ns % NS_PER_S;
	if (rest < 0) {
		seconds--;
		rest += NS_PER_S;
	}
	return (struct timespec){.tv_sec = (time_t)seconds, .tv_nsec = (long)rest};
}

void vsp_posix_file_times(const vsp_file_times *times, struct timespec out[2])
{
	out[0] = time_of(times->accessed_ns);
	out[1] = time_of(times->modified_ns);
}

int vsp_file_set_times(int file, const vsp_file_times *times)
{
	struct timespec both[2];
	vsp_posix_file_times(times, both);
	return result(futimens(file, both));
}

/* ---- opening and closing ---- */

int vsp_file_open_folder(const char *path, int *file)
{
	*file = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return result(*file);
}

void vsp_file_close(int file) { close(file); }

/* ---- reading and writing ---- */

/* The pieces for one call, of which the system takes only so many. */
static int gather(struct iovec *out, const vsp_file_part *parts, unsigned count, size_t most)
{
	unsigned n = 0;
	for (; n < count && most; n++) {
		size_t size = parts[n].size < most ? parts[n].size : most;
		out[n] = (struct iovec){parts[n].data, size};
		most -= size;
	}
	return (int)n;
}

enum { MOST_AT_ONCE = INT_MAX & ~4095 };

int vsp_file_read(int file, const vsp_file_part *parts, unsigned count, size_t *done)
{
	struct iovec vectors[VSP_FILE_PARTS];
	ssize_t n = readv(file, vectors, gather(vectors, parts, count, MOST_AT_ONCE));
	*done = n > 0 ? (size_t)n : 0;
	return result(n);
}

int vsp_file_write(int file, bool regular, const vsp_file_part *parts, unsigned count, size_t *done)
{
	struct iovec vectors[VSP_FILE_PARTS];
	size_t most = regular ? MOST_AT_ONCE : PIPE_BUF;
	ssize_t n = writev(file, vectors, gather(vectors, parts, count, most));
	*done = n > 0 ? (size_t)n : 0;
	return result(n);
}

/* Is there a place in files that is so far away? */
static bool is_place(uint64_t place) { return place <= INT64_MAX; }

int vsp_file_read_at(int file, const vsp_file_part *parts, unsigned count, uint64_t place, size_t *done)
{
	*done = 0;
	for (unsigned i = 0; i < count; i++) {
		if (!is_place(place + *done))
			return *done ? 0 : VSP_FILE_INVAL;
		ssize_t n = pread(file, parts[i].data, parts[i].size, (off_t)(place + *done));
		if (n < 0)
			return *done ? 0 : result(n);
		*done += (size_t)n;
		if ((size_t)n < parts[i].size)
			return 0;
	}
	return 0;
}

int vsp_file_write_at(int file, const vsp_file_part *parts, unsigned count, uint64_t place, size_t *done)
{
	*done = 0;
	for (unsigned i = 0; i < count; i++) {
		if (!is_place(place + *done))
			return *done ? 0 : VSP_FILE_INVAL;
		ssize_t n = pwrite(file, parts[i].data, parts[i].size, (off_t)(place + *done));
		if (n < 0)
			return *done ? 0 : result(n);
		*done += (size_t)n;
		if ((size_t)n < parts[i].size)
			return 0;
	}
	return 0;
}

int vsp_file_seek(int file, int64_t distance, enum vsp_file_origin origin, uint64_t *place)
{
	static const int origins[] = {SEEK_SET, SEEK_CUR, SEEK_END};
	off_t at = lseek(file, (off_t)distance, origins[origin]);
	*place = at < 0 ? 0 : (uint64_t)at;
	return result(at);
}

int vsp_file_set_size(int file, uint64_t size)
{
	return is_place(size) ? result(ftruncate(file, (off_t)size)) : VSP_FILE_INVAL;
}

int vsp_file_set_append(int file, bool append)
{
	int flags = fcntl(file, F_GETFL);
	if (flags < 0)
		return vsp_posix_file_error(errno);
	return result(fcntl(file, F_SETFL, append ? flags | O_APPEND : flags & ~O_APPEND));
}

/* ---- waiting ---- */

int vsp_file_wait(vsp_file_wish *wishes, unsigned count, uint64_t timeout_ns, unsigned *ready)
{
	enum { FEW = 16 };
	struct pollfd few[FEW], *all = count <= FEW ? few : vsp_alloc(count, sizeof *all);
	uint64_t ms = timeout_ns / 1000000 + (timeout_ns % 1000000 != 0);
	*ready = 0;
	if (!all)
		return VSP_FILE_NOMEM;
	for (unsigned i = 0; i < count; i++)
		all[i] = (struct pollfd){.fd = wishes[i].file, .events = wishes[i].write ? POLLOUT : POLLIN};
	int n = poll(all, count, ms > INT_MAX ? INT_MAX : (int)ms), why = n < 0 ? errno : 0;
	for (unsigned i = 0; i < count && n > 0; i++) {
		wishes[i].ready = all[i].revents != 0;
		wishes[i].hangup = all[i].revents & POLLHUP;
		*ready += wishes[i].ready;
	}
	if (all != few)
		vsp_free_memory(all);
	return vsp_posix_file_error(why);
}

/* ---- the entries of a folder ---- */

struct vsp_file_list {
	DIR *entries;
};

int vsp_file_list_open(int folder, vsp_file_list **list)
{
	/* A descriptor of its own, since a list has a place of its own. */
	int fd = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return vsp_posix_file_error(errno);
	*list = vsp_alloc(1, sizeof **list);
	if (*list && ((*list)->entries = fdopendir(fd)))
		return 0;
	close(fd);
	vsp_free_memory(*list);
	*list = NULL;
	return VSP_FILE_NOMEM;
}

static enum vsp_file_kind kind_of_entry(unsigned char type)
{
	return type == DT_REG    ? VSP_FILE_REGULAR
	       : type == DT_DIR  ? VSP_FILE_FOLDER
	       : type == DT_LNK  ? VSP_FILE_LINK
	       : type == DT_CHR  ? VSP_FILE_CHARACTERS
	       : type == DT_BLK  ? VSP_FILE_BLOCKS
	       : type == DT_SOCK ? VSP_FILE_STREAM
	                         : VSP_FILE_UNKNOWN;
}

/* Some file systems do not tell the kind of an entry. */
static enum vsp_file_kind ask_kind(int folder, const char *name)
{
	struct stat st;
	return fstatat(folder, name, &st, AT_SYMLINK_NOFOLLOW) == 0 ? kind_of(st.st_mode) : VSP_FILE_UNKNOWN;
}

int vsp_file_list_next(vsp_file_list *list, vsp_file_entry *entry)
{
	errno = 0;
	const struct dirent *e = readdir(list->entries);
	*entry = (vsp_file_entry){0};
	if (!e)
		return vsp_posix_file_error(errno);
	*entry = (vsp_file_entry){(uint64_t)e->d_ino, kind_of_entry(e->d_type), e->d_name};
	if (e->d_type == DT_UNKNOWN)
		entry->kind = ask_kind(dirfd(list->entries), e->d_name);
	return 0;
}

void vsp_file_list_rewind(vsp_file_list *list) { rewinddir(list->entries); }

void vsp_file_list_close(vsp_file_list *list)
{
	if (!list)
		return;
	closedir(list->entries);
	vsp_free_memory(list);
}
