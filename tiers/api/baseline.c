/*
 * The baseline compiler of an instance: creates it, and shows its code to tools, as the tier
 * manager shows compiled code (tiers/manager/show.c).
 */
#include "api.h"
#include "tiers/observe/elf_image.h"
#include "tiers/observe/perf.h"
#include "tiers/observe/registry.h"
#include "runtime/base/alloc.h"

enum {
#define KNOB(NAME, value, text) KNOB_##NAME = (value),
#include "tiers/knobs.def"
};

/* Code that gdb knows. */
struct vsp_shown_code {
	struct vsp_shown_code *next;
	char *image;
	vsp_gdb_entry *gdb;
};

static void trace_copied(
        vsp_instance *instance, uint32_t func, const vsp_jit_unit *unit, const char *reason, uint64_t start_ns)
{
	vsp_trace_add(instance->trace, &(vsp_trace_event){.kind = VSP_TRACE_COPY,
	                                       .func = func,
	                                       .pc = instance->module->data->funcs[func].start,
	                                       .start_ns = start_ns,
	                                       .reason = reason,
	                                       .bytes = unit ? unit->code_size : 0});
}

static void show_to_gdb(vsp_instance *instance, const vsp_jit_unit *unit)
{
	vsp_text image = VSP_TEXT_GROWING;
	struct vsp_shown_code *shown = vsp_alloc(1, sizeof *shown);
	if (!shown)
		return;
	vsp_elf_image(&image, instance->module->data, unit);
	shown->image = vsp_text_finish(&image);
	if (shown->image)
		shown->gdb = vsp_gdb_add(shown->image, image.length);
	shown->next = instance->shown;
	instance->shown = shown;
}

static void show_to_perf(const vsp_instance *instance, const vsp_jit_unit *unit)
{
	vsp_text map = VSP_TEXT_GROWING, dump = VSP_TEXT_GROWING;
	vsp_perf_describe(&map, &dump, instance->module->data, unit, VSP_TIER_BASELINE, vsp_perf_numbers(1));
	if (!map.failed && !dump.failed)
		vsp_perf_add(map.bytes, map.length, dump.bytes, dump.length);
	vsp_free_memory(map.bytes);
	vsp_free_memory(dump.bytes);
}

static void made(void *user, uint32_t func, const vsp_jit_unit *unit, const char *reason, uint64_t start_ns)
{
	vsp_instance *instance = user;
	trace_copied(instance, func, unit, reason, start_ns);
	if (unit && instance->config.observe & VSP_OBSERVE_GDB)
		show_to_gdb(instance, unit);
	if (unit && instance->perf)
		show_to_perf(instance, unit);
}

void vsp_instance_add_baseline(vsp_instance *instance)
{
	const vsp_baseline_watch watch = {.made = made, .user = instance};
	const vsp_config *c = &instance->config;
	if (c->tier != VSP_TIER_BASELINE && c->tier != VSP_TIER_AUTO)
		return;
	instance->baseline = vsp_baseline_create(instance->module->data, &instance->rt.account,
	        c->tier == VSP_TIER_AUTO ? KNOB_BASELINE_THRESHOLD : 0, c->observe ? &watch : NULL, &instance->beside);
}

void vsp_instance_remove_baseline(vsp_instance *instance)
{
	while (instance->shown) {
		struct vsp_shown_code *shown = instance->shown;
		instance->shown = shown->next;
		vsp_gdb_remove(shown->gdb);
		vsp_free_memory(shown->image);
		vsp_free_memory(shown);
	}
	vsp_baseline_destroy(instance->baseline);
	instance->baseline = NULL;
}
