/*
 * What the tier manager shows to tools of what it does: events for the trace.
 */
#include "manager_parts.h"

void vsp_manager_show(
        vsp_manager *m, const vsp_manager_unit *u, int tier, vsp_trace_kind kind, int from, const char *why)
{
	vsp_trace_add(m->options.trace,
	        &(vsp_trace_event){
	                .kind = kind, .func = u->func, .pc = u->pc, .tier = tier, .from = from, .reason = why});
}

static void trace_compiled(vsp_manager *m, const vsp_manager_unit *u, int tier, const char *why)
{
	const vsp_jit_unit *built = &u->built[tier];
	vsp_trace_add(m->options.trace,
	        &(vsp_trace_event){.kind = VSP_TRACE_COMPILE,
	                .func = u->func,
	                .pc = u->pc,
	                .tier = tier,
	                .reason = why,
	                .phase_ns = {built->lower_ns, built->optimise_ns, built->emit_ns, built->link_ns},
	                .bytes = built->code_size,
	                .inlined = built->inlined});
}

void vsp_manager_show_compiled(vsp_manager *m, const vsp_manager_unit *u, int tier, const char *why)
{
	trace_compiled(m, u, tier, why);
	vsp_manager_show(m, u, tier, why ? VSP_TRACE_GIVE_UP : VSP_TRACE_PUBLISH, 0, why);
}
