/*
 * The helper for public structs, which begin with their size. Callers may be older or newer than
 * the library, so nothing outside that size is read or written. A field that does not fit
 * completely, which no version of a struct has, counts as missing, since a part of a pointer would
 * be useless.
 */
#ifndef VSP_RUNTIME_SIZED_H
#define VSP_RUNTIME_SIZED_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/*
 * Copies the fields that both structs have, and zeroes the rest of to, whose size stays the same.
 */
static inline void vsp_copy_sized(void *to, size_t to_size, const void *from, size_t from_size)
{
	uint32_t size = (uint32_t)to_size;
	size_t n = to_size < from_size ? to_size : from_size;
	n -= n % sizeof(void *);
	if (to_size < sizeof size)
		return;
	memcpy(to, from, n);
	memset((char *)to + n, 0, to_size - n);
	memcpy(to, &size, sizeof size);
}

#endif
