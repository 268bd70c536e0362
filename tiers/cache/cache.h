/*
 * The code cache of one program: a directory that holds, per program and way of compiling it, a directory named by their key, and in that a file
 * per unit (tiers/cache/entry.h). Files appear whole, by a rename, and are checked before use; one that is wrong in any way is removed and
 * counts as absent. Any number of processes may share a cache. What it holds is kept below a limit by removing what was used longest ago.
 *
 * Threads: the instance's thread opens, asks and loads; the compile thread stores.
 */
#ifndef VSP_TIERS_CACHE_H
#define VSP_TIERS_CACHE_H

#include "entry.h"

typedef struct vsp_cache vsp_cache;

/*
 * Opens a cache, whose directory is made unless it is there (not its parents). lower: the options of count tiers. limit: bytes. Null with
 * VSP_E_IO, VSP_E_UNSUPPORTED or VSP_E_MEMORY.
 */
vsp_cache *vsp_cache_open(const char *directory, uint64_t limit, const vsp_module_data *module,
        const vsp_lower_options *lower, unsigned count, vsp_error *error);
void vsp_cache_close(vsp_cache *cache); /* null is allowed */
/* Makes the program's folder, where all of this cache's entries are. Its path, the cache's; null when it cannot be made. */
const char *vsp_cache_folder(vsp_cache *cache);

/* Was the unit there when the cache was opened? */
bool vsp_cache_knows(const vsp_cache *cache, const vsp_cache_unit *unit);
/* Units of the function that were: number n of them, false behind the last. */
bool vsp_cache_unit_of(const vsp_cache *cache, uint32_t func, uint32_t n, vsp_cache_unit *unit);
/* Loads a unit's code into slab. False: there is none. */
bool vsp_cache_load(vsp_cache *cache, const vsp_cache_unit *unit, vsp_slab *slab, vsp_jit_unit *out);
/* Stores a unit's code; files as in tiers/cache/entry.h. */
void vsp_cache_store(vsp_cache *cache, const vsp_cache_unit *unit, const vsp_image *image, const char *files);

/* So far; any thread. */
typedef struct vsp_cache_stats {
	uint32_t loaded, stored, refused; /* refused: entries that were wrong */
	const char *reason;               /* why the last one was not loaded or not stored, or "" */
} vsp_cache_stats;
vsp_cache_stats vsp_cache_stats_of(const vsp_cache *cache);
/* A unit's code cannot be stored, and why: a constant. */
void vsp_cache_note(vsp_cache *cache, const char *reason);

/*
 * tiers/cache/evict.c: removes the entries of all programs in directory that were used longest ago until a quarter of limit is free, once limit is
 * passed, and what writers that died have left. Returns the bytes that remain.
 */
uint64_t vsp_cache_trim(const char *directory, uint64_t limit);
/* cache.c: a unit's file name, and back. False: it is no such name. */
enum { VSP_CACHE_NAME = 40, VSP_CACHE_PATH = 4096 };
void vsp_cache_unit_name(const vsp_cache_unit *unit, char name[VSP_CACHE_NAME]);
bool vsp_cache_parse_name(const char *name, vsp_cache_unit *unit);

#endif
