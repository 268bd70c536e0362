/*
 * The parts of files.h that Linux has calls of its own for: paths that do not leave a folder
 * (openat2(2), since Linux 5.6), advice, and room for files. The C library may be older than the
 * kernel, so the definitions for openat2 are here.
 */
#include "posix_files.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef SYS_openat2 /* the same on every machine */
#define SYS_openat2 437
#endif

enum { NO_MAGIC_LINKS = 0x02, BENEATH = 0x08 };

typedef struct how {
	uint64_t flags, mode, resolve;
} how;

int vsp_posix_open_beneath(int root, const char *path)
{
	how h = {.flags = O_PATH | O_DIRECTORY | O_CLOEXEC, .resolve = BENEATH | NO_MAGIC_LINKS};
	long fd = syscall(SYS_openat2, root, path, &h, sizeof h);
	return fd < 0 ? -errno : (int)fd;
}

static uint64_t ns_of(struct timespec t)
{
	return t.tv_sec < 0 ? 0 : (uint64_t)t.tv_sec * UINT64_C(1000000000) + (uint64_t)t.tv_nsec;
}

void vsp_posix_stat_times(const struct stat *st, vsp_file_info *info)
{
	info->accessed_ns = ns_of(st->st_atim);
	info->modified_ns = ns_of(st->st_mtim);
	info->changed_ns = ns_of(st->st_ctim);
}

int vsp_file_sync(int file, bool only_data)
{
	return (only_data ? fdatasync(file) : fsync(file)) == 0 ? 0 : vsp_posix_file_error(errno);
}

int vsp_file_advise(int file, uint64_t place, uint64_t size, unsigned advice)
{
	static const int advices[] = {POSIX_FADV_NORMAL, POSIX_FADV_SEQUENTIAL, POSIX_FADV_RANDOM, POSIX_FADV_WILLNEED,
	        POSIX_FADV_DONTNEED, POSIX_FADV_NOREUSE};
	if (advice >= sizeof advices / sizeof *advices || place > INT64_MAX || size > INT64_MAX)
		return VSP_FILE_INVAL;
	return vsp_posix_file_error(posix_fadvise(file, (off_t)place, (off_t)size, advices[advice]));
}

int vsp_file_allocate(int file, uint64_t place, uint64_t size)
{
	if (place > INT64_MAX || size > INT64_MAX)
		return VSP_FILE_INVAL;
	return fallocate(file, 0, (off_t)place, (off_t)size) == 0 ? 0 : vsp_posix_file_error(errno);
}
