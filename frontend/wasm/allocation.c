/*
 * The array of the places that an allocation gives to registers.
 */
#include "allocate.h"

#include "runtime/base/alloc.h"

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
