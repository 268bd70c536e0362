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
	/* Registers that linear allocation keeps free: for operands in slots, of which an
	   instruction has at most three. */
	SCRATCH = 13
};

typedef struct wasm_allocation {
	uint16_t *places; /* by virtual register */
	uint32_t room;
	bool too_many_slots, no_memory;
} wasm_allocation;

/* Fills places for all registers of code. False: it failed, as the two flags say. Time is
   n log n in the size of the code. */
bool wasm_allocate_linear(wasm_allocation *a, const ir_code *code);
void wasm_allocation_free(wasm_allocation *a);

#endif
