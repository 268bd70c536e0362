/*
 * LAUNCH on the CPU where kernels can be compiled, see launch.h. It hands out parts that take about
 * a millisecond, by the time that the part before took. Between two of them interrupts are looked
 * for, so that code which does not poll may rely on that, and code which a compiler has finished in
 * the meantime is entered. When enough is left, other threads take over (team.c).
 */
#include "launch.h"
#include "runtime/helpers.h"
#include "runtime/platform/platform.h"

/* PART_NS: how long a part is to take. */
enum { MOST_GROWTH = 8, PART_NS = 1000000 };

/* A LAUNCH in progress. Iterations before next have been run, and size more are next. */
typedef struct launch {
	vsp_rt *rt;
	const vsp_batch_op *op;
	uint64_t next, size;
	const void *code; /* in which the last part was run, or null */
	uint64_t left_ns; /* how long all others will take in this code; 0: unknown */
	bool alone;       /* there are no other threads */
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

static uint64_t scale(uint64_t n, uint64_t by, uint64_t from)
{
	double scaled = (double)n * (double)by / (double)(from ? from : 1);
	return scaled < (double)INT64_MAX ? (uint64_t)scaled : INT64_MAX;
}

/* Chooses the next part after one of size iterations that took ns. */
static void measure(launch *l, uint64_t size, uint64_t ns)
{
	uint64_t wanted = scale(size, PART_NS, ns), most = scale(size, MOST_GROWTH, 1);
	wanted = wanted < most ? wanted : most;
	l->size = wanted ? wanted : 1;
	l->left_ns = l->code && ns >= vsp_launch_limits.sure_ns ? scale(l->op->count - l->next, ns, size) : 0;
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
	l->code = rt->kernels->find(rt, part.func, l->op->count - l->next);
	uint64_t start = vsp_plat_clock_ns();
	int trap = l->code ? rt->kernels->run(rt, l->code, &part, NULL) : run_plainly(rt, &part);
	l->next = part.end;
	measure(l, part.end - part.begin, vsp_plat_clock_ns() - start);
	return trap;
}

/* Is what is left worth other threads? */
static bool wants_team(const launch *l)
{
	return !l->alone && l->left_ns >= vsp_launch_limits.team_ns && l->rt->kernels->team;
}

int vsp_launch(vsp_rt *rt, const vsp_batch_op *op)
{
	launch l = {.rt = rt, .op = op, .size = vsp_launch_limits.first_part};
	int trap = rt->depth < rt->max_depth ? 0 : vsp_rt_fail(rt, VSP_TRAP_CALL_DEPTH, NULL);
	while (!trap && l.next < op->count) {
		trap = vsp_rt_poll(rt);
		if (!trap && wants_team(&l)) {
			trap = rt->kernels->team(rt, l.code, op, l.size, &l.next);
			l.alone = true;
		} else if (!trap) {
			trap = run_next(&l);
		}
	}
	return trap;
}
