/*
 * WASI preview 1 inside the runtime: the state of a program's files and settings, and what its
 * functions share. dispatch.c is the only way into the functions: there, before anything happens,
 * every pointer is checked, then the capability, then the descriptor and its right. So functions
 * use their parameters without asking.
 *
 * Descriptors' rights are kept, and only narrowed. Nothing of the host's paths is shown.
 */
#ifndef VSP_RUNTIME_WASI_H
#define VSP_RUNTIME_WASI_H

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>

#include <vsp/vsp_aot.h>

#include "runtime/host/wasi/table.h"
#include "runtime/platform/files.h"

/* ---- state ---- */

enum { VSP_WASI_FDS = 1024, VSP_WASI_SUBSCRIPTIONS = 4096 };

/* Flags of descriptors, by their bits. */
enum { VSP_WASI_APPEND = 1, VSP_WASI_DSYNC = 2, VSP_WASI_NONBLOCK = 4, VSP_WASI_RSYNC = 8, VSP_WASI_SYNC = 16 };

typedef struct vsp_wasi_fd {
	int file; /* the system's descriptor; -1: this one is not open */
	uint8_t kind;
	bool standard;  /* of the host, which closes it; needs VSP_CAP_STDIO */
	bool read_only; /* beneath a folder that is */
	uint16_t flags;
	uint64_t base, inheriting; /* rights */
	char *preopen;             /* its name as a preopened folder, or null */
	/*
	 * Of a folder that is listed: the number of the entries that were given, and one that was
	 * read after them but did not fit.
	 */
	vsp_file_list *list;
	uint64_t listed;
	vsp_file_entry waiting;
} vsp_wasi_fd;

/* Strings with a 0 after each, one behind the other. */
typedef struct vsp_wasi_texts {
	char *text;
	uint32_t count, size;
} vsp_wasi_texts;

typedef struct vsp_wasi vsp_wasi;
typedef struct vsp_wasi_binding {
	vsp_wasi *wasi;
	unsigned function;
} vsp_wasi_binding;

struct vsp_wasi {
	uint32_t capabilities;
	vsp_wasi_texts args, env;
	vsp_wasi_fd *fds;
	uint32_t fd_count; /* that there is room for */
	vsp_wasi_binding bindings[VSP_WASI_FUNCTIONS];
	/* For whoever tells why a program failed: the functions that ended with NOTCAPABLE, bit by
	   number, and whether folders were asked for when there was none. */
	uint64_t refused;
	bool no_folders;
};
static_assert(VSP_WASI_FUNCTIONS <= 64, "refused has a bit for each function");

vsp_wasi *vsp_wasi_create(const vsp_wasi_config *config, vsp_error *error);
void vsp_wasi_destroy(vsp_wasi *wasi);
/* The import function and its user pointer for function number index of the table. */
vsp_import_fn vsp_wasi_import(vsp_wasi *wasi, unsigned index, void **user);

/* ---- descriptors ---- */

/* The open descriptor, or null. */
vsp_wasi_fd *vsp_wasi_entry_at(vsp_wasi *wasi, uint32_t number);
/*
 * Gives file the lowest free number from least on, and *fd, with the rest zero. Returns 0, MFILE or
 * NOMEM, and the file stays the caller's. Pointers to other descriptors become invalid.
 */
int vsp_wasi_entry_add(vsp_wasi *wasi, uint32_t least, int file, uint32_t *number, vsp_wasi_fd **fd);
void vsp_wasi_entry_close(vsp_wasi_fd *fd);

/* Rights that a file and a folder can have. */
#define VSP_WASI_FILE_RIGHTS \
	(VSP_WASI_FD_DATASYNC | VSP_WASI_FD_READ | VSP_WASI_FD_SEEK | VSP_WASI_FD_FDSTAT_SET_FLAGS | \
	        VSP_WASI_FD_SYNC | VSP_WASI_FD_TELL | VSP_WASI_FD_WRITE | VSP_WASI_FD_ADVISE | VSP_WASI_FD_ALLOCATE | \
	        VSP_WASI_FD_FILESTAT_GET | VSP_WASI_FD_FILESTAT_SET_SIZE | VSP_WASI_FD_FILESTAT_SET_TIMES | \
	        VSP_WASI_POLL_FD_READWRITE)
#define VSP_WASI_FOLDER_RIGHTS \
	(VSP_WASI_FD_DATASYNC | VSP_WASI_FD_FDSTAT_SET_FLAGS | VSP_WASI_FD_SYNC | VSP_WASI_PATH_CREATE_DIRECTORY | \
	        VSP_WASI_PATH_CREATE_FILE | VSP_WASI_PATH_LINK_SOURCE | VSP_WASI_PATH_LINK_TARGET | \
	        VSP_WASI_PATH_OPEN | VSP_WASI_FD_READDIR | VSP_WASI_PATH_READLINK | VSP_WASI_PATH_RENAME_SOURCE | \
	        VSP_WASI_PATH_RENAME_TARGET | VSP_WASI_PATH_FILESTAT_GET | VSP_WASI_PATH_FILESTAT_SET_SIZE | \
	        VSP_WASI_PATH_FILESTAT_SET_TIMES | VSP_WASI_FD_FILESTAT_GET | VSP_WASI_FD_FILESTAT_SET_TIMES | \
	        VSP_WASI_PATH_SYMLINK | VSP_WASI_PATH_REMOVE_DIRECTORY | VSP_WASI_PATH_UNLINK_FILE)

/* ---- one call ---- */

typedef struct vsp_wasi_call {
	vsp_wasi *wasi;
	vsp_caller *caller;
	const int64_t *args;
	vsp_wasi_fd *fd; /* of functions with access FILE */
} vsp_wasi_call;

static inline uint32_t vsp_wasi_u32(const vsp_wasi_call *c, unsigned i) { return (uint32_t)c->args[i]; }
static inline uint64_t vsp_wasi_u64(const vsp_wasi_call *c, unsigned i) { return (uint64_t)c->args[i]; }
/* The bytes that pointer i points to, which have been checked. */
static inline uint8_t *vsp_wasi_at(const vsp_wasi_call *c, unsigned i)
{
	return vsp_wasm_at(c->caller, vsp_wasi_u32(c, i), 0);
}
void vsp_wasi_put32(const vsp_wasi_call *c, unsigned i, uint32_t value);
void vsp_wasi_put64(const vsp_wasi_call *c, unsigned i, uint64_t value);
void vsp_wasi_put_info(const vsp_wasi_call *c, unsigned i, const vsp_file_info *info);

/* Has the run been told to end? */
bool vsp_wasi_interrupted(const vsp_wasi_call *c);
/* Shows what the program has printed by SYSCALLs and the host has not written yet. */
void vsp_wasi_flush(const vsp_wasi_call *c);
/* Copies path i, whose length is parameter i + 1. Returns 0, INVAL for one with a 0 in it, or
   NAMETOOLONG. */
int vsp_wasi_path(const vsp_wasi_call *c, unsigned i, char path[VSP_FILE_PATH]);
/* Another descriptor with a right that it needs: 0, BADF or NOTCAPABLE. */
int vsp_wasi_need(const vsp_wasi_call *c, unsigned i, uint32_t right, vsp_wasi_fd **fd);
/* 0 once the descriptor can be read or written without waiting, AGAIN, INTR or another error. */
int vsp_wasi_wait(const vsp_wasi_call *c, const vsp_wasi_fd *fd, bool write);
/* Times from flags: 1 accessed, 2 accessed now, 4 modified, 8 modified now. 0 or INVAL. */
int vsp_wasi_times(uint64_t accessed, uint64_t modified, uint32_t flags, vsp_file_times *times);

/* The functions: each returns 0 or an errno. */
#define WASI(NAME, ...) int vsp_wasi_##NAME(const vsp_wasi_call *c);
#include "runtime/wasi.def"

#endif
