/* Lists that grow by doubling, each an array with a count and a room. */
#ifndef VSP_RUNTIME_GROW_H
#define VSP_RUNTIME_GROW_H

#include <stddef.h>
#include <stdint.h>

#include "runtime/base/alloc.h"

/*
 * The list, with room for one element of size bytes behind the first count: itself, or moved, *room
 * then being the larger number of elements that it has room for (at first: first). Null: no memory;
 * the list stays as it is.
 */
static inline void *vsp_grow(void *list, uint32_t count, uint32_t *room, size_t size, uint32_t first)
{
	if (count < *room)
		return list;
	if (*room > UINT32_MAX / 2)
		return NULL;
	uint32_t more = *room ? *room * 2 : first;
	void *moved = vsp_realloc(list, more, size);
	if (moved)
		*room = more;
	return moved;
}

#endif
