/*
 * The one place that asks the system for heap memory, so that a hostile build (VSP_HOSTILE_ALLOC) can make the n-th request
 * fail. Everything in the library allocates through these.
 */
#ifndef VSP_RUNTIME_ALLOC_H
#define VSP_RUNTIME_ALLOC_H

#include <stddef.h>
#include <stdint.h>

/* Zeroed memory, or null; count * size must not overflow (else null). Free with vsp_free_memory. */
void *vsp_alloc(size_t count, size_t size);
/* realloc to count * size bytes; on failure null, and the old block stays. New bytes are not zeroed. */
void *vsp_realloc(void *old, size_t count, size_t size);
void vsp_free_memory(void *memory);

/* Makes request number n from now (1 = the next) and all after it fail; 0: none. Only in hostile builds; elsewhere ignored.
   Returns the number of requests since the last call. */
uint64_t vsp_alloc_fail_at(uint64_t n);

#endif
