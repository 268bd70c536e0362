/*
 * Kinds of files: telling by name and first bytes what a file is, so that a wrong one is named for
 * what it is and not read as source.
 */
#include "vspc.h"

#include <string.h>

#include "runtime/platform/platform.h"

typedef enum use { PROGRAM, C, CPLUSPLUS, OTHER } use;

typedef struct kind {
	use use;
	const char *suffixes, *first;
	size_t first_size;
	const char *what, *way_out;
} kind;

static const kind kinds[] = {
#define FILE_KIND(USE, suffixes, first, what, way_out) {USE, suffixes, first, sizeof(first) - 1, what, way_out},
#include "kinds.def"
};
enum { KINDS = sizeof kinds / sizeof *kinds };

/* The first of the table that satisfies, or null. */
static const kind *by_name(const char *path)
{
	char wanted[16];
	const char *dot = strrchr(vsp_plat_path_name(path), '.');
	if (!dot || (size_t)snprintf(wanted, sizeof wanted, "|%s|", dot) >= sizeof wanted)
		return NULL;
	for (int i = 0; i < KINDS; i++)
		if (strstr(kinds[i].suffixes, wanted))
			return &kinds[i];
	return NULL;
}

static const kind *by_bytes(const void *first, size_t size)
{
	for (int i = 0; i < KINDS; i++)
		if (kinds[i].first_size && size >= kinds[i].first_size &&
		        memcmp(first, kinds[i].first, kinds[i].first_size) == 0)
			return &kinds[i];
	return NULL;
}

static const kind *find(const char *path, const void *first, size_t size)
{
	const kind *found = by_bytes(first, size);
	return found ? found : by_name(path);
}

static bool is(const char *path, use wanted)
{
	const kind *k = by_name(path);
	return k && k->use == wanted;
}

bool vspc_is_c(const char *path) { return is(path, C) || is(path, CPLUSPLUS); }

bool vspc_is_cplusplus(const char *path) { return is(path, CPLUSPLUS); }

bool vspc_is_program(const char *path) { return is(path, PROGRAM); }

const char *vspc_kind_name(const char *path, const void *first, size_t size)
{
	const kind *k = find(path, first, size);
	return k ? k->what : NULL;
}

int vspc_check_kind(const char *path, const void *first, size_t size)
{
	const kind *k = find(path, first, size);
	if (!k || k->use == PROGRAM)
		return 0; /* the loader says what is wrong with it */
	if (size && k->first_size && !by_bytes(first, size))
		return vspc_error("'%s' is not %s, as its name says: its first bytes are others", path, k->what);
	return vspc_error("'%s' is %s: %s", path, k->what, k->way_out);
}

/* What can be read only once, such as a pipe, has no size, and is left alone. */
int vspc_check_file_kind(const char *path)
{
	char first[8];
	vsp_plat_stamp stamp;
	if (!vsp_plat_file_stamp(path, &stamp) || stamp.is_directory || !stamp.size)
		return 0;
	FILE *file = vsp_plat_stream_open(path, false);
	if (!file)
		return 0;
	size_t size = fread(first, 1, sizeof first, file);
	fclose(file);
	return size ? vspc_check_kind(path, first, size) : 0;
}
