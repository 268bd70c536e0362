/*
 * LAUNCH on the CPU where kernels can be compiled, see launch.h. It hands out parts that take about
 * a millisecond, by the time that the part before took. Between two of them interrupts are looked
 * for, so that code which does not poll may rely on that, and code which a compiler has finished in
 * the meantime is entered.
 */
#include "launch.h"
#include "runtime/helpers.h"
#include "runtime/platform/platform.h"

enum { FIRST_PART = 16, MOST_GROWTH = 8 };
static const uint64_t part_ns = 1000000;

/* A LAUNCH in progress. Iterations before next have been run, and size more are next. */
typedef struct launch {
	vsp_rt *rt;
	const vsp_batch_op *op;
	uint64_t next, size;
} launch;

/* Runs a part in tier 0. */
static int run_plainly(vsp_rt *rt, const vsp_kernel_part *part)
{
	int trap = 0;
	for (uint64_t i = part->begin; i < part->end && !trap; i++) {
		uint64_t regs[16] = {i, part->argument};
		trap = rt->run_function(rt, part->func, regs);
	}
	return trap;
}

/* The size of the part after one of size iterations that took ns. */
static uint64_t next_size(uint64_t size, uint64_t ns)
{
	uint64_t wanted = ns ? (uint64_t)((double)size * (double)part_ns / (double)ns) : UINT64_MAX;
	uint64_t most = size <= UINT64_MAX / MOST_GROWTH ? size * MOST_GROWTH : UINT64_MAX;
	wanted = wanted < most ? wanted : most;
	return wanted ? wanted : 1;
}

static vsp_kernel_part next_part(const launch *l)
{
	uint64_t left = l->op->count - l->next;
	uint64_t end = l->size < left ? l->next + l->size : l->op->count;
	return (vsp_kernel_part){l->op->index, l->next, end, l->op->argument};
}

static int run_next(launch *l)
{
	vsp_rt *rt = l->rt;
	vsp_kernel_part part = next_part(l);
	const void *code = rt->kernels->find(rt, part.func, l->op->count - l->next);
	uint64_t start = vsp_plat_clock_ns();
	int trap = code ? rt->kernels->run(rt, code, &part) : run_plainly(rt, &part);
	l->size = next_size(part.end - part.begin, vsp_plat_clock_ns() - start);
	l->next = part.end;
	return trap;
}

int vsp_launch(vsp_rt *rt, const vsp_batch_op *op)
{
	launch l = {rt, op, 0, FIRST_PART};
	int trap = rt->depth < rt->max_depth ? 0 : vsp_rt_fail(rt, VSP_TRAP_CALL_DEPTH, NULL);
	while (!trap && l.next < op->count) {
		trap = vsp_rt_poll(rt);
		if (!trap)
			trap = run_next(&l);
	}
	return trap;
}
