/*
 * Giving virtual registers places: colouring, and a linear scan for functions that are too large for
 * it.
 */
#include "allocate.h"

#include "runtime/base/alloc.h"

bool wasm_allocate(wasm_allocation *a, ir_code *code)
{
	a->no_memory = a->too_many_slots = false;
	if (wasm_allocate_colours(a, code))
		return true;
	if (a->no_memory)
		return false;
	a->scanned++;
	return wasm_allocate_linear(a, code);
}

bool wasm_allocation_reserve(wasm_allocation *a, uint32_t count)
{
	if (count <= a->room)
		return true;
	uint16_t *moved = vsp_realloc(a->places, count, sizeof *moved);
	if (!moved) {
		a->no_memory = true;
		return false;
	}
	a->places = moved;
	a->room = count;
	return true;
}

void wasm_allocation_free(wasm_allocation *a)
{
	vsp_free_memory(a->places);
	*a = (wasm_allocation){.room = 0};
}
