/*
 * Failed runs of compiled programs: the place of a trap, from the machine's program counter, and
 * the error that hosts see.
 */
#include "instance.h"

#include <stdio.h>
#include <string.h>

#include "runtime/compiled.h"
#include "runtime/base/error.h"
#include "runtime/platform/platform.h"
#include "runtime/run_end.h"

/* ---- places ---- */

/* The place of the machine code at machine_pc, or null. */
static const vsp_aot_place *find_place(const vsp_aot_places *p, const void *machine_pc)
{
	uintptr_t offset = (uintptr_t)machine_pc - (uintptr_t)p->code;
	uint32_t low = 0, high = machine_pc ? p->count : 0;
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		if (p->list[middle].offset <= offset)
			low = middle + 1;
		else
			high = middle;
	}
	/* The last place is the end of the code. */
	return low && low < p->count ? &p->list[low - 1] : NULL;
}

/* The code address of its instruction; VSP_NO_PC when unknown. The access under way is known
   where the code marks accesses. */
static uint32_t place_of(void *opaque, const void *machine_pc, bool access, uint32_t *func)
{
	const vsp_aot_instance *instance = opaque;
	(void)func;
	if (access && instance->rt.access_pc != VSP_NO_PC) /* precise optimised code marks them */
		return instance->rt.access_pc;
	const vsp_aot_place *place = find_place(instance->program->places, machine_pc);
	return place ? place->pc : VSP_NO_PC;
}

void vsp_aot_left(vsp_aot_instance *instance, vsp_plat_outcome outcome, const vsp_plat_region *region, uint32_t func)
{
	vsp_run_left(&instance->rt, outcome, region, &(vsp_run_code){.func = func, .place = place_of, .arg = instance});
}

/* ---- errors ---- */

static const char *trap_text(uint32_t kind)
{
	static const char *const texts[] = {
	        "no trap",
#define TRAP(NAME, text) text,
#include "runtime/traps.def"
	};
	return kind < sizeof texts / sizeof texts[0] ? texts[kind] : "unknown trap";
}

/* The row that holds pc, or null. */
static const vsp_aot_line *line_at(const vsp_aot_program *p, uint32_t pc)
{
	uint32_t low = 0, high = p->line_count;
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		if (p->lines[middle].pc <= pc)
			low = middle + 1;
		else
			high = middle;
	}
	return low && pc != VSP_NO_PC ? &p->lines[low - 1] : NULL;
}

static uint32_t line_of(const vsp_aot_instance *instance, uint32_t pc)
{
	const vsp_aot_line *line = line_at(instance->program, pc);
	return line ? line->line : 0;
}

static void add_frame(vsp_aot_instance *instance, uint32_t func, uint32_t pc)
{
	vsp_error *error = &instance->error;
	if (error->frames == sizeof error->trace / sizeof error->trace[0])
		return;
	vsp_frame *frame = &error->trace[error->frames++];
	frame->pc = pc;
	frame->line = line_of(instance, pc);
	if (func < vsp_aot_module.function_count)
		snprintf(frame->function, sizeof frame->function, "%s", vsp_aot_module.functions[func].name);
}

/* A caller that is at pc of its function, after a frame of the function last. A caller without a
   place, or at the start of the function that it calls, only passes a call on. Returns the
   function of the last frame then. */
static uint32_t add_caller(vsp_aot_instance *instance, uint32_t pc, uint32_t last)
{
	uint32_t func = pc == VSP_NO_PC ? last : vsp_run_func_at(&instance->rt, pc);
	if (pc == VSP_NO_PC || (func == last && instance->program->funcs[func].start == pc))
		return last;
	add_frame(instance, func, pc);
	return func;
}

/* The first of the region's frames is where the trap was, whose place is known better; but it may
   have callers within. */
static void add_callers(vsp_aot_instance *instance, const vsp_plat_region *region)
{
	const vsp_aot_places *places = instance->program->places;
	const vsp_trap_info *trap = &instance->rt.trap;
	uint32_t last = trap->func;
	for (uint32_t i = 0; i < trap->caller_count; last = trap->callers[i++].func)
		add_frame(instance, trap->callers[i].func, trap->callers[i].pc);
	for (uint32_t i = 0; i < region->frame_count; i++) {
		const vsp_aot_place *place = find_place(places, region->frames[i]);
		if (place && i > 0)
			last = add_caller(instance, place->pc, last);
		for (uint32_t site = place ? place->outer : VSP_AOT_NO_SITE; site != VSP_AOT_NO_SITE;
		        site = places->sites[site].outer)
			last = add_caller(instance, places->sites[site].pc, last);
	}
}

void vsp_aot_report_trap(vsp_aot_instance *instance, const vsp_plat_region *region)
{
	const vsp_trap_info *trap = &instance->rt.trap;
	vsp_error *error = &instance->error;
	vsp_error_clear(error);
	vsp_error_set(error, VSP_TRAPPED, "%s%s%s", trap_text(trap->kind), trap->message[0] ? ": " : "", trap->message);
	error->trap = (vsp_trap)trap->kind;
	error->trap_code = trap->code;
	error->pc = trap->pc;
	const vsp_aot_line *line = line_at(instance->program, trap->pc);
	if (line) {
		snprintf(error->file, sizeof error->file, "%s", instance->program->files[line->file]);
		error->line = line->line;
		error->column = line->column;
	}
	add_frame(instance, trap->func, trap->pc);
	add_callers(instance, region);
	memcpy(error->function, error->trace[0].function, sizeof error->function);
}
