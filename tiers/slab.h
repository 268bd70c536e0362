/*
 * Memory for compiled code: one reservation from which runs of pages are taken and given back. Pages are writable until they are
 * sealed, then executable, never both; those of data are then readable alone. All of it lies within 2 GiB, as the small code model needs. The first and the last page
 * are never given out, and nobody can tell from another address where it lies. The slab is an instance's: its thread and the
 * compile thread take from it, so taking and giving lock.
 */
#ifndef VSP_TIERS_SLAB_H
#define VSP_TIERS_SLAB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct vsp_plat_mutex;

typedef struct vsp_extent {
	uint32_t page, count;
} vsp_extent;

typedef struct vsp_slab {
	uint8_t *base;
	size_t page_size;
	uint32_t pages;
	struct vsp_plat_mutex *lock; /* of the rest */
	vsp_extent *holes;           /* free runs in address order, never adjacent */
	uint32_t hole_count, hole_capacity;
} vsp_slab;

enum { VSP_SLAB_BYTES = 64 << 20 };
/* False: no address space or memory; slab is then empty, as one of zeros is. */
bool vsp_slab_create(vsp_slab *slab, size_t bytes);
void vsp_slab_destroy(vsp_slab *slab);
/* Writable, zeroed pages for bytes; count 0 on failure. */
vsp_extent vsp_slab_take(vsp_slab *slab, size_t bytes);
/* Gives an extent back. */
void vsp_slab_give(vsp_slab *slab, vsp_extent extent);
/* Makes it executable and no longer writable. */
bool vsp_slab_seal(vsp_slab *slab, vsp_extent extent);
/* Makes it no longer writable, and not executable: jump tables and constants, by which code goes on. */
bool vsp_slab_seal_data(vsp_slab *slab, vsp_extent extent);
static inline uint8_t *vsp_slab_address(const vsp_slab *slab, vsp_extent extent)
{
	return slab->base + (size_t)extent.page * slab->page_size;
}

#endif
