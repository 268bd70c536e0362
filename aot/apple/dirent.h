/*
 * Folders on Apple's systems, see assert.h.
 */
#ifndef VSP_APPLE_DIRENT_H
#define VSP_APPLE_DIRENT_H

#include <stddef.h>
#include <stdint.h>

#include "sys/inode64.h"

#define DT_UNKNOWN 0
#define DT_CHR 2
#define DT_DIR 4
#define DT_BLK 6
#define DT_REG 8
#define DT_LNK 10
#define DT_SOCK 12

typedef struct _dirdesc DIR;
struct dirent {
	uint64_t d_ino, d_seekoff;
	uint16_t d_reclen, d_namlen;
	uint8_t d_type;
	char d_name[1024];
};

DIR *opendir(const char *path) VSP_INODE64(opendir);
DIR *fdopendir(int file) VSP_INODE64(fdopendir);
struct dirent *readdir(DIR *folder) VSP_INODE64(readdir);
void rewinddir(DIR *folder) VSP_INODE64(rewinddir);
int closedir(DIR *folder);
int dirfd(DIR *folder);

_Static_assert(offsetof(struct dirent, d_name) == 21 && sizeof(struct dirent) == 1048, "the system's layout");

#endif
