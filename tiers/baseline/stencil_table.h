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
	VSP_HOLE_REGISTER, /* the number of the register of operand a; the next two, of b and c */
	VSP_HOLE_IMM = VSP_HOLE_REGISTER + 3,
	VSP_HOLE_OFFSET_A, /* the offset of operand a or d in the frame */
	VSP_HOLE_OFFSET_D,
	VSP_HOLE_WIDE,
	VSP_HOLE_CELL,
	VSP_HOLE_HANDLER,
	VSP_HOLE_CELLS,
	VSP_HOLE_TABLE,
	VSP_HOLE_NEXT, /* the end of the piece, relative to the hole */
	VSP_HOLE_TARGET,
	VSP_HOLE_SLOW,
	VSP_HOLE_SYMBOL /* the address of vsp_stencil_symbols[0]; the next ones, of those behind it */
} vsp_hole_kind;

/*
 * How the contents are written (patch.h): of x86-64, numbers of bytes; of AArch64, fields of an
 * instruction.
 */
typedef enum vsp_hole_form {
	VSP_FORM_XOR_8,       /* xored into a byte */
	VSP_FORM_32,          /* 32 bits, which the code extends with the sign or which are relative */
	VSP_FORM_64,          /* 64 bits */
	VSP_FORM_XOR_32,      /* xored into an instruction */
	VSP_FORM_MOVE_0,      /* bits 0 to 15 in a MOVZ or MOVK */
	VSP_FORM_MOVE_1,      /* bits 16 to 31 */
	VSP_FORM_MOVE_2,      /* bits 32 to 47 */
	VSP_FORM_MOVE_3,      /* bits 48 to 63 */
	VSP_FORM_MOVE_SIGN_1, /* bits 16 to 31 of 32 bits with a sign, in a MOVZ that becomes MOVN if it is negative */
	VSP_FORM_LOAD_64,     /* the offset of a load or store of 64 bits: 12 bits, in units of 8 bytes */
	VSP_FORM_JUMP         /* the distance of a B: 26 bits with a sign, in units of 4 bytes */
} vsp_hole_form;

typedef struct vsp_hole {
	uint16_t at;    /* offset in the piece */
	uint8_t kind;   /* vsp_hole_kind, or one more than that */
	uint8_t form;   /* vsp_hole_form */
	int32_t addend; /* added to the contents; REGISTER: the number is multiplied by it */
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
 * The registers that operands may be in, as numbers (of x86-64 the low three bits) to be xored with
 * the one in the stencil: the general ones, and then the float ones. Of each, the first
 * VSP_STENCIL_SCRATCH are for operands that are not kept in registers; the last VSP_STENCIL_BASES
 * general ones are not possible in every stencil.
 */
enum {
	VSP_STENCIL_GENERAL = 7,
	VSP_STENCIL_FLOATS = 8,
	VSP_STENCIL_REGISTERS = VSP_STENCIL_GENERAL + VSP_STENCIL_FLOATS,
	VSP_STENCIL_SCRATCH = 2,
	VSP_STENCIL_BASES = 2
};
extern const uint8_t vsp_stencil_registers[VSP_STENCIL_REGISTERS];
/* The number of each operand's register that stands in the stencils: of a general one, and of a
   float one. */
extern const uint8_t vsp_stencil_operands[2][3];

extern const void *const vsp_stencil_symbols[];
extern const uint8_t vsp_stencil_code[];
extern const vsp_hole vsp_stencil_holes[];
/* By handler (enum vsp_handler), of which only the first vsp_stencil_count can have one. */
extern const vsp_stencil vsp_stencils[][VSP_SHARES];
extern const uint32_t vsp_stencil_count;
extern const vsp_stencil vsp_pieces[VSP_PIECES][VSP_SHARES];

#endif
