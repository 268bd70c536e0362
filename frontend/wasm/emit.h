/*
 * Writing a function's machine code: intermediate code whose registers have places becomes VSP
 * instructions, with branches laid out.
 */
#ifndef VSP_FRONTEND_WASM_EMIT_H
#define VSP_FRONTEND_WASM_EMIT_H

#include "allocate.h"
#include "ir.h"

/* Code from address on belongs to a line, as in ir_insn. */
typedef struct wasm_emitted_row {
	uint32_t address, line;
} wasm_emitted_row;

typedef struct wasm_emitter {
	uint8_t *code; /* of all functions so far */
	uint32_t size, room;
	vsp_insn *insns; /* of the function; those of form IR_LABEL are labels */
	uint32_t count, insn_room;
	uint32_t *labels; /* their addresses */
	uint32_t label_room;
	uint32_t *lines;        /* of insns, as in ir_insn */
	uint32_t line;          /* of the next one */
	wasm_emitted_row *rows; /* where the line changes, for all functions so far */
	uint32_t row_count, row_room;
	bool no_memory, too_large;
} wasm_emitter;

/* Appends the function's code. False: it failed, as the flags say. */
bool wasm_emit(wasm_emitter *e, const ir_code *code, const uint16_t *places);
/* The same with instructions without labels. */
bool wasm_emit_insns(wasm_emitter *e, const vsp_insn *insns, uint32_t count);
void wasm_emitter_free(wasm_emitter *e);

#endif
