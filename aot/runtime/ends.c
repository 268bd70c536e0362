/*
 * Failed runs of compiled programs: the place of a trap, from the machine's program counter, and
 * the error that hosts see.
 */
#include "instance.h"

#include "runtime/trap.h"

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

static void find_machine_place(void *opaque, const void *machine_pc, vsp_machine_place *place)
{
	const vsp_rt *rt = opaque;
	const vsp_aot_places *places = ((const vsp_aot_program *)vsp_aot_module.program)->places;
	const vsp_aot_place *found = find_place(places, machine_pc);
	/* Only precise optimised code marks accesses. */
	place->marks = rt->access_pc != VSP_NO_PC;
	if (!found)
		return;
	place->pc = found->pc;
	place->site = found->outer;
	place->sites = places->sites;
}

void vsp_aot_left(vsp_rt *rt, vsp_plat_outcome outcome, const vsp_plat_region *region, uint32_t func)
{
	vsp_trap_code entered = {.func = func, .pc = VSP_NO_PC, .find = find_machine_place, .arg = rt};
	vsp_trap_left_code(rt, outcome, region, &entered);
}

/* ---- errors ---- */

/* The row that holds pc, or null. */
static const vsp_aot_line_row *line_at(const vsp_aot_program *p, uint32_t pc)
{
	uint32_t low = 0, high = p->line_count;
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		if (p->lines[middle].pc <= pc)
			low = middle + 1;
		else
			high = middle;
	}
	return low && pc != VSP_NO_PC && p->lines[low - 1].line ? &p->lines[low - 1] : NULL; /* 0: it has none */
}

static void find_source(const void *opaque, uint32_t pc, uint32_t func, vsp_source_place *place)
{
	const vsp_aot_program *program = opaque;
	const vsp_aot_line_row *line = line_at(program, pc);
	if (func < vsp_aot_module.function_count)
		place->function = vsp_aot_module.functions[func].name;
	if (!line)
		return;
	place->file = program->files[line->file];
	place->line = line->line;
	place->column = line->column;
}

vsp_status vsp_aot_line(uint32_t pc, const char **file, uint32_t *line)
{
	const vsp_aot_program *program = vsp_aot_module.program;
	const vsp_aot_line_row *row = file && line ? line_at(program, pc) : NULL;
	if (!row)
		return VSP_E_ARGUMENT;
	*file = program->files[row->file];
	*line = row->line;
	return VSP_OK;
}

void vsp_aot_report_trap(vsp_aot_instance *instance)
{
	vsp_trap_source source = {find_source, instance->program};
	vsp_trap_report(&instance->rt, &source, &instance->error);
}
