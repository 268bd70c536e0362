/*
 * Paths and arguments on Windows: names in paths are separated by either slash, an absolute path
 * begins with a drive or a slash, and arguments are UTF-8 whatever the system's code page is.
 */
#include "platform.h"

#include <string.h>
#include <wchar.h>

#include "runtime/base/alloc.h"
#include "windows_text.h"

static bool is_slash(char c) { return c == '/' || c == '\\'; }

static bool has_drive(const char *path)
{
	char letter = (char)(*path | 0x20);
	return letter >= 'a' && letter <= 'z' && path[1] == ':';
}

/* A path that begins with a drive and no slash leads to a folder that depends on the drive. */
bool vsp_plat_path_is_absolute(const char *path) { return is_slash(*path) || has_drive(path); }

const char *vsp_plat_path_name(const char *path)
{
	const char *name = has_drive(path) ? path + 2 : path;
	for (const char *c = name; *c; c++)
		if (is_slash(*c))
			name = c + 1;
	return name;
}

bool vsp_plat_temporary_folder(char *folder, size_t size)
{
	wchar_t wide[MAX_PATH + 1];
	DWORD n = GetTempPathW(sizeof wide / sizeof *wide, wide);
	if (!n || n > MAX_PATH || !vsp_windows_path_out(wide, folder, size))
		return false;
	size_t end = strlen(folder);
	if (end > 1 && folder[end - 1] == '/')
		folder[end - 1] = 0;
	return true;
}

/* ---- arguments ---- */

/* The C library's, which has no header for it: takes the command line apart, as it does for
   wmain. */
typedef struct start_options {
	int new_mode;
} start_options;
extern int __cdecl __wgetmainargs(
        int *count, wchar_t ***words, wchar_t ***environment, int expand, start_options *options);

/* They are needed until the process ends. If there is no memory, main's own stay. */
void vsp_plat_arguments(int *count, char ***words)
{
	int n = 0;
	wchar_t **wide = NULL, **environment;
	start_options options = {0};
	if (__wgetmainargs(&n, &wide, &environment, 0, &options) != 0 || n < 1)
		return;
	char **all = vsp_alloc((size_t)n + 1, sizeof *all);
	for (int i = 0; all && i < n; i++)
		if (!(all[i] = vsp_windows_utf8(wide[i])))
			return;
	if (!all)
		return;
	*count = n;
	*words = all;
}
