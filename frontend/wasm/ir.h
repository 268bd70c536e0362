/*
 * The intermediate code of one function, between WebAssembly and VSP: VSP instructions over any
 * number of virtual registers, with labels in place of addresses.
 *
 * The fields of an instruction are those of vsp_insn, so the tables of ir/opcode.h say which are
 * read and written. Calls, returns and the function's entry have lists instead: what they pass in
 * R0, R1, ... An item of a list may be a constant. How many registers are written at a time is up
 * to the allocation (frontend/wasm/allocate.h).
 */
#ifndef VSP_FRONTEND_WASM_IR_H
#define VSP_FRONTEND_WASM_IR_H

#include <stdbool.h>
#include <stdint.h>

#include "ir/opcode.h"

/* Forms beside those of vsp_form. */
enum {
	IR_LABEL = VSP_FORMS, /* imm: the label; code may come from elsewhere */
	IR_ENTRY,             /* results: the parameters; args: registers that are 0 at the start */
	IR_CALL,              /* imm: the instruction that calls (call_form) and its immediate, see ir_call */
	IR_RETURN,            /* args: the results */
	IR_NOTHING            /* was removed */
};

#define IR_NO_REG UINT32_MAX
#define IR_CONSTANT UINT32_C(0x80000000) /* in lists: number of the constant */

typedef struct ir_insn {
	uint16_t form;
	uint16_t depth; /* of loops around it */
	/* a, b, c, d of the form; lists: first argument, number, first result, number. BRTAB: a,
	   and the first of imm labels in v[1]. */
	uint32_t v[4];
	uint32_t line; /* the number of a row of the line table + 1, or 0 */
	int64_t imm;   /* a label where the form has a target */
} ir_insn;

/* The immediate of IR_CALL: the form INVOKE, INVOKET, HCALL or SYSCALL with its own immediate, and
   for INVOKET field a (a virtual register) in the list behind the arguments and field b. */
#define IR_CALL_FORM(imm) ((uint16_t)((uint64_t)(imm) >> 48))
#define IR_CALL_TABLE(imm) ((uint8_t)((uint64_t)(imm) >> 40))
#define IR_CALL_IMM(imm) ((int64_t)((uint64_t)(imm) & 0xFFFFFFFF))
#define IR_CALL_PACK(form, table, imm) ((int64_t)((uint64_t)(form) << 48 | (uint64_t)(table) << 40 | (uint64_t)(imm)))

/* What a virtual register is for; the order matters to nobody. */
typedef enum ir_reg_kind {
	IR_TEMP, /* one value, used in the same loop that makes it */
	IR_HOME  /* a local or a value that comes from several places */
} ir_reg_kind;

/* Instructions between the start and the end of a loop that is in no other one. */
typedef struct ir_loop {
	uint32_t first, last;
} ir_loop;

typedef struct ir_code {
	ir_insn *insns;
	uint32_t *lists;    /* registers, constants and labels */
	int64_t *constants; /* of lists */
	uint8_t *kinds;     /* of registers */
	ir_loop *loops;     /* outermost ones, in order */
	uint32_t count, list_count, constant_count, reg_count, loop_count;
	uint32_t room, list_room, constant_room, reg_room, loop_room;
	uint32_t label_count;
	uint32_t slot_count; /* local slots that instructions name already */
	uint32_t line;       /* of instructions that are added without one */
	bool too_large, no_memory;
} ir_code;

enum { IR_MAX_INSNS = VSP_MAX_CODE / 3 }; /* as many as code of VSP_MAX_CODE bytes can have */

/* Takes all instructions out and keeps the room. */
void ir_clear(ir_code *code);
void ir_free(ir_code *code);
/* Each fails by setting no_memory or too_large, after which all results are harmless. */
uint32_t ir_new_reg(ir_code *code, ir_reg_kind kind);
uint32_t ir_new_label(ir_code *code);
void ir_add(ir_code *code, ir_insn insn);
uint32_t ir_add_list(ir_code *code, uint32_t item);
uint32_t ir_add_constant(ir_code *code, int64_t value); /* the item for lists */
void ir_add_loop(ir_code *code, uint32_t first, uint32_t last);
static inline bool ir_failed(const ir_code *code) { return code->too_large || code->no_memory; }

/* The fields of a form that are read and written, as masks of bit i = v[i]. */
uint8_t ir_form_reads(uint16_t form);
uint8_t ir_form_writes(uint16_t form);
static inline bool ir_has_lists(uint16_t form) { return form == IR_ENTRY || form == IR_CALL || form == IR_RETURN; }

#endif
