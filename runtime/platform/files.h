/*
 * Files and folders by descriptor, for programs that may use some folders and nothing else, and the
 * clocks that such programs ask for. Paths are relative to a folder and are resolved so that they
 * never lead out of it, whatever links there are, and whoever changes the folders meanwhile.
 *
 * Every call returns 0, or an error by its number in WASI preview 1 (errnos.def): VSP_FILE_INTR if
 * a signal came, VSP_FILE_NOTCAPABLE for a path that leads out. Platforms without such files return
 * VSP_FILE_NOSYS, except for the standard streams, which are descriptors 0, 1 and 2 everywhere.
 */
#ifndef VSP_RUNTIME_PLATFORM_FILES_H
#define VSP_RUNTIME_PLATFORM_FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum {
#define ERRNO(NAME, number) VSP_FILE_##NAME = (number),
#include "errnos.def"
	VSP_FILE_NOTSOCK = 57,
	VSP_FILE_NOTCAPABLE = 76
};

/* Kinds of files, by their numbers in WASI. */
enum vsp_file_kind {
	VSP_FILE_UNKNOWN,
	VSP_FILE_BLOCKS,
	VSP_FILE_CHARACTERS,
	VSP_FILE_FOLDER,
	VSP_FILE_REGULAR,
	VSP_FILE_DATAGRAMS,
	VSP_FILE_STREAM,
	VSP_FILE_LINK
};

typedef struct vsp_file_info {
	uint64_t device, inode, links, size;
	uint64_t accessed_ns, modified_ns, changed_ns; /* since 1970 */
	enum vsp_file_kind kind;
} vsp_file_info;

/* A piece of memory that is read into or written from. */
typedef struct vsp_file_part {
	void *data;
	size_t size;
} vsp_file_part;
enum { VSP_FILE_PARTS = 1024 }; /* most of them in one call */

enum { VSP_FILE_PATH = 4096, VSP_FILE_NAME = 256, VSP_FILE_LINKS = 40 };

/* ---- open files ---- */

/* Opens a folder by its path in the system, for whoever may choose any. */
int vsp_file_open_folder(const char *path, int *file);
void vsp_file_close(int file);
int vsp_file_stat(int file, vsp_file_info *info);
bool vsp_file_is_terminal(int file);
/* The descriptor of a stream, -1: it has none. */
int vsp_file_of_stream(FILE *stream);
/*
 * Reads and writes as much as is possible at once, at the file's own place; count is at most
 * VSP_FILE_PARTS. Of a file that is not regular at most as much is written as its reader surely has
 * room for when vsp_file_wait has said that it can be written to.
 */
int vsp_file_read(int file, const vsp_file_part *parts, unsigned count, size_t *done);
int vsp_file_write(int file, bool regular, const vsp_file_part *parts, unsigned count, size_t *done);
/* The same at a place of a regular file. */
int vsp_file_read_at(int file, const vsp_file_part *parts, unsigned count, uint64_t place, size_t *done);
int vsp_file_write_at(int file, const vsp_file_part *parts, unsigned count, uint64_t place, size_t *done);
enum vsp_file_origin { VSP_FILE_FROM_START, VSP_FILE_FROM_PLACE, VSP_FILE_FROM_END };
int vsp_file_seek(int file, int64_t distance, enum vsp_file_origin origin, uint64_t *place);
int vsp_file_sync(int file, bool only_data);
/* advice: 0 normal, 1 sequential, 2 random, 3 will need, 4 don't need, 5 no reuse. */
int vsp_file_advise(int file, uint64_t place, uint64_t size, unsigned advice);
int vsp_file_allocate(int file, uint64_t place, uint64_t size);
int vsp_file_set_size(int file, uint64_t size);
/* Do writes go to the end? */
int vsp_file_set_append(int file, bool append);

/* Times to set; NOW and KEEP stand for the time of the call and for no change. */
#define VSP_FILE_NOW INT64_MAX
#define VSP_FILE_KEEP INT64_MIN
typedef struct vsp_file_times {
	int64_t accessed_ns, modified_ns;
} vsp_file_times;
int vsp_file_set_times(int file, const vsp_file_times *times);

/* ---- waiting ---- */

typedef struct vsp_file_wish {
	int file;
	bool write;  /* to write, otherwise to read */
	bool ready;  /* result */
	bool hangup; /* result: the other end is closed */
} vsp_file_wish;
/*
 * Waits until one of the wishes is fulfilled, at most for timeout_ns. count may be 0. *ready gets
 * how many are.
 */
int vsp_file_wait(vsp_file_wish *wishes, unsigned count, uint64_t timeout_ns, unsigned *ready);

/* ---- the entries of a folder ---- */

typedef struct vsp_file_list vsp_file_list;
typedef struct vsp_file_entry {
	uint64_t inode;
	enum vsp_file_kind kind;
	const char *name; /* valid until the next call */
} vsp_file_entry;
/* Lists an open folder from its first entry on. */
int vsp_file_list_open(int folder, vsp_file_list **list);
/* The next entry; its name is null at the end. */
int vsp_file_list_next(vsp_file_list *list, vsp_file_entry *entry);
/* Back to the first entry. */
void vsp_file_list_rewind(vsp_file_list *list);
void vsp_file_list_close(vsp_file_list *list); /* null is allowed */

/* ---- paths beneath a folder ---- */

enum {
	VSP_FILE_READ = 1,
	VSP_FILE_WRITE = 2,
	VSP_FILE_CREATE = 4,
	VSP_FILE_ONLY_NEW = 8,
	VSP_FILE_TRUNCATE = 16,
	VSP_FILE_ONLY_FOLDER = 32,
	VSP_FILE_APPEND = 64,
	VSP_FILE_SYNC_DATA = 128,
	VSP_FILE_SYNC = 256
};
/*
 * follow: if the path's last name is a symbolic link, its target is meant. Only ordinary files and
 * folders are opened, NOTCAPABLE for others; opening never waits.
 */
int vsp_file_open(int root, const char *path, bool follow, unsigned how, int *file, vsp_file_info *info);
int vsp_file_path_stat(int root, const char *path, bool follow, vsp_file_info *info);
int vsp_file_path_set_times(int root, const char *path, bool follow, const vsp_file_times *times);
int vsp_file_make_folder(int root, const char *path);
int vsp_file_remove_folder(int root, const char *path);
int vsp_file_unlink(int root, const char *path);
int vsp_file_link(int root, const char *path, bool follow, int new_root, const char *new_path);
int vsp_file_rename(int root, const char *path, int new_root, const char *new_path);
/* target is stored as it is; whoever calls this must not let a program create absolute ones. */
int vsp_file_symlink(const char *target, int root, const char *path);
/* The target, cut to size bytes. */
int vsp_file_readlink(int root, const char *path, char *target, size_t size, size_t *length);
/*
 * For tests: paths are resolved one name at a time even where the system can do it in one call.
 */
void vsp_file_resolve_by_hand(bool by_hand);

/* ---- clocks ---- */

enum vsp_file_clock { VSP_CLOCK_REAL, VSP_CLOCK_MONOTONIC, VSP_CLOCK_PROCESS, VSP_CLOCK_THREAD, VSP_CLOCKS };
/* Nanoseconds. NOTSUP: the system does not have that clock. */
int vsp_clock_time(enum vsp_file_clock clock, uint64_t *ns);
/* VSP_CLOCK_REAL, for platforms without files of their own. */
int vsp_clock_real(uint64_t *ns);
int vsp_clock_resolution(enum vsp_file_clock clock, uint64_t *ns);
void vsp_clock_yield(void);

#endif
