/*
 * Moves between registers that happen at once, such as a call's arguments.
 */
#ifndef VSP_FRONTEND_WASM_MOVES_H
#define VSP_FRONTEND_WASM_MOVES_H

#include <stdint.h>

#include "ir/opcode.h"

/* source[d]: the register that register d takes its value from; d itself when it keeps it. */
typedef struct wasm_moves {
	uint8_t source[VSP_REGISTERS];
} wasm_moves;

void wasm_moves_clear(wasm_moves *m);
/* Calls add for instructions (MOV or XCHG with fields a and b) that make the moves, in their
   order. */
void wasm_moves_order(const wasm_moves *m, void (*add)(void *user, uint16_t form, uint8_t a, uint8_t b), void *user);

#endif
