/*
 * The events and code that the tier manager shows to tools: events for the trace, and code for gdb
 * and perf. Code is shown before it is published, so that no tool meets an address that it does not
 * know. If there is no memory for that, the code runs without being shown.
 */
#include "tiers/observe/elf_image.h"
#include "parts.h"
#include "tiers/observe/perf.h"
#include "runtime/base/alloc.h"

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

static void show_to_gdb(vsp_manager *m, vsp_manager_unit *u, int tier)
{
	vsp_text image = VSP_TEXT_GROWING;
	vsp_elf_image(&image, m->module, &u->built[tier]);
	struct vsp_shown *shown = &u->shown[tier];
	shown->image = vsp_text_finish(&image);
	if (shown->image)
		shown->gdb = vsp_gdb_add(shown->image, image.length);
}

static void show_to_perf(const vsp_manager *m, const vsp_jit_unit *built, int tier)
{
	vsp_text map = VSP_TEXT_GROWING, dump = VSP_TEXT_GROWING;
	vsp_perf_describe(&map, &dump, m->module, built, tier, vsp_perf_numbers(built->map->symbol_count));
	if (!map.failed && !dump.failed)
		vsp_perf_add(map.bytes, map.length, dump.bytes, dump.length);
	vsp_free_memory(map.bytes);
	vsp_free_memory(dump.bytes);
}

void vsp_manager_show_compiled(vsp_manager *m, vsp_manager_unit *u, int tier, const char *why)
{
	trace_compiled(m, u, tier, why);
	if (u->built[tier].map && m->options.observe & VSP_OBSERVE_GDB)
		show_to_gdb(m, u, tier);
	if (u->built[tier].map && m->options.observe & VSP_OBSERVE_PERF)
		show_to_perf(m, &u->built[tier], tier);
	vsp_manager_show(m, u, tier, why ? VSP_TRACE_GIVE_UP : VSP_TRACE_PUBLISH, 0, why);
}

void vsp_manager_hide(vsp_manager_unit *u, int tier)
{
	vsp_gdb_remove(u->shown[tier].gdb);
	vsp_free_memory(u->shown[tier].image);
	u->shown[tier] = (struct vsp_shown){0};
}
