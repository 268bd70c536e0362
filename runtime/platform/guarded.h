/*
 * Blocks between inaccessible pages, for stacks and for tables whose index depends on what a
 * program does: code that ran past either end would fault instead of reaching the memory next to
 * them. On platforms without such pages they are blocks of the heap.
 */
#ifndef VSP_RUNTIME_GUARDED_H
#define VSP_RUNTIME_GUARDED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* All zeros: there is no block. */
typedef struct vsp_guarded {
	void *block;
	void *reservation; /* null: block is from the heap */
	uint64_t reserved;
} vsp_guarded;

/*
 * Creates count zeroed elements of size bytes, which is a power of two or a multiple of 16. They
 * end where the inaccessible page begins, and take memory as they are first touched. False: there
 * is no memory, and block is null.
 */
bool vsp_guarded_create(vsp_guarded *g, size_t count, size_t size);
void vsp_guarded_destroy(vsp_guarded *g);

#endif
