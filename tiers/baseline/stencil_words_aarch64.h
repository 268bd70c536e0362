/*
 * What stencils for AArch64 say in the machine's terms: the order of their parameters, holes,
 * accesses that may fault, and marks.
 */
#ifndef VSP_TIERS_STENCIL_WORDS_AARCH64_H
#define VSP_TIERS_STENCIL_WORDS_AARCH64_H

#include <stdint.h>

#include "tiers/interp/handlers.h"

/*
 * Parameters are passed in x20 to x28, x0 and v0 to v7. A cell's code is handed its four words in
 * the first ones. Operands are in registers behind those that the compiler takes for its own needs,
 * which are x1 and up.
 */
#define STENCIL_PARAMS \
	uint64_t p3, uint64_t p4, uint64_t p1, uint64_t p2, uint64_t p0, uint64_t s0, uint64_t s1, vsp_exec_frame *F, \
	        uint8_t *mem, vsp_exec *x, double f0, double f1, double f2, double f3, double f4, double f5, \
	        double f6, double f7
#define STENCIL_HANDED_ON(first, second, third, fourth) \
	first, second, third, fourth, p0, s0, s1, F, mem, x, STENCIL_FLOATS
#define STENCIL_NOT_HANDED_ON 0

/*
 * A hole in a pair of instructions, of which the first gives the upper half of 32 bits and their
 * sign, and one in four, each of which gives 16 bits.
 */
static inline int64_t stencil_word_imm(void)
{
	int64_t word;
	__asm__("movz %0, #:abs_g1_s:vsp_hole_imm\n\tmovk %0, #:abs_g0_nc:vsp_hole_imm" : "=r"(word));
	return word;
}
#define STENCIL_IMM stencil_word_imm()
#define WORD_HOLE(name) \
	static inline uint64_t stencil_word_##name(void) \
	{ \
		uint64_t word; \
		__asm__("movz %0, #:abs_g3:vsp_hole_" #name "\n\tmovk %0, #:abs_g2_nc:vsp_hole_" #name \
		        "\n\tmovk %0, #:abs_g1_nc:vsp_hole_" #name "\n\tmovk %0, #:abs_g0_nc:vsp_hole_" #name \
		        : "=r"(word)); \
		return word; \
	}
WORD_HOLE(cell)    /* the address of the cell in tier 0's form */
WORD_HOLE(wide)    /* the wide immediate in the cell behind it */
WORD_HOLE(handler) /* the interpreter's handler of the cell */
WORD_HOLE(cells)   /* the function's first cell */
WORD_HOLE(table)   /* per cell, the address of its code */
#undef WORD_HOLE

/* Operands in the frame, whose offsets stand in the accesses. */
#define FRAME_OPERAND(name) \
	static inline uint64_t stencil_frame_##name(const vsp_exec_frame *F) \
	{ \
		uint64_t word; \
		__asm__("ldr %0, [%1, :lo12:vsp_hole_offset_" #name "]" : "=r"(word) : "r"(F), "m"(F->r)); \
		return word; \
	} \
	static inline double stencil_frame_float_##name(const vsp_exec_frame *F) \
	{ \
		double word; \
		__asm__("ldr %d0, [%1, :lo12:vsp_hole_offset_" #name "]" : "=w"(word) : "r"(F), "m"(F->r)); \
		return word; \
	}
FRAME_OPERAND(a)
FRAME_OPERAND(d)
#undef FRAME_OPERAND
static inline void stencil_set_frame_a(vsp_exec_frame *F, uint64_t word)
{
	__asm__("str %2, [%1, :lo12:vsp_hole_offset_a]" : "+m"(F->r) : "r"(F), "r"(word));
}
static inline void stencil_set_frame_float_a(vsp_exec_frame *F, double word)
{
	__asm__("str %d2, [%1, :lo12:vsp_hole_offset_a]" : "+m"(F->r) : "r"(F), "w"(word));
}
#define FRAME_OPERAND_A stencil_frame_a(F)
#define FRAME_OPERAND_D stencil_frame_d(F)
#define SET_FRAME_OPERAND_A(value) stencil_set_frame_a(F, value)
/* Operand a between the frame and a register of either class. */
#define LOAD_OPERAND_A(letter) LOAD_OPERAND_A_(letter)
#define LOAD_OPERAND_A_(letter) LOAD_OPERAND_A_##letter
#define LOAD_OPERAND_A_a (ARG_A = FRAME_OPERAND_A)
#define LOAD_OPERAND_A_f (ARG_A = vsp_bits_of_f64(stencil_frame_float_a(F)))
#define STORE_OPERAND_A(letter) STORE_OPERAND_A_(letter)
#define STORE_OPERAND_A_(letter) STORE_OPERAND_A_##letter
#define STORE_OPERAND_A_a stencil_set_frame_a(F, ARG_A)
#define STORE_OPERAND_A_f stencil_set_frame_float_a(F, vsp_f64_of_bits(ARG_A))

/* An operand of an empty piece of assembly: a value in a float register. */
#define STENCIL_FLOAT(value) "+w"(value)

/*
 * Accesses that may make a guard fault: see stencil_words_x86_64.h. Only loads are here. Since this
 * machine may do a part of a store that faults, stores check bounds first (VSP_STORES_ARE_WHOLE),
 * and a handler that does not is left to the interpreter, as vsp_hole_unknown says.
 */
#define STENCIL_ACCESS_PARAMS \
	uint64_t p0, uint64_t p1, uint64_t p2, uint64_t p3, uint64_t p4, uint64_t s0, uint64_t s1, vsp_exec_frame *F, \
	        uint8_t *mem, vsp_exec *x, double w0, double w1, double w2, double w3, double w4, double w5, \
	        double w6, double w7
#define INTACT_GENERAL(X) X(p0) X(p1) X(p2) X(p3) X(p4) X(s0) X(s1) X(F) X(mem) X(x)
#define INTACT_FLOATS(X) X(w0) X(w1) X(w2) X(w3) X(w4) X(w5) X(w6) X(w7)
#define INTACT_MARK(value) ".reloc ., R_AARCH64_NONE, \"vsp_hole_intact_" #value "_%[" #value "]\"\n\t"
#define INTACT_IN_GENERAL(value) , [value] "r"(value)
#define INTACT_IN_FLOAT(value) , [value] "w"(value)
#define LOAD(instruction, result) \
	__asm__ volatile(".reloc ., R_AARCH64_NONE, vsp_hole_faults\n\t" INTACT_GENERAL(INTACT_MARK) \
	                INTACT_FLOATS(INTACT_MARK) instruction ", [%[mem], %[ea]]" \
	        : [v] result(v) \
	        : [ea] "r"(ea)INTACT_GENERAL(INTACT_IN_GENERAL) INTACT_FLOATS(INTACT_IN_FLOAT) \
	        : "memory")

#define LOAD_WORD(name, instruction) \
	static inline uint64_t stencil_load_##name(int64_t ea, STENCIL_ACCESS_PARAMS) \
	{ \
		uint64_t v; \
		LOAD(instruction, "=r"); \
		return v; \
	}
LOAD_WORD(u8, "ldrb %w[v]")
LOAD_WORD(s8, "ldrsb %x[v]")
LOAD_WORD(u16, "ldrh %w[v]")
LOAD_WORD(s16, "ldrsh %x[v]")
LOAD_WORD(u32, "ldr %w[v]")
LOAD_WORD(s32, "ldrsw %x[v]")
LOAD_WORD(u64, "ldr %x[v]")
#undef LOAD_WORD

/* The same into float registers; a load of 32 bits makes the rest 0. */
#define LOAD_FLOAT_WORD(name, instruction) \
	static inline double stencil_load_float_##name(int64_t ea, STENCIL_ACCESS_PARAMS) \
	{ \
		double v; \
		LOAD(instruction, "=w"); \
		return v; \
	}
LOAD_FLOAT_WORD(u32, "ldr %s[v]")
LOAD_FLOAT_WORD(u64, "ldr %d[v]")
#undef LOAD_FLOAT_WORD
#undef LOAD

#define NO_STORE(name, type) \
	static inline void stencil_store_##name(int64_t ea, type v, STENCIL_ACCESS_PARAMS) \
	{ \
		(void)p0, (void)p1, (void)p2, (void)p3, (void)p4, (void)s0, (void)s1, (void)F, (void)mem, (void)x; \
		(void)ea, (void)v, (void)w0, (void)w1, (void)w2, (void)w3, (void)w4, (void)w5, (void)w6, (void)w7; \
		stencil_unknown(); \
	}
#define MARK(name) \
	static inline void stencil_##name(void) { __asm__ volatile(".reloc ., R_AARCH64_NONE, vsp_hole_" #name); }
MARK(leaves)  /* for whatever a cell dispatches to */
MARK(unknown) /* for no cell */
#undef MARK
NO_STORE(u8, uint64_t)
NO_STORE(u16, uint64_t)
NO_STORE(u32, uint64_t)
NO_STORE(u64, uint64_t)
NO_STORE(float_u32, double)
NO_STORE(float_u64, double)
#undef NO_STORE

#endif
