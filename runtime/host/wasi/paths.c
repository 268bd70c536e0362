/*
 * WASI: files and folders by path, beneath a descriptor of a folder. The platform's part resolves
 * paths (runtime/platform/files.h); here are rights, and folders that cannot be changed.
 */
#include "runtime/host/wasi/wasi.h"

enum { FOLLOW = 1 };

/* ---- opening ---- */

enum { OPEN_CREATE = 1, OPEN_FOLDER = 2, OPEN_NEW = 4, OPEN_TRUNCATE = 8, OPEN_FLAGS = 15 };
enum { WRITES = VSP_WASI_FD_WRITE | VSP_WASI_FD_ALLOCATE | VSP_WASI_FD_FILESTAT_SET_SIZE };

typedef struct opening {
	uint32_t how, flags; /* of the call */
	uint64_t base, inheriting;
} opening;

static opening opening_of(const vsp_wasi_call *c)
{
	return (opening){.how = vsp_wasi_u32(c, 4),
	        .flags = vsp_wasi_u32(c, 7),
	        .base = vsp_wasi_u64(c, 5) & c->fd->inheriting,
	        .inheriting = vsp_wasi_u64(c, 6) & c->fd->inheriting};
}

static int check_opening(const vsp_wasi_call *c, const opening *o)
{
	uint32_t needed = (o->how & OPEN_CREATE ? VSP_WASI_PATH_CREATE_FILE : 0) |
	                  (o->how & OPEN_TRUNCATE ? VSP_WASI_PATH_FILESTAT_SET_SIZE : 0);
	bool changes = o->how & (OPEN_CREATE | OPEN_TRUNCATE) || (o->base & WRITES && !(o->how & OPEN_FOLDER));
	if (o->how > OPEN_FLAGS || o->flags > (VSP_WASI_SYNC << 1) - 1 ||
	        (o->how & OPEN_FOLDER && o->how & (OPEN_CREATE | OPEN_NEW | OPEN_TRUNCATE)))
		return VSP_FILE_INVAL;
	if (needed & ~c->fd->base)
		return VSP_FILE_NOTCAPABLE;
	return changes && c->fd->read_only ? VSP_FILE_ROFS : 0;
}

/* Folders are opened to be read only, whichever rights are asked for. */
static unsigned platform_flags(const opening *o)
{
	unsigned how = o->base & VSP_WASI_FD_READ ? VSP_FILE_READ : 0;
	if (o->base & WRITES && !(o->how & OPEN_FOLDER))
		how |= VSP_FILE_WRITE;
	how |= o->how & OPEN_CREATE ? VSP_FILE_CREATE : 0;
	how |= o->how & OPEN_FOLDER ? VSP_FILE_ONLY_FOLDER : 0;
	how |= o->how & OPEN_NEW ? VSP_FILE_ONLY_NEW : 0;
	how |= o->how & OPEN_TRUNCATE ? VSP_FILE_TRUNCATE : 0;
	how |= o->flags & VSP_WASI_APPEND ? VSP_FILE_APPEND : 0;
	how |= o->flags & VSP_WASI_DSYNC ? VSP_FILE_SYNC_DATA : 0;
	how |= o->flags & (VSP_WASI_SYNC | VSP_WASI_RSYNC) ? VSP_FILE_SYNC : 0;
	return how;
}

static int add_opened(const vsp_wasi_call *c, const opening *o, int file, const vsp_file_info *info)
{
	enum { FIRST = 3 };                /* below are the standard streams, which stay closed if they are */
	bool read_only = c->fd->read_only; /* the table may move */
	vsp_wasi_fd *fd;
	uint32_t number;
	int wrong = vsp_wasi_entry_add(c->wasi, FIRST, file, &number, &fd);
	if (wrong) {
		vsp_file_close(file);
		return wrong;
	}
	bool folder = info->kind == VSP_FILE_FOLDER;
	fd->kind = (uint8_t)info->kind;
	fd->read_only = read_only;
	fd->flags = (uint16_t)o->flags;
	fd->base = o->base & (folder ? VSP_WASI_FOLDER_RIGHTS : VSP_WASI_FILE_RIGHTS);
	fd->inheriting = o->inheriting;
	vsp_wasi_put32(c, 8, number);
	return 0;
}

int vsp_wasi_path_open(const vsp_wasi_call *c)
{
	char path[VSP_FILE_PATH];
	opening o = opening_of(c);
	vsp_file_info info;
	int file, wrong = vsp_wasi_path(c, 2, path);
	if (!wrong)
		wrong = check_opening(c, &o);
	if (!wrong)
		wrong = vsp_file_open(c->fd->file, path, vsp_wasi_u32(c, 1) & FOLLOW, platform_flags(&o), &file, &info);
	return wrong ? wrong : add_opened(c, &o, file, &info);
}

/* ---- one path ---- */

static int change(const vsp_wasi_call *c, int (*fn)(int root, const char *path))
{
	char path[VSP_FILE_PATH];
	int wrong = vsp_wasi_path(c, 1, path);
	if (!wrong && c->fd->read_only)
		wrong = VSP_FILE_ROFS;
	return wrong ? wrong : fn(c->fd->file, path);
}

int vsp_wasi_path_create_directory(const vsp_wasi_call *c) { return change(c, vsp_file_make_folder); }
int vsp_wasi_path_remove_directory(const vsp_wasi_call *c) { return change(c, vsp_file_remove_folder); }
int vsp_wasi_path_unlink_file(const vsp_wasi_call *c) { return change(c, vsp_file_unlink); }

int vsp_wasi_path_readlink(const vsp_wasi_call *c)
{
	char path[VSP_FILE_PATH];
	size_t length = 0;
	int wrong = vsp_wasi_path(c, 1, path);
	if (!wrong)
		wrong = vsp_file_readlink(c->fd->file, path, (char *)vsp_wasi_at(c, 3), vsp_wasi_u32(c, 4), &length);
	if (!wrong)
		vsp_wasi_put32(c, 5, (uint32_t)length);
	return wrong;
}

int vsp_wasi_path_symlink(const vsp_wasi_call *c)
{
	char target[VSP_FILE_PATH], path[VSP_FILE_PATH];
	int wrong = vsp_wasi_path(c, 0, target);
	if (!wrong)
		wrong = vsp_wasi_path(c, 3, path);
	if (!wrong && target[0] == '/')
		wrong = VSP_FILE_NOTCAPABLE;
	if (!wrong && c->fd->read_only)
		wrong = VSP_FILE_ROFS;
	return wrong ? wrong : vsp_file_symlink(target, c->fd->file, path);
}

/* ---- two paths ---- */

/* Both paths, and the second folder with its right; neither may be one that cannot be changed. */
static int take_both(const vsp_wasi_call *c, unsigned first, uint32_t right, char old[VSP_FILE_PATH],
        char new[VSP_FILE_PATH], vsp_wasi_fd **to)
{
	int wrong = vsp_wasi_need(c, first + 2, right, to);
	if (!wrong)
		wrong = vsp_wasi_path(c, first, old);
	if (!wrong)
		wrong = vsp_wasi_path(c, first + 3, new);
	return wrong ? wrong : c->fd->read_only || (*to)->read_only ? VSP_FILE_ROFS : 0;
}

/* A second name in a folder that can be changed would make a file of another one changeable. */
int vsp_wasi_path_link(const vsp_wasi_call *c)
{
	char old[VSP_FILE_PATH], new[VSP_FILE_PATH];
	vsp_wasi_fd *to;
	int wrong = take_both(c, 2, VSP_WASI_PATH_LINK_TARGET, old, new, &to);
	return wrong ? wrong : vsp_file_link(c->fd->file, old, vsp_wasi_u32(c, 1) & FOLLOW, to->file, new);
}

int vsp_wasi_path_rename(const vsp_wasi_call *c)
{
	char old[VSP_FILE_PATH], new[VSP_FILE_PATH];
	vsp_wasi_fd *to;
	int wrong = take_both(c, 1, VSP_WASI_PATH_RENAME_TARGET, old, new, &to);
	return wrong ? wrong : vsp_file_rename(c->fd->file, old, to->file, new);
}
