/*
 * What the system knows of files on Apple's systems, see assert.h.
 */
#ifndef VSP_APPLE_SYS_STAT_H
#define VSP_APPLE_SYS_STAT_H

#include <time.h>

#include "inode64.h"
#include "types.h"

#define S_IFMT 0170000
#define S_ISCHR(mode) (((mode) & S_IFMT) == 0020000)
#define S_ISDIR(mode) (((mode) & S_IFMT) == 0040000)
#define S_ISBLK(mode) (((mode) & S_IFMT) == 0060000)
#define S_ISREG(mode) (((mode) & S_IFMT) == 0100000)
#define S_ISLNK(mode) (((mode) & S_IFMT) == 0120000)
#define S_ISSOCK(mode) (((mode) & S_IFMT) == 0140000)
#define S_IWGRP 0000020
#define S_IWOTH 0000002
/* In place of nanoseconds. */
#define UTIME_NOW (-1)
#define UTIME_OMIT (-2)

struct stat {
	dev_t st_dev;
	mode_t st_mode;
	nlink_t st_nlink;
	ino_t st_ino;
	uid_t st_uid;
	gid_t st_gid;
	dev_t st_rdev;
	struct timespec st_atimespec, st_mtimespec, st_ctimespec, st_birthtimespec;
	off_t st_size;
	int64_t st_blocks;
	int32_t st_blksize;
	uint32_t st_flags, st_gen;
	int32_t st_spare;
	int64_t st_spares[2];
};

int stat(const char *restrict path, struct stat *restrict st) VSP_INODE64(stat);
int lstat(const char *restrict path, struct stat *restrict st) VSP_INODE64(lstat);
int fstat(int file, struct stat *st) VSP_INODE64(fstat);
int fstatat(int folder, const char *path, struct stat *st, int flags) VSP_INODE64(fstatat);
int mkdir(const char *path, mode_t mode);
int mkdirat(int folder, const char *path, mode_t mode);
int fchmod(int file, mode_t mode);
int futimens(int file, const struct timespec times[2]);
int utimensat(int folder, const char *path, const struct timespec times[2], int flags);

_Static_assert(sizeof(struct stat) == 144 && offsetof(struct stat, st_size) == 96, "the system's layout");

#endif
