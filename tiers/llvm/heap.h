/*
 * The heap for LLVM: while a thread is inside the compiler, LLVM allocates from large pages that
 * belong to the compiler. A compilation touches megabytes that are new to the process. From the
 * thread's malloc arena they cost a page fault and a change of protection per 4 KiB; from here they
 * cost one fault per 2 MiB (docs/experiments.md, "Start of the compiler").
 *
 * Inside the shared object the linker makes malloc and free mean vsp_heap_allocate and
 * vsp_heap_free (heap_wrap.c). Any thread may free a block, inside the compiler or not. Blocks of
 * the system's malloc, which are recognised by their address, go back to it. vsp_alloc still uses
 * the system's malloc, because the project's own memory may be freed outside the shared object.
 */
#ifndef VSP_LLVM_HEAP_H
#define VSP_LLVM_HEAP_H

#include <stdbool.h>
#include <stddef.h>

/*
 * From here until leave this thread allocates from a heap from which no other thread allocates.
 * Calls may nest. If no heap or no address space is left, nothing changes. False: there is no
 * reserve for the case that memory runs out, so a caller that can stop here should.
 */
bool vsp_heap_enter(void);
void vsp_heap_leave(void);

/* This thread stays inside LLVM for ever, and all that it has allocated there stays with it. */
void vsp_heap_abandon(void);

/*
 * The shared object has been loaded. Its constructors also allocate from a heap, on the thread that
 * loads it; that thread calls this afterwards.
 */
void vsp_heap_loaded(void);

/*
 * At least size bytes, aligned for any type. Null: this thread is not inside, the block is too
 * large, or there is no memory.
 */
void *vsp_heap_allocate(size_t size);
/* The same, aligned to a power of two. Null also if the alignment is too large. */
void *vsp_heap_allocate_aligned(size_t alignment, size_t size);
/* Does block come from a heap? */
bool vsp_heap_owns(const void *block);
/* The usable size of a heap's block, in bytes. */
size_t vsp_heap_size(const void *block);
/* Frees a block. False: it does not come from a heap. */
bool vsp_heap_free(void *block);

/*
 * The thread has taken or returned this many bytes of the system's malloc. False: the thread is
 * inside, and now has more than VSP_HEAP_BUDGET in all. What a job may take is limited before it
 * begins (ir/lower/limits.def); this limit catches what those limits have missed.
 */
#define VSP_HEAP_BUDGET ((size_t)1 << 30)
bool vsp_heap_take_outside(size_t bytes);
void vsp_heap_give_outside(size_t bytes);
/* Is this thread inside? */
bool vsp_heap_inside(void);

/*
 * LLVM fills tables of the whole process under locks. A thread that stopped for good while it held
 * one of them would block every later thread. So, when memory runs out, a thread that holds a lock
 * goes on with memory that was reserved when it came inside, and stops when it has released its
 * last lock.
 *
 * To be called when the thread has taken or released a lock. True: it must stop now.
 */
void vsp_heap_locked(void);
bool vsp_heap_unlocked(void);
/* Does the thread hold locks? If so, it will stop when it has released them. */
bool vsp_heap_stop_later(void);
/* Memory from that reserve. Null: the reserve is not large enough. */
void *vsp_heap_last_resort(size_t alignment, size_t size);
/*
 * heap_wrap.c: no block is available for this thread, which is inside. Returns a block from
 * elsewhere, or stops the thread, or returns null if it cannot stop.
 */
void *vsp_heap_without_memory(size_t alignment, size_t size);

/* Gives back memory without blocks in it, of the heaps that no thread is inside. */
void vsp_heap_trim(void);
/* The number of bytes that all heaps hold now, a multiple of 2 MiB. For tests. */
size_t vsp_heap_held(void);

#endif
