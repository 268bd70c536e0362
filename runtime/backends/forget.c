/*
 * Providers between two users of one instance: nothing of what the first one did is to be seen, by
 * counts, reasons, refusals and room that was needed, or by where the next one's operations run.
 */
#include "provider.h"

#include <string.h>

/* Why it cannot be opened on this machine is said once, by probe. */
static void forget_slot(vsp_backend *s)
{
	memset(s->stats.operations, 0, sizeof s->stats.operations);
	s->stats.emerged = 0;
	if (s->probed != VSP_PROBE_BAD)
		s->stats.reason[0] = 0;
	s->stats.placed[s->placed_before] = 0;
	s->refusal_count = 0;
}

void vsp_backends_forget(vsp_rt *rt)
{
	vsp_backends *backends = rt->backends;
	if (!backends)
		return;
	vsp_backends_release(rt);
	for (uint32_t i = 0; i < backends->count; i++)
		forget_slot(&backends->slot[i]);
	backends->on_cpu_ns = 0;
	backends->slot[0].costs.work_ns[VSP_BATCH_LAUNCH] = 0;
}

void vsp_backends_settle(vsp_rt *rt)
{
	vsp_backends *backends = rt->backends;
	for (uint32_t i = 0; backends && i < backends->count; i++)
		backends->slot[i].placed_before = strlen(backends->slot[i].stats.placed);
	vsp_backends_forget(rt);
}
