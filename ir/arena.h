/*
 * An arena: allocations that are freed together, one arena per module and per compile. Not
 * thread-safe.
 */
#ifndef VSP_IR_ARENA_H
#define VSP_IR_ARENA_H

#include <stddef.h>

typedef struct vsp_arena {
	struct vsp_arena_block *head;
	size_t used, capacity; /* bytes of the head block */
	size_t total;          /* bytes taken from the system */
} vsp_arena;
#define VSP_ARENA_INIT {NULL, 0, 0, 0}

/*
 * Zeroed memory aligned for any type, or null when the system has no more. size 0 gives a valid
 * pointer.
 */
void *vsp_arena_alloc(vsp_arena *arena, size_t size);
/* The same for count * size bytes, with a check for overflow. */
void *vsp_arena_array(vsp_arena *arena, size_t count, size_t size);
/* A copy of n bytes, followed by a 0. */
char *vsp_arena_string(vsp_arena *arena, const char *text, size_t n);
void vsp_arena_free(vsp_arena *arena);

#endif
