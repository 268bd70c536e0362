/*
 * The allocator for hostile builds: the n-th block that LLVM asks for is refused, which ends the
 * job as a lack of memory would (heap_wrap.c). The linker redirects calls of the allocator to this
 * file. All requests of threads inside the compiler are counted; those after the n-th are granted
 * again, to see whether another job works.
 */
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>

#include "heap.h"

static _Atomic uint64_t requests, fail_at;

/* The linker defines these names. */
void *__real_vsp_heap_allocate(size_t size);
void *__real_vsp_heap_allocate_aligned(size_t alignment, size_t size);
void *__wrap_vsp_heap_allocate(size_t size);
void *__wrap_vsp_heap_allocate_aligned(size_t alignment, size_t size);
uint64_t vsp_breakage_heap_at(uint64_t n);

/*
 * Tests find it by its name. 0: no request fails. Returns the number of requests since the last
 * call.
 */
__attribute__((visibility("default"))) uint64_t vsp_breakage_heap_at(uint64_t n)
{
	uint64_t seen = atomic_exchange(&requests, 0);
	atomic_store(&fail_at, n);
	return seen;
}

static bool refused(void) { return vsp_heap_inside() && atomic_fetch_add(&requests, 1) + 1 == atomic_load(&fail_at); }

/*
 * What is refused here must not come from the system either. LLVM would end the process if it got
 * null.
 */
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
