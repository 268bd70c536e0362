/*
 * The constants of the cost model (choice.c) for the CPU: what its loops take for a state or a byte
 * that is in memory. What an instruction of a kernel takes depends on the tier that runs it, and is
 * learned from the run. Nothing of a program's is touched, and all takes a few milliseconds.
 */
#include "cpu_measure.h"

#include <string.h>

#include "runtime/arith/bytesil.h"
#include "runtime/base/alloc.h"
#include "runtime/platform/platform.h"
#include "vector.h"

enum {
	BYTES = 2 << 20,     /* of the destination, and of the source */
	STATES = BYTES / 64, /* whose gradients have as many bytes */
	ATTEMPTS = 4,        /* the first of which is not counted: it also gets the memory */
	WARM = 1
};

typedef struct gauge {
	const vsp_vector_loops *loops;
	uint8_t *dst, *src;
	float *distances;
	volatile uint8_t result;
} gauge;

static void gradb(gauge *g)
{
	if (g->loops->grad_looked_up)
		g->loops->grad_looked_up(g->dst, g->src, STATES, g->distances);
	else
		vsp_vector_plain.grad(g->dst, g->src, STATES, NULL);
}

/* The gradients are those that gradb has made, the states zeros and then whatever. */
static void descb(gauge *g) { g->loops->descent(g->src, g->dst, STATES, 0.25f); }

static void vmap(gauge *g) { g->loops->map[VSP_MAP_mul](g->dst, g->src, BYTES); }

static void vred(gauge *g) { g->result = g->loops->fold_xor(VSP_BYTESIL_NULL, g->src, BYTES); }

/* The best of some times, of one of count items. */
static double time_item(gauge *g, void (*run)(gauge *g), double count)
{
	double best = 0;
	for (int i = 0; i < ATTEMPTS; i++) {
		uint64_t start = vsp_plat_clock_ns();
		run(g);
		double ns = (double)(vsp_plat_clock_ns() - start);
		if (i == WARM || (i > WARM && ns < best))
			best = ns;
	}
	return best / count;
}

static void measure_all(gauge *g, vsp_costs *costs)
{
	vsp_vector_distances(g->distances);
	costs->work_ns[VSP_BATCH_GRADB] = time_item(g, gradb, STATES);
	costs->work_ns[VSP_BATCH_DESCB] = time_item(g, descb, STATES);
	costs->work_ns[VSP_BATCH_VMAP] = time_item(g, vmap, BYTES);
	costs->work_ns[VSP_BATCH_VRED] = time_item(g, vred, BYTES);
}

bool vsp_cpu_measure(void *state, vsp_rt *rt, const struct vsp_device_source *source, vsp_costs *costs)
{
	(void)state, (void)rt, (void)source;
	gauge g = {.loops = vsp_vector_best(),
	        .dst = vsp_alloc(BYTES, 1),
	        .src = vsp_alloc(BYTES, 1),
	        .distances = vsp_alloc(VSP_DISTANCES, sizeof(float))};
	bool good = g.dst && g.src && g.distances;
	memset(costs, 0, sizeof *costs);
	if (good)
		measure_all(&g, costs);
	vsp_free_memory(g.dst);
	vsp_free_memory(g.src);
	vsp_free_memory(g.distances);
	return good;
}
