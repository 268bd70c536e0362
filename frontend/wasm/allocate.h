/*
 * Giving virtual registers a place: one of the 16 registers, or a local slot of the activation.
 */
#ifndef VSP_FRONTEND_WASM_ALLOCATE_H
#define VSP_FRONTEND_WASM_ALLOCATE_H

#include "ir.h"

enum {
	PLACE_SLOT = 0x1000, /* PLACE_SLOT + n: slot n; below VSP_REGISTERS: a register */
	PLACE_NONE = 0xFFFF, /* nobody reads it */
	MAX_SLOTS = 4096,
	/* From here on are the registers that the linear scan keeps free: for operands in slots, of
	   which an instruction has at most three. */
	SCRATCH = 13
};

typedef struct wasm_allocation {
	uint16_t *places; /* by virtual register */
	uint32_t room;
	uint32_t scanned; /* functions so far that the linear scan gave places */
	bool too_many_slots, no_memory;
} wasm_allocation;

/*
 * Fills places for all registers of code, by colouring them, for which it changes the code, or in
 * functions that are too large for it by a linear scan. False: it failed, as the two flags say.
 * Time is n log n in the size of the code, within the bounds of colouring.h for each instruction.
 */
bool wasm_allocate(wasm_allocation *a, ir_code *code);
/* The linear scan. */
bool wasm_allocate_linear(wasm_allocation *a, const ir_code *code);
/* Colouring. False: it failed, or it is too much work, and the linear scan may follow. */
bool wasm_allocate_colours(wasm_allocation *a, ir_code *code);
/* Makes room for the places of so many registers. False: there is no memory, as the flag says. */
bool wasm_allocation_reserve(wasm_allocation *a, uint32_t count);
void wasm_allocation_free(wasm_allocation *a);

#endif
