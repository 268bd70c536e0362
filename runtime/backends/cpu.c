/*
 * The CPU provider. It executes operations in order and at once, and is the reference for the
 * results of all others.
 *
 * Every operation has the result that it would have if all sources were read before the first
 * write. VMAP's loops achieve that by working in blocks, in the direction in which a write never
 * reaches a source that is still to be read; the others copy overlapping sources first. So the
 * plain loops have no aliases, and compilers vectorise them.
 */
#include <string.h>

#include "launch.h"
#include "runtime/arith/bytesil.h"
#include "runtime/helpers.h"

/*
 * The number of states or bytes between two polls of the interrupt flag: well below 10 ms of work.
 */
enum { POLL_STATES = 1 << 14, BLOCK = 4096, COPY_STEP = 4 << 20 };

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

/* ---- floats in linear memory ---- */

static float load_f32(const uint8_t *p)
{
	uint32_t bits = (uint32_t)vsp_read_le(p, 4);
	float f;
	memcpy(&f, &bits, sizeof f);
	return f;
}

static void store_f32(uint8_t *p, float f)
{
	uint32_t bits;
	memcpy(&bits, &f, sizeof bits);
	vsp_write_le(p, bits, 4);
}

/* ---- gradients ---- */

static int run_gradb(void *state, vsp_rt *rt, const vsp_batch_op *op, char *reason, size_t reason_size)
{
	(void)state, (void)reason, (void)reason_size;
	const uint8_t *src;
	int trap = stable_source(rt, op->src, op->count * 16, op->dst, op->count * 64, &src);
	uint8_t *dst = rt->memory.base + op->dst;
	for (uint64_t i = 0; i < op->count && !trap; i++) {
		trap = i % POLL_STATES ? 0 : vsp_rt_poll(rt);
		if (trap)
			break;
		float g[16];
		vsp_bytesil_grad(src + 16 * i, g);
		for (unsigned k = 0; k < 16; k++)
			store_f32(dst + 64 * i + 4 * k, g[k]);
	}
	return trap;
}

static int run_descb(void *state, vsp_rt *rt, const vsp_batch_op *op, char *reason, size_t reason_size)
{
	(void)state, (void)reason, (void)reason_size;
	const uint8_t *src;
	int trap = stable_source(rt, op->src, op->count * 64, op->dst, op->count * 16, &src);
	uint8_t *dst = rt->memory.base + op->dst;
	for (uint64_t i = 0; i < op->count && !trap; i++) {
		trap = i % POLL_STATES ? 0 : vsp_rt_poll(rt);
		if (trap)
			break;
		for (unsigned k = 0; k < 16; k++) {
			uint8_t *layer = dst + 16 * i + k;
			*layer = vsp_bytesil_descent(*layer, op->rate, load_f32(src + 64 * i + 4 * k));
		}
	}
	return trap;
}

/* ---- VMAP ---- */

/* One block: dst[i] = dst[i] op src[i], where src overlaps nothing. */
typedef void (*block_fn)(uint8_t *restrict dst, const uint8_t *restrict src, size_t n);

#define BLOCK_FN(name, value) \
	static void block_##name(uint8_t *restrict dst, const uint8_t *restrict src, size_t n) \
	{ \
		for (size_t i = 0; i < n; i++) \
			dst[i] = (uint8_t)(value); \
	}
BLOCK_FN(mul, vsp_bytesil_mul(dst[i], src[i]))
BLOCK_FN(div, vsp_bytesil_div(dst[i], src[i]))
BLOCK_FN(add, vsp_bytesil_add(dst[i], src[i]))
BLOCK_FN(sub, vsp_bytesil_sub(dst[i], src[i]))
BLOCK_FN(xorl, vsp_bytesil_xorl(dst[i], src[i]))
BLOCK_FN(andl, dst[i] & src[i])
BLOCK_FN(orl, dst[i] | src[i])
BLOCK_FN(copy, src[i])
BLOCK_FN(conj, vsp_bytesil_conj(src[i]))
BLOCK_FN(inv, vsp_bytesil_inv(src[i]))
#undef BLOCK_FN

/* By VMAP's selector, see isa.md. */
static const block_fn block_fns[] = {block_mul, block_div, block_add, block_sub, block_xorl, block_andl, block_orl,
        block_copy, block_conj, block_inv};

static int run_vmap(void *state, vsp_rt *rt, const vsp_batch_op *op, char *reason, size_t reason_size)
{
	(void)state, (void)reason, (void)reason_size;
	uint8_t *dst = rt->memory.base + op->dst, block[BLOCK];
	const uint8_t *src = rt->memory.base + op->src;
	bool apart = !overlap(op->src, op->count, op->dst, op->count);
	/*
	 * A destination above its source overwrites later source bytes, so the loop runs from the
	 * end.
	 */
	bool backward = op->dst > op->src;
	for (uint64_t done = 0; done < op->count;) {
		size_t n = op->count - done < BLOCK ? (size_t)(op->count - done) : BLOCK;
		uint64_t at = backward ? op->count - done - n : done;
		int trap = vsp_rt_poll(rt);
		if (trap)
			return trap;
		if (!apart)
			memcpy(block, src + at, n);
		block_fns[op->sel](dst + at, apart ? src + at : block, n);
		done += n;
	}
	return 0;
}

/* ---- VRED ---- */

static uint8_t fold_mul(uint8_t acc, const uint8_t *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		acc = vsp_bytesil_mul(acc, p[i]);
	return acc;
}

static uint8_t fold_add(uint8_t acc, const uint8_t *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		acc = vsp_bytesil_add(acc, p[i]);
	return acc;
}

static uint8_t fold_xor(uint8_t acc, const uint8_t *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		acc ^= p[i];
	return acc;
}

static int run_vred(void *state, vsp_rt *rt, const vsp_batch_op *op, char *reason, size_t reason_size)
{
	(void)state, (void)reason, (void)reason_size;
	enum { MUL = 0, ADD = 2 }; /* VRED's selectors, see isa.md; 4 is exclusive or */
	uint8_t (*fold)(uint8_t, const uint8_t *, size_t) = op->sel == MUL   ? fold_mul
	                                                    : op->sel == ADD ? fold_add
	                                                                     : fold_xor;
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
        .run = {[VSP_BATCH_GRADB] = run_gradb,
                [VSP_BATCH_DESCB] = run_descb,
                [VSP_BATCH_VMAP] = run_vmap,
                [VSP_BATCH_VRED] = run_vred,
                [VSP_BATCH_LAUNCH] = run_launch},
};
