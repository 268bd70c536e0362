/*
 * The mirror of linear memory: its size, and which bytes travel to it. What the program's account
 * was charged with for a device is also given back here.
 *
 * A range that was sent or computed since the last wait is there and does not travel again. The
 * argument block does, because programs change it from one LAUNCH to the next; a copy travels,
 * after the kernels that may still read the old one.
 */
#include "device_parts.h"

#include <stdatomic.h>
#include <string.h>

#include "runtime/base/alloc.h"
#include "runtime/base/machine.h"
#include "runtime/memory.h"

static uint64_t end_of(const vsp_range *r) { return (uint64_t)r->address + r->length; }

/* The address behind all ranges. */
static uint64_t top_of(const vsp_ranges *ranges)
{
	uint64_t top = 0;
	for (uint32_t i = 0; i < ranges->count; i++)
		top = ranges->list[i].length && end_of(&ranges->list[i]) > top ? end_of(&ranges->list[i]) : top;
	return top;
}

bool vsp_device_fits(const vsp_device *d, const vsp_ranges *ranges)
{
	return top_of(ranges) <= d->mirror_size && d->here.count + ranges->count <= VSP_INTERVALS_MAX &&
	       d->newer.count + ranges->count <= VSP_INTERVALS_MAX;
}

static const char no_room[] = "the program's memory limit leaves no room for the device";

/* In pieces, between which interrupts are seen: a device that shares the machine's memory takes a
   second for a GiB. */
static const char *zero(vsp_device *d, const vsp_rt *rt, uint64_t size)
{
	enum { PIECE = 8 << 20 };
	const char *why = NULL;
	for (uint64_t at = 0; at < size && !why; at += PIECE) {
		why = d->driver->zero(d->handle, at, size - at < PIECE ? size - at : PIECE);
		if (!why && atomic_load_explicit(&rt->interrupt, memory_order_relaxed))
			why = "an interrupt came while the device's memory was made";
	}
	return why;
}

/*
 * A mirror is made anew at least twice as large, but no larger than memory. Drivers free the old
 * one first, and have none when they fail.
 */
static const char *enlarge(vsp_device *d, const vsp_rt *rt, const vsp_ranges *ranges)
{
	uint64_t top = top_of(ranges);
	if (top <= d->mirror_size)
		return NULL;
	uint64_t size = top > 2 * d->mirror_size ? top : 2 * d->mirror_size;
	size = (size + VSP_PAGE - 1) / VSP_PAGE * VSP_PAGE;
	size = size < rt->memory.size ? size : rt->memory.size;
	if (!vsp_account_take(d->account, size - d->mirror_size))
		return no_room;
	const char *why = d->driver->mirror(d->handle, size);
	if (!why && (why = zero(d, rt, size)))
		d->driver->mirror(d->handle, 0);
	d->mirror_size = why ? 0 : size;
	vsp_account_give(d->account, why ? size : 0);
	return why;
}

static const char *copy_block(vsp_device *d, const vsp_rt *rt, const vsp_range *r)
{
	size_t size = sizeof(vsp_device_copy) + r->length;
	if (!vsp_account_take(d->account, size))
		return no_room;
	vsp_device_copy *copy = vsp_alloc(1, size);
	if (!copy) {
		vsp_account_give(d->account, size);
		return "out of memory";
	}
	memcpy(copy->bytes, rt->memory.base + r->address, r->length);
	copy->size = size;
	copy->next = d->copies;
	d->copies = copy;
	return NULL;
}

const char *vsp_device_room(vsp_device *d, const vsp_rt *rt, const vsp_ranges *ranges)
{
	const char *why = enlarge(d, rt, ranges);
	return why ? why : copy_block(d, rt, &ranges->list[ranges->count - 1]);
}

/* Sends those bytes of a range that the mirror does not have. */
static const char *send_range(vsp_device *d, const vsp_rt *rt, const vsp_range *r)
{
	uint64_t from = r->address, at, end;
	const char *why = NULL;
	while (!why && vsp_intervals_gap(&d->here, from, end_of(r), &at, &end)) {
		why = d->driver->upload(d->handle, at, rt->memory.base + at, end - at, false);
		d->bytes_up += end - at;
		from = end;
	}
	vsp_intervals_add(&d->here, r->address, end_of(r));
	return why;
}

/* Sends the last copy of the argument block, but for bytes that a kernel has computed. */
static const char *send_block(vsp_device *d, const vsp_range *r)
{
	uint64_t from = r->address, at, end;
	const char *why = NULL;
	const vsp_device_copy *copy = d->copies;
	while (!why && vsp_intervals_gap(&d->newer, from, end_of(r), &at, &end)) {
		why = d->driver->upload(d->handle, at, copy->bytes + (at - r->address), end - at, true);
		d->bytes_up += end - at;
		from = end;
	}
	return why;
}

const char *vsp_device_send(vsp_device *d, vsp_rt *rt, const vsp_ranges *ranges)
{
	uint32_t block = ranges->count - 1; /* the last one */
	const char *why = NULL;
	for (uint32_t i = 0; i < block && !why; i++)
		if (ranges->list[i].flags & VSP_RANGE_IN)
			why = send_range(d, rt, &ranges->list[i]);
	if (!why)
		why = send_block(d, &ranges->list[block]);
	for (uint32_t i = 0; i < block && !why; i++) {
		const vsp_range *r = &ranges->list[i];
		if (!(r->flags & VSP_RANGE_OUT))
			continue;
		vsp_intervals_add(&d->here, r->address, end_of(r));
		vsp_intervals_add(&d->newer, r->address, end_of(r));
	}
	return why;
}

/*
 * Each operation begun since the last wait has a copy of its block, the last one first. Lists were
 * checked when the block was copied.
 */
void vsp_device_ranges_of(const vsp_device *d, uint32_t number, vsp_ranges *ranges)
{
	enum { HEAD = 4, EACH = 12 };
	const vsp_device_copy *copy = d->copies;
	for (uint32_t i = d->begun - 1; i > number && copy; i--)
		copy = copy->next;
	ranges->count = 0;
	if (!copy)
		return;
	uint32_t count = (uint32_t)vsp_read_le(copy->bytes, HEAD), length = (uint32_t)(copy->size - sizeof *copy);
	for (; ranges->count < count && ranges->count < VSP_MAX_RANGES; ranges->count++) {
		const uint8_t *p = copy->bytes + HEAD + (size_t)EACH * ranges->count;
		ranges->list[ranges->count] = (vsp_range){
		        (uint32_t)vsp_read_le(p, 4), (uint32_t)vsp_read_le(p + 4, 4), (uint32_t)vsp_read_le(p + 8, 4)};
	}
	ranges->list[ranges->count++] =
	        (vsp_range){(uint32_t)d->operations[number % VSP_DEVICE_BEGUN_MAX].argument, length, VSP_RANGE_IN};
}

void vsp_device_forget(vsp_device *d)
{
	while (d->copies) {
		vsp_device_copy *next = d->copies->next;
		vsp_account_give(d->account, d->copies->size);
		vsp_free_memory(d->copies);
		d->copies = next;
	}
}

void vsp_device_forget_kernels(vsp_device *d)
{
	vsp_account_give(d->account, d->kernel_count * sizeof *d->kernels);
	vsp_free_memory(d->kernels);
	d->kernels = NULL;
	d->kernel_count = 0;
}
