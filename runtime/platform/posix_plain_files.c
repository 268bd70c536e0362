/*
 * The version of linux_files.c for other POSIX systems: folders are found one name at a time,
 * advice is heard, and room for a file is made by making it longer.
 */
#include "posix_files.h"

#include <errno.h>
#include <unistd.h>

#if defined(__APPLE__)
#define TIME_OF(st, which) ((st)->st_##which##timespec)
#else
#define TIME_OF(st, which) ((st)->st_##which##tim)
#endif

int vsp_posix_open_beneath(int root, const char *path)
{
	(void)root, (void)path;
	return -ENOSYS;
}

static uint64_t ns_of(struct timespec t)
{
	return t.tv_sec < 0 ? 0 : (uint64_t)t.tv_sec * UINT64_C(1000000000) + (uint64_t)t.tv_nsec;
}

void vsp_posix_stat_times(const struct stat *st, vsp_file_info *info)
{
	info->accessed_ns = ns_of(TIME_OF(st, a));
	info->modified_ns = ns_of(TIME_OF(st, m));
	info->changed_ns = ns_of(TIME_OF(st, c));
}

int vsp_file_sync(int file, bool only_data)
{
	(void)only_data;
	return fsync(file) == 0 ? 0 : vsp_posix_file_error(errno);
}

int vsp_file_advise(int file, uint64_t place, uint64_t size, unsigned advice)
{
	(void)file;
	return advice > 5 || place > INT64_MAX || size > INT64_MAX ? VSP_FILE_INVAL : 0;
}

int vsp_file_allocate(int file, uint64_t place, uint64_t size)
{
	struct stat st;
	if (!size || place > INT64_MAX || size > INT64_MAX - place)
		return VSP_FILE_INVAL;
	if (fstat(file, &st) != 0)
		return vsp_posix_file_error(errno);
	if ((uint64_t)st.st_size >= place + size)
		return 0;
	return ftruncate(file, (off_t)(place + size)) == 0 ? 0 : vsp_posix_file_error(errno);
}
