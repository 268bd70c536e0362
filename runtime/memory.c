/*
 * Linear memory: how it is created, grown, reset and hashed. A guarded memory is a reservation of
 * VSP_REACH bytes with guards on either side; its pages in use are committed, so growing never
 * moves it. Other memories are one heap block, which includes the null zone and moves when it
 * grows. All bytes beyond the null zone start as zero and are zero again after a reset.
 */
#include "memory.h"

#include <string.h>

#include "runtime/base/alloc.h"
#include "runtime/platform/platform.h"

#define GUARD ((uint64_t)VSP_GUARD)
#define REACH ((uint64_t)VSP_REACH)

static_assert((uint64_t)VSP_MAX_PAGES * VSP_PAGE == (uint64_t)1 << 32 && REACH >= (uint64_t)1 << 32,
        "an address of 32 bits reaches all of memory");
static_assert(GUARD % VSP_PAGE == 0, "memory begins at a page");

/* Makes the bytes [from, to) of a guarded memory accessible, except the null zone. */
static bool guarded_commit(vsp_linear_memory *m, uint64_t from, uint64_t to)
{
	if (from < VSP_NULL_ZONE)
		from = VSP_NULL_ZONE;
	return to <= from || vsp_plat_commit(m->base + from, to - from);
}

static bool guarded_create(vsp_linear_memory *m, uint64_t size)
{
	/*
	 * Linear pages must be whole machine pages, and VSP_PAGE is as large as any machine's so
	 * far.
	 */
	if (!vsp_plat_has_guard() || VSP_PAGE % vsp_plat_page_size() != 0)
		return false;
	m->reserved = GUARD + REACH + GUARD;
	m->reservation = vsp_plat_reserve(m->reserved);
	if (!m->reservation)
		return false;
	m->guarded = true;
	m->base = (uint8_t *)m->reservation + GUARD;
	if (guarded_commit(m, 0, size))
		return true;
	vsp_plat_release(m->reservation, m->reserved);
	return false;
}

/*
 * A zeroed heap block of size bytes, or null; sizes that a host cannot address are refused like
 * those for which it has no memory.
 */
static uint8_t *plain_block(uint64_t size) { return size > SIZE_MAX ? NULL : vsp_alloc((size_t)size, 1); }

static bool plain_create(vsp_linear_memory *m, uint64_t size)
{
	m->guarded = false;
	m->base = plain_block(size);
	m->reservation = m->base;
	m->reserved = size;
	return m->base != NULL;
}

vsp_status vsp_memory_create(vsp_linear_memory *memory, uint32_t pages, uint32_t max_pages, vsp_bounds bounds)
{
	uint64_t size = (uint64_t)pages * VSP_PAGE;
	vsp_linear_memory m = {.size = size, .max_pages = max_pages};
	*memory = (vsp_linear_memory){0};
	if (pages > max_pages || max_pages > VSP_MAX_PAGES)
		return VSP_E_MEMORY;
	bool done = bounds != VSP_BOUNDS_EXPLICIT && guarded_create(&m, size);
	if (!done && bounds == VSP_BOUNDS_GUARD)
		return VSP_E_UNSUPPORTED;
	if (!done && !plain_create(&m, size))
		return VSP_E_MEMORY;
	*memory = m;
	return VSP_OK;
}

static bool plain_reserve(vsp_linear_memory *m, uint64_t size)
{
	if (size <= m->reserved)
		return true;
	uint8_t *base = size > SIZE_MAX ? NULL : vsp_realloc(m->base, (size_t)size, 1);
	if (!base)
		return false;
	m->base = base;
	m->reservation = base;
	m->reserved = size;
	return true;
}

static bool plain_grow(vsp_linear_memory *m, uint64_t size)
{
	if (!plain_reserve(m, size))
		return false;
	memset(m->base + m->size, 0, (size_t)(size - m->size));
	return true;
}

static bool may_grow(const vsp_linear_memory *m, uint64_t pages) { return pages <= m->max_pages - m->size / VSP_PAGE; }

bool vsp_memory_reserve(vsp_linear_memory *memory, uint64_t pages)
{
	return may_grow(memory, pages) &&
	       (memory->guarded || !pages || plain_reserve(memory, memory->size + pages * VSP_PAGE));
}

bool vsp_memory_grow(vsp_linear_memory *memory, uint64_t pages)
{
	if (!may_grow(memory, pages))
		return false;
	uint64_t size = memory->size + pages * VSP_PAGE;
	if (pages && !(memory->guarded ? guarded_commit(memory, memory->size, size) : plain_grow(memory, size)))
		return false;
	memory->size = size;
	return true;
}

/*
 * Clearing so many bytes that are mapped takes less time than new pages for the few that the next
 * run touches (docs/experiments.md).
 */
enum { CLEARED = 256 << 10 };

static uint64_t beyond_null_zone(uint64_t size) { return size > VSP_NULL_ZONE ? size - VSP_NULL_ZONE : 0; }

/*
 * Makes a guarded memory of size bytes zero. The first reset gives all pages back; a memory that is
 * reset again is one that will be used again, so its first pages are cleared in place.
 */
static bool guarded_clear(vsp_linear_memory *m, uint64_t size)
{
	uint64_t bytes = beyond_null_zone(size), in_place = bytes < CLEARED ? bytes : CLEARED;
	uint8_t *start = m->base + VSP_NULL_ZONE;
	if (!m->reused)
		in_place = 0;
	if (bytes > in_place && !vsp_plat_discard(start + in_place, bytes - in_place))
		return false;
	if (in_place)
		memset(start, 0, (size_t)in_place);
	m->reused = true;
	return true;
}

/*
 * What was grown is given back, and all of it where an image is mapped. False: data of the last run
 * may be there, and must not be seen.
 */
static bool guarded_reset(vsp_linear_memory *m, uint64_t size)
{
	uint64_t kept = m->imaged ? 0 : m->size < size ? m->size : size;
	uint64_t from = kept > VSP_NULL_ZONE ? kept : VSP_NULL_ZONE;
	if (m->size > from && !vsp_plat_decommit(m->base + from, m->size - from))
		return false;
	m->size = kept;
	m->imaged = false;
	if (guarded_clear(m, kept))
		return guarded_commit(m, kept, size);
	if (kept > VSP_NULL_ZONE && vsp_plat_decommit(m->base + VSP_NULL_ZONE, kept - VSP_NULL_ZONE))
		m->size = 0;
	return false;
}

/*
 * A new block costs less than clearing a large one, and gives back the memory that the program had
 * added.
 */
static bool plain_reset(vsp_linear_memory *m, uint64_t size)
{
	if (size == m->reserved && size <= VSP_NULL_ZONE + CLEARED) {
		memset(m->base, 0, (size_t)size);
		return true;
	}
	uint8_t *fresh = plain_block(size);
	if (fresh) {
		vsp_free_memory(m->base);
		m->base = fresh;
		m->reservation = fresh;
		m->reserved = size;
		return true;
	}
	if (size > m->reserved)
		return false;
	memset(m->base, 0, (size_t)size);
	return true;
}

bool vsp_memory_reset(vsp_linear_memory *memory, uint32_t pages)
{
	uint64_t size = (uint64_t)pages * VSP_PAGE;
	if (pages > memory->max_pages || !(memory->guarded ? guarded_reset(memory, size) : plain_reset(memory, size)))
		return false;
	memory->size = size;
	return true;
}

void vsp_memory_destroy(vsp_linear_memory *memory)
{
	if (memory->guarded)
		vsp_plat_release(memory->reservation, memory->reserved);
	else
		vsp_free_memory(memory->reservation);
	*memory = (vsp_linear_memory){0};
}

/* FNV-1a, 64 bits (Fowler, Noll, Vo): for every byte, h = (h ^ byte) * prime. */
#define FNV_BASIS UINT64_C(0xCBF29CE484222325)
#define FNV_PRIME UINT64_C(0x100000001B3)

/*
 * A whole chunk of zeros is one multiplication: xor with 0 changes nothing, so n zeros multiply by
 * prime^n.
 */
enum { HASH_CHUNK = 4096 };
static_assert(VSP_PAGE % HASH_CHUNK == 0, "memory is whole chunks");

static uint64_t fnv_power(uint64_t n)
{
	uint64_t result = 1;
	for (uint64_t base = FNV_PRIME; n; n >>= 1, base *= base)
		if (n & 1)
			result *= base;
	return result;
}

/* No early exit within a block, so that compilers vectorise it. */
static bool is_zero(const uint8_t *p, size_t n)
{
	for (size_t i = 0; i < n; i += 256) {
		uint8_t any = 0;
		for (size_t k = 0; k < 256; k++)
			any |= p[i + k];
		if (any)
			return false;
	}
	return true;
}

uint64_t vsp_memory_hash(const vsp_linear_memory *memory)
{
	uint64_t h = FNV_BASIS, zero_chunk = fnv_power(HASH_CHUNK);
	h *= fnv_power(memory->size < VSP_NULL_ZONE ? memory->size : VSP_NULL_ZONE);
	/*
	 * Reading a page that was never touched maps the system's one zero page, and so takes no
	 * memory.
	 */
	for (uint64_t at = VSP_NULL_ZONE; at < memory->size; at += HASH_CHUNK) {
		const uint8_t *p = memory->base + at;
		if (is_zero(p, HASH_CHUNK)) {
			h *= zero_chunk;
			continue;
		}
		for (size_t i = 0; i < HASH_CHUNK; i++)
			h = (h ^ p[i]) * FNV_PRIME;
	}
	return h;
}
