/*
 * The code cache of one program. It is a directory that contains, for each program and way of
 * compiling it, a directory named by their key, and in that a file per unit (entry.h). Files appear
 * whole, by a rename, and are checked before use; a file that is wrong in any way is removed and
 * counts as absent. Any number of processes may share a cache. Its size is kept below a limit by
 * removing the files that were used longest ago.
 *
 * Threads: the instance's thread opens, asks and loads; the compile thread stores.
 */
#ifndef VSP_TIERS_CACHE_H
#define VSP_TIERS_CACHE_H

#include "entry.h"

typedef struct vsp_cache vsp_cache;

/*
 * Creates the directory of a cache, unless it exists (but not its parents). VSP_E_IO: it cannot be
 * trusted or made, as error says.
 */
vsp_status vsp_cache_check_directory(const char *directory, vsp_error *error);
/*
 * Opens a cache, whose directory is created unless it exists (but not its parents). lower: the
 * options of count tiers. limit: in bytes. Null with VSP_E_IO, VSP_E_UNSUPPORTED or VSP_E_MEMORY.
 */
vsp_cache *vsp_cache_open(const char *directory, uint64_t limit, const vsp_module_data *module,
        const vsp_lower_options *lower, unsigned count, vsp_error *error);
void vsp_cache_close(vsp_cache *cache); /* cache may be null */
/*
 * Creates the program's folder, which contains all of this cache's entries. Returns its path, which
 * the cache owns; null when it cannot be created.
 */
const char *vsp_cache_folder(vsp_cache *cache);

/* Did the unit exist when the cache was opened? */
bool vsp_cache_knows(const vsp_cache *cache, const vsp_cache_unit *unit);
/* Unit number n of those of the function that existed then. False: there are no more. */
bool vsp_cache_unit_of(const vsp_cache *cache, uint32_t func, uint32_t n, vsp_cache_unit *unit);
/* Loads a unit's code into slab. False: there is none. */
bool vsp_cache_load(vsp_cache *cache, const vsp_cache_unit *unit, vsp_slab *slab, vsp_jit_unit *out);
/* Stores a unit's code; files is as in entry.h. */
void vsp_cache_store(vsp_cache *cache, const vsp_cache_unit *unit, const vsp_image *image, const char *files);

/* Totals so far; for any thread. */
typedef struct vsp_cache_stats {
	uint32_t loaded, stored, refused; /* refused: entries that were wrong */
	const char *reason;               /* why the last one was not loaded or not stored, or "" */
} vsp_cache_stats;
vsp_cache_stats vsp_cache_stats_of(const vsp_cache *cache);
/* Records that a unit's code cannot be stored, and why: a constant. */
void vsp_cache_note(vsp_cache *cache, const char *reason);

/* The name of a file of device code (tiers/api/device_source.c), in a folder named by its key. */
#define VSP_CACHE_DEVICE "device"
/*
 * evict.c: once limit is passed, removes the entries of all programs in directory that were used
 * longest ago, until a quarter of limit is free; also removes the files of writers that died.
 * Returns the bytes that remain.
 */
uint64_t vsp_cache_trim(const char *directory, uint64_t limit);
/* unit_name.c: the name of a unit's file, and the reverse. False: it is not such a name. */
enum { VSP_CACHE_NAME = 40, VSP_CACHE_PATH = 4096 };
void vsp_cache_unit_name(const vsp_cache_unit *unit, char name[VSP_CACHE_NAME]);
bool vsp_cache_parse_name(const char *name, vsp_cache_unit *unit);

#endif
