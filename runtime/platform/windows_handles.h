/*
 * Files by the system's handles, for the platform's own files.
 */
#ifndef VSP_RUNTIME_PLATFORM_WINDOWS_HANDLES_H
#define VSP_RUNTIME_PLATFORM_WINDOWS_HANDLES_H

#include "windows_text.h"

#include <stdint.h>

/*
 * CreateFile for a path in UTF-8, of a file that other programs do not inherit and may open and
 * rename meanwhile. INVALID_HANDLE_VALUE: GetLastError tells.
 */
HANDLE vsp_windows_open(const char *path, DWORD access, DWORD how, DWORD flags);
/* False: GetLastError tells. */
bool vsp_windows_write_all(HANDLE file, const void *data, size_t size);
/* Are both the same file of a disk? */
bool vsp_windows_same(HANDLE a, HANDLE b);

#endif
