/*
 * Calls of macOS in place of the system's, compiled against its declarations, whose layouts the
 * platform layer reads.
 */
#include "system.h"

#include <errno.h>
#include <libkern/OSCacheControl.h>
#include <pthread.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/sysctl.h>

#include "runtime/platform/posix_files.h"

struct macos_given macos_given;
struct macos_gives macos_gives;

int pthread_cond_timedwait_relative_np(pthread_cond_t *condition, pthread_mutex_t *mutex, const struct timespec *time)
{
	(void)condition, (void)mutex;
	macos_given.wait_s = time->tv_sec;
	macos_given.wait_ns = time->tv_nsec;
	return macos_gives.in_time ? 0 : ETIMEDOUT;
}

int pthread_cond_wait(pthread_cond_t *condition, pthread_mutex_t *mutex)
{
	(void)condition, (void)mutex;
	macos_given.waited_for_ever = true;
	return 0;
}

void *pthread_get_stackaddr_np(pthread_t thread)
{
	(void)thread;
	return (void *)macos_gives.stack_top;
}

size_t pthread_get_stacksize_np(pthread_t thread)
{
	(void)thread;
	return macos_gives.stack_size;
}

int getrusage(int who, struct rusage *usage)
{
	memset(usage, 0, sizeof *usage);
	usage->ru_maxrss = (long)macos_gives.peak_bytes;
	return who == RUSAGE_SELF ? 0 : -1;
}

static void describe(struct stat *st)
{
	memset(st, 0, sizeof *st);
	st->st_mode = macos_gives.regular ? 0100644 : 0040755;
	st->st_size = macos_gives.file_size;
	st->st_atimespec = (struct timespec){macos_gives.accessed_s, macos_gives.accessed_ns};
	st->st_mtimespec = (struct timespec){macos_gives.modified_s, macos_gives.modified_ns};
	st->st_ctimespec = (struct timespec){macos_gives.changed_s, macos_gives.changed_ns};
}

int stat(const char *restrict path, struct stat *restrict st)
{
	(void)path;
	describe(st);
	return 0;
}

void macos_stat_times(uint64_t *accessed_ns, uint64_t *modified_ns, uint64_t *changed_ns)
{
	struct stat st;
	vsp_file_info info;
	describe(&st);
	vsp_posix_stat_times(&st, &info);
	*accessed_ns = info.accessed_ns;
	*modified_ns = info.modified_ns;
	*changed_ns = info.changed_ns;
}

void sys_icache_invalidate(void *start, size_t size)
{
	macos_given.flushed = start;
	macos_given.flushed_size = size;
}

void *mmap(void *address, size_t size, int protection, int flags, int file, off_t offset)
{
	macos_given.mapped = address;
	macos_given.mapped_size = size;
	macos_given.protection = protection;
	macos_given.flags = flags;
	return file == -1 && offset == 0 ? address : (void *)-1;
}

int sysctlbyname(const char *name, void *value, size_t *size, void *new_value, size_t new_size)
{
	snprintf(macos_given.question, sizeof macos_given.question, "%s", name);
	if (macos_gives.answer < 0 || *size != sizeof(int) || new_value || new_size)
		return -1;
	memcpy(value, &macos_gives.answer, sizeof(int));
	return 0;
}
