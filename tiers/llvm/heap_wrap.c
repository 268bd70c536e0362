/*
 * malloc and its kin as the code inside the compiler's shared object sees them: the linker renames
 * calls of them to these functions (--wrap), and the system's functions to __real_. Blocks that the
 * system's library allocates itself (strdup) also come to free.
 *
 * LLVM ends the process, or throws, when there is no memory for it. So it never learns of a lack of
 * memory: the job ends here instead (fatal.h), also when it has taken too much memory. If the
 * thread holds locks, the job ends when they are released (lock_wrap.c).
 */
#include <stdint.h>
#include <string.h>

#include "fatal.h"
#include "heap.h"

static _Thread_local bool loading;

/* Runs before LLVM's own constructors. Priorities up to 100 are reserved for the compiler. */
__attribute__((constructor(101))) static void begin_loading(void)
{
	loading = true;
	vsp_heap_enter();
}

void vsp_heap_loaded(void)
{
	if (loading)
		vsp_heap_leave();
	loading = false;
}

size_t malloc_usable_size(void *block); /* declared in <malloc.h>, which C11 lacks */
/* The linker defines these names. */
void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *old, size_t size);
void *__real_aligned_alloc(size_t alignment, size_t size);
void __real_free(void *block);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *old, size_t size);
void *__wrap_aligned_alloc(size_t alignment, size_t size);
void __wrap_free(void *block);

/* There is no memory. A thread that cannot stop, or cannot stop here, gets some of the reserve. */
void *vsp_heap_without_memory(size_t alignment, size_t size)
{
	bool later = vsp_heap_stop_later() || !vsp_fatal_guarded();
	void *block = later ? vsp_heap_last_resort(alignment, size) : NULL;
	if (!block)
		vsp_fatal_stop(VSP_FATAL_NO_MEMORY);
	return block;
}

/* Charges a block of the system to the thread; if block is null, finds another one. */
static void *checked(void *block, size_t alignment, size_t size)
{
	if (!block)
		return vsp_heap_inside() ? vsp_heap_without_memory(alignment, size) : NULL;
	if (!vsp_heap_take_outside(malloc_usable_size(block)) && !vsp_heap_stop_later())
		vsp_fatal_stop("compiling takes more than 1 GiB");
	return block;
}

void *__wrap_malloc(size_t size)
{
	void *block = vsp_heap_allocate(size);
	return block ? block : checked(__real_malloc(size), 1, size);
}

void *__wrap_calloc(size_t count, size_t size)
{
	size_t bytes = size && count > SIZE_MAX / size ? SIZE_MAX : count * size;
	void *block = vsp_heap_allocate(bytes);
	if (!block)
		block = checked(__real_calloc(count, size), 1, bytes);
	return block && vsp_heap_owns(block) ? memset(block, 0, bytes) : block;
}

void *__wrap_aligned_alloc(size_t alignment, size_t size)
{
	void *block = vsp_heap_allocate_aligned(alignment, size);
	return block ? block : checked(__real_aligned_alloc(alignment, size), alignment, size);
}

void __wrap_free(void *block)
{
	if (vsp_heap_free(block))
		return;
	if (block)
		vsp_heap_give_outside(malloc_usable_size(block));
	__real_free(block);
}

/* Moves the bytes of a block into another one of size bytes. */
static void *move(void *old, size_t had, size_t size)
{
	void *block = __wrap_malloc(size);
	if (!block)
		return NULL;
	memcpy(block, old, had < size ? had : size);
	__wrap_free(old);
	return block;
}

/* Resizes a block of the system. */
static void *resize(void *old, size_t size)
{
	size_t had = malloc_usable_size(old);
	void *block = __real_realloc(old, size ? size : 1);
	if (!block)
		return move(old, had, size);
	vsp_heap_give_outside(had);
	return checked(block, 1, size);
}

void *__wrap_realloc(void *old, size_t size)
{
	if (!old)
		return __wrap_malloc(size);
	if (!vsp_heap_owns(old))
		return resize(old, size);
	size_t had = vsp_heap_size(old);
	return size <= had ? old : move(old, had, size);
}
