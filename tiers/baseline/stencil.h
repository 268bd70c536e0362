/*
 * The meaning of the handlers' macros (tiers/interp/handlers.h) where handlers are compiled as
 * stencils: pieces of machine code that are copied behind one another.
 *
 * A stencil is a function of ten words and eight floats, all in machine registers, which it hands
 * on by a tail call. Three are the interpreter's state; seven and the floats have values of the
 * program's registers in them, and ARG_A, ARG_B and ARG_C say which of these the operands are in.
 * The copied code keeps some registers of the program there, and writes them to the frame only
 * where it is left. So handlers may not write F->r themselves, and may read it only where they
 * leave the code: GO tells the compiler so. Nearly all such handlers call helpers, and stencils
 * never contain calls.
 *
 * What is known only when code is copied is the address of a symbol vsp_hole_*, which nobody
 * defines: tools/gen/stencils.c finds it among the relocations. The symbols are weak, because the
 * compiler would take it that the address of another symbol is not 0, and for x86-64
 * cmake/VspStencils.cmake tells it that they may be any number of 32 bits with a sign.
 *
 * What leaves the fast path goes to the interpreter's own handler of the cell, which does
 * everything again from the start. So SAVE, which a handler does before anything is changed, is the
 * jump there. Guard faults take the same way: the platform continues there (tiers/interp/faster.h),
 * and the interpreter's access faults again. So accesses store no place, and all values that the
 * stencil was handed are still in their registers there (stencil_words_*.h).
 */
#ifndef VSP_TIERS_STENCIL_H
#define VSP_TIERS_STENCIL_H

#include "tiers/interp/handlers.h"

#if defined(__aarch64__)
#include "stencil_words_aarch64.h"
#else
#include "stencil_words_x86_64.h"
#endif

#define STENCIL_CALL __attribute__((preserve_none))
typedef STENCIL_CALL void vsp_stencil_fn(STENCIL_PARAMS);

/* Handlers see the bits of floats alone. */
#define STENCIL_WORDS \
	uint64_t w0 = vsp_bits_of_f64(f0), w1 = vsp_bits_of_f64(f1), w2 = vsp_bits_of_f64(f2), \
	         w3 = vsp_bits_of_f64(f3), w4 = vsp_bits_of_f64(f4), w5 = vsp_bits_of_f64(f5), \
	         w6 = vsp_bits_of_f64(f6), w7 = vsp_bits_of_f64(f7)
#define STENCIL_FLOATS \
	vsp_f64_of_bits(w0), vsp_f64_of_bits(w1), vsp_f64_of_bits(w2), vsp_f64_of_bits(w3), vsp_f64_of_bits(w4), \
	        vsp_f64_of_bits(w5), vsp_f64_of_bits(w6), vsp_f64_of_bits(w7)

#define CONTINUE(function) __attribute__((musttail)) return function(STENCIL_HANDED_ON(p3, p4, p1, p2))
/* From a stencil to a cell's code, whose four words come first. */
#define ENTER_CELL(function, cell) \
	__attribute__((musttail)) return ((vsp_stencil_fn *)(function))( \
	        STENCIL_HANDED_ON((uintptr_t)(cell), (uintptr_t)F, (uintptr_t)mem, (uintptr_t)x))

extern vsp_stencil_fn vsp_hole_next, vsp_hole_target, vsp_hole_slow;
extern __attribute__((weak)) char vsp_hole_unknown[];

/* The cell, as far as its contents can be patched in; a stencil with others is not used. */
typedef struct stencil_cell {
	int64_t imm;
	uint64_t wide, a, b, c, d;
} stencil_cell;

#define STENCIL_CELL \
	const uint64_t no = (uint64_t)vsp_hole_unknown; \
	const stencil_cell ip[2] = { \
	        {STENCIL_IMM, no, no, no, no, no}, {(int64_t)no, stencil_word_wide(), no, no, no, no}}

#undef A
#undef B
#undef C
#undef D
#undef IMM
#undef LOOP_COUNTER
#undef SET_LOOP_COUNTER
#undef CELL
#undef PLACE
#undef GO
#undef NEXT
#undef NEXT_AFTER
#undef SKIP
#undef JUMP
#undef JUMP_ENTRY
#undef SAVE_SLOT
#undef LEAVE
#undef GUARDED
#undef GUARD_STORE
#undef POLL_SLOT
#define A ARG_A
#define B ARG_B
#define C ARG_C
#define D FRAME_OPERAND_D
#define IMM ((uint64_t)ip->imm)
/* Operand a too; the jump comes before the piece that would store it. */
#define LOOP_COUNTER ARG_A
#define SET_LOOP_COUNTER(n) (ARG_A = (n), SET_FRAME_OPERAND_A(n))
#define CELL ((const vsp_cell *)stencil_word_cell())
#define PLACE(s) (stencil_word_cell() + (s))
#define NEXT CONTINUE(vsp_hole_next)
#define NEXT_AFTER(data) NEXT
#define JUMP(bytes) CONTINUE(vsp_hole_target) /* bytes is always the immediate */
#define SAVE_SLOT(s) CONTINUE(vsp_hole_slow)
#define LEAVE(how) CONTINUE(vsp_hole_slow)
/* To cells that are known only at run time, by their dispatch. */
#define GO(cell) \
	do { \
		const vsp_cell *go = (cell); \
		stencil_leaves(); \
		ENTER_CELL(go->run.function, go); \
	} while (0)
#define SKIP(cells) GO(CELL + (cells))
#define JUMP_ENTRY(n) CONTINUE(CODE_OF(PLACE(0) + (uint64_t)(int64_t)CELL[1 + (n)].imm))
/* The code of a cell of this function, from the table that has 8 bytes for each cell. */
#define CODE_OF(cell) (*(vsp_stencil_fn **)(stencil_word_table() + ((cell) - stencil_word_cells()) / 2))
#define STENCIL_VALUES \
	p0, p1, p2, p3, p4, s0, s1, F, mem, x, vsp_f64_of_bits(w0), vsp_f64_of_bits(w1), vsp_f64_of_bits(w2), \
	        vsp_f64_of_bits(w3), vsp_f64_of_bits(w4), vsp_f64_of_bits(w5), vsp_f64_of_bits(w6), \
	        vsp_f64_of_bits(w7)
/* Operand a is in a register of the class that its letter STENCIL_A tells. */
#define GUARDED(type, ea, s) GUARDED_(STENCIL_A, type, ea)
#define GUARDED_(letter, type, ea) GUARDED__(letter, type, ea)
#define GUARDED__(letter, type, ea) LOAD_##letter##_##type(type, ea)
#define LOAD_GENERAL(type, ea) stencil_load_##type(ea, STENCIL_VALUES)
#define LOAD_FLOAT(type, ea) vsp_bits_of_f64(stencil_load_float_##type(ea, STENCIL_VALUES))
#define LOAD_a_u8 LOAD_GENERAL
#define LOAD_a_s8 LOAD_GENERAL
#define LOAD_a_u16 LOAD_GENERAL
#define LOAD_a_s16 LOAD_GENERAL
#define LOAD_a_u32 LOAD_GENERAL
#define LOAD_a_s32 LOAD_GENERAL
#define LOAD_a_u64 LOAD_GENERAL
#define LOAD_f_u8 LOAD_GENERAL
#define LOAD_f_s8 LOAD_GENERAL
#define LOAD_f_u16 LOAD_GENERAL
#define LOAD_f_s16 LOAD_GENERAL
#define LOAD_f_u32 LOAD_FLOAT
#define LOAD_f_s32 LOAD_GENERAL
#define LOAD_f_u64 LOAD_FLOAT
#define GUARD_STORE(type, ea, value, s) GUARD_STORE_(STENCIL_A, type, ea, value)
#define GUARD_STORE_(letter, type, ea, value) GUARD_STORE__(letter, type, ea, value)
#define GUARD_STORE__(letter, type, ea, value) STORE_##letter##_##type(type, ea, value)
#define STORE_GENERAL(type, ea, value) stencil_store_##type(ea, value, STENCIL_VALUES)
#define STORE_FLOAT(type, ea, value) stencil_store_float_##type(ea, vsp_f64_of_bits(value), STENCIL_VALUES)
#define STORE_a_u8 STORE_GENERAL
#define STORE_a_u16 STORE_GENERAL
#define STORE_a_u32 STORE_GENERAL
#define STORE_a_u64 STORE_GENERAL
#define STORE_f_u8 STORE_GENERAL
#define STORE_f_u16 STORE_GENERAL
#define STORE_f_u32 STORE_FLOAT
#define STORE_f_u64 STORE_FLOAT
#define POLL_SLOT(s) \
	do { \
		if (UNLIKELY(atomic_load_explicit(&x->stop, memory_order_relaxed))) \
			SAVE_SLOT(s); \
	} while (0)

#endif
