/*
 * What stencils for x86-64 say in the machine's terms: the order of their parameters, holes,
 * accesses that may fault, and marks.
 */
#ifndef VSP_TIERS_STENCIL_WORDS_X86_64_H
#define VSP_TIERS_STENCIL_WORDS_X86_64_H

#include <stdint.h>

#include "tiers/interp/handlers.h"

/*
 * Parameters are passed in r12, r13, r14, r15, rdi, rsi, rdx, rcx, r8, r9, r11 and xmm0 to xmm7. A
 * cell's code is handed its four words in the first ones.
 */
#define STENCIL_PARAMS \
	uint64_t p3, uint64_t p4, uint64_t p1, uint64_t p2, vsp_exec_frame *F, uint8_t *mem, vsp_exec *x, \
	        uint64_t unused, uint64_t s0, uint64_t s1, uint64_t p0, double f0, double f1, double f2, double f3, \
	        double f4, double f5, double f6, double f7
#define STENCIL_HANDED_ON(first, second, third, fourth) \
	first, second, third, fourth, F, mem, x, stencil_anything(), s0, s1, p0, STENCIL_FLOATS
#define STENCIL_NOT_HANDED_ON unused

/* A value that need not be computed: what a register without a meaning is handed on with. */
static inline uint64_t stencil_anything(void)
{
	uint64_t word;
	__asm__ volatile("" : "=r"(word));
	return word;
}

/* The operands' places in the frame, and the immediate: symbols whose addresses stand in
   instructions. */
extern __attribute__((weak)) char vsp_hole_imm[], vsp_hole_offset_a[], vsp_hole_offset_d[];
#define STENCIL_IMM ((int64_t)vsp_hole_imm)
#define IN_FRAME(hole) (*(uint64_t *)(void *)((char *)F + (uintptr_t)(hole)))
#define FRAME_OPERAND_A IN_FRAME(vsp_hole_offset_a)
#define FRAME_OPERAND_D IN_FRAME(vsp_hole_offset_d)
#define SET_FRAME_OPERAND_A(value) (FRAME_OPERAND_A = (value))
/* Operand a between the frame and a register of either class. */
#define LOAD_OPERAND_A(letter) (ARG_A = FRAME_OPERAND_A)
#define STORE_OPERAND_A(letter) SET_FRAME_OPERAND_A(ARG_A)

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

/*
 * Accesses that may make a guard fault. The interpreter then does everything again, so all values
 * that a stencil is handed must still be in their registers there. They are operands of the access:
 * the compiler keeps them, and marks of the name vsp_hole_intact_<value>_<register> at the
 * instruction tell where it has them, which tools/gen/stencils.c checks.
 */
#define STENCIL_ACCESS_PARAMS \
	uint64_t p0, uint64_t p1, uint64_t p2, uint64_t p3, uint64_t p4, uint64_t s0, uint64_t s1, vsp_exec_frame *F, \
	        uint8_t *mem, vsp_exec *x, double w0, double w1, double w2, double w3, double w4, double w5, \
	        double w6, double w7
#define INTACT_GENERAL(X) X(p0) X(p1) X(p2) X(p3) X(p4) X(s0) X(s1) X(F) X(mem) X(x)
#define INTACT_FLOATS(X) X(w0) X(w1) X(w2) X(w3) X(w4) X(w5) X(w6) X(w7)
#define INTACT_MARK(value) ".reloc ., R_X86_64_NONE, \"vsp_hole_intact_" #value "_%[" #value "]\"\n\t"
#define INTACT_IN_GENERAL(value) , [value] "r"(value)
#define INTACT_IN_FLOAT(value) , [value] "x"(value)
#define ACCESS(instruction, outputs, ...) \
	__asm__ volatile(".reloc ., R_X86_64_NONE, vsp_hole_faults\n\t" INTACT_GENERAL(INTACT_MARK) \
	                INTACT_FLOATS(INTACT_MARK) instruction \
	        : outputs \
	        : __VA_ARGS__ INTACT_GENERAL(INTACT_IN_GENERAL) INTACT_FLOATS(INTACT_IN_FLOAT) \
	        : "memory")
#define OUTPUT(constraint) [v] constraint(v)

#define LOAD_WORD(name, instruction) \
	static inline uint64_t stencil_load_##name(int64_t ea, STENCIL_ACCESS_PARAMS) \
	{ \
		uint64_t v; \
		ACCESS(instruction, OUTPUT("=r"), [at] "m"(mem[ea])); \
		return v; \
	}
LOAD_WORD(u8, "movzbl %[at], %k[v]")
LOAD_WORD(s8, "movsbq %[at], %[v]")
LOAD_WORD(u16, "movzwl %[at], %k[v]")
LOAD_WORD(s16, "movswq %[at], %[v]")
LOAD_WORD(u32, "movl %[at], %k[v]")
LOAD_WORD(s32, "movslq %[at], %[v]")
LOAD_WORD(u64, "movq %[at], %[v]")
#undef LOAD_WORD

#define STORE_WORD(name, instruction) \
	static inline void stencil_store_##name(int64_t ea, uint64_t v, STENCIL_ACCESS_PARAMS) \
	{ \
		ACCESS(instruction, , [at] "m"(mem[ea]), [v] "r"(v)); \
	}
STORE_WORD(u8, "movb %b[v], %[at]")
STORE_WORD(u16, "movw %w[v], %[at]")
STORE_WORD(u32, "movl %k[v], %[at]")
STORE_WORD(u64, "movq %[v], %[at]")
#undef STORE_WORD

/* The same from and into float registers, of which a load of 32 bits makes the rest 0. */
#define FLOAT_ACCESSES(name, instruction) \
	static inline double stencil_load_float_##name(int64_t ea, STENCIL_ACCESS_PARAMS) \
	{ \
		double v; \
		ACCESS(instruction " %[at], %[v]", OUTPUT("=x"), [at] "m"(mem[ea])); \
		return v; \
	} \
	static inline void stencil_store_float_##name(int64_t ea, double v, STENCIL_ACCESS_PARAMS) \
	{ \
		ACCESS(instruction " %[v], %[at]", , [at] "m"(mem[ea]), [v] "x"(v)); \
	}
FLOAT_ACCESSES(u32, "movss")
FLOAT_ACCESSES(u64, "movsd")
#undef FLOAT_ACCESSES
#undef ACCESS
#undef OUTPUT

#define MARK(name) \
	static inline void stencil_##name(void) { __asm__ volatile(".reloc ., R_X86_64_NONE, vsp_hole_" #name); }
MARK(leaves) /* for whatever a cell dispatches to */
#undef MARK

#endif
