/*
 * The part that keeps the code cache below its limit, see cache.h. It touches only what the cache
 * has made: entries and files of unfinished writes, in directories named by keys.
 */
#include "cache.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/base/alloc.h"
#include "runtime/base/grow.h"
#include "runtime/platform/platform.h"

enum { KEY_TEXT = 2 * VSP_CACHE_KEY };
#define STALE_NS (INT64_C(3600) * 1000000000) /* age at which the file of an unfinished write has no owner any more */

typedef struct found {
	char *path; /* its last slash ends the folder's path */
	uint64_t size;
	int64_t used_ns;
} found;

typedef struct scan {
	const char *directory;
	char folder[VSP_CACHE_PATH];
	found *files;
	uint32_t count, capacity;
	uint64_t total;
	int64_t newest_ns;
} scan;

static bool is_key(const char *name)
{
	return strlen(name) == KEY_TEXT && strspn(name, "0123456789abcdef") == KEY_TEXT;
}

static bool is_unfinished(const char *name)
{
	size_t n = strlen(name);
	bool known = name[0] == 'f' || strcmp(name, VSP_CACHE_DEVICE ".tmp") == 0;
	return n > 4 && known && strcmp(name + n - 4, ".tmp") == 0;
}

/* False: no memory; the file is then left for the next time. */
static bool add_file(scan *s, const char *path, const vsp_plat_stamp *stamp)
{
	found *grown = vsp_grow(s->files, s->count, &s->capacity, sizeof *grown, 256);
	if (!grown)
		return false;
	s->files = grown;
	char *copy = vsp_alloc(strlen(path) + 1, 1);
	if (!copy)
		return false;
	strcpy(copy, path);
	s->files[s->count++] = (found){copy, stamp->size, stamp->changed_ns};
	return true;
}

static void look_at_file(void *opaque, const char *name)
{
	scan *s = opaque;
	char path[VSP_CACHE_PATH];
	vsp_cache_unit unit;
	vsp_plat_stamp stamp;
	bool known = vsp_cache_parse_name(name, &unit) || strcmp(name, VSP_CACHE_DEVICE) == 0;
	if (!known && !is_unfinished(name))
		return;
	if (snprintf(path, sizeof path, "%s/%s", s->folder, name) >= (int)sizeof path ||
	        !vsp_plat_file_stamp(path, &stamp) || stamp.is_directory)
		return;
	if (stamp.changed_ns > s->newest_ns)
		s->newest_ns = stamp.changed_ns;
	if (add_file(s, path, &stamp))
		s->total += stamp.size;
}

static void look_at_folder(void *opaque, const char *name)
{
	scan *s = opaque;
	if (is_key(name) && snprintf(s->folder, sizeof s->folder, "%s/%s", s->directory, name) < (int)sizeof s->folder)
		vsp_plat_directory_list(s->folder, look_at_file, s);
}

static int older_first(const void *a, const void *b)
{
	const found *x = a, *y = b;
	return x->used_ns < y->used_ns ? -1 : x->used_ns > y->used_ns;
}

/* Removes a file, and its folder if that is empty afterwards. */
static void remove_file(scan *s, found *file)
{
	if (!vsp_plat_remove(file->path))
		return;
	s->total -= file->size;
	char *slash = strrchr(file->path, '/');
	*slash = 0;
	vsp_plat_remove(file->path);
	*slash = '/';
}

/*
 * The age of unfinished writes is measured from the newest file, because clocks of files may differ
 * from the machine's.
 */
static void remove_old(scan *s, uint64_t limit)
{
	uint64_t goal = s->total > limit ? limit / 4 * 3 : limit;
	for (size_t i = 0; i < s->count; i++) {
		found *file = &s->files[i];
		bool stale = is_unfinished(strrchr(file->path, '/') + 1) && s->newest_ns - file->used_ns > STALE_NS;
		if (stale || s->total > goal)
			remove_file(s, file);
	}
}

uint64_t vsp_cache_trim(const char *directory, uint64_t limit)
{
	scan *s = vsp_alloc(1, sizeof *s);
	if (!s)
		return limit;
	s->directory = directory;
	vsp_plat_directory_list(directory, look_at_folder, s);
	if (s->count)
		qsort(s->files, s->count, sizeof *s->files, older_first);
	remove_old(s, limit);
	uint64_t total = s->total;
	for (size_t i = 0; i < s->count; i++)
		vsp_free_memory(s->files[i].path);
	vsp_free_memory(s->files);
	vsp_free_memory(s);
	return total;
}
