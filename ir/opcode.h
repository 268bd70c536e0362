/*
 * Instruction forms: the content of ir/opcodes.def as an enum, a constant table, a decoder and an
 * encoder.
 *
 * Every part that handles code uses these. A form is an opcode with its selector; an instruction
 * (vsp_insn) is a form with its operand fields. Nothing here depends on a module: indices and
 * targets are only numbers.
 *
 * Encodings, little-endian; "a" and "b" are the low and high nibble of byte 1, "c" and "t" those of
 * byte 2:
 *
 *     A    op                                   C_T  op  a|b<<4  c|t<<4       t = selector
 *     B_R  op  a                                C_D  op  a|b<<4  c|d<<4
 *     B_U  op  imm8                             C_I  op  a|b<<4  imm8 signed
 *     D    op  imm24                            C_U  op  a|b<<4  imm8 unsigned
 *     E    op  a|b<<4  imm16                    C_5  op  a|b<<4  n|k<<5       k = selector
 *     F    op  a|b<<4  imm32                    C_6  op  a|b<<4  n|k<<6       k = selector
 *     G    op  a       imm64                    T    op  a  n16  n * imm24
 */
#ifndef VSP_IR_OPCODE_H
#define VSP_IR_OPCODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
	VSP_REGISTERS = 16,
	VSP_MAX_CODE = 1 << 24,  /* bytes of a code segment */
	VSP_INSN_MAX_FIXED = 10, /* bytes of the longest instruction but BRTAB */
	VSP_MAX_U24 = (1 << 24) - 1,
	VSP_MAX_SLOTS = 4096, /* local slots of an activation */
};

/* Forms, dense, in the order of opcodes.def. */
typedef enum vsp_form {
#define INSN(N, ...) VSP_I_##N,
#include "opcodes.def"
	VSP_FORMS,
	VSP_FORM_INVALID = 0xFFFF
} vsp_form;

typedef enum vsp_format {
	VSP_FMT_A,
	VSP_FMT_B_R,
	VSP_FMT_B_U,
	VSP_FMT_C_T,
	VSP_FMT_C_D,
	VSP_FMT_C_I,
	VSP_FMT_C_U,
	VSP_FMT_C_5,
	VSP_FMT_C_6,
	VSP_FMT_D,
	VSP_FMT_E,
	VSP_FMT_F,
	VSP_FMT_G,
	VSP_FMT_T,
	VSP_FORMATS
} vsp_format;

/* The kinds of operands, in the order of operands.def, which has the facts about each. */
typedef enum vsp_operand {
#define OPERAND(KIND, ...) VSP_O_##KIND,
#include "operands.def"
	VSP_OPERANDS
} vsp_operand;

/* The form of an operand in the source. */
typedef enum vsp_operand_look {
	VSP_LOOK_NONE,
	VSP_LOOK_REGISTER,
	VSP_LOOK_NUMBER,   /* an expression, which may contain names */
	VSP_LOOK_BASE,     /* [Rb + n] */
	VSP_LOOK_SP,       /* [SP + n] */
	VSP_LOOK_ABSOLUTE, /* [n] */
	VSP_LOOK_INDEXED   /* [Rb + Rc*n] */
} vsp_operand_look;

/* The meaning of an operand's immediate. */
typedef enum vsp_operand_sense {
	VSP_SENSE_NONE,
	VSP_SENSE_VALUE,
	VSP_SENSE_PARAMS,
	VSP_SENSE_RESULTS,
	VSP_SENSE_TARGET,   /* a code address */
	VSP_SENSE_TABLE,    /* the number of code addresses that follow */
	VSP_SENSE_FUNCTION, /* the index of a function of this kind */
	VSP_SENSE_TRANSFORM,
	VSP_SENSE_KERNEL,
	VSP_SENSE_IMPORT,
	VSP_SENSE_SYSCALL,  /* id | arg16 << 8 */
	VSP_SENSE_SLOT,     /* the number of a local slot */
	VSP_SENSE_GLOBAL,   /* of a global of section GLOB */
	VSP_SENSE_ELEMENTS, /* of a table of section TABL; it is in a field, not in the immediate */
	VSP_SENSE_TYPE      /* of a type of section TYPE */
} vsp_operand_sense;

/* The look and scale of each kind again, and whether it is unsigned, as constants:
   VSP_LOOK_OF_MEM_B. */
enum {
#define OPERAND(KIND, look, sense, fields, access, least, greatest, scale, ...) \
	VSP_LOOK_OF_##KIND = VSP_LOOK_##look, VSP_SCALE_OF_##KIND = (scale), VSP_UNSIGNED_OF_##KIND = (least) >= 0,
#include "operands.def"
};

enum { VSP_FIELD_A = 1, VSP_FIELD_B = 2, VSP_FIELD_C = 4, VSP_FIELD_D = 8 };

/* Constant facts of a kind of operand. */
typedef struct vsp_operand_info {
	vsp_operand_look look;
	vsp_operand_sense sense;
	uint8_t fields; /* VSP_FIELD_* */
	bool reads, writes;
	uint8_t scale;
	int64_t least, greatest;
	const char *text; /* in the manual */
	const char *word; /* in messages */
} vsp_operand_info;
extern const vsp_operand_info vsp_operands[VSP_OPERANDS];

/* Registers used beyond the operands. */
typedef enum vsp_implicit {
	VSP_X_NONE,
	VSP_X_RC_RW, /* LOOP: RC */
	VSP_X_RF_W,  /* COLLAPSE: RF */
	VSP_X_ALL_R,
	VSP_X_ALL_W,
	VSP_X_ALL_RW,  /* reads all; writes all, or may write them */
	VSP_X_FOLD,    /* reads all, writes R0..R7 */
	VSP_X_GROUP_W, /* writes the group of four that field a is in */
	VSP_X_GROUP_R, /* reads it */
	VSP_X_RETURN,  /* RET: everything within a CALL, otherwise the results */
	VSP_X_CALLEE,  /* reads the callee's parameters, writes its results, both from R0 on */
	VSP_X_SYSCALL  /* as runtime/syscalls.def says for the id */
} vsp_implicit;

/*
 * Flag masks, the bits of the status register; C and H are there too, but are not flags of an
 * activation.
 */
enum { VSP_F_NONE = 0, VSP_F_Z = 1, VSP_F_N = 2, VSP_F_O = 4, VSP_F_ZNO = 7, VSP_F_SYSCALL = VSP_F_N };

/* Effects. */
enum {
	VSP_FX_NONE = 0,
	VSP_FX_LOAD = 1 << 0,   /* reads linear memory */
	VSP_FX_STORE = 1 << 1,  /* writes linear memory */
	VSP_FX_TRAP = 1 << 2,   /* may trap */
	VSP_FX_HOST = 1 << 3,   /* the host sees it, and may change memory */
	VSP_FX_BRANCH = 1 << 4, /* has code targets */
	VSP_FX_END = 1 << 5,    /* ends a basic block (also the fuel block) */
	VSP_FX_NOFALL = 1 << 6, /* never continues with the next instruction */
	VSP_FX_CALL = 1 << 7,   /* starts activations */
	VSP_FX_SP_R = 1 << 8,
	VSP_FX_SP_W = 1 << 9,
	VSP_FX_INST_R = 1 << 10, /* reads instance state: C, mode, G, hint, batch, memory size */
	VSP_FX_INST_W = 1 << 11,
	VSP_FX_BATCH = 1 << 12,    /* may run asynchronously within BATCH .. UNBATCH */
	VSP_FX_WAIT = 1 << 13,     /* waits for outstanding batch work first */
	VSP_FX_EXIT = 1 << 14,     /* ends the run */
	VSP_FX_FUNCTION = 1 << 15, /* computed by a function of the runtime, which optimised code may inline */
	VSP_FX_FLOAT = 1 << 16     /* computes with floats, so the processor's modes for them matter */
};

/* Constant facts of a form. */
typedef struct vsp_form_info {
	const char *name;     /* NAME of the table */
	const char *mnemonic; /* canonical spelling */
	const char *meaning;
	uint8_t op;
	uint8_t sel;
	uint8_t format;      /* vsp_format */
	uint8_t implicit;    /* vsp_implicit */
	uint8_t operands[4]; /* vsp_operand; VSP_O_NONE after the last */
	uint8_t flags_written;
	uint8_t flags_read;
	uint32_t effects;
	bool kernel;      /* allowed in kernels */
	bool since_2_1;   /* unknown to readers of version 2.0 */
	bool commutative; /* fields b and c may be swapped */
} vsp_form_info;

extern const vsp_form_info vsp_forms[VSP_FORMS];

/*
 * Other spellings, in the order of opcodes.def; the candidates of one spelling are tried in that
 * order.
 */
typedef enum vsp_alias_kind {
	VSP_ALIAS,
	VSP_ALIAS_SWAP,
	VSP_ALIAS_NEGATE,
	VSP_ALIAS_OLD,
	VSP_ALIAS_CLASSIC,
	VSP_ALIAS_KINDS
} vsp_alias_kind;
typedef struct vsp_alias {
	const char *spelling;
	uint16_t form;
	uint8_t kind; /* vsp_alias_kind */
} vsp_alias;
extern const vsp_alias vsp_aliases[];
extern const size_t vsp_alias_count;

/* One decoded instruction. */
typedef struct vsp_insn {
	uint16_t form; /* vsp_form */
	uint8_t a, b, c, d;
	uint16_t reserved;
	uint32_t pc;     /* code address of the first byte */
	uint32_t length; /* bytes */
	/*
	 * The immediate: a value, displacement, index, absolute target address (relative ones are
	 * resolved without wrapping, so before verification it may be out of range), or for BRTAB
	 * the number of targets. PARAMS | RESULTS << 8 for INVOKEI.
	 */
	int64_t imm;
} vsp_insn;

/*
 * Decodes the instruction at code[pc]. Returns NULL and fills *out, or returns a constant message
 * that says what is wrong ("unknown opcode", "truncated instruction", "unused field is not zero",
 * "undefined type nibble"...). Reads nothing at or beyond code + size. Checks only the encoding;
 * targets and indices are left to the verifier.
 */
const char *vsp_insn_decode(const uint8_t *code, size_t size, uint32_t pc, vsp_insn *out);

/* The address of BRTAB's target number i (i < imm) in verified code. */
uint32_t vsp_insn_table_target(const uint8_t *code, const vsp_insn *brtab, uint32_t i);

/*
 * The number of code targets that the instruction names (BRTAB: imm; without VSP_FX_BRANCH none),
 * and target number i. In code that is not verified, a relative target may be negative or beyond
 * the code.
 */
uint32_t vsp_insn_target_count(const vsp_insn *insn);
int64_t vsp_insn_target(const uint8_t *code, const vsp_insn *insn, uint32_t i);

/*
 * Encodes insn into out, which must hold vsp_insn_size() bytes. For relative targets insn->pc must
 * be set. Table targets come from targets[0..imm) (NULL is allowed when imm is 0, and for all other
 * forms). The operands must fit, see vsp_insn_fits.
 */
void vsp_insn_encode(const vsp_insn *insn, const uint32_t *targets, uint8_t *out);

/*
 * The length in bytes of an instruction of the form; table_count is BRTAB's n, and is ignored for
 * all other forms.
 */
uint32_t vsp_insn_size(vsp_form form, uint32_t table_count);

/*
 * The least and greatest value that the immediate of operand kind o can hold. False when o is not
 * an immediate. For TARGET16 it is the range of the displacement.
 */
bool vsp_operand_range(vsp_operand o, int64_t *min, int64_t *max);

/* Does the instruction's immediate fit its form? (Relative targets: needs insn->pc.) */
bool vsp_insn_fits(const vsp_insn *insn);

static inline const vsp_form_info *vsp_insn_info(const vsp_insn *insn) { return &vsp_forms[insn->form]; }

/*
 * The registers that the instruction's operands and fixed implicit sets read and write, as masks of
 * bit i = Ri. The sets of callees, RETURN and SYSCALL depend on the module: ir/live.h has the
 * complete answer.
 */
void vsp_insn_registers(const vsp_insn *insn, uint16_t *reads, uint16_t *writes);

/* The first operand of the form that carries the immediate, or VSP_O_NONE. */
vsp_operand vsp_form_immediate(vsp_form form);
/* The operand of the form that is memory, or VSP_O_NONE. */
vsp_operand vsp_form_memory(vsp_form form);
/* The number of local slots that the instruction needs: its own and all below. */
static inline uint32_t vsp_insn_slots(const vsp_insn *insn)
{
	const uint8_t *operands = vsp_insn_info(insn)->operands;
	return operands[1] == VSP_O_SLOT ? (uint32_t)insn->imm + 1 : 0;
}

/* The meaning of the form's immediate. */
static inline vsp_operand_sense vsp_form_sense(vsp_form form) { return vsp_operands[vsp_form_immediate(form)].sense; }

/* The exact address of the instruction's memory operand, for registers r and stack pointer sp. */
int64_t vsp_insn_address(const vsp_insn *insn, const uint64_t r[VSP_REGISTERS], uint32_t sp);

#endif
