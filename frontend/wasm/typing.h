/*
 * The operand stack and the blocks of code that is being typed, between code.c and typing.c.
 */
#ifndef VSP_FRONTEND_WASM_TYPING_H
#define VSP_FRONTEND_WASM_TYPING_H

#include "code.h"

static inline wasm_block *wasm_top(wasm_code *c) { return &c->blocks[c->depth - 1]; }

void wasm_push(wasm_code *c, uint8_t type);
/* The type of the operand on top, which goes; WASM_ANY in code that is not reached. */
uint8_t wasm_pop(wasm_code *c);
void wasm_pop_type(wasm_code *c, uint8_t type);
void wasm_push_types(wasm_code *c, const uint8_t *types, uint32_t count);
void wasm_pop_types(wasm_code *c, const uint8_t *types, uint32_t count);
/* Fails unless operands of these types are on top; they stay. */
void wasm_check_types(wasm_code *c, const uint8_t *types, uint32_t count);
/* The same with the letters of opcodes.def. */
void wasm_push_letters(wasm_code *c, const char *letters);
void wasm_pop_letters(wasm_code *c, const char *letters);

/* Begins a block whose parameters are on top. */
void wasm_push_block(wasm_code *c, uint32_t code, wasm_type type);
/* Ends the innermost block: its results, and nothing else, must be on top, and go. */
void wasm_pop_block(wasm_code *c);
void wasm_set_unreachable(wasm_code *c);

/* Fails at the instruction that is being typed. */
bool wasm_mismatch(wasm_code *c, uint8_t given, uint8_t needed);

#endif
