/*
 * The loop that reads to the end of a file into a growing block, whatever the platform reads with.
 */
#ifndef VSP_RUNTIME_PLATFORM_READ_ALL_H
#define VSP_RUNTIME_PLATFORM_READ_ALL_H

#include <limits.h>
#include <stddef.h>
#include <stdint.h>

#include "runtime/base/alloc.h"

/* Reads at most room bytes (not 0) of the source: how many, 0 at its end, or -1 with *error set. */
typedef long (*vsp_read_some)(void *source, uint8_t *to, size_t room, const char **error);

/* Twice the room, or null when there is no memory; the old block is then freed. */
static inline uint8_t *vsp_read_grow(uint8_t *data, size_t *room)
{
	uint8_t *more = *room > SIZE_MAX / 2 ? NULL : vsp_realloc(data, *room * 2, 1);
	if (!more)
		vsp_free_memory(data);
	*room *= 2;
	return more;
}

/*
 * The source's bytes, at most limit, in a block whose first room bytes are asked for at once; to be
 * freed with vsp_free_memory, and *error is null. Null with *error set on failure.
 */
static inline uint8_t *vsp_read_all(
        vsp_read_some some, void *source, size_t room, uint64_t limit, size_t *size, const char **error)
{
	uint8_t *data = vsp_alloc(room, 1);
	for (size_t have = 0; data;) {
		long n = some(source, data + have, room - have < LONG_MAX ? room - have : LONG_MAX, error);
		have += n > 0 ? (size_t)n : 0;
		if (n == 0) {
			*size = have;
			*error = NULL;
			return data;
		}
		if (n < 0 || have > limit) {
			*error = n < 0 ? *error : "File too large";
			vsp_free_memory(data);
			return NULL;
		}
		if (have == room)
			data = vsp_read_grow(data, &room);
	}
	*error = "Cannot allocate memory";
	return NULL;
}

#endif
