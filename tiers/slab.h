/*
 * The memory for compiled code: one reservation of two halves, from which runs of pages are taken
 * and given back. A caller gets as many pages of the half for data as of the half for code,
 * VSP_SLAB_APART bytes behind them. So the distance between a unit's code and its data is the same
 * for all units, and neighbours have the same protection. The system therefore keeps a run of them
 * as one mapping, of which a process may have only a limited number (Linux: 65,530), however many
 * functions are compiled.
 *
 * Pages are writable until they are sealed; then those of code are executable, and those of data
 * are only readable, never anything else. The whole slab lies within 2 GiB, as the small code model
 * needs. The first and the last page are never given out, and no other address reveals where the
 * slab lies. The slab belongs to an instance. Its thread and the compile thread take from it, so
 * taking and giving back lock.
 */
#ifndef VSP_TIERS_SLAB_H
#define VSP_TIERS_SLAB_H

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct vsp_plat_mutex;

/* Pages of both halves. */
typedef struct vsp_extent {
	uint32_t page, count;
} vsp_extent;

typedef struct vsp_slab {
	uint8_t *base; /* of the half for code */
	size_t page_size;
	uint32_t pages;              /* of each half */
	struct vsp_plat_mutex *lock; /* of the rest */
	vsp_extent *holes;           /* free runs in address order, never adjacent */
	uint32_t hole_count, hole_capacity;
} vsp_slab;

/*
 * The distance by which code refers to its data, also in the code cache (image.h); a multiple of
 * every page size.
 */
enum { VSP_SLAB_BYTES = 64 << 20, VSP_SLAB_APART = 64 << 20 };
static_assert(VSP_SLAB_BYTES <= VSP_SLAB_APART, "the halves do not overlap");
/*
 * bytes is the size of each half. False: no address space or memory; slab is then empty, like one
 * of zeros.
 */
bool vsp_slab_create(vsp_slab *slab, size_t bytes);
void vsp_slab_destroy(vsp_slab *slab);
/* Takes writable, zeroed pages for bytes of code, and as many of data; count 0 on failure. */
vsp_extent vsp_slab_take(vsp_slab *slab, size_t bytes);
/* Gives an extent back. */
void vsp_slab_give(vsp_slab *slab, vsp_extent extent);
/*
 * Makes its code executable, and neither the code nor the data writable any more. Data are also
 * jump tables and constants, which determine how code continues.
 */
bool vsp_slab_seal(vsp_slab *slab, vsp_extent extent);
static inline uint8_t *vsp_slab_code(const vsp_slab *slab, vsp_extent extent)
{
	return slab->base + (size_t)extent.page * slab->page_size;
}
static inline uint8_t *vsp_slab_data(const vsp_slab *slab, vsp_extent extent)
{
	return vsp_slab_code(slab, extent) + VSP_SLAB_APART;
}

#endif
