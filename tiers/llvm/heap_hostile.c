/*
 * Heaps for hostile builds: the n-th block that LLVM asks for cannot be had, which ends the job as a lack of memory would (heap_wrap.c). The
 * linker leads calls of the allocator through here. Requests of threads inside the compiler are counted, whoever makes them; those after
 * the n-th are granted again, to see what another job does.
 */
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>

#include "heap.h"

static _Atomic uint64_t requests, fail_at;

/* The names are the linker's. */
void *__real_vsp_heap_allocate(size_t size);
void *__real_vsp_heap_allocate_aligned(size_t alignment, size_t size);
void *__wrap_vsp_heap_allocate(size_t size);
void *__wrap_vsp_heap_allocate_aligned(size_t alignment, size_t size);
uint64_t vsp_breakage_heap_at(uint64_t n);

/* Found by its name by tests. 0: none fails. Returns the number of requests since the last call. */
__attribute__((visibility("default"))) uint64_t vsp_breakage_heap_at(uint64_t n)
{
	uint64_t seen = atomic_exchange(&requests, 0);
	atomic_store(&fail_at, n);
	return seen;
}

static bool refused(void) { return vsp_heap_inside() && atomic_fetch_add(&requests, 1) + 1 == atomic_load(&fail_at); }

/* What is refused cannot be had of the system either. Given null, LLVM would end the process. */
static void *refuse(size_t alignment, size_t size)
{
	void *block = vsp_heap_without_memory(alignment, size);
	if (!block)
		abort();
	return block;
}

void *__wrap_vsp_heap_allocate(size_t size) { return refused() ? refuse(1, size) : __real_vsp_heap_allocate(size); }

void *__wrap_vsp_heap_allocate_aligned(size_t alignment, size_t size)
{
	return refused() ? refuse(alignment, size) : __real_vsp_heap_allocate_aligned(alignment, size);
}
