/*
 * Checks of accesses to linear memory, and its growth. Addresses are exact integers here, so no sum
 * can wrap.
 */
#include "helpers.h"

#include "memory.h"

int vsp_rt_check(const vsp_rt *rt, int64_t ea, uint64_t n)
{
	uint64_t size = rt->memory.size;
	if (ea >= VSP_NULL_ZONE && n <= size && (uint64_t)ea <= size - n)
		return 0;
	return vsp_access_trap(ea);
}

int vsp_rt_check_range(const vsp_rt *rt, uint32_t address, uint64_t n)
{
	uint64_t size = rt->memory.size;
	if (n == 0 || (address >= VSP_NULL_ZONE && n <= size && address <= size - n))
		return 0;
	return VSP_TRAP_OUT_OF_BOUNDS;
}

/*
 * The end of a range that contains address and has one of the wanted flags, or address itself when
 * there is none.
 */
static uint64_t range_end(const vsp_ranges *ranges, uint64_t address, uint32_t wanted)
{
	for (uint32_t i = 0; i < ranges->count; i++) {
		const vsp_range *r = &ranges->list[i];
		if ((r->flags & wanted) && address >= r->address && address - r->address < r->length)
			return (uint64_t)r->address + r->length;
	}
	return address;
}

int vsp_rt_check_kernel(const vsp_rt *rt, int64_t ea, uint64_t n, uint32_t write)
{
	int trap = vsp_rt_check(rt, ea, n);
	if (trap || !rt->ranges)
		return trap;
	uint32_t wanted = write ? VSP_RANGE_OUT : VSP_RANGE_IN | VSP_RANGE_OUT;
	uint64_t at = (uint64_t)ea, end = at + n;
	while (at < end) { /* ranges may be adjacent, so one access may need several */
		uint64_t next = range_end(rt->ranges, at, wanted);
		if (next == at)
			return VSP_TRAP_OUT_OF_BOUNDS;
		at = next;
	}
	return 0;
}

int vsp_rt_lstate(vsp_rt *rt, uint64_t *regs, int64_t ea)
{
	int trap = vsp_rt_check_kernel(rt, ea, 16, false);
	if (trap) {
		vsp_trap_access(rt, ea, 16);
		return trap;
	}
	for (unsigned i = 0; i < 16; i++)
		regs[i] = rt->memory.base[ea + i];
	return 0;
}

int vsp_rt_sstate(vsp_rt *rt, const uint64_t *regs, int64_t ea)
{
	int trap = vsp_rt_check_kernel(rt, ea, 16, true);
	if (trap) {
		vsp_trap_access(rt, ea, 16);
		return trap;
	}
	for (unsigned i = 0; i < 16; i++)
		rt->memory.base[ea + i] = (uint8_t)regs[i];
	return 0;
}

uint64_t vsp_rt_memsize(const vsp_rt *rt) { return rt->memory.size / VSP_PAGE; }

/*
 * Grows memory without guard pages, which must be cleared. It works in steps; an interrupt between
 * two steps undoes everything. Returns the trap.
 */
static int grow_plain(vsp_rt *rt, uint64_t pages, bool *grown)
{
	enum { STEP = 64 }; /* 4 MiB, a few milliseconds if they are new to the process */
	uint64_t size = rt->memory.size;
	int trap = 0;
	*grown = vsp_memory_reserve(&rt->memory, pages);
	for (uint64_t left = *grown ? pages : 0; left && !trap;) {
		uint64_t step = left < STEP ? left : STEP;
		*grown = vsp_memory_grow(&rt->memory, step);
		left -= step;
		trap = left ? vsp_rt_poll(rt) : 0;
	}
	if (trap)
		rt->memory.size = size;
	return trap;
}

int vsp_rt_memgrow(vsp_rt *rt, uint64_t pages, uint64_t *result)
{
	int trap = vsp_rt_wait(rt);
	if (trap)
		return trap;
	uint64_t old = vsp_rt_memsize(rt);
	bool grown = false; /* lent memory must stay where it is; memory with guard pages does */
	if (rt->memory.guarded)
		grown = vsp_memory_grow(&rt->memory, pages);
	else if (!rt->lent)
		trap = grow_plain(rt, pages, &grown);
	*result = grown ? old : UINT64_MAX;
	rt->caller.memory = rt->memory.base;
	rt->caller.memory_size = rt->memory.size;
	return trap;
}
