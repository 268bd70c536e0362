/*
 * The bump allocator of arenas. Its blocks grow, so that a module of any size costs only a few
 * system allocations.
 */
#include "arena.h"

#include <stdalign.h>
#include <stdint.h>
#include <string.h>

#include "runtime/base/alloc.h"

struct vsp_arena_block {
	struct vsp_arena_block *next;
	alignas(max_align_t) unsigned char bytes[];
};

enum { FIRST_BLOCK = 4096, ALIGN = alignof(max_align_t) };

void *vsp_arena_alloc(vsp_arena *arena, size_t size)
{
	if (size > SIZE_MAX / 4)
		return NULL;
	size = (size + ALIGN - 1) / ALIGN * ALIGN;
	if (!arena->head || arena->capacity - arena->used < size) {
		size_t capacity = arena->capacity ? arena->capacity * 2 : FIRST_BLOCK;
		if (capacity > FIRST_BLOCK * 256)
			capacity = FIRST_BLOCK * 256;
		if (capacity < size)
			capacity = size;
		struct vsp_arena_block *block = vsp_alloc(1, sizeof(struct vsp_arena_block) + capacity);
		if (!block)
			return NULL;
		block->next = arena->head;
		arena->head = block;
		arena->capacity = capacity;
		arena->used = 0;
		arena->total += capacity;
	}
	void *p = arena->head->bytes + arena->used;
	arena->used += size;
	return p;
}

void *vsp_arena_array(vsp_arena *arena, size_t count, size_t size)
{
	if (size && count > SIZE_MAX / size)
		return NULL;
	return vsp_arena_alloc(arena, count * size);
}

char *vsp_arena_string(vsp_arena *arena, const char *text, size_t n)
{
	char *s = vsp_arena_array(arena, 1, n + 1);
	if (s && n)
		memcpy(s, text, n);
	return s;
}

void vsp_arena_free(vsp_arena *arena)
{
	while (arena->head) {
		struct vsp_arena_block *next = arena->head->next;
		vsp_free_memory(arena->head);
		arena->head = next;
	}
	*arena = (vsp_arena)VSP_ARENA_INIT;
}
