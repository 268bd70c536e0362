/*
 * The batch instructions. Operands are checked here, completely and in exact arithmetic, before a
 * provider sees them. A count of 0 does nothing at all. Addresses are W(register), counts
 * U(register).
 */
#include <string.h>

#include "runtime/backends/provider.h"
#include "runtime/host/host.h"

/* No larger count of anything fits into memory; below it, count * size cannot wrap. */
#define COUNT_MAX ((uint64_t)1 << 32)

static int out_of_bounds(vsp_rt *rt) { return vsp_rt_fail(rt, VSP_TRAP_OUT_OF_BOUNDS, NULL); }

/* Returns 0, or OUT_OF_BOUNDS for count items of size bytes at W(address). */
static int check_items(vsp_rt *rt, uint64_t address, uint64_t count, uint64_t size)
{
	bool good = count <= COUNT_MAX && vsp_rt_check_range(rt, (uint32_t)address, count * size) == 0;
	return good ? 0 : out_of_bounds(rt);
}

/* Checks both operands with one count. */
static int check_pair(vsp_rt *rt, uint64_t a, uint64_t a_size, uint64_t b, uint64_t b_size, uint64_t count)
{
	int trap = check_items(rt, a, count, a_size);
	return trap ? trap : check_items(rt, b, count, b_size);
}

int vsp_rt_gradb(vsp_rt *rt, uint64_t a, uint64_t b, uint64_t c)
{
	int trap = check_pair(rt, a, 16, c, 64, b);
	if (trap || b == 0)
		return trap;
	return vsp_backends_run(
	        rt, &(vsp_batch_op){.kind = VSP_BATCH_GRADB, .dst = (uint32_t)c, .src = (uint32_t)a, .count = b});
}

int vsp_rt_descb(vsp_rt *rt, uint64_t a, uint64_t b, uint64_t c, uint64_t d)
{
	int trap = check_pair(rt, a, 16, c, 64, b);
	if (trap || b == 0)
		return trap;
	double rate;
	memcpy(&rate, &d, sizeof rate);
	return vsp_backends_run(rt, &(vsp_batch_op){.kind = VSP_BATCH_DESCB,
	                                    .rate = (float)rate,
	                                    .dst = (uint32_t)a,
	                                    .src = (uint32_t)c,
	                                    .count = b});
}

int vsp_rt_vmap(vsp_rt *rt, unsigned op, uint64_t a, uint64_t b, uint64_t c)
{
	int trap = check_pair(rt, a, 1, b, 1, c);
	if (trap || c == 0)
		return trap;
	return vsp_backends_run(rt, &(vsp_batch_op){.kind = VSP_BATCH_VMAP,
	                                    .sel = (uint8_t)op,
	                                    .dst = (uint32_t)a,
	                                    .src = (uint32_t)b,
	                                    .count = c});
}

int vsp_rt_vred(vsp_rt *rt, unsigned op, uint64_t b, uint64_t c, uint64_t *result)
{
	uint8_t byte = 0;
	int trap = check_items(rt, b, c, 1);
	if (!trap) /* also with a count of 0: the fold of nothing is the start value */
		trap = vsp_backends_run(rt, &(vsp_batch_op){.kind = VSP_BATCH_VRED,
		                                    .sel = (uint8_t)op,
		                                    .src = (uint32_t)b,
		                                    .count = c,
		                                    .result = &byte});
	if (!trap)
		*result = byte;
	return trap;
}

/* ---- memory ---- */

/*
 * The number of bytes moved between two polls of the interrupt flag: less than a millisecond of
 * work.
 */
enum { MOVE_BLOCK = 1 << 20 };

int vsp_rt_memcpy(vsp_rt *rt, uint64_t a, uint64_t b, uint64_t c)
{
	uint32_t to = (uint32_t)a, from = (uint32_t)b;
	int trap = check_pair(rt, a, 1, b, 1, c);
	if (!trap)
		trap = vsp_backends_wait(rt); /* for results that are still on a device */
	bool backward = to > from;            /* never overwrite bytes that are still to be read */
	uint64_t done = 0;
	while (!trap && done < c && !(trap = vsp_rt_poll(rt))) {
		size_t n = c - done < MOVE_BLOCK ? (size_t)(c - done) : MOVE_BLOCK;
		uint64_t at = backward ? c - done - n : done;
		memmove(rt->memory.base + to + at, rt->memory.base + from + at, n);
		done += n;
	}
	return trap;
}

int vsp_rt_memset(vsp_rt *rt, uint64_t a, uint64_t b, uint64_t c)
{
	int trap = check_items(rt, a, c, 1);
	if (!trap)
		trap = vsp_backends_wait(rt);
	uint64_t done = 0;
	while (!trap && done < c && !(trap = vsp_rt_poll(rt))) {
		size_t n = c - done < MOVE_BLOCK ? (size_t)(c - done) : MOVE_BLOCK;
		memset(rt->memory.base + (uint32_t)a + done, (int)(b & 0xFF), n);
		done += n;
	}
	return trap;
}

/* ---- models and kernels ---- */

int vsp_rt_infer(vsp_rt *rt, uint64_t a, uint64_t b, uint64_t c, uint64_t d)
{
	if (d == 0)
		return 0;
	int trap = vsp_host_require(rt, VSP_CAP_MODELS, "INFER");
	if (trap)
		return trap;
	if (a > UINT32_MAX)
		return vsp_rt_fail(rt, VSP_TRAP_BACKEND, "there is no model %llu", (unsigned long long)a);
	return vsp_backends_run(rt, &(vsp_batch_op){.kind = VSP_BATCH_INFER,
	                                    .dst = (uint32_t)c,
	                                    .src = (uint32_t)b,
	                                    .count = d,
	                                    .index = (uint32_t)a});
}

/*
 * The bytes of the argument block before its ranges, of one range, and of the arguments that
 * follow, which kernels may read too.
 */
enum { BLOCK_HEAD = 4, BLOCK_RANGE = 12, BLOCK_ARGUMENTS = 256 };

/* Reads one range of the block at p. False: it has other flags, or is not in memory. */
static bool read_range(const vsp_rt *rt, const uint8_t *p, vsp_range *range)
{
	range->address = (uint32_t)vsp_read_le(p, 4);
	range->length = (uint32_t)vsp_read_le(p + 4, 4);
	range->flags = (uint32_t)vsp_read_le(p + 8, 4);
	return !(range->flags & ~(uint32_t)(VSP_RANGE_IN | VSP_RANGE_OUT)) &&
	       vsp_rt_check_range(rt, range->address, range->length) == 0;
}

/* The range for the block itself: its list, and what follows it, up to the end of memory. */
static vsp_range block_range(const vsp_rt *rt, uint32_t block, uint32_t count)
{
	uint64_t length = BLOCK_HEAD + (uint64_t)BLOCK_RANGE * count + BLOCK_ARGUMENTS, room = rt->memory.size - block;
	return (vsp_range){block, (uint32_t)(length < room ? length : room), VSP_RANGE_IN};
}

/* Reads and checks the list of the argument block. */
static int read_ranges(vsp_rt *rt, uint32_t block, vsp_ranges *ranges)
{
	if (vsp_rt_check_range(rt, block, BLOCK_HEAD) != 0)
		return out_of_bounds(rt);
	const uint8_t *p = rt->memory.base + block;
	uint32_t n = (uint32_t)vsp_read_le(p, 4);
	if (n > VSP_MAX_RANGES)
		return vsp_rt_fail(rt, VSP_TRAP_OUT_OF_BOUNDS, "the argument block lists %u ranges, more than %d",
		        (unsigned)n, VSP_MAX_RANGES);
	if (vsp_rt_check_range(rt, block, BLOCK_HEAD + (uint64_t)BLOCK_RANGE * n) != 0)
		return out_of_bounds(rt);
	for (uint32_t i = 0; i < n; i++)
		if (!read_range(rt, p + BLOCK_HEAD + BLOCK_RANGE * i, &ranges->list[i]))
			return vsp_rt_fail(rt, VSP_TRAP_OUT_OF_BOUNDS,
			        "range %u of the argument block is outside memory or has unknown flags", (unsigned)i);
	ranges->list[n] = block_range(rt, block, n);
	ranges->count = n + 1;
	return 0;
}

int vsp_rt_launch(vsp_rt *rt, uint32_t kernel, uint64_t count, uint64_t block)
{
	if (count == 0)
		return 0;
	vsp_ranges *ranges = &rt->backends->ranges;
	int trap = read_ranges(rt, (uint32_t)block, ranges);
	if (trap)
		return trap;
	return vsp_backends_run(rt, &(vsp_batch_op){.kind = VSP_BATCH_LAUNCH,
	                                    .count = count,
	                                    .index = kernel,
	                                    .argument = block,
	                                    .ranges = ranges});
}
