/*
 * WASI: what describes files, by descriptor and by path.
 */
#include "runtime/host/wasi/wasi.h"

enum { FOLLOW = 1 };

int vsp_wasi_fd_filestat_get(const vsp_wasi_call *c)
{
	vsp_file_info info;
	int wrong = vsp_file_stat(c->fd->file, &info);
	if (!wrong)
		vsp_wasi_put_info(c, 1, &info);
	return wrong;
}

int vsp_wasi_fd_filestat_set_size(const vsp_wasi_call *c)
{
	return c->fd->read_only ? VSP_FILE_ROFS : vsp_file_set_size(c->fd->file, vsp_wasi_u64(c, 1));
}

int vsp_wasi_fd_filestat_set_times(const vsp_wasi_call *c)
{
	vsp_file_times times;
	int wrong = vsp_wasi_times(vsp_wasi_u64(c, 1), vsp_wasi_u64(c, 2), vsp_wasi_u32(c, 3), &times);
	if (!wrong && c->fd->read_only)
		wrong = VSP_FILE_ROFS;
	return wrong ? wrong : vsp_file_set_times(c->fd->file, &times);
}

int vsp_wasi_path_filestat_get(const vsp_wasi_call *c)
{
	char path[VSP_FILE_PATH];
	vsp_file_info info;
	int wrong = vsp_wasi_path(c, 2, path);
	if (!wrong)
		wrong = vsp_file_path_stat(c->fd->file, path, vsp_wasi_u32(c, 1) & FOLLOW, &info);
	if (!wrong)
		vsp_wasi_put_info(c, 4, &info);
	return wrong;
}

int vsp_wasi_path_filestat_set_times(const vsp_wasi_call *c)
{
	char path[VSP_FILE_PATH];
	vsp_file_times times;
	int wrong = vsp_wasi_path(c, 2, path);
	if (!wrong)
		wrong = vsp_wasi_times(vsp_wasi_u64(c, 4), vsp_wasi_u64(c, 5), vsp_wasi_u32(c, 6), &times);
	if (!wrong && c->fd->read_only)
		wrong = VSP_FILE_ROFS;
	return wrong ? wrong : vsp_file_path_set_times(c->fd->file, path, vsp_wasi_u32(c, 1) & FOLLOW, &times);
}
