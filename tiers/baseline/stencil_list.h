/*
 * All stencils once more, with the operands in the registers ARG_A, ARG_B and ARG_C, as functions
 * whose names begin with STENCIL_PREFIX; tools/gen/stencils.c knows what each prefix means.
 */
#define STENCIL_NAME(prefix, NAME) STENCIL_JOIN(prefix, NAME)
#define STENCIL_JOIN(prefix, NAME) vsp_##prefix##_##NAME
#define STENCIL(NAME, ...) \
	STENCIL_CALL void STENCIL_NAME(STENCIL_PREFIX, NAME)(STENCIL_PARAMS); \
	STENCIL_CALL void STENCIL_NAME(STENCIL_PREFIX, NAME)(STENCIL_PARAMS) \
	{ \
		STENCIL_CELL; \
		STENCIL_HIDE(ARG_A); \
		STENCIL_HIDE(ARG_B); \
		STENCIL_HIDE(ARG_C); \
		(void)ip, (void)unused, (void)p0, (void)p1, (void)p2, (void)p3, (void)p4, (void)s0, (void)s1; \
		(void)F, (void)mem, (void)x; \
		__VA_ARGS__; \
	}

/*
 * Hides which parameter a value was. Otherwise the compiler would sort the operands of commutative
 * operations by their places among the parameters, and the code would depend on more than numbers.
 */
#define STENCIL_HIDE(value) __asm__("" : "+r"(value))

/* Pieces that stand between those of cells. */
STENCIL(PIECE_LOAD, A = IN_FRAME(vsp_hole_offset_a); NEXT)
STENCIL(PIECE_STORE, IN_FRAME(vsp_hole_offset_a) = A; NEXT)
STENCIL(PIECE_MOVE, A = B; NEXT)
STENCIL(PIECE_JUMP, JUMP(0))
/*
 * Where a cell is dispatched to: from the interpreter's registers to those of stencils. The cell's
 * address stays in a register where no operand is kept.
 */
STENCIL(PIECE_ENTER, s0 = p3; F = (vsp_exec_frame *)p4; mem = (uint8_t *)p1; x = (vsp_exec *)p2; NEXT)
/* The same for any cell. */
STENCIL(PIECE_SELECT, CONTINUE(CODE_OF(s0)))
/* To the interpreter's handler of a cell. */
STENCIL(PIECE_LEAVE, ENTER_CELL(stencil_word_handler(), stencil_word_cell()))

#define HANDLER STENCIL
#include "tiers/interp/handlers.def"
#undef STENCIL
#undef STENCIL_HIDE
#undef STENCIL_NAME
#undef STENCIL_JOIN
#undef STENCIL_PREFIX
#undef ARG_A
#undef ARG_B
#undef ARG_C
