/*
 * Moves between registers that happen at once: a register is written when no other move has yet to
 * read it; when all that are left form circles, registers are exchanged.
 */
#include "moves.h"

void wasm_moves_clear(wasm_moves *m)
{
	for (unsigned i = 0; i < VSP_REGISTERS; i++)
		m->source[i] = (uint8_t)i;
}

void wasm_moves_order(const wasm_moves *m, void (*add)(void *user, uint16_t form, uint8_t a, uint8_t b), void *user)
{
	wasm_moves left = *m;
	uint8_t readers[VSP_REGISTERS] = {0}; /* of moves that are left */
	for (unsigned d = 0; d < VSP_REGISTERS; d++)
		if (left.source[d] != d)
			readers[left.source[d]]++;
	for (bool moved = true; moved;) {
		moved = false;
		for (unsigned d = 0; d < VSP_REGISTERS; d++)
			if (left.source[d] != d && !readers[d]) {
				add(user, VSP_I_MOV, (uint8_t)d, left.source[d]);
				readers[left.source[d]]--;
				left.source[d] = (uint8_t)d;
				moved = true;
			}
	}
	/* Circles: an exchange gives d its value, and s what was in d, for the one that wants
	   it. */
	for (unsigned d = 0; d < VSP_REGISTERS; d++) {
		uint8_t s = left.source[d];
		if (s == d)
			continue;
		add(user, VSP_I_XCHG, (uint8_t)d, s);
		left.source[d] = (uint8_t)d;
		for (unsigned i = 0; i < VSP_REGISTERS; i++)
			if (i != d && left.source[i] == d)
				left.source[i] = s;
	}
}
