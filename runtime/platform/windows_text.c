/*
 * Text, paths and reasons on Windows, see windows_text.h.
 */
#include "windows_text.h"

#include <errno.h>
#include <string.h>
#include <wchar.h>

#include "runtime/base/alloc.h"

/* ---- text ---- */

wchar_t *vsp_windows_wide(const char *text)
{
	int n = MultiByteToWideChar(CP_UTF8, MB_ERR_INVALID_CHARS, text, -1, NULL, 0);
	wchar_t *wide = n > 0 ? vsp_alloc((size_t)n, sizeof *wide) : NULL;
	if (wide)
		MultiByteToWideChar(CP_UTF8, MB_ERR_INVALID_CHARS, text, -1, wide, n);
	else if (n > 0)
		SetLastError(ERROR_NOT_ENOUGH_MEMORY);
	return wide;
}

char *vsp_windows_utf8(const wchar_t *wide)
{
	int n = WideCharToMultiByte(CP_UTF8, 0, wide, -1, NULL, 0, NULL, NULL);
	char *text = n > 0 ? vsp_alloc((size_t)n, 1) : NULL;
	if (text)
		WideCharToMultiByte(CP_UTF8, 0, wide, -1, text, n, NULL, NULL);
	else if (n > 0)
		SetLastError(ERROR_NOT_ENOUGH_MEMORY);
	return text;
}

/* ---- paths ---- */

/* The absolute path with the prefix of the form that has no limit; the path itself if it is
   short. */
static wchar_t *lengthen(wchar_t *path)
{
	static const wchar_t plain[] = L"\\\\?\\", share[] = L"\\\\?\\UNC\\";
	enum { SHORT = 240, MORE = 8 }; /* calls that make folders take 247 units, others 259 */
	DWORD n = GetFullPathNameW(path, 0, NULL, NULL);
	if (n <= SHORT || wcsncmp(path, L"\\\\?\\", 4) == 0 || wcsncmp(path, L"\\\\.\\", 4) == 0)
		return path;
	wchar_t *full = vsp_alloc(n + (size_t)MORE, sizeof *full);
	if (!full) {
		vsp_free_memory(path);
		SetLastError(ERROR_NOT_ENOUGH_MEMORY);
		return NULL;
	}
	n = GetFullPathNameW(path, n, full + MORE, NULL);
	vsp_free_memory(path);
	bool is_share = wcsncmp(full + MORE, L"\\\\", 2) == 0;
	const wchar_t *prefix = is_share ? share : plain;
	size_t used = wcslen(prefix);
	const wchar_t *from = full + MORE + (is_share ? 2 : 0);
	memcpy(full, prefix, used * sizeof *full);
	memmove(full + used, from, (wcslen(from) + 1) * sizeof *full);
	return full;
}

wchar_t *vsp_windows_path(const char *path)
{
	wchar_t *wide = vsp_windows_wide(path);
	return wide ? lengthen(wide) : NULL;
}

/* Behind the prefix of paths without a limit; shares keep theirs, without which they are no
   paths. */
static const wchar_t *without_prefix(const wchar_t *path)
{
	return wcsncmp(path, L"\\\\?\\", 4) == 0 && wcsncmp(path, L"\\\\?\\UNC\\", 8) != 0 ? path + 4 : path;
}

bool vsp_windows_path_out(const wchar_t *path, char *out, size_t size)
{
	int room = size < INT_MAX ? (int)size : INT_MAX;
	if (!WideCharToMultiByte(CP_UTF8, 0, without_prefix(path), -1, out, room, NULL, NULL))
		return false;
	for (char *c = out; (c = strchr(c, '\\')) != NULL;)
		*c = '/';
	return true;
}

/* ---- reasons ---- */

static const struct {
	DWORD error;
	int number;
} reasons[] = {
        {ERROR_FILE_NOT_FOUND, ENOENT},
        {ERROR_PATH_NOT_FOUND, ENOENT},
        {ERROR_INVALID_NAME, ENOENT}, /* no file can be called so */
        {ERROR_BAD_PATHNAME, ENOENT},
        {ERROR_BAD_NETPATH, ENOENT},
        {ERROR_INVALID_DRIVE, ENOENT},
        {ERROR_MOD_NOT_FOUND, ENOENT},
        {ERROR_ACCESS_DENIED, EACCES},
        {ERROR_SHARING_VIOLATION, EACCES},
        {ERROR_LOCK_VIOLATION, EACCES},
        {ERROR_WRITE_PROTECT, EROFS},
        {ERROR_PRIVILEGE_NOT_HELD, EPERM},
        {ERROR_FILE_EXISTS, EEXIST},
        {ERROR_ALREADY_EXISTS, EEXIST},
        {ERROR_DIR_NOT_EMPTY, ENOTEMPTY},
        {ERROR_DIRECTORY, ENOTDIR},
        {ERROR_NOT_ENOUGH_MEMORY, ENOMEM},
        {ERROR_OUTOFMEMORY, ENOMEM},
        {ERROR_COMMITMENT_LIMIT, ENOMEM},
        {ERROR_DISK_FULL, ENOSPC},
        {ERROR_HANDLE_DISK_FULL, ENOSPC},
        {ERROR_FILENAME_EXCED_RANGE, ENAMETOOLONG},
        {ERROR_FILE_TOO_LARGE, EFBIG},
        {ERROR_TOO_MANY_OPEN_FILES, EMFILE},
        {ERROR_BROKEN_PIPE, EPIPE},
        {ERROR_NO_DATA, EPIPE},
        {ERROR_PIPE_NOT_CONNECTED, EPIPE},
        {ERROR_INVALID_HANDLE, EBADF},
        {ERROR_NO_UNICODE_TRANSLATION, EILSEQ},
        {ERROR_NOT_SAME_DEVICE, EXDEV},
};

int vsp_windows_errno(DWORD error)
{
	for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++)
		if (reasons[i].error == error)
			return reasons[i].number;
	return EIO;
}

const char *vsp_windows_why(DWORD error) { return strerror(vsp_windows_errno(error)); }
