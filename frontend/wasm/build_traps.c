/*
 * Places that trap, behind the code of a function.
 */
#include "build.h"

#include "runtime/base/alloc.h"

/* Accesses what is never there. */
void build_out_of_bounds(build *b)
{
	uint32_t reg = build_temp(b), result = build_temp(b);
	build_insn(b, VSP_I_MOVI_64, reg, 0, 0, -1);
	build_insn(b, VSP_I_LOAD_D, result, reg, 0, UINT32_MAX);
}

uint32_t build_trap_label(build *b, unsigned code)
{
	for (uint32_t i = b->trap_count; i-- > 0 && b->traps[i].line == b->ir->line;)
		if (b->traps[i].code == code)
			return b->traps[i].label;
	if (b->trap_count == b->trap_room) {
		uint32_t room = b->trap_room ? b->trap_room * 2 : 8;
		build_trap *moved = vsp_realloc(b->traps, room, sizeof *moved);
		if (!moved) {
			b->ir->no_memory = true;
			return 0;
		}
		b->traps = moved;
		b->trap_room = room;
	}
	uint32_t label = ir_new_label(b->ir);
	b->traps[b->trap_count++] = (build_trap){label, b->ir->line, (uint16_t)code};
	return label;
}

void build_traps(build *b)
{
	for (uint32_t i = 0; i < b->trap_count; i++) {
		b->ir->line = b->traps[i].line;
		build_label(b, b->traps[i].label);
		if (b->traps[i].code == BUILD_OUT_OF_BOUNDS)
			build_out_of_bounds(b);
		build_insn(b, VSP_I_TRAP, 0, 0, 0, b->traps[i].code & 0xFF);
	}
}
