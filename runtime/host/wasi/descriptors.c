/*
 * WASI: the functions that are about descriptors alone.
 */
#include <string.h>

#include "runtime/host/wasi/wasi.h"
#include "runtime/state.h"

int vsp_wasi_fd_close(const vsp_wasi_call *c)
{
	vsp_wasi_entry_close(c->fd);
	return 0;
}

int vsp_wasi_fd_renumber(const vsp_wasi_call *c)
{
	vsp_wasi_fd *to;
	int wrong = vsp_wasi_need(c, 1, VSP_WASI_ANY, &to);
	if (wrong || to == c->fd)
		return wrong;
	vsp_wasi_entry_close(to);
	*to = *c->fd;
	*c->fd = (vsp_wasi_fd){.file = -1};
	return 0;
}

int vsp_wasi_fd_fdstat_get(const vsp_wasi_call *c)
{
	uint8_t *at = vsp_wasi_at(c, 1);
	vsp_write_le(at, c->fd->kind, 2);
	vsp_write_le(at + 2, c->fd->flags, 6);
	vsp_write_le(at + 8, c->fd->base, 8);
	vsp_write_le(at + 16, c->fd->inheriting, 8);
	return 0;
}

/*
 * Waiting is this runtime's own business, so NONBLOCK is only remembered. How the host's streams
 * are written is not the program's to change.
 */
int vsp_wasi_fd_fdstat_set_flags(const vsp_wasi_call *c)
{
	uint32_t flags = vsp_wasi_u32(c, 1), changed = flags ^ c->fd->flags;
	if (flags > (VSP_WASI_SYNC << 1) - 1)
		return VSP_FILE_INVAL;
	if (changed & (VSP_WASI_DSYNC | VSP_WASI_RSYNC | VSP_WASI_SYNC))
		return VSP_FILE_NOTSUP;
	if (changed & VSP_WASI_APPEND) {
		if (c->fd->kind != VSP_FILE_REGULAR || c->fd->standard)
			return VSP_FILE_NOTSUP;
		int wrong = vsp_file_set_append(c->fd->file, flags & VSP_WASI_APPEND);
		if (wrong)
			return wrong;
	}
	c->fd->flags = (uint16_t)flags;
	return 0;
}

int vsp_wasi_fd_fdstat_set_rights(const vsp_wasi_call *c)
{
	uint64_t base = vsp_wasi_u64(c, 1), inheriting = vsp_wasi_u64(c, 2);
	if (base & ~c->fd->base || inheriting & ~c->fd->inheriting)
		return VSP_FILE_NOTCAPABLE;
	c->fd->base = base;
	c->fd->inheriting = inheriting;
	return 0;
}

int vsp_wasi_fd_prestat_get(const vsp_wasi_call *c)
{
	if (!c->fd->preopen)
		return VSP_FILE_BADF;
	vsp_write_le(vsp_wasi_at(c, 1), (uint64_t)strlen(c->fd->preopen) << 32, 8);
	return 0;
}

int vsp_wasi_fd_prestat_dir_name(const vsp_wasi_call *c)
{
	if (!c->fd->preopen)
		return VSP_FILE_BADF;
	size_t n = strlen(c->fd->preopen);
	if (n > vsp_wasi_u32(c, 2))
		return VSP_FILE_NAMETOOLONG;
	memcpy(vsp_wasi_at(c, 1), c->fd->preopen, n);
	return 0;
}
