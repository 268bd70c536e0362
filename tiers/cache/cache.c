/*
 * The code cache of one program, see cache.h: its index, loading and storing.
 */
#include "cache.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/base/alloc.h"
#include "runtime/base/error.h"
#include "runtime/base/grow.h"
#include "runtime/platform/platform.h"

enum { KEY_TEXT = 2 * VSP_CACHE_KEY };

struct vsp_cache {
	uint8_t key[VSP_CACHE_KEY];
	char *directory;       /* of the cache */
	char *folder;          /* of the program: directory, '/' and the key */
	vsp_cache_unit *units; /* those that existed when it was opened, in order */
	uint32_t unit_count, unit_capacity;
	char *files; /* of the compiler, verified to match an entry; null before */
	_Atomic uint32_t loaded, stored, refused;
	_Atomic(const char *) reason;

	/* Used by the compile thread only. */
	uint64_t limit, total; /* bytes of all programs, as far as known */
	bool counted;          /* whether total is known */
};

/* ---- names ---- */

/* False: too long for a path, which open has excluded. */
static bool unit_path(const vsp_cache *c, const vsp_cache_unit *unit, char path[VSP_CACHE_PATH])
{
	char name[VSP_CACHE_NAME];
	vsp_cache_unit_name(unit, name);
	return snprintf(path, VSP_CACHE_PATH, "%s/%s", c->folder, name) < VSP_CACHE_PATH;
}

/* ---- the index ---- */

static int compare_units(const void *a, const void *b)
{
	const vsp_cache_unit *x = a, *y = b;
	if (x->func != y->func)
		return x->func < y->func ? -1 : 1;
	if (x->pc != y->pc)
		return x->pc < y->pc ? -1 : 1;
	return x->tier < y->tier ? -1 : x->tier > y->tier;
}

/* Without memory the index is cut: the other units are then found when they are asked for. */
static void add_unit(void *opaque, const char *name)
{
	vsp_cache *c = opaque;
	vsp_cache_unit unit;
	if (!vsp_cache_parse_name(name, &unit))
		return;
	vsp_cache_unit *grown = vsp_grow(c->units, c->unit_count, &c->unit_capacity, sizeof *grown, 32);
	if (!grown)
		return;
	c->units = grown;
	c->units[c->unit_count++] = unit;
}

/* The number of units before a given one. */
static uint32_t units_before(const vsp_cache *c, const vsp_cache_unit *unit)
{
	uint32_t low = 0, high = c->unit_count;
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		if (compare_units(&c->units[middle], unit) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

bool vsp_cache_knows(const vsp_cache *c, const vsp_cache_unit *unit)
{
	uint32_t at = units_before(c, unit);
	return at < c->unit_count && compare_units(&c->units[at], unit) == 0;
}

bool vsp_cache_unit_of(const vsp_cache *c, uint32_t func, uint32_t n, vsp_cache_unit *unit)
{
	uint64_t at = (uint64_t)units_before(c, &(vsp_cache_unit){func, 0, 0}) + n;
	if (at >= c->unit_count || c->units[at].func != func)
		return false;
	*unit = c->units[at];
	return true;
}

/* ---- opening ---- */

static char *join(const char *directory, const char *name)
{
	size_t size = strlen(directory) + strlen(name) + 2;
	char *path = vsp_alloc(size, 1);
	if (path)
		snprintf(path, size, "%s/%s", directory, name);
	return path;
}

static vsp_status name_folder(vsp_cache *c, const char *directory, vsp_error *error)
{
	char hex[KEY_TEXT + 1];
	for (unsigned i = 0; i < VSP_CACHE_KEY; i++)
		snprintf(hex + 2 * i, 3, "%02x", c->key[i]);
	c->directory = vsp_alloc(strlen(directory) + 1, 1);
	c->folder = join(directory, hex);
	if (!c->directory || !c->folder)
		return vsp_error_set(error, VSP_E_MEMORY, "out of memory");
	strcpy(c->directory, directory);
	return VSP_OK;
}

vsp_status vsp_cache_check_directory(const char *directory, vsp_error *error)
{
	const size_t most = VSP_CACHE_PATH - KEY_TEXT - 2 * VSP_CACHE_NAME;
	if (!*directory)
		return vsp_error_set(error, VSP_E_IO, "the name of the code cache's directory is empty");
	if (strlen(directory) > most)
		return vsp_error_set(error, VSP_E_IO,
		        "the name of the code cache's directory has %zu bytes, and it may have %zu", strlen(directory),
		        most);
	const char *why = vsp_plat_private_directory(directory);
	if (why)
		return vsp_error_set(error, VSP_E_IO,
		        "cannot keep compiled code in '%s': %s; the cache needs a directory that only its user may "
		        "write to, whose parent exists",
		        directory, why);
	return VSP_OK;
}

static vsp_status fill(vsp_cache *c, const char *directory, const vsp_module_data *module,
        const vsp_lower_options *lower, unsigned count, vsp_error *error)
{
	if (!vsp_cache_key(c->key, module, lower, count))
		return vsp_error_set(
		        error, VSP_E_UNSUPPORTED, "compiled code cannot be kept for this kind of processor");
	vsp_status status = vsp_cache_check_directory(directory, error);
	if (status == VSP_OK)
		status = name_folder(c, directory, error);
	if (status != VSP_OK)
		return status;
	vsp_plat_directory_list(c->folder, add_unit, c);
	if (c->unit_count)
		qsort(c->units, c->unit_count, sizeof *c->units, compare_units);
	return VSP_OK;
}

vsp_cache *vsp_cache_open(const char *directory, uint64_t limit, const vsp_module_data *module,
        const vsp_lower_options *lower, unsigned count, vsp_error *error)
{
	vsp_cache *c = vsp_alloc(1, sizeof *c);
	if (!c) {
		vsp_error_set(error, VSP_E_MEMORY, "out of memory");
		return NULL;
	}
	c->limit = limit;
	atomic_init(&c->reason, "");
	if (fill(c, directory, module, lower, count, error) == VSP_OK)
		return c;
	vsp_cache_close(c);
	return NULL;
}

void vsp_cache_close(vsp_cache *c)
{
	if (!c)
		return;
	vsp_free_memory(c->directory);
	vsp_free_memory(c->folder);
	vsp_free_memory(c->units);
	vsp_free_memory(c->files);
	vsp_free_memory(c);
}

const char *vsp_cache_folder(vsp_cache *c) { return vsp_plat_private_directory(c->folder) ? NULL : c->folder; }

/* ---- loading ---- */

void vsp_cache_note(vsp_cache *c, const char *reason) { atomic_store(&c->reason, reason); }

/* Is one line of an entry's files, which ends at end, still true? */
static bool is_unchanged(const char *line, const char *end)
{
	char path[VSP_CACHE_PATH], *at;
	vsp_plat_stamp stamp;
	uint64_t size = strtoull(line, &at, 10);
	int64_t changed = strtoll(at, &at, 10);
	if (at >= end || *at != ' ' || (size_t)(end - at) > sizeof path)
		return false;
	memcpy(path, at + 1, (size_t)(end - at) - 1);
	path[end - at - 1] = 0;
	return vsp_plat_file_stamp(path, &stamp) && stamp.size == size && stamp.changed_ns == changed;
}

/* Are the compiler's files the same as when the entry was made? */
static bool same_compiler(vsp_cache *c, const char *files)
{
	if (c->files && strcmp(c->files, files) == 0)
		return true;
	if (!*files)
		return false;
	for (const char *line = files, *end; *line; line = end + 1) {
		end = strchr(line, '\n');
		if (!end || !is_unchanged(line, end))
			return false;
	}
	size_t size = strlen(files) + 1;
	char *copy = vsp_alloc(size, 1);
	if (copy)
		memcpy(copy, files, size);
	vsp_free_memory(c->files);
	c->files = copy;
	return true;
}

/* Reads and checks an entry's bytes; null with *why. */
static uint8_t *read_entry(
        vsp_cache *c, const vsp_cache_unit *unit, const char *path, vsp_image *image, const char **why)
{
	size_t size;
	const char *files;
	uint8_t *data = vsp_plat_private_read(path, VSP_ENTRY_MAX, &size, why);
	if (!data)
		return NULL;
	*why = vsp_entry_decode(data, size, c->key, unit, image, &files);
	if (!*why && !same_compiler(c, files))
		*why = "an entry of the cache is of another compiler";
	if (!*why)
		return data;
	vsp_plat_file_free(data, size);
	return NULL;
}

bool vsp_cache_load(vsp_cache *c, const vsp_cache_unit *unit, vsp_slab *slab, vsp_jit_unit *out)
{
	char path[VSP_CACHE_PATH];
	const char *why = NULL;
	vsp_image image;
	uint8_t *data = unit_path(c, unit, path) ? read_entry(c, unit, path, &image, &why) : NULL;
	if (!data && why) {
		atomic_fetch_add(&c->refused, 1);
		vsp_plat_remove(path);
	}
	if (data)
		why = vsp_image_load(&image, slab, out);
	vsp_free_memory(data);
	if (why)
		vsp_cache_note(c, why);
	else if (data)
		atomic_fetch_add(&c->loaded, 1);
	return data && !why;
}

/* ---- storing ---- */

/* The program's folder may be missing, or another process may remove it in between. */
static const char *write_entry(const vsp_cache *c, const char *path, const uint8_t *data, size_t size)
{
	const char *why = NULL;
	for (int attempt = 0; attempt < 2; attempt++) {
		why = vsp_plat_private_directory(c->folder);
		if (!why)
			why = vsp_plat_private_write(path, data, size);
		if (!why)
			break;
	}
	return why;
}

static void make_room(vsp_cache *c, size_t size)
{
	c->total += size;
	if (!c->counted || c->total > c->limit)
		c->total = vsp_cache_trim(c->directory, c->limit);
	c->counted = true;
}

void vsp_cache_store(vsp_cache *c, const vsp_cache_unit *unit, const vsp_image *image, const char *files)
{
	char path[VSP_CACHE_PATH];
	size_t size = 0;
	uint8_t *data = vsp_entry_encode(c->key, unit, image, files, &size);
	const char *why = data ? NULL : "the code is too large to be cached, or out of memory";
	if (data && unit_path(c, unit, path))
		why = write_entry(c, path, data, size);
	vsp_free_memory(data);
	if (why) {
		vsp_cache_note(c, why);
		return;
	}
	atomic_fetch_add(&c->stored, 1);
	make_room(c, size);
}

vsp_cache_stats vsp_cache_stats_of(const vsp_cache *c)
{
	return (vsp_cache_stats){
	        atomic_load(&c->loaded), atomic_load(&c->stored), atomic_load(&c->refused), atomic_load(&c->reason)};
}
