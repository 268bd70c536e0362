/*
 * Outputs on Windows: files that appear whole, see platform.h. A file that is not yet complete is
 * marked to be deleted when its handle is closed, so a process that ends in between leaves nothing.
 */
#include "platform.h"
#include "windows_handles.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "random_name.h"
#include "runtime/base/alloc.h"

struct vsp_plat_output {
	HANDLE file;   /* written in place; or INVALID_HANDLE_VALUE */
	bool truncate; /* it is an ordinary file, whose end this sets */
	bool borrowed; /* it is the process's own stream, which stays open */
	char path[];
};

/* The process's own stdout or stderr, if it is file; INVALID_HANDLE_VALUE: it is neither. */
static HANDLE own_stream(HANDLE file)
{
	static const DWORD streams[] = {STD_OUTPUT_HANDLE, STD_ERROR_HANDLE};
	for (int i = 0; i < 2; i++) {
		HANDLE stream = GetStdHandle(streams[i]);
		if (stream && stream != INVALID_HANDLE_VALUE && vsp_windows_same(stream, file))
			return stream;
	}
	return INVALID_HANDLE_VALUE;
}

/* ---- the file beside ---- */

static bool mark_for_deletion(HANDLE file, bool marked)
{
	FILE_DISPOSITION_INFO info = {.DeleteFile = marked};
	return SetFileInformationByHandle(file, FileDispositionInfo, &info, sizeof info);
}

/* A new file in the folder of path, marked for deletion. INVALID_HANDLE_VALUE: GetLastError
   tells. */
static HANDLE create_beside(const char *path)
{
	char name[VSP_PLAT_PATH], digits[VSP_RANDOM_DIGITS];
	int folder = (int)(vsp_plat_path_name(path) - path);
	HANDLE file = INVALID_HANDLE_VALUE;
	for (int attempt = 0; attempt < 100; attempt++) {
		vsp_random_digits(digits);
		int n = snprintf(name, sizeof name, "%.*svsp.%s.tmp", folder, path, digits);
		if (n < 0 || (size_t)n >= sizeof name) {
			SetLastError(ERROR_FILENAME_EXCED_RANGE);
			break;
		}
		file = vsp_windows_open(name, GENERIC_WRITE | DELETE, CREATE_NEW, FILE_ATTRIBUTE_NORMAL);
		if (file != INVALID_HANDLE_VALUE || GetLastError() != ERROR_FILE_EXISTS)
			break;
	}
	if (file != INVALID_HANDLE_VALUE)
		mark_for_deletion(file, true);
	return file;
}

/* Renames an open file to a path, in place of what is there. */
static bool rename_open(HANDLE file, const char *path)
{
	wchar_t *wide = vsp_windows_path(path);
	DWORD n = wide ? GetFullPathNameW(wide, 0, NULL, NULL) : 0;
	FILE_RENAME_INFO *info = n ? vsp_alloc(sizeof *info + n * sizeof(wchar_t), 1) : NULL;
	bool renamed = false;
	if (info) {
		info->ReplaceIfExists = TRUE;
		info->FileNameLength = GetFullPathNameW(wide, n, info->FileName, NULL) * (DWORD)sizeof(wchar_t);
		renamed = mark_for_deletion(file, false) && SetFileInformationByHandle(file, FileRenameInfo, info,
		                                                    (DWORD)(sizeof *info + n * sizeof(wchar_t)));
	}
	DWORD error = info ? GetLastError() : ERROR_NOT_ENOUGH_MEMORY;
	vsp_free_memory(info);
	vsp_free_memory(wide);
	SetLastError(error);
	return renamed;
}

/* ---- opening ---- */

/* Null, or why the file cannot be written. */
static const char *open_in_place(vsp_plat_output *o, HANDLE there)
{
	o->file = own_stream(there);
	o->borrowed = o->file != INVALID_HANDLE_VALUE;
	if (o->borrowed)
		return NULL;
	o->truncate = GetFileType(there) == FILE_TYPE_DISK;
	o->file = vsp_windows_open(o->path, GENERIC_WRITE, OPEN_EXISTING, 0);
	return o->file == INVALID_HANDLE_VALUE ? vsp_windows_why(GetLastError()) : NULL;
}

static bool is_link(const char *path)
{
	wchar_t *wide = vsp_windows_path(path);
	DWORD attributes = wide ? GetFileAttributesW(wide) : INVALID_FILE_ATTRIBUTES;
	vsp_free_memory(wide);
	return attributes != INVALID_FILE_ATTRIBUTES && attributes & FILE_ATTRIBUTE_REPARSE_POINT;
}

/* What is there already, which is replaced unless it must be written in place. */
static const char *open_over(vsp_plat_output *o, HANDLE there)
{
	BY_HANDLE_FILE_INFORMATION info;
	bool disk = GetFileType(there) == FILE_TYPE_DISK && GetFileInformationByHandle(there, &info);
	if (disk && info.dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY)
		return strerror(EISDIR);
	if (disk && info.dwFileAttributes & FILE_ATTRIBUTE_READONLY)
		return strerror(EACCES);
	if (!disk || is_link(o->path) || own_stream(there) != INVALID_HANDLE_VALUE)
		return open_in_place(o, there);
	return NULL;
}

static const char *open_output(vsp_plat_output *o)
{
	HANDLE there = vsp_windows_open(o->path, 0, OPEN_EXISTING, FILE_FLAG_BACKUP_SEMANTICS);
	DWORD reason = GetLastError();
	if (there == INVALID_HANDLE_VALUE && (reason != ERROR_FILE_NOT_FOUND || is_link(o->path)))
		return vsp_windows_why(reason);
	const char *why = there == INVALID_HANDLE_VALUE ? NULL : open_over(o, there);
	if (there != INVALID_HANDLE_VALUE)
		CloseHandle(there);
	if (why || o->file != INVALID_HANDLE_VALUE)
		return why;
	if (!*vsp_plat_path_name(o->path))
		return strerror(ENOENT);
	HANDLE attempt = create_beside(o->path);
	if (attempt == INVALID_HANDLE_VALUE)
		return vsp_windows_why(GetLastError());
	CloseHandle(attempt);
	return NULL;
}

vsp_plat_output *vsp_plat_output_open(const char *path, const char **why)
{
	size_t n = strlen(path) + 1;
	vsp_plat_output *o = vsp_alloc(sizeof *o + n, 1);
	*why = strerror(ENOMEM);
	if (!o)
		return NULL;
	memcpy(o->path, path, n);
	o->file = INVALID_HANDLE_VALUE;
	*why = open_output(o);
	if (!*why)
		return o;
	vsp_plat_output_cancel(o);
	return NULL;
}

/* ---- writing ---- */

static bool write_in_place(const vsp_plat_output *o, const void *data, size_t size)
{
	if (o->truncate && !SetEndOfFile(o->file))
		return false;
	return vsp_windows_write_all(o->file, data, size);
}

static bool replace(const vsp_plat_output *o, const void *data, size_t size)
{
	HANDLE file = create_beside(o->path);
	if (file == INVALID_HANDLE_VALUE)
		return false;
	bool good = vsp_windows_write_all(file, data, size) && rename_open(file, o->path);
	DWORD error = GetLastError();
	if (!good)
		mark_for_deletion(file, true);
	CloseHandle(file);
	SetLastError(error);
	return good;
}

const char *vsp_plat_output_finish(vsp_plat_output *o, const void *data, size_t size)
{
	bool good = o->file != INVALID_HANDLE_VALUE ? write_in_place(o, data, size) : replace(o, data, size);
	const char *why = good ? NULL : vsp_windows_why(GetLastError());
	vsp_plat_output_cancel(o);
	return why;
}

void vsp_plat_output_cancel(vsp_plat_output *o)
{
	if (!o)
		return;
	if (o->file != INVALID_HANDLE_VALUE && !o->borrowed)
		CloseHandle(o->file);
	vsp_free_memory(o);
}
