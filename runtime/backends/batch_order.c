/*
 * Hints, batches and fences, which order batch instructions. An open batch only permits providers
 * to run while the program continues. Correctness never depends on it, so providers alone decide
 * what stays pending.
 */
#include "runtime/helpers.h"

#include "runtime/backends/provider.h"

void vsp_rt_hint(vsp_rt *rt, unsigned hint) { rt->hint = (uint8_t)hint; }

void vsp_rt_batch(vsp_rt *rt, uint32_t n)
{
	(void)n; /* a hint that no provider uses */
	if (rt->batch < UINT32_MAX)
		rt->batch++;
}

int vsp_rt_unbatch(vsp_rt *rt)
{
	if (rt->batch == 0)
		return 0;
	return --rt->batch == 0 ? vsp_rt_wait(rt) : 0;
}

int vsp_rt_fence(vsp_rt *rt)
{
	int trap = vsp_rt_wait(rt);
	if (trap)
		return trap;
	vsp_backends_fence(rt);
	atomic_thread_fence(memory_order_seq_cst);
	return 0;
}

int vsp_rt_wait(vsp_rt *rt) { return vsp_backends_wait(rt); }
