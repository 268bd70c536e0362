/*
 * The stencils of one kind (stencils.c) in one variant: with the operands in the registers FIRST,
 * SECOND and THIRD. The functions' names are vsp_, the kind, the variant, _ and the handler.
 */
#define STENCIL_PREFIX(a, b, c, v) STENCIL_PREFIX_(a, b, c, v)
#define STENCIL_PREFIX_(a, b, c, v) vsp_##a##b##c##v##_
#define STENCIL(NAME, ...) STENCIL_FUNCTION(NAME, HIDE_OPERANDS, __VA_ARGS__)
#define HIDE_OPERANDS \
	HIDE(STENCIL_A, ARG_A); \
	HIDE(STENCIL_B, ARG_B); \
	HIDE(STENCIL_C, ARG_C)
/* Without operands, so that it is the same in every variant. */
#define STENCIL_ALONE(NAME, ...) STENCIL_FUNCTION(NAME, , __VA_ARGS__)
#define STENCIL_FUNCTION(NAME, hide, ...) \
	STENCIL_CALL void JOIN(STENCIL_PREFIX(STENCIL_A, STENCIL_B, STENCIL_C, VARIANT), NAME)(STENCIL_PARAMS); \
	STENCIL_CALL void JOIN(STENCIL_PREFIX(STENCIL_A, STENCIL_B, STENCIL_C, VARIANT), NAME)(STENCIL_PARAMS) \
	{ \
		STENCIL_CELL; \
		STENCIL_WORDS; \
		hide; \
		(void)ip, (void)p0, (void)p1, (void)p2, (void)p3, (void)p4, (void)s0, (void)s1; \
		(void)F, (void)mem, (void)x, (void)STENCIL_NOT_HANDED_ON; \
		__VA_ARGS__; \
	}

/* Pieces that stand between those of cells. */
STENCIL(PIECE_LOAD, LOAD_OPERAND_A(STENCIL_A); NEXT)
STENCIL(PIECE_STORE, STORE_OPERAND_A(STENCIL_A); NEXT)
STENCIL(PIECE_MOVE, A = B; NEXT)
STENCIL_ALONE(PIECE_JUMP, JUMP(0))
/*
 * Where a cell is dispatched to: from the interpreter's registers to those of stencils. The cell's
 * address stays in a register where no operand is kept.
 */
STENCIL_ALONE(PIECE_ENTER, s0 = p3; F = (vsp_exec_frame *)p4; mem = (uint8_t *)p1; x = (vsp_exec *)p2; NEXT)
/* The same for any cell. */
STENCIL_ALONE(PIECE_SELECT, CONTINUE(CODE_OF(s0)))
/* Records a cell's flags as its handler would have; see enum vsp_record. */
#define RECORD(b) \
	F->flag_b = (b), F->flag_c = FRAME_OPERAND_D, F->flag_state = stencil_word_cell(); \
	JUMP(0)
STENCIL_ALONE(PIECE_RECORD, RECORD(FRAME_OPERAND_A))
STENCIL_ALONE(PIECE_RECORD_ADDI, RECORD(FRAME_OPERAND_A - IMM))
STENCIL_ALONE(PIECE_RECORD_ADD, RECORD(FRAME_OPERAND_A - FRAME_OPERAND_D))
STENCIL_ALONE(PIECE_RECORD_SUB, RECORD(FRAME_OPERAND_A + FRAME_OPERAND_D))
#undef RECORD
/* To the interpreter's handler of a cell: the two, and the way there. */
STENCIL_ALONE(PIECE_SLOW, s0 = stencil_word_cell(); s1 = stencil_word_handler(); JUMP(0))
STENCIL_ALONE(PIECE_LEAVE, ENTER_CELL(s1, s0))

#define HANDLER STENCIL
#define VSP_PART STENCIL_PART
#include "tiers/interp/handlers.def"
#undef STENCIL
#undef STENCIL_ALONE
#undef STENCIL_FUNCTION
#undef HIDE_OPERANDS
#undef STENCIL_PREFIX
#undef STENCIL_PREFIX_
#undef VARIANT
#undef FIRST
#undef SECOND
#undef THIRD
