/*
 * Text, paths and reasons on Windows, for the platform's own files: the system speaks UTF-16 and
 * numbers, VSP speaks UTF-8 and C's messages.
 */
#ifndef VSP_RUNTIME_PLATFORM_WINDOWS_TEXT_H
#define VSP_RUNTIME_PLATFORM_WINDOWS_TEXT_H

#ifndef _WIN32_WINNT
#define _WIN32_WINNT 0x0602 /* Windows 8 */
#endif
#include <windows.h>

#include <stdbool.h>
#include <stddef.h>

/*
 * Both are to be freed with vsp_free_memory. Null: there is no memory, or the text is not valid
 * (only from UTF-8); GetLastError tells.
 */
wchar_t *vsp_windows_wide(const char *text);
char *vsp_windows_utf8(const wchar_t *wide);
/* A path for the system's calls; a long one in the form that has no limit. Null as above. */
wchar_t *vsp_windows_path(const char *path);
/* A path of the system as VSP's: in UTF-8 with slashes, without its prefix. False: it is too
   long. */
bool vsp_windows_path_out(const wchar_t *path, char *out, size_t size);
/* C's number, and its message, for an error of the system. */
int vsp_windows_errno(DWORD error);
const char *vsp_windows_why(DWORD error);

#endif
