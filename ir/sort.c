/*
 * Bottom-up merge sort. It needs no recursion and has no bad inputs, which qsort does not
 * guarantee, and its memory comes from the allocator that tests can make fail.
 */
#include "sort.h"

#include <string.h>

#include "runtime/base/alloc.h"

/* Merges from[low..middle) and from[middle..high) into to[low..high). */
static void merge(const uint32_t *from, uint32_t *to, uint32_t low, uint32_t middle, uint32_t high,
        vsp_compare_fn compare, const void *context)
{
	uint32_t left = low, right = middle;
	for (uint32_t i = low; i < high; i++)
		if (left < middle && (right == high || compare(context, from[left], from[right]) <= 0))
			to[i] = from[left++];
		else
			to[i] = from[right++];
}

static uint32_t at_most(uint64_t value, uint32_t limit) { return value < limit ? (uint32_t)value : limit; }

bool vsp_sort_indices(uint32_t *items, uint32_t n, vsp_compare_fn compare, const void *context)
{
	if (n < 2)
		return true;
	uint32_t *spare = vsp_alloc(n, sizeof *spare), *from = items, *to = spare;
	if (!spare)
		return false;
	for (uint32_t run = 1; run < n; run *= 2) {
		for (uint64_t low = 0; low < n; low += 2 * (uint64_t)run)
			merge(from, to, (uint32_t)low, at_most(low + run, n), at_most(low + 2 * (uint64_t)run, n),
			        compare, context);
		uint32_t *swap = from;
		from = to;
		to = swap;
	}
	if (from != items)
		memcpy(items, from, n * sizeof *items);
	vsp_free_memory(spare);
	return true;
}
