/*
 * LLVM's memory: what LLVM allocates while a thread is inside the compiler comes from large pages of the compiler's own. A compilation touches
 * megabytes that are new to the process; from the thread's malloc arena they cost a page fault and a change of protection for each 4 KiB, from here
 * one fault for 2 MiB (docs/experiments.md, "Start of the compiler").
 *
 * malloc and free mean vsp_heap_allocate and vsp_heap_free inside the shared object (heap_wrap.c, by the linker). A block may be freed by any thread, in the
 * compiler or not, and blocks of the system's malloc, which are told by their address, go back to it. vsp_alloc stays the system's, as the project's own
 * memory may be freed outside of the shared object.
 */
#ifndef VSP_LLVM_HEAP_H
#define VSP_LLVM_HEAP_H

#include <stdbool.h>
#include <stddef.h>

/* From here on, until leave, this thread allocates from a heap that no other thread allocates from; may nest. Where there is none left, or
   no address space, nothing changes. False: there is nothing put by for when memory runs out, so who can do without going on should. */
bool vsp_heap_enter(void);
void vsp_heap_leave(void);

/* This thread stays inside LLVM for ever, and what it has allocated there with it. */
void vsp_heap_abandon(void);

/* The shared object has been loaded. Its constructors allocate from a heap too, on the thread that loads it, where this is called afterwards. */
void vsp_heap_loaded(void);

/* At least size bytes, aligned for anything; null: this thread is not inside, or the block is too large, or there is no memory. */
void *vsp_heap_allocate(size_t size);
/* The same, aligned to a power of two; null also when it is too much. */
void *vsp_heap_allocate_aligned(size_t alignment, size_t size);
/* Does block come from a heap? */
bool vsp_heap_owns(const void *block);
/* The bytes a block of a heap has. */
size_t vsp_heap_size(const void *block);
/* Ends a block; false: it does not come from a heap. */
bool vsp_heap_free(void *block);

/*
 * The thread has taken so many bytes of the system's malloc, or given them back. False: it is inside, and has more than VSP_HEAP_BUDGET
 * in all now. What a job may take is limited before it begins (ir/lower/limits.def); this is for what that has overlooked.
 */
#define VSP_HEAP_BUDGET ((size_t)1 << 30)
bool vsp_heap_take_outside(size_t bytes);
void vsp_heap_give_outside(size_t bytes);
/* Is this thread inside? */
bool vsp_heap_inside(void);

/*
 * LLVM fills tables of the whole process under locks, and a thread that stopped for good while it
 * holds one would stop all that come later. So a thread that holds any goes on when memory runs out,
 * with memory that was put by when it came inside, and stops when it has let go of the last one.
 *
 * It has taken a lock / let go of one; true: it is to stop now.
 */
void vsp_heap_locked(void);
bool vsp_heap_unlocked(void);
/* Has it locks? Then it is to stop behind them. */
bool vsp_heap_stop_later(void);
/* Of what was put by; null: that is not enough. */
void *vsp_heap_last_resort(size_t alignment, size_t size);
/* heap_wrap.c: no block can be had for this thread, which is inside. Another one, or it stops, or null: it cannot. */
void *vsp_heap_without_memory(size_t alignment, size_t size);

/* Gives back what no block is in, of the heaps that no thread is inside. */
void vsp_heap_trim(void);
/* Bytes that all heaps hold now, a multiple of 2 MiB. For tests. */
size_t vsp_heap_held(void);

#endif
