/*
 * The parts of files.h on POSIX that differ between systems, and what the files of the platform
 * that implement it share.
 */
#ifndef VSP_RUNTIME_PLATFORM_POSIX_FILES_H
#define VSP_RUNTIME_PLATFORM_POSIX_FILES_H

#include <sys/stat.h>

#include "files.h"

/* The error for a value of errno, 0 for 0; IO for one that has no number. */
int vsp_posix_file_error(int number);
void vsp_posix_file_info(const struct stat *st, vsp_file_info *info);
/* The two values for utimensat(2). */
void vsp_posix_file_times(const vsp_file_times *times, struct timespec out[2]);

/* The three times of a file. */
void vsp_posix_stat_times(const struct stat *st, vsp_file_info *info);
/*
 * Opens a folder beneath root in one call of the system, as a place to start from: a descriptor, or
 * minus errno; -ENOSYS if the system has no such call.
 */
int vsp_posix_open_beneath(int root, const char *path);

#endif
