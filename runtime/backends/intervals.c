/*
 * Sets of addresses, see intervals.h. They are small, so everything is a walk through the list.
 */
#include "intervals.h"

#include <string.h>

/* The index of the first interval that ends at `from` or later. */
static uint32_t first_from(const vsp_intervals *set, uint64_t from)
{
	uint32_t i = 0;
	while (i < set->count && set->list[i].to < from)
		i++;
	return i;
}

bool vsp_intervals_add(vsp_intervals *set, uint64_t from, uint64_t to)
{
	if (from == to)
		return true;
	uint32_t first = first_from(set, from), behind = first;
	for (; behind < set->count && set->list[behind].from <= to; behind++) {
		from = set->list[behind].from < from ? set->list[behind].from : from;
		to = set->list[behind].to > to ? set->list[behind].to : to;
	}
	if (behind == first && set->count == VSP_INTERVALS_MAX)
		return false;
	/* The intervals from first up to behind become one. */
	memmove(&set->list[first + 1], &set->list[behind], (set->count - behind) * sizeof set->list[0]);
	set->list[first] = (struct vsp_interval){from, to};
	set->count = set->count + 1 - (behind - first);
	return true;
}

bool vsp_intervals_gap(const vsp_intervals *set, uint64_t from, uint64_t to, uint64_t *at, uint64_t *end)
{
	*at = from;
	uint32_t i = first_from(set, from);
	for (; i < set->count && set->list[i].from <= *at; i++)
		*at = set->list[i].to > *at ? set->list[i].to : *at;
	*at = *at < to ? *at : to;
	*end = i < set->count && set->list[i].from < to ? set->list[i].from : to;
	return *at < to;
}

bool vsp_intervals_meet(const vsp_intervals *set, uint64_t from, uint64_t to)
{
	for (uint32_t i = first_from(set, from + 1); i < set->count; i++)
		if (set->list[i].from < to)
			return from < to;
	return false;
}
