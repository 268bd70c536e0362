/*
 * Paths and arguments of systems where both are bytes, and a slash is what separates the names in a
 * path.
 */
#include "platform.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void vsp_plat_arguments(int *count, char ***words) { (void)count, (void)words; }

bool vsp_plat_path_is_absolute(const char *path) { return *path == '/'; }

const char *vsp_plat_path_name(const char *path)
{
	const char *slash = strrchr(path, '/');
	return slash ? slash + 1 : path;
}

bool vsp_plat_temporary_folder(char *folder, size_t size)
{
	const char *named = getenv("TMPDIR");
	int n = snprintf(folder, size, "%s", named && *named ? named : "/tmp");
	return n > 0 && (size_t)n < size;
}
