/* Binary search in tables that are sorted by an address. */
#ifndef VSP_RUNTIME_SEARCH_H
#define VSP_RUNTIME_SEARCH_H

#include <stddef.h>
#include <stdint.h>

/*
 * The last of count rows whose address is at most the one given; 0 if there is none. addresses: the
 * address in the first row; rows are stride bytes apart and ascend.
 */
static inline uint32_t vsp_last_at_most(const uint32_t *addresses, size_t stride, uint32_t count, uint32_t address)
{
	uint32_t low = 0, high = count;
	while (high - low > 1) {
		uint32_t middle = low + (high - low) / 2;
		const uint32_t *at = (const uint32_t *)(const void *)((const char *)addresses + middle * stride);
		if (*at <= address)
			low = middle;
		else
			high = middle;
	}
	return low;
}

#endif
