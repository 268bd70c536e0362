/*
 * The allocator that ONNX Runtime uses for tensors on the CPU: it counts them in the account of the
 * instance for which the library works on this thread. What that does not allow is refused by the
 * library's own allocator, which is asked for more than there can be: it throws the exception of
 * its own that ends the library's work, through alloc here, so this file is compiled with tables
 * for unwinding. Returning null would not do, as kernels write to what they get.
 *
 * The library has one environment in a process, and that one allocator. Where a second copy of this
 * runtime uses the same library, the allocator of the first serves both, and counts for the first.
 */
#include "allocator.h"

#include <stdint.h>
#include <stdio.h>

#include "runtime/base/alloc.h"

enum { ALIGNED = 64 };

/* In front of each block. */
typedef struct header {
	void *start; /* of what was allocated */
	size_t size; /* counted bytes */
	vsp_account *account;
} header;

enum { ROOM = sizeof(header) + ALIGNED };

static _Thread_local vsp_account *charged;
static _Thread_local bool denied;
static ort_allocator *_Atomic library_own;

/* Null: the account does not allow it, or there is no memory. */
static header *make_block(size_t size)
{
	if (size > SIZE_MAX - ROOM || !vsp_account_take(charged, size + ROOM))
		return NULL;
	void *start = vsp_alloc(size + ROOM, 1);
	if (!start) {
		vsp_account_give(charged, size + ROOM);
		return NULL;
	}
	uintptr_t at = ((uintptr_t)start + ROOM) / ALIGNED * ALIGNED;
	header *h = (header *)at - 1;
	*h = (header){start, size + ROOM, charged};
	return h;
}

static void *refuse(void)
{
	ort_allocator *own = atomic_load(&library_own);
	denied = true;
	return own->alloc(own, SIZE_MAX / 2);
}

static void *alloc(ort_allocator *self, size_t size)
{
	(void)self;
	if (!size)
		return NULL;
	header *h = make_block(size);
	return h ? (void *)(h + 1) : refuse();
}

static void release(ort_allocator *self, void *block)
{
	(void)self;
	if (!block)
		return;
	header *h = (header *)block - 1;
	vsp_account_give(h->account, h->size);
	vsp_free_memory(h->start);
}

static const ort_memory *describe(const ort_allocator *self)
{
	(void)self;
	const ort_allocator *own = atomic_load(&library_own);
	return own->describe(own);
}

/* Version 14 has these three functions and no more. */
static ort_allocator counting = {14, alloc, release, describe};

ort_status *vsp_ort_count(const ort_library *ort)
{
	ort_allocator *own = NULL;
	ort_status *failed = ort->GetAllocatorWithDefaultOptions(&own);
	if (failed)
		return failed;
	atomic_store(&library_own, own);
	failed = ort->RegisterAllocator(ort->env, &counting);
	if (failed) /* it has one already */
		ort->ReleaseStatus(failed);
	return NULL;
}

void vsp_ort_charge(vsp_account *account)
{
	charged = account;
	denied = false;
}

void vsp_ort_charge_end(bool done, char *why, size_t size)
{
	charged = NULL;
	if (!done && denied)
		snprintf(why, size, "the program's memory limit leaves no room for the tensors");
}
