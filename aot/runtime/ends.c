/*
 * How runs of compiled programs end badly: the place of a trap, from where the machine was, and the error that hosts see.
 */
#include "instance.h"

#include <stdio.h>
#include <string.h>

#include "runtime/compiled.h"
#include "runtime/error.h"
#include "runtime/platform.h"

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

/* The code address of its instruction; VSP_NO_PC when unknown. */
static uint32_t place_of(const vsp_aot_places *p, const void *machine_pc)
{
	const vsp_aot_place *place = find_place(p, machine_pc);
	return place ? place->pc : VSP_NO_PC;
}

/* Index of the function that holds pc. */
static uint32_t func_at(const vsp_aot_instance *instance, uint32_t pc)
{
	uint32_t low = 0, high = instance->rt.func_count;
	while (high - low > 1) {
		uint32_t middle = low + (high - low) / 2;
		if (instance->program->funcs[middle].start <= pc)
			low = middle;
		else
			high = middle;
	}
	return low;
}

/* The place of a trap; function func when it is not known. */
static void set_place(vsp_aot_instance *instance, uint32_t pc, uint32_t func)
{
	vsp_rt *rt = &instance->rt;
	rt->trap.pc = rt->end_pc = pc;
	rt->trap.func = pc == VSP_NO_PC ? func : func_at(instance, pc);
	rt->end = VSP_END_TRAPPED;
}

void vsp_aot_trap_fault(vsp_aot_instance *instance, const vsp_plat_region *region, uint32_t func)
{
	int64_t ea = (int64_t)((uintptr_t)region->fault - (uintptr_t)instance->rt.memory.base);
	vsp_rt_fail(&instance->rt, vsp_access_trap(ea), "access at address %lld", (long long)ea);
	bool marked = instance->rt.access_pc != VSP_NO_PC; /* precise optimised code does */
	set_place(instance, marked ? instance->rt.access_pc : place_of(instance->program->places, region->pc), func);
}

void vsp_aot_trap_stopped(vsp_aot_instance *instance, const vsp_plat_region *region, uint32_t func)
{
	vsp_rt_fail(&instance->rt, VSP_TRAP_INTERRUPTED, NULL);
	set_place(instance, place_of(instance->program->places, region->pc), func);
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

/* A caller that is at pc of its function, after a frame of the function last. What has no place, or is at the start of the function that it calls,
   only passes a call on. Returns the function of the last frame then. */
static uint32_t add_caller(vsp_aot_instance *instance, uint32_t pc, uint32_t last)
{
	uint32_t func = pc == VSP_NO_PC ? last : func_at(instance, pc);
	if (pc == VSP_NO_PC || (func == last && instance->program->funcs[func].start == pc))
		return last;
	add_frame(instance, func, pc);
	return func;
}

/* The first of the region's frames is where the trap was, whose place is known better; but it may have callers within. */
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
