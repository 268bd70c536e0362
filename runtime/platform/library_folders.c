/* Folders in which platforms look for shared objects, see library_folders.h. */
#include "library_folders.h"

#include <stdio.h>
#include <string.h>

bool vsp_cut_to_folder(char *path)
{
	char *slash = strrchr(path, '/');
	if (slash)
		slash[1] = '\0';
	return slash != NULL;
}

bool vsp_library_visit_within(const vsp_library_visit *v, const char *folder, const char *below)
{
	char path[4096];
	int n = snprintf(path, sizeof path, "%s%s%s", folder, below, v->name);
	return n > 0 && (size_t)n < sizeof path && v->fn(v->user, path);
}
