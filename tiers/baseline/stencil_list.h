/*
 * The stencils of one kind (stencils.c) in one variant: with the operands in the registers FIRST,
 * SECOND and THIRD. The functions' names are vsp_, the kind, the variant, _ and the handler.
 */
#define STENCIL_PREFIX(a, b, c, v) STENCIL_PREFIX_(a, b, c, v)
#define STENCIL_PREFIX_(a, b, c, v) vsp_##a##b##c##v##_
#define STENCIL(NAME, ...) \
	STENCIL_CALL void JOIN(STENCIL_PREFIX(STENCIL_A, STENCIL_B, STENCIL_C, VARIANT), NAME)(STENCIL_PARAMS); \
	STENCIL_CALL void JOIN(STENCIL_PREFIX(STENCIL_A, STENCIL_B, STENCIL_C, VARIANT), NAME)(STENCIL_PARAMS) \
	{ \
		STENCIL_CELL; \
		STENCIL_WORDS; \
		HIDE(STENCIL_A, ARG_A); \
		HIDE(STENCIL_B, ARG_B); \
		HIDE(STENCIL_C, ARG_C); \
		(void)ip, (void)unused, (void)p0, (void)p1, (void)p2, (void)p3, (void)p4, (void)s0, (void)s1; \
		(void)F, (void)mem, (void)x; \
		__VA_ARGS__; \
	}

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
/* Records a cell's flags as its handler would have; see enum vsp_record. */
#define RECORD(b) \
	F->flag_b = (b), F->flag_c = IN_FRAME(vsp_hole_offset_d), F->flag_state = stencil_word_cell(); \
	JUMP(0)
STENCIL(PIECE_RECORD, RECORD(IN_FRAME(vsp_hole_offset_a)))
STENCIL(PIECE_RECORD_ADDI, RECORD(IN_FRAME(vsp_hole_offset_a) - IMM))
STENCIL(PIECE_RECORD_ADD, RECORD(IN_FRAME(vsp_hole_offset_a) - IN_FRAME(vsp_hole_offset_d)))
STENCIL(PIECE_RECORD_SUB, RECORD(IN_FRAME(vsp_hole_offset_a) + IN_FRAME(vsp_hole_offset_d)))
#undef RECORD
/* To the interpreter's handler of a cell: the two, and the way there. */
STENCIL(PIECE_SLOW, s0 = stencil_word_cell(); s1 = stencil_word_handler(); JUMP(0))
STENCIL(PIECE_LEAVE, ENTER_CELL(s1, s0))

#define HANDLER STENCIL
#define VSP_PART STENCIL_PART
#include "tiers/interp/handlers.def"
#undef STENCIL
#undef STENCIL_PREFIX
#undef STENCIL_PREFIX_
#undef VARIANT
#undef FIRST
#undef SECOND
#undef THIRD
