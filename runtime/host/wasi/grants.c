/*
 * Reading grants of folders, HOST[::GUEST][:ro].
 */
#include "grants.h"

#include <string.h>

bool vsp_wasi_dir_read(const char *text, vsp_wasi_dir *dir)
{
	static const char read_only[] = ":ro";
	size_t length = strlen(text), end = sizeof read_only - 1;
	const char *colons = strstr(text, "::");
	*dir = (vsp_wasi_dir){.host = text};
	dir->read_only = length >= end && strcmp(text + length - end, read_only) == 0;
	if (dir->read_only)
		length -= end;
	dir->host_length = colons ? (size_t)(colons - text) : length;
	if (!colons)
		return length > 0;
	dir->guest = colons + 2;
	dir->guest_length = text + length > dir->guest ? (size_t)(text + length - dir->guest) : 0;
	return dir->host_length && dir->guest_length;
}
