/*
 * The code of functions, decoded and typed instruction by instruction. Validation is to walk over a
 * function with wasm_code_next until it ends; translation does the same and uses what it is given.
 *
 * Typing follows the validation algorithm of the specification's appendix: a stack of operand types
 * and a stack of blocks. Code that follows a branch is typed with a stack that has any operands
 * below those that were pushed.
 */
#ifndef VSP_FRONTEND_WASM_CODE_H
#define VSP_FRONTEND_WASM_CODE_H

#include "reader.h"

/* One instruction, with its immediates. */
typedef struct wasm_insn {
	uint32_t code;         /* WASM_* */
	uint64_t offset;       /* of the opcode in the file */
	uint32_t index;        /* of a function, local, global, table, segment or type; or the depth of a label */
	uint32_t other;        /* the second index */
	uint64_t imm;          /* the bits of a constant, i32 sign-extended; the offset of an access */
	wasm_type block;       /* what a block takes and leaves */
	const uint8_t *labels; /* of br_table: label_count depths and the default one, as LEB128 */
	uint32_t label_count;
} wasm_insn;

typedef struct wasm_block {
	wasm_type type;
	uint32_t height;  /* of the operand stack below its parameters */
	uint16_t code;    /* WASM_BLOCK, LOOP, IF, ELSE */
	bool unreachable; /* the rest of it is not reached */
} wasm_block;

/* Locals of one type that stand together: those below end, and not in the group before. */
typedef struct wasm_locals {
	uint32_t end;
	uint8_t type;
} wasm_locals;

typedef struct wasm_code {
	const wasm_module *m;
	wasm_reader r;
	uint32_t func;
	uint8_t *operands;
	wasm_block *blocks; /* 0: the function */
	wasm_locals *locals;
	uint32_t height, operand_room, depth, block_room, group_count, group_room, local_count;
	bool grows; /* memory, in any function so far */
} wasm_code;

/* Begins with a function's code: reads its locals. c is zeroed before the first, and used again
   for the next. False: it failed, as c->r.status says. */
bool wasm_code_open(wasm_code *c, const wasm_module *m, uint32_t func, vsp_error *error);
/* The next instruction, up to and with the function's last end. False: none, or it failed. */
bool wasm_code_next(wasm_code *c, wasm_insn *insn);
void wasm_code_close(wasm_code *c);

/* Walks over the code of all functions, and notes in m what it does. */
vsp_status wasm_validate_code(wasm_module *m, vsp_error *error);

/* A depth in a vector of labels; moves *at. The vector was validated. */
uint32_t wasm_label_next(const uint8_t **at);

#endif
