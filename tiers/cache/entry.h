/*
 * The entries of the code cache: one unit's code image in a file, with what it was made for and by,
 * and a checksum of everything. The numbers are in the machine's own form, because the key names
 * the machine.
 *
 *   header · slots · places · sites · outer and image, each padded to 8 bytes · names · files
 *
 * files names the compiler's files, one a line: size, time of the last change in nanoseconds, path.
 */
#ifndef VSP_TIERS_CACHE_ENTRY_H
#define VSP_TIERS_CACHE_ENTRY_H

#include "key.h"
#include "image.h"

enum { VSP_ENTRY_MAX = 64 << 20 }; /* the largest file that is read, in bytes */

/* A unit: pc is the function's start or a loop head. */
typedef struct vsp_cache_unit {
	uint32_t func, pc, tier;
} vsp_cache_unit;

/*
 * Returns the bytes of the file. Null: out of memory, or too large. To be freed with
 * vsp_free_memory.
 */
uint8_t *vsp_entry_encode(const uint8_t key[VSP_CACHE_KEY], const vsp_cache_unit *unit, const vsp_image *image,
        const char *files, size_t *size);
/*
 * Checks a file's bytes, which are aligned as from vsp_alloc, and finds the image in them; the
 * image and *files (0-terminated) point into data. Returns null, or what is wrong, as a constant.
 */
const char *vsp_entry_decode(const uint8_t *data, size_t size, const uint8_t key[VSP_CACHE_KEY],
        const vsp_cache_unit *unit, vsp_image *image, const char **files);

#endif
