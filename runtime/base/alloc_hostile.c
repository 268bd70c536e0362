/*
 * Heap memory for hostile builds: it counts requests, fails from a chosen one on, overwrites freed
 * memory so that stale pointers show up, and ends the process when bytes in front of a block or
 * behind it have changed by the time it is freed. Linear memory with explicit bounds is such a
 * block. Thread-safe, since compile threads allocate too.
 */
#include "alloc.h"

#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static _Atomic uint64_t requests;
static _Atomic uint64_t fail_at;

static int refuse(void)
{
	uint64_t n = atomic_fetch_add(&requests, 1) + 1, limit = atomic_load(&fail_at);
	return limit && n >= limit;
}

enum { CANARY = 0xC5, BEHIND = 64 };

/* Before a block: its size, then canaries up to its first byte. */
typedef union header {
	struct {
		size_t size;
		uint8_t canaries[sizeof(max_align_t) - sizeof(size_t)];
	} s;
	max_align_t align;
} header;

static uint8_t *end_of(header *h) { return (uint8_t *)(h + 1) + h->s.size; }

static void check(const uint8_t *canaries, size_t count)
{
	while (count--)
		if (canaries[count] != CANARY)
			abort();
}

void *vsp_alloc(size_t count, size_t size)
{
	if (size && count > (SIZE_MAX - sizeof(header) - BEHIND) / size)
		return NULL;
	header *h = refuse() ? NULL : calloc(1, sizeof *h + count * size + BEHIND);
	if (!h)
		return NULL;
	h->s.size = count * size;
	memset(h->s.canaries, CANARY, sizeof h->s.canaries);
	memset(end_of(h), CANARY, BEHIND);
	return h + 1;
}

void vsp_free_memory(void *memory)
{
	if (!memory)
		return;
	header *h = (header *)memory - 1;
	check(h->s.canaries, sizeof h->s.canaries);
	check(end_of(h), BEHIND);
	memset(memory, 0xDB, h->s.size);
	free(h);
}

void *vsp_realloc(void *old, size_t count, size_t size)
{
	char *fresh = vsp_alloc(count, size);
	if (!fresh || !old)
		return fresh;
	header *h = (header *)old - 1;
	memcpy(fresh, old, h->s.size < count * size ? h->s.size : count * size);
	vsp_free_memory(old);
	return fresh;
}

uint64_t vsp_alloc_fail_at(uint64_t n)
{
	uint64_t seen = atomic_exchange(&requests, 0);
	atomic_store(&fail_at, n);
	return seen;
}
