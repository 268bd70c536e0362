/*
 * Heap memory from the C library, without additions.
 */
#include "alloc.h"

#include <stdlib.h>

void *vsp_alloc(size_t count, size_t size) { return calloc(count ? count : 1, size ? size : 1); }

void *vsp_realloc(void *old, size_t count, size_t size)
{
	if (size && count > SIZE_MAX / size)
		return NULL;
	size_t bytes = count * size;
	return realloc(old, bytes ? bytes : 1);
}

void vsp_free_memory(void *memory) { free(memory); }

uint64_t vsp_alloc_fail_at(uint64_t n)
{
	(void)n;
	return 0;
}
