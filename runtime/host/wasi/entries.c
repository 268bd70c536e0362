/*
 * The table of a program's descriptors.
 */
#include "runtime/base/alloc.h"
#include "runtime/host/wasi/wasi.h"

vsp_wasi_fd *vsp_wasi_entry_at(vsp_wasi *wasi, uint32_t number)
{
	return number < wasi->fd_count && wasi->fds[number].file >= 0 ? &wasi->fds[number] : NULL;
}

static int grow(vsp_wasi *wasi)
{
	uint32_t count = wasi->fd_count ? wasi->fd_count * 2 : 16;
	if (wasi->fd_count == VSP_WASI_FDS)
		return VSP_FILE_MFILE;
	vsp_wasi_fd *grown = vsp_realloc(wasi->fds, count, sizeof *grown);
	if (!grown)
		return VSP_FILE_NOMEM;
	for (uint32_t i = wasi->fd_count; i < count; i++)
		grown[i] = (vsp_wasi_fd){.file = -1};
	wasi->fds = grown;
	wasi->fd_count = count;
	return 0;
}

int vsp_wasi_entry_add(vsp_wasi *wasi, uint32_t least, int file, uint32_t *number, vsp_wasi_fd **fd)
{
	uint32_t n = least;
	while (n < wasi->fd_count && wasi->fds[n].file >= 0)
		n++;
	int wrong = n < wasi->fd_count ? 0 : grow(wasi);
	if (wrong)
		return wrong;
	*number = n;
	*fd = &wasi->fds[n];
	**fd = (vsp_wasi_fd){.file = file};
	return 0;
}

void vsp_wasi_entry_close(vsp_wasi_fd *fd)
{
	vsp_file_list_close(fd->list);
	if (!fd->standard)
		vsp_file_close(fd->file);
	vsp_free_memory(fd->preopen);
	*fd = (vsp_wasi_fd){.file = -1};
}
