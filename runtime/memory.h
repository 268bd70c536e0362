/*
 * Linear memory: reservations with guard pages where the platform and address space allow it,
 * otherwise plain allocations with explicit checks. With guard pages every address [zext32 +
 * displacement] that misses the accessible pages faults: the first 64 KiB stay inaccessible, and so
 * does the rest of VSP_REACH bytes, with VSP_GUARD bytes on either side. ir/opcode.c asserts that
 * no operand reaches further.
 */
#ifndef VSP_RUNTIME_MEMORY_H
#define VSP_RUNTIME_MEMORY_H

#include "state.h"

/*
 * The bytes that a base of 32 bits and an unsigned displacement of 32 bits can name, and the
 * inaccessible ones on either side: as far as a signed displacement and the widest access can
 * reach.
 */
#define VSP_REACH (INT64_C(1) << 33)
#define VSP_GUARD INT64_C(65536)
enum { VSP_WIDEST_ACCESS = 16 };

typedef enum vsp_bounds { VSP_BOUNDS_AUTO, VSP_BOUNDS_GUARD, VSP_BOUNDS_EXPLICIT } vsp_bounds;

/*
 * Creates pages * 64 KiB of zeroed memory that can grow to max_pages. AUTO falls back to explicit
 * checks; GUARD fails where it is not possible (VSP_E_UNSUPPORTED). Returns VSP_OK or VSP_E_MEMORY;
 * *memory is empty on failure.
 */
vsp_status vsp_memory_create(vsp_linear_memory *memory, uint32_t pages, uint32_t max_pages, vsp_bounds bounds);
/*
 * Grows by pages. False (nothing changed): that exceeds max_pages, or the host has no more memory.
 * The base may move unless the memory is guarded.
 */
bool vsp_memory_grow(vsp_linear_memory *memory, uint64_t pages);
/*
 * Takes from the host everything that growing by pages needs, except the time to clear it. Growing
 * up to that size, in steps that the caller chooses, then cannot fail. False as above. Memory with
 * guard pages needs nothing, because its pages are zero without being touched.
 */
bool vsp_memory_reserve(vsp_linear_memory *memory, uint64_t pages);
/* Resets to pages * 64 KiB of zeros (vsp_reset). False: the host has no more memory. */
bool vsp_memory_reset(vsp_linear_memory *memory, uint32_t pages);
void vsp_memory_destroy(vsp_linear_memory *memory);
/* FNV-1a 64 of the whole linear memory; the null zone counts as zeros. */
uint64_t vsp_memory_hash(const vsp_linear_memory *memory);

#endif
