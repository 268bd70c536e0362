/*
 * The instructions of WebAssembly as data: the content of opcodes.def as an enum and a table.
 */
#ifndef VSP_FRONTEND_WASM_OPCODES_H
#define VSP_FRONTEND_WASM_OPCODES_H

#include <stdbool.h>
#include <stdint.h>

/* Value types, by their bytes. */
enum {
	WASM_I32 = 0x7F,
	WASM_I64 = 0x7E,
	WASM_F32 = 0x7D,
	WASM_F64 = 0x7C,
	WASM_FUNCREF = 0x70,
	WASM_EXTERNREF = 0x6F,
	WASM_ANY = 0 /* of operands in code that is never reached */
};

enum {
	WASM_PREFIX_FC = 0xFC,
	WASM_CODES_FC = 0x100, /* code of number 0 behind the prefix */
	WASM_CODES_TYPE = 0x200,
	WASM_CODES = 0x140 /* more than the greatest code of an instruction */
};

enum {
#define WASM(NAME, code, ...) WASM_##NAME = (code),
#include "opcodes.def"
};

typedef enum wasm_immediate {
	WASM_IMM_NONE,
	WASM_IMM_BLOCK,  /* a block type */
	WASM_IMM_LABEL,  /* a depth */
	WASM_IMM_LABELS, /* a vector of depths, and one more */
	WASM_IMM_FUNC,   /* an index, and so are the next four */
	WASM_IMM_LOCAL,
	WASM_IMM_GLOBAL,
	WASM_IMM_TABLE,
	WASM_IMM_DATA,
	WASM_IMM_ELEM,
	WASM_IMM_INDIRECT,    /* a type and a table */
	WASM_IMM_MEMORY,      /* alignment and offset */
	WASM_IMM_ZERO,        /* a byte 0 for the memory */
	WASM_IMM_ZEROS,       /* two of them */
	WASM_IMM_MEMORY_INIT, /* a data segment and a byte 0 */
	WASM_IMM_TABLE_INIT,  /* an element segment and a table */
	WASM_IMM_TABLES,      /* two tables */
	WASM_IMM_I32,
	WASM_IMM_I64,
	WASM_IMM_F32,
	WASM_IMM_F64,
	WASM_IMM_REFTYPE,
	WASM_IMM_TYPES /* a vector of value types */
} wasm_immediate;

/* Constant facts of an instruction. */
typedef struct wasm_opcode {
	const char *name;             /* null: there is none with this code */
	const char *params, *results; /* letters, see opcodes.def; "*": special */
	uint8_t immediate;            /* wasm_immediate */
	uint8_t align;
} wasm_opcode;
extern const wasm_opcode wasm_opcodes[WASM_CODES];

/* The feature that code (of an instruction, or WASM_CODES_TYPE + a type's byte) belongs to, when it
   is one that is refused; otherwise null. */
const char *wasm_refused(uint32_t code);

/* The value type of a letter of opcodes.def. */
static inline uint8_t wasm_letter_type(char letter)
{
	return letter == 'i' ? WASM_I32 : letter == 'I' ? WASM_I64 : letter == 'f' ? WASM_F32 : WASM_F64;
}
/* "i32" and so on. */
const char *wasm_type_name(uint8_t type);
static inline bool wasm_is_reference(uint8_t type) { return type == WASM_FUNCREF || type == WASM_EXTERNREF; }

#endif
