/*
 * Giving virtual registers places: colouring, and a linear scan for functions that are too large
 * for it.
 */
#include "allocate.h"

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
