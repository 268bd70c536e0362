/*
 * Memory and registers for the steps of colouring.
 */
#include "colouring.h"

#include "runtime/base/alloc.h"

void *colour_array(colouring *c, size_t count, size_t size)
{
	void *array = vsp_arena_array(&c->arena, count, size);
	if (!array)
		colour_no_memory(c);
	return array;
}

void colour_enlarge(colouring *c, void **array, uint32_t *room, size_t size)
{
	uint32_t wanted = *room < UINT32_MAX / 2 ? *room * 2 + 256 : 0;
	void *moved = wanted ? vsp_realloc(*array, wanted, size) : NULL;
	if (!moved) {
		colour_no_memory(c);
		return;
	}
	*array = moved;
	*room = wanted;
}

uint32_t colour_new_reg(colouring *c, ir_reg_kind kind, uint8_t state)
{
	uint32_t reg = ir_new_reg(c->code, kind);
	if (ir_failed(c->code))
		colour_no_memory(c);
	colour_grow(c, (void **)&c->states, reg, &c->state_room, 1);
	if (c->gives_up && c->out->no_memory)
		return 0;
	c->states[reg] = state;
	return reg;
}
