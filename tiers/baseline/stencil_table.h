/*
 * The table of stencils, which tools/gen/stencils.c writes during the build: pieces of machine code
 * for the interpreter's handlers, with holes for what is known only when they are copied.
 */
#ifndef VSP_TIERS_STENCIL_TABLE_H
#define VSP_TIERS_STENCIL_TABLE_H

#include <stdbool.h>
#include <stdint.h>

/* The contents of a hole. */
typedef enum vsp_hole_kind {
	VSP_HOLE_REGISTER, /* the number of a register, xored into one byte */
	VSP_HOLE_IMM_32,   /* 32 bits, which the code extends with the sign */
	VSP_HOLE_OFFSET_A, /* 32 bits: the offset of operand a or d in the frame */
	VSP_HOLE_OFFSET_D,
	VSP_HOLE_IMM_64, /* 64 bits */
	VSP_HOLE_WIDE,
	VSP_HOLE_CELL,
	VSP_HOLE_HANDLER,
	VSP_HOLE_CELLS,
	VSP_HOLE_TABLE,
	VSP_HOLE_SYMBOL, /* the address of vsp_stencil_symbols[operand] */
	VSP_HOLE_NEXT,   /* 32 bits, relative to their own address: the end of the piece */
	VSP_HOLE_TARGET,
	VSP_HOLE_SLOW
} vsp_hole_kind;

typedef struct vsp_hole {
	uint16_t at;     /* offset in the piece */
	uint8_t kind;    /* vsp_hole_kind */
	uint8_t operand; /* REGISTER: 0..2; SYMBOL: its index */
	int32_t addend;  /* added to the contents; REGISTER: the number is multiplied by it */
} vsp_hole;

/*
 * The kinds of stencils: operands in general registers, and which of b and c are in the register of
 * a; the same for operands in float registers; and operands in both.
 */
enum vsp_share {
	VSP_SHARE_NONE,
	VSP_SHARE_B,
	VSP_SHARE_C,
	VSP_SHARE_BOTH,
	VSP_FLOAT_NONE,
	VSP_FLOAT_B,
	VSP_FLOAT_C,
	VSP_FLOAT_BOTH,
	VSP_FROM_FLOAT, /* b and c are in float registers */
	VSP_TO_FLOAT,   /* a is in one */
	VSP_SHARES
};

typedef struct vsp_stencil {
	uint32_t code, hole; /* indices of the first byte and the first hole */
	uint16_t size, holes;
	bool exists;
	bool leaves;         /* continues with what a cell dispatches to */
	bool faults;         /* accesses memory with guard pages */
	bool base_registers; /* operands may also be in the registers VSP_STENCIL_BASES */
} vsp_stencil;

/* Pieces that do not belong to a cell. */
enum vsp_piece {
	VSP_PIECE_LOAD,   /* register a from its place in the frame */
	VSP_PIECE_STORE,  /* and into it */
	VSP_PIECE_MOVE,   /* register b into register a */
	VSP_PIECE_JUMP,   /* to the target */
	VSP_PIECE_ENTER,  /* from the interpreter's registers to those of stencils */
	VSP_PIECE_SELECT, /* to the code of the cell that was dispatched to */
	VSP_PIECE_RECORD, /* records flags, and goes to the target */
	VSP_PIECE_RECORD_ADDI,
	VSP_PIECE_RECORD_ADD,
	VSP_PIECE_RECORD_SUB,
	VSP_PIECE_SLOW,  /* takes a cell and its handler, and goes to the target */
	VSP_PIECE_LEAVE, /* to the interpreter's handler that has been taken */
	VSP_PIECES
};

/*
 * The registers that operands may be in, as numbers to be xored with the one in the stencil: the
 * general ones, and then the float ones. Of each, the first VSP_STENCIL_SCRATCH are for operands
 * that are not kept in registers; the last VSP_STENCIL_BASES general ones are not possible in every
 * stencil.
 */
enum {
	VSP_STENCIL_GENERAL = 7,
	VSP_STENCIL_FLOATS = 8,
	VSP_STENCIL_REGISTERS = VSP_STENCIL_GENERAL + VSP_STENCIL_FLOATS,
	VSP_STENCIL_SCRATCH = 2,
	VSP_STENCIL_BASES = 2
};
extern const uint8_t vsp_stencil_registers[VSP_STENCIL_REGISTERS];
/* The number of each operand's register that stands in the stencils. */
extern const uint8_t vsp_stencil_operands[3];

extern const void *const vsp_stencil_symbols[];
extern const uint8_t vsp_stencil_code[];
extern const vsp_hole vsp_stencil_holes[];
/* By handler (enum vsp_handler), of which only the first vsp_stencil_count can have one. */
extern const vsp_stencil vsp_stencils[][VSP_SHARES];
extern const uint32_t vsp_stencil_count;
extern const vsp_stencil vsp_pieces[VSP_PIECES][VSP_SHARES];

#endif
