/*
 * The CPU provider. It executes operations in order and at once, and is the reference for the
 * results of all others.
 *
 * Every operation has the result that it would have if all sources were read before the first
 * write. VMAP's loops achieve that by working in blocks, in the direction in which a write never
 * reaches a source that is still to be read; the others copy overlapping sources first. So the
 * loops (vector.h) have no aliases.
 */
#include <string.h>

#include "cpu_measure.h"
#include "launch.h"
#include "runtime/arith/bytesil.h"
#include "runtime/base/alloc.h"
#include "runtime/helpers.h"
#include "vector.h"

/*
 * The number of states or bytes between two polls of the interrupt flag: well below 10 ms of work.
 */
enum { POLL_STATES = 1 << 14, POLL_BYTES = 1 << 16, BLOCK = 4096, COPY_STEP = 4 << 20 };

static bool overlap(uint64_t a, uint64_t a_size, uint64_t b, uint64_t b_size)
{
	return a < b + b_size && b < a + a_size;
}

/* Copies size bytes of linear memory from p to scratch memory. Returns the trap. */
static int copy_source(vsp_rt *rt, const uint8_t *p, uint64_t size, uint8_t *copy)
{
	int trap = 0;
	for (uint64_t done = 0; done < size && !trap; done += COPY_STEP) {
		memcpy(copy + done, p + done, size - done < COPY_STEP ? (size_t)(size - done) : COPY_STEP);
		trap = vsp_rt_poll(rt);
	}
	return trap;
}

/*
 * Sets *source to the source at linear address src, or to a copy if the destination overlaps it.
 * Returns the trap.
 */
static int stable_source(
        vsp_rt *rt, uint64_t src, uint64_t src_size, uint64_t dst, uint64_t dst_size, const uint8_t **source)
{
	*source = rt->memory.base + src;
	if (!overlap(src, src_size, dst, dst_size))
		return 0;
	uint8_t *copy = vsp_backends_scratch(rt, src_size);
	if (!copy)
		return vsp_rt_fail(rt, VSP_TRAP_BACKEND, "no memory to copy sources that overlap the destination");
	int trap = copy_source(rt, *source, src_size, copy);
	*source = copy;
	return trap;
}

/* The loops for this processor. */
static const vsp_vector_loops *loops_of(const vsp_rt *rt)
{
	if (!rt->backends->loops)
		rt->backends->loops = vsp_vector_best();
	return rt->backends->loops;
}

/* ---- gradients ---- */

static void fill_points(vsp_points *points)
{
	for (unsigned b = 0; b < 256; b++) {
		points->at[b][0] = vsp_bytesil_re((uint8_t)b);
		points->at[b][1] = vsp_bytesil_im((uint8_t)b);
	}
}

/* The number of states up to the next poll. */
static size_t next_states(uint64_t left) { return left < POLL_STATES ? (size_t)left : POLL_STATES; }

/*
 * The table of distances, made when there are so many states that it pays. Null: they are computed.
 */
static const float *distances_of(vsp_rt *rt, const vsp_batch_op *op)
{
	enum { MANY = 1 << 13 };
	vsp_backends *b = rt->backends;
	if (b->distances || op->count < MANY || !loops_of(rt)->grad_looked_up)
		return b->distances;
	uint64_t size = VSP_DISTANCES * sizeof *b->distances;
	if (!vsp_account_take(&rt->account, size))
		return NULL;
	b->distances = vsp_alloc(VSP_DISTANCES, sizeof *b->distances);
	if (b->distances)
		vsp_vector_distances(b->distances);
	else
		vsp_account_give(&rt->account, size);
	return b->distances;
}

/* By the definition, from points, or from distances, whichever is there and pays. */
static void grad(
        vsp_rt *rt, const vsp_points *points, const float *distances, uint8_t *dst, const uint8_t *src, size_t states)
{
	if (distances)
		loops_of(rt)->grad_looked_up(dst, src, states, distances);
	else if (points)
		loops_of(rt)->grad(dst, src, states, points);
	else
		vsp_vector_plain.grad(dst, src, states, NULL);
}

/* Making the points takes as long as some states do by the definition. */
static int run_gradb(void *state, vsp_rt *rt, const vsp_batch_op *op, char *reason, size_t reason_size)
{
	(void)state, (void)reason, (void)reason_size;
	enum { FEW = 16 };
	const float *distances = distances_of(rt, op);
	bool by_points = !distances && op->count >= FEW && loops_of(rt) != &vsp_vector_plain;
	const uint8_t *src;
	vsp_points points = {0};
	int trap = stable_source(rt, op->src, op->count * 16, op->dst, op->count * 64, &src);
	if (by_points)
		fill_points(&points);
	for (uint64_t done = 0; done < op->count && !trap; done += POLL_STATES) {
		trap = vsp_rt_poll(rt);
		if (!trap)
			grad(rt, by_points ? &points : NULL, distances, rt->memory.base + op->dst + 64 * done,
			        src + 16 * done, next_states(op->count - done));
	}
	return trap;
}

static int run_descb(void *state, vsp_rt *rt, const vsp_batch_op *op, char *reason, size_t reason_size)
{
	(void)state, (void)reason, (void)reason_size;
	const uint8_t *src;
	int trap = stable_source(rt, op->src, op->count * 64, op->dst, op->count * 16, &src);
	for (uint64_t done = 0; done < op->count && !trap; done += POLL_STATES) {
		trap = vsp_rt_poll(rt);
		if (!trap)
			loops_of(rt)->descent(rt->memory.base + op->dst + 16 * done, src + 64 * done,
			        next_states(op->count - done), op->rate);
	}
	return trap;
}

/* ---- VMAP and VRED ---- */

static int run_vmap(void *state, vsp_rt *rt, const vsp_batch_op *op, char *reason, size_t reason_size)
{
	(void)state, (void)reason, (void)reason_size;
	uint8_t *dst = rt->memory.base + op->dst, block[BLOCK];
	const uint8_t *src = rt->memory.base + op->src;
	bool apart = op->src == op->dst || !overlap(op->src, op->count, op->dst, op->count);
	/*
	 * A destination above its source overwrites later source bytes, so the loop runs from the
	 * end.
	 */
	bool backward = op->dst > op->src;
	size_t most = apart ? POLL_BYTES : BLOCK;
	for (uint64_t done = 0; done < op->count;) {
		size_t n = op->count - done < most ? (size_t)(op->count - done) : most;
		uint64_t at = backward ? op->count - done - n : done;
		int trap = vsp_rt_poll(rt);
		if (trap)
			return trap;
		if (!apart)
			memcpy(block, src + at, n);
		loops_of(rt)->map[op->sel](dst + at, apart ? src + at : block, n);
		done += n;
	}
	return 0;
}

static uint8_t fold_add(uint8_t acc, const uint8_t *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		acc = vsp_bytesil_add(acc, p[i]);
	return acc;
}

static int run_vred(void *state, vsp_rt *rt, const vsp_batch_op *op, char *reason, size_t reason_size)
{
	(void)state, (void)reason, (void)reason_size;
	enum { MUL = 0, ADD = 2 }; /* VRED's selectors, see isa.md; 4 is exclusive or */
	const vsp_vector_loops *loops = loops_of(rt);
	uint8_t (*fold)(uint8_t, const uint8_t *, size_t) = op->sel == MUL   ? loops->fold_mul
	                                                    : op->sel == ADD ? fold_add
	                                                                     : loops->fold_xor;
	uint8_t acc = op->sel == MUL ? VSP_BYTESIL_ONE : VSP_BYTESIL_NULL;
	const uint8_t *src = rt->memory.base + op->src;
	for (uint64_t done = 0; done < op->count; done += BLOCK) {
		int trap = vsp_rt_poll(rt);
		if (trap)
			return trap;
		acc = fold(acc, src + done, op->count - done < BLOCK ? (size_t)(op->count - done) : BLOCK);
	}
	*op->result = acc;
	return 0;
}

/* ---- LAUNCH ---- */

static int run_launch(void *state, vsp_rt *rt, const vsp_batch_op *op, char *reason, size_t reason_size)
{
	(void)state, (void)reason, (void)reason_size;
	int trap = 0;
	if (rt->kernels && !rt->check_kernels && !rt->fuel_on)
		return rt->kernels->launch(rt, op);
	if (rt->check_kernels)
		rt->ranges = op->ranges;
	for (uint64_t i = 0; i < op->count && !trap; i++) {
		uint64_t regs[16] = {i, op->argument};
		trap = vsp_rt_poll(rt);
		if (!trap)
			trap = rt->run_function(rt, op->index, regs);
	}
	rt->ranges = NULL;
	return trap;
}

const vsp_provider vsp_provider_cpu = {
        .name = "cpu",
        .hint = VSP_HINT_CPU,
        .measure = vsp_cpu_measure,
        .run = {[VSP_BATCH_GRADB] = run_gradb,
                [VSP_BATCH_DESCB] = run_descb,
                [VSP_BATCH_VMAP] = run_vmap,
                [VSP_BATCH_VRED] = run_vred,
                [VSP_BATCH_LAUNCH] = run_launch},
};
