/*
 * The allocator of the whole library. This is the one place that asks the system for heap memory,
 * so that a hostile build (VSP_HOSTILE_ALLOC) can make the n-th request fail.
 */
#ifndef VSP_RUNTIME_ALLOC_H
#define VSP_RUNTIME_ALLOC_H

#include <stddef.h>
#include <stdint.h>

/*
 * Zeroed memory, or null. If count * size overflows, the result is null. To be freed with
 * vsp_free_memory.
 */
void *vsp_alloc(size_t count, size_t size);
/*
 * Resizes to count * size bytes. On failure the result is null and the old block stays. New bytes
 * are not zeroed.
 */
void *vsp_realloc(void *old, size_t count, size_t size);
void vsp_free_memory(void *memory);

/*
 * Makes request number n from now (1 = the next) and all later ones fail; 0: none. Only hostile
 * builds do so. Returns the number of requests since the last call.
 */
uint64_t vsp_alloc_fail_at(uint64_t n);

#endif
