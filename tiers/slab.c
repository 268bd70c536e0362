/*
 * The allocator of pages for compiled code, see slab.h: first fit over a sorted list of holes. Both
 * halves have the same holes.
 */
#include "slab.h"

#include <string.h>

#include "runtime/base/alloc.h"
#include "runtime/platform/code_memory.h"
#include "runtime/platform/platform.h"

/* The size from the first page of the half for code to the last page of the half for data. */
static uint64_t reserved_bytes(const vsp_slab *slab)
{
	return VSP_SLAB_APART + (uint64_t)slab->pages * slab->page_size;
}

bool vsp_slab_create(vsp_slab *slab, size_t bytes)
{
	*slab = (vsp_slab){.page_size = vsp_plat_page_size(), .hole_capacity = 16};
	slab->pages = (uint32_t)(bytes / slab->page_size);
	slab->lock = vsp_plat_mutex_create();
	slab->holes = vsp_alloc(slab->hole_capacity, sizeof *slab->holes);
	slab->base = vsp_code_reserve(reserved_bytes(slab));
	if (!slab->lock || !slab->holes || !slab->base || slab->pages <= 2 || bytes > VSP_SLAB_APART) {
		vsp_slab_destroy(slab);
		return false;
	}
	slab->holes[0] = (vsp_extent){1, slab->pages - 2};
	slab->hole_count = 1;
	return true;
}

void vsp_slab_destroy(vsp_slab *slab)
{
	if (slab->base)
		vsp_plat_release(slab->base, reserved_bytes(slab));
	vsp_free_memory(slab->holes);
	if (slab->lock)
		vsp_plat_mutex_destroy(slab->lock);
	*slab = (vsp_slab){0};
}

static void hole_remove(vsp_slab *slab, uint32_t i)
{
	memmove(&slab->holes[i], &slab->holes[i + 1], (--slab->hole_count - i) * sizeof *slab->holes);
}

/* False: no memory for the list; the pages are then lost until the slab is destroyed. */
static bool hole_insert(vsp_slab *slab, uint32_t i, vsp_extent hole)
{
	if (slab->hole_count == slab->hole_capacity) {
		vsp_extent *holes = vsp_realloc(slab->holes, 2 * slab->hole_capacity, sizeof *holes);
		if (!holes)
			return false;
		slab->holes = holes;
		slab->hole_capacity *= 2;
	}
	memmove(&slab->holes[i + 1], &slab->holes[i], (slab->hole_count++ - i) * sizeof *slab->holes);
	slab->holes[i] = hole;
	return true;
}

static uint64_t bytes_of(const vsp_slab *slab, vsp_extent extent) { return (uint64_t)extent.count * slab->page_size; }

static bool commit(const vsp_slab *slab, vsp_extent extent)
{
	return vsp_code_commit(vsp_slab_code(slab, extent), vsp_slab_data(slab, extent), bytes_of(slab, extent));
}

static bool decommit(const vsp_slab *slab, vsp_extent extent)
{
	return vsp_code_decommit(vsp_slab_code(slab, extent), vsp_slab_data(slab, extent), bytes_of(slab, extent));
}

/* Takes the first pages of the first hole that is large enough. */
static vsp_extent take_pages(vsp_slab *slab, uint32_t pages)
{
	for (uint32_t i = 0; pages && i < slab->hole_count; i++) {
		vsp_extent *hole = &slab->holes[i], taken = {hole->page, pages};
		if (hole->count < pages)
			continue;
		if (!commit(slab, taken)) {
			decommit(slab, taken);
			break;
		}
		hole->page += pages;
		hole->count -= pages;
		if (!hole->count)
			hole_remove(slab, i);
		return taken;
	}
	return (vsp_extent){0, 0};
}

vsp_extent vsp_slab_take(vsp_slab *slab, size_t bytes)
{
	vsp_plat_mutex_lock(slab->lock);
	vsp_extent taken = take_pages(slab, (uint32_t)((bytes + slab->page_size - 1) / slab->page_size));
	vsp_plat_mutex_unlock(slab->lock);
	return taken;
}

/* Turns pages into a hole, or into a part of one. */
static void give_pages(vsp_slab *slab, vsp_extent extent)
{
	uint32_t i = 0;
	while (i < slab->hole_count && slab->holes[i].page < extent.page)
		i++;
	bool joins_next = i < slab->hole_count && extent.page + extent.count == slab->holes[i].page;
	bool joins_last = i > 0 && slab->holes[i - 1].page + slab->holes[i - 1].count == extent.page;
	if (joins_last) {
		slab->holes[i - 1].count += extent.count + (joins_next ? slab->holes[i].count : 0);
		if (joins_next)
			hole_remove(slab, i);
	} else if (joins_next) {
		slab->holes[i].page = extent.page;
		slab->holes[i].count += extent.count;
	} else {
		hole_insert(slab, i, extent);
	}
}

void vsp_slab_give(vsp_slab *slab, vsp_extent extent)
{
	if (!extent.count)
		return;
	vsp_plat_mutex_lock(slab->lock);
	/*
	 * Pages that the system does not take back may still be executable, so nobody gets them any
	 * more.
	 */
	if (decommit(slab, extent))
		give_pages(slab, extent);
	vsp_plat_mutex_unlock(slab->lock);
}

/* Seals whole runs of pages, used or not, so that no other protection lies between neighbours. */
bool vsp_slab_seal(vsp_slab *slab, vsp_extent extent)
{
	return vsp_code_seal(vsp_slab_code(slab, extent), vsp_slab_data(slab, extent), bytes_of(slab, extent));
}
