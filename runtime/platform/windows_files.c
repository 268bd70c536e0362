/*
 * Whole files, folders and real paths on Windows. Ordinary files and pipes are read, devices never.
 */
#include "platform.h"
#include "windows_handles.h"

#include <errno.h>
#include <fcntl.h>
#include <io.h>
#include <sddl.h>
#include <stdio.h>
#include <string.h>

#include "read_all.h"
#include "runtime/base/alloc.h"

/* ---- handles ---- */

enum { SHARE = FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE };

HANDLE vsp_windows_open(const char *path, DWORD access, DWORD how, DWORD flags)
{
	wchar_t *wide = *path ? vsp_windows_path(path) : NULL;
	if (!wide) {
		if (!*path)
			SetLastError(ERROR_PATH_NOT_FOUND);
		return INVALID_HANDLE_VALUE;
	}
	HANDLE file = CreateFileW(wide, access, SHARE, NULL, how, flags, NULL);
	DWORD error = GetLastError();
	vsp_free_memory(wide);
	SetLastError(error);
	return file;
}

bool vsp_windows_write_all(HANDLE file, const void *data, size_t size)
{
	enum { AT_ONCE = 1 << 20 };
	for (const char *at = data; size;) {
		DWORD done = 0;
		if (!WriteFile(file, at, size < AT_ONCE ? (DWORD)size : AT_ONCE, &done, NULL))
			return false;
		at += done;
		size -= done;
	}
	return true;
}

bool vsp_windows_same(HANDLE a, HANDLE b)
{
	BY_HANDLE_FILE_INFORMATION x, y;
	return GetFileType(a) == FILE_TYPE_DISK && GetFileInformationByHandle(a, &x) &&
	       GetFileInformationByHandle(b, &y) && x.dwVolumeSerialNumber == y.dwVolumeSerialNumber &&
	       x.nFileIndexHigh == y.nFileIndexHigh && x.nFileIndexLow == y.nFileIndexLow;
}

/* The attributes of what path names, INVALID_FILE_ATTRIBUTES: GetLastError tells. */
static DWORD attributes_of(const char *path)
{
	wchar_t *wide = *path ? vsp_windows_path(path) : NULL;
	if (!wide) {
		if (!*path)
			SetLastError(ERROR_PATH_NOT_FOUND);
		return INVALID_FILE_ATTRIBUTES;
	}
	DWORD attributes = GetFileAttributesW(wide), error = GetLastError();
	vsp_free_memory(wide);
	SetLastError(error);
	return attributes;
}

/* ---- reading whole files ---- */

/* A part of the file whose handle source points to. */
static long read_some(void *source, uint8_t *to, size_t room, const char **error)
{
	enum { AT_ONCE = 1 << 20 };
	DWORD done = 0;
	if (ReadFile(*(HANDLE *)source, to, room < AT_ONCE ? (DWORD)room : AT_ONCE, &done, NULL))
		return (long)done;
	if (GetLastError() == ERROR_BROKEN_PIPE || GetLastError() == ERROR_HANDLE_EOF)
		return 0;
	*error = vsp_windows_why(GetLastError());
	return -1;
}

/* Reads and closes a file, which may be a folder or a device, and then is not read. */
static uint8_t *read_open(HANDLE file, uint64_t limit, size_t *size, const char **error)
{
	BY_HANDLE_FILE_INFORMATION info = {0};
	uint64_t guess = 65536;
	*error = NULL;
	if (GetFileType(file) == FILE_TYPE_CHAR)
		*error = "it is a device";
	else if (GetFileType(file) == FILE_TYPE_DISK && GetFileInformationByHandle(file, &info)) {
		guess = ((uint64_t)info.nFileSizeHigh << 32 | info.nFileSizeLow) + 1;
		if (info.dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY)
			*error = strerror(EISDIR);
		else if (guess - 1 > limit)
			*error = strerror(EFBIG);
	}
	uint8_t *data = *error ? NULL : vsp_read_all(read_some, &file, (size_t)guess, limit, size, error);
	CloseHandle(file);
	return data;
}

uint8_t *vsp_plat_file_read(const char *path, uint64_t limit, size_t *size, const char **error)
{
	/* With this flag folders can be opened, too, and have a message of their own. */
	HANDLE file = vsp_windows_open(path, GENERIC_READ, OPEN_EXISTING, FILE_FLAG_BACKUP_SEMANTICS);
	if (file != INVALID_HANDLE_VALUE)
		return read_open(file, limit, size, error);
	*error = vsp_windows_why(GetLastError());
	return NULL;
}

void vsp_plat_file_free(uint8_t *data, size_t size)
{
	(void)size;
	vsp_free_memory(data);
}

FILE *vsp_plat_stream_open(const char *path, bool write)
{
	HANDLE file =
	        vsp_windows_open(path, write ? GENERIC_WRITE : GENERIC_READ, write ? CREATE_ALWAYS : OPEN_EXISTING, 0);
	if (file == INVALID_HANDLE_VALUE) {
		int why = vsp_windows_errno(GetLastError());
		DWORD attributes = attributes_of(path);
		bool folder = attributes != INVALID_FILE_ATTRIBUTES && attributes & FILE_ATTRIBUTE_DIRECTORY;
		errno = folder ? EISDIR : why; /* of folders the system says that access is denied */
		return NULL;
	}
	int number = _open_osfhandle((intptr_t)file, _O_BINARY | _O_NOINHERIT);
	if (number < 0) {
		CloseHandle(file);
		return NULL;
	}
	FILE *stream = _fdopen(number, write ? "wb" : "rb");
	if (!stream)
		_close(number);
	return stream;
}

/* ---- real paths ---- */

/* The path by which the system would name an open file. */
static const char *path_of(HANDLE file, char *out, size_t size)
{
	enum { MOST = 4096 };
	wchar_t *wide = vsp_alloc(MOST, sizeof *wide);
	if (!wide)
		return strerror(ENOMEM);
	DWORD n = GetFinalPathNameByHandleW(file, wide, MOST, FILE_NAME_NORMALIZED | VOLUME_NAME_DOS);
	const char *why = !n                                                    ? vsp_windows_why(GetLastError())
	                  : n >= MOST || !vsp_windows_path_out(wide, out, size) ? strerror(ENAMETOOLONG)
	                                                                        : NULL;
	vsp_free_memory(wide);
	return why;
}

const char *vsp_plat_real_path(const char *path, char *out, size_t size)
{
	HANDLE file = vsp_windows_open(path, 0, OPEN_EXISTING, FILE_FLAG_BACKUP_SEMANTICS);
	if (file == INVALID_HANDLE_VALUE)
		return vsp_windows_why(GetLastError());
	const char *why = path_of(file, out, size);
	CloseHandle(file);
	return why;
}

/* The path is judged once more, when the file is open and can no longer be another one. */
uint8_t *vsp_plat_real_read(const char *real, uint64_t limit, size_t *size, const char **error)
{
	char again[VSP_PLAT_PATH];
	HANDLE file = vsp_windows_open(real, GENERIC_READ, OPEN_EXISTING, FILE_FLAG_BACKUP_SEMANTICS);
	if (file == INVALID_HANDLE_VALUE) {
		*error = vsp_windows_why(GetLastError());
		return NULL;
	}
	*error = GetFileType(file) == FILE_TYPE_DISK ? path_of(file, again, sizeof again) : "it is no ordinary file";
	if (!*error && strcmp(real, again) != 0)
		*error = "another file has been put in its place";
	if (!*error)
		return read_open(file, limit, size, error);
	CloseHandle(file);
	return NULL;
}

/* ---- what is there ---- */

/* Opens what a name stands for itself, even if it is a link. */
static HANDLE open_itself(const char *path)
{
	return vsp_windows_open(path, 0, OPEN_EXISTING, FILE_FLAG_BACKUP_SEMANTICS | FILE_FLAG_OPEN_REPARSE_POINT);
}

/* Does the folder of a path, whose file is not there, contain the same name? */
static bool same_place(const char *a, const char *b)
{
	char x[VSP_PLAT_PATH], y[VSP_PLAT_PATH];
	const char *name_a = vsp_plat_path_name(a), *name_b = vsp_plat_path_name(b);
	size_t n = (size_t)(name_a - a), m = (size_t)(name_b - b);
	if (n >= sizeof x || m >= sizeof y || _stricmp(name_a, name_b) != 0)
		return false;
	memcpy(x, a, n);
	memcpy(y, b, m);
	x[n] = y[m] = 0;
	HANDLE first = vsp_windows_open(n ? x : ".", 0, OPEN_EXISTING, FILE_FLAG_BACKUP_SEMANTICS);
	HANDLE second = vsp_windows_open(m ? y : ".", 0, OPEN_EXISTING, FILE_FLAG_BACKUP_SEMANTICS);
	bool same = first != INVALID_HANDLE_VALUE && second != INVALID_HANDLE_VALUE && vsp_windows_same(first, second);
	CloseHandle(first);
	CloseHandle(second);
	return same;
}

bool vsp_plat_same_file(const char *a, const char *b)
{
	HANDLE first = vsp_windows_open(a, 0, OPEN_EXISTING, FILE_FLAG_BACKUP_SEMANTICS);
	HANDLE second = vsp_windows_open(b, 0, OPEN_EXISTING, FILE_FLAG_BACKUP_SEMANTICS);
	bool there_a = first != INVALID_HANDLE_VALUE, there_b = second != INVALID_HANDLE_VALUE;
	bool same = there_a && there_b ? vsp_windows_same(first, second) : !there_a && !there_b && same_place(a, b);
	if (there_a)
		CloseHandle(first);
	if (there_b)
		CloseHandle(second);
	return same;
}

const char *vsp_plat_file_replaceable(const char *path)
{
	DWORD attributes = attributes_of(path);
	if (attributes == INVALID_FILE_ATTRIBUTES)
		return GetLastError() == ERROR_FILE_NOT_FOUND ? NULL : vsp_windows_why(GetLastError());
	if (attributes & FILE_ATTRIBUTE_REPARSE_POINT)
		return "it is a link; name the file that it leads to";
	if (attributes & FILE_ATTRIBUTE_DIRECTORY)
		return strerror(EISDIR);
	if (attributes & FILE_ATTRIBUTE_READONLY)
		return strerror(EACCES);
	HANDLE file = open_itself(path);
	const char *why = GetFileType(file) == FILE_TYPE_DISK ? NULL : "it is no ordinary file";
	CloseHandle(file);
	return why;
}

bool vsp_plat_file_stamp(const char *path, vsp_plat_stamp *stamp)
{
	const uint64_t before_1970 = UINT64_C(116444736000000000); /* since 1601, in units of 100 ns */
	BY_HANDLE_FILE_INFORMATION info;
	HANDLE file = vsp_windows_open(path, FILE_READ_ATTRIBUTES, OPEN_EXISTING, FILE_FLAG_BACKUP_SEMANTICS);
	if (file == INVALID_HANDLE_VALUE) {
		errno = vsp_windows_errno(GetLastError());
		return false;
	}
	bool good = GetFileInformationByHandle(file, &info), on_disk = GetFileType(file) == FILE_TYPE_DISK;
	CloseHandle(file);
	if (!good)
		return false;
	bool folder = info.dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY;
	uint64_t changed = (uint64_t)info.ftLastWriteTime.dwHighDateTime << 32 | info.ftLastWriteTime.dwLowDateTime;
	*stamp = (vsp_plat_stamp){(uint64_t)info.nFileSizeHigh << 32 | info.nFileSizeLow,
	        (int64_t)(changed - before_1970) * 100, folder, on_disk && !folder};
	return true;
}

/* ---- folders ---- */

static bool make_folder(const char *path, SECURITY_ATTRIBUTES *rights)
{
	wchar_t *wide = vsp_windows_path(path);
	if (!wide)
		return false;
	bool made = CreateDirectoryW(wide, rights);
	DWORD error = GetLastError();
	vsp_free_memory(wide);
	SetLastError(error);
	return made;
}

bool vsp_plat_make_folder(const char *path)
{
	char part[VSP_PLAT_PATH];
	size_t n = strlen(path);
	if (n == 0 || n >= sizeof part)
		return false;
	memcpy(part, path, n + 1);
	for (char *c = part + 1; (c = strpbrk(c, "/\\")) != NULL; c++) {
		char slash = *c;
		*c = 0;
		make_folder(part, NULL); /* it may exist */
		*c = slash;
	}
	make_folder(part, NULL);
	DWORD attributes = attributes_of(path);
	return attributes != INVALID_FILE_ATTRIBUTES && attributes & FILE_ATTRIBUTE_DIRECTORY;
}

const char *vsp_plat_make_own_folder(const char *path)
{
	/* All rights for the owner and the system, for all within, and nothing from the folder
	   above. */
	static const wchar_t rights[] = L"D:P(A;OICI;FA;;;OW)(A;OICI;FA;;;SY)";
	SECURITY_ATTRIBUTES attributes = {.nLength = sizeof attributes};
	if (!ConvertStringSecurityDescriptorToSecurityDescriptorW(
	            rights, SDDL_REVISION_1, &attributes.lpSecurityDescriptor, NULL))
		return vsp_windows_why(GetLastError());
	const char *why = make_folder(path, &attributes) ? NULL : vsp_windows_why(GetLastError());
	LocalFree(attributes.lpSecurityDescriptor);
	return why;
}

bool vsp_plat_directory_list(const char *path, void (*fn)(void *user, const char *name), void *user)
{
	char pattern[VSP_PLAT_PATH];
	WIN32_FIND_DATAW entry;
	int n = snprintf(pattern, sizeof pattern, "%s/*", path);
	wchar_t *wide = n > 0 && (size_t)n < sizeof pattern ? vsp_windows_path(pattern) : NULL;
	HANDLE found = wide ? FindFirstFileW(wide, &entry) : INVALID_HANDLE_VALUE;
	vsp_free_memory(wide);
	if (found == INVALID_HANDLE_VALUE)
		return false;
	do {
		char *name = vsp_windows_utf8(entry.cFileName);
		if (name && strcmp(name, ".") != 0 && strcmp(name, "..") != 0)
			fn(user, name);
		vsp_free_memory(name);
	} while (FindNextFileW(found, &entry));
	FindClose(found);
	return true;
}

bool vsp_plat_remove(const char *path)
{
	wchar_t *wide = *path ? vsp_windows_path(path) : NULL;
	bool removed = wide && (DeleteFileW(wide) || RemoveDirectoryW(wide));
	vsp_free_memory(wide);
	return removed;
}

static void remove_within(void *user, const char *name)
{
	char path[VSP_PLAT_PATH];
	int n = snprintf(path, sizeof path, "%s/%s", (const char *)user, name);
	if (n > 0 && (size_t)n < sizeof path)
		vsp_plat_remove(path);
}

void vsp_plat_remove_folder(const char *path)
{
	char copy[VSP_PLAT_PATH];
	DWORD attributes = attributes_of(path);
	if (strlen(path) >= sizeof copy || attributes == INVALID_FILE_ATTRIBUTES ||
	        attributes & FILE_ATTRIBUTE_REPARSE_POINT || !(attributes & FILE_ATTRIBUTE_DIRECTORY))
		return;
	strcpy(copy, path);
	vsp_plat_directory_list(path, remove_within, copy);
	vsp_plat_remove(path);
}
