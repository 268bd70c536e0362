/*
 * What stencils for x86-64 say in the assembler's language: holes of 64 bits, in instructions that
 * load a word, and marks.
 */
#ifndef VSP_TIERS_STENCIL_WORDS_H
#define VSP_TIERS_STENCIL_WORDS_H

#include <stdint.h>

#define WORD_HOLE(name) \
	static inline uint64_t stencil_word_##name(void) \
	{ \
		uint64_t word; \
		__asm__("movabsq $vsp_hole_" #name ", %0" : "=r"(word)); \
		return word; \
	}
WORD_HOLE(cell)    /* the address of the cell in tier 0's form */
WORD_HOLE(wide)    /* the wide immediate in the cell behind it */
WORD_HOLE(handler) /* the interpreter's handler of the cell */
WORD_HOLE(cells)   /* the function's first cell */
WORD_HOLE(table)   /* per cell, the address of its code */
#undef WORD_HOLE

/* An operand of an empty piece of assembly: a value in a float register. */
#define STENCIL_FLOAT(value) "+x"(value)

#define MARK(name) \
	static inline void stencil_##name(void) { __asm__ volatile(".reloc ., R_X86_64_NONE, vsp_hole_" #name); }
MARK(leaves) /* for whatever a cell dispatches to */
MARK(faults) /* may make a guard fault */
#undef MARK

#endif
