/*
 * Blocks between inaccessible pages, for stacks and tables whose index follows from what a program does: code that ran past either end would fault instead of
 * reaching what lies next to them. Where the platform has no such pages, they are blocks of the heap.
 */
#ifndef VSP_RUNTIME_GUARDED_H
#define VSP_RUNTIME_GUARDED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* All zeros: there is none. */
typedef struct vsp_guarded {
	void *block;
	void *reservation; /* null: block is the heap's */
	uint64_t reserved;
} vsp_guarded;

/* count zeroed elements of size bytes, a power of two or a multiple of 16, that end where the inaccessible page begins; memory is taken as they are first touched. False: none to
   be had, and block is null. */
bool vsp_guarded_create(vsp_guarded *g, size_t count, size_t size);
void vsp_guarded_destroy(vsp_guarded *g);

#endif
