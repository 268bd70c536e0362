/*
 * The decoder's look-ups of handlers by form. All tables are expansions of ir/opcodes.def and
 * handlers*.def.
 */
#ifndef VSP_TIERS_DECODE_TABLES_H
#define VSP_TIERS_DECODE_TABLES_H

#include "ir/opcode.h"

/*
 * The handler of one instruction. version: 0 without flags, 1 lazy, 2 computed; checked: with
 * bounds checks; back: jumps backward.
 */
unsigned vsp_decode_handler(unsigned form, unsigned version, bool checked, bool back);
/* The handler that makes NaN results of the form canonical, or 0. */
unsigned vsp_decode_canon(unsigned form);

typedef struct vsp_pair {
	uint16_t first, second; /* forms */
	bool dependent;         /* the second's main operand is the first's result */
	bool back;              /* the second jumps backward */
	bool lazy;              /* the first records its flags */
	bool lazy_second;       /* the second records its flags */
} vsp_pair;

/* The handler of two instructions in one cell, or 0 when there is none. */
unsigned vsp_decode_pair(const vsp_pair *pair);
/* The same where the second is INVOKE or RET with n parameters or results. */
unsigned vsp_decode_pair_end(const vsp_pair *pair, unsigned n);
/*
 * The handler of three instructions: first, a step (ADD or ADDI) and a backward branch on the
 * step's result. lazy: the step's flags are recorded. 0 when there is none.
 */
unsigned vsp_decode_loop_end(unsigned first, unsigned step, unsigned branch, bool lazy);
/*
 * Is the main operand of second the result of first? Swaps the operands of second if that makes the
 * answer yes and changes nothing else.
 */
bool vsp_decode_dependent(const vsp_insn *first, vsp_insn *second);

/*
 * The status byte of a flag-writing form, computed from the operands that it read; an immediate is
 * c.
 */
unsigned vsp_decode_flags(unsigned form, uint64_t b, uint64_t c);

#endif
