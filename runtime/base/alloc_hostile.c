/*
 * Heap memory for hostile builds: it counts requests, fails from a chosen one on, and overwrites
 * freed memory so that stale pointers show up. Thread-safe, since compile threads allocate too.
 */
#include "alloc.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

static _Atomic uint64_t requests;
static _Atomic uint64_t fail_at;

static int refuse(void)
{
	uint64_t n = atomic_fetch_add(&requests, 1) + 1, limit = atomic_load(&fail_at);
	return limit && n >= limit;
}

/* The header keeps the size, which is needed to overwrite the block. */
typedef union header {
	size_t size;
	max_align_t align;
} header;

void *vsp_alloc(size_t count, size_t size)
{
	if (size && count > (SIZE_MAX - sizeof(header)) / size)
		return NULL;
	header *h = refuse() ? NULL : calloc(1, sizeof *h + count * size);
	if (!h)
		return NULL;
	h->size = count * size;
	return h + 1;
}

void vsp_free_memory(void *memory)
{
	if (!memory)
		return;
	header *h = (header *)memory - 1;
	memset(memory, 0xDB, h->size);
	free(h);
}

void *vsp_realloc(void *old, size_t count, size_t size)
{
	char *fresh = vsp_alloc(count, size);
	if (!fresh || !old)
		return fresh;
	header *h = (header *)old - 1;
	memcpy(fresh, old, h->size < count * size ? h->size : count * size);
	vsp_free_memory(old);
	return fresh;
}

uint64_t vsp_alloc_fail_at(uint64_t n)
{
	uint64_t seen = atomic_exchange(&requests, 0);
	atomic_store(&fail_at, n);
	return seen;
}
