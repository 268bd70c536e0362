/*
 * The tables with which the decoder finds the handler of a form. Form numbers index them; the name
 * of a handler is the name of its form with a suffix.
 */
#include "decode_tables.h"

#include "handlers.h"

/* ---- single instructions ---- */

/* By flags written: only forms that always write all three flags have versions. */
#define VERSIONS_F_NONE(N) VSP_H_##N, VSP_H_##N, VSP_H_##N
#define VERSIONS_F_Z(N) VERSIONS_F_NONE(N)
#define VERSIONS_F_O(N) VERSIONS_F_NONE(N)
#define VERSIONS_F_SYSCALL(N) VERSIONS_F_NONE(N)
#define VERSIONS_F_ZNO(N) VSP_H_##N, VSP_H_##N##_LAZY, VSP_H_##N##_ZNO

static const uint16_t handlers[VSP_FORMS][3] = {
#define INSN(N, op, sel, mn, fmt, ops, imp, flw, ...) [VSP_I_##N] = {VERSIONS_##flw(N)},
#include "ir/opcodes.def"
};

#define CHECKED(N, ops, fn, type) [VSP_I_##N] = VSP_H_##N##_CHECKED,
#define SHAPE_LOAD CHECKED
#define SHAPE_STORE CHECKED
static const uint16_t checked_handlers[VSP_FORMS] = {
#include "ir/by_shape.def"
        [VSP_I_PUSH] = VSP_H_PUSH_CHECKED,
        [VSP_I_POP] = VSP_H_POP_CHECKED,
};

static const uint16_t back_handlers[VSP_FORMS] = {
#define HANDLER(...)
#define BRANCH(N, condition) [VSP_I_##N] = VSP_H_##N##_BACK,
#include "handlers_control.def"
#undef HANDLER
};

unsigned vsp_decode_handler(unsigned form, unsigned version, bool checked, bool back)
{
	if (checked && checked_handlers[form])
		return checked_handlers[form];
	if (back && back_handlers[form])
		return back_handlers[form];
	return handlers[form][version];
}

/* ---- forms that only compute: canonical NaNs, and lazy flags ---- */

#define CANONICAL(N, ops, fn, type) [VSP_I_##N] = VSP_H_CANON_##type,
#define SHAPE_FLT2 CANONICAL
#define SHAPE_FLT1 CANONICAL
#define SHAPE_FLT3 CANONICAL
static const uint16_t canon_handlers[VSP_FORMS] = {
#include "ir/by_shape.def"
};

unsigned vsp_decode_canon(unsigned form) { return canon_handlers[form]; }

#define SHAPE_ALU2 FLAGS2
#define SHAPE_ALUI FLAGS2
#define SHAPE_ALU1 FLAGS1
#define SHAPE_ALUM FLAGS1
#define SHAPE_DIV2 FLAGS_DIV
#define SHAPE_TEST2 FLAGS2
#define SHAPE_TESTI FLAGS2
#define FLAGS2(N, ops, fn, type) \
	static unsigned flags_##N(uint64_t b, uint64_t c) { return vsp_arith_##fn##_flags(b, c); }
#define FLAGS1(N, ops, fn, type) \
	static unsigned flags_##N(uint64_t b, uint64_t c) \
	{ \
		(void)c; \
		return vsp_arith_##fn##_flags(b); \
	}
/* No wrong record of operands may become a fault of the host: a division by 0 has no flags. */
#define FLAGS_DIV(N, ops, fn, type) \
	static unsigned flags_##N(uint64_t b, uint64_t c) \
	{ \
		return vsp_arith_##fn##_by_zero(c) ? 0u : vsp_arith_##fn##_flags(b, c); \
	}
#include "ir/by_shape.def"

#define ENTRY_OF(N, ops, fn, type) [VSP_I_##N] = flags_##N,
#define SHAPE_ALU2 ENTRY_OF
#define SHAPE_ALUI ENTRY_OF
#define SHAPE_ALU1 ENTRY_OF
#define SHAPE_ALUM ENTRY_OF
#define SHAPE_DIV2 ENTRY_OF
#define SHAPE_TEST2 ENTRY_OF
#define SHAPE_TESTI ENTRY_OF
static unsigned (*const flag_functions[VSP_FORMS])(uint64_t b, uint64_t c) = {
#include "ir/by_shape.def"
};

unsigned vsp_decode_flags(unsigned form, uint64_t b, uint64_t c) { return flag_functions[form](b, c); }

/* ---- pairs ---- */

/*
 * The forms that occur in pairs, numbered from 1. Short immediates share the handlers of long ones.
 */
enum {
	P_NONE,
#define NUMBER(unused, N) P_##N,
	PAIR_INT(NUMBER, ) PAIR_LOADS(NUMBER, ) PAIR_STORES(NUMBER, ) PAIR_FLOATS(NUMBER, ) PAIR_BRANCHES(NUMBER, )
	        NUMBER(, LOOP) NUMBER(, SLT_F) NUMBER(, SLE_F) NUMBER(, MUL_B) NUMBER(, ADD_B) NUMBER(, BRTAB)
	                NUMBER(, INVOKE) NUMBER(, RET) P_COUNT
#undef NUMBER
};

static const uint8_t pair_numbers[VSP_FORMS] = {
#define NUMBER(unused, N) [VSP_I_##N] = P_##N,
        PAIR_INT(NUMBER, ) PAIR_LOADS(NUMBER, ) PAIR_STORES(NUMBER, ) PAIR_FLOATS(NUMBER, ) PAIR_BRANCHES(NUMBER, )
                NUMBER(, LOOP) NUMBER(, SLT_F) NUMBER(, SLE_F) NUMBER(, MUL_B) NUMBER(, ADD_B) NUMBER(, BRTAB)
                        NUMBER(, INVOKE) NUMBER(, RET)
#undef NUMBER
                                [VSP_I_ADDI_8] = P_ADDI_32,
        [VSP_I_ANDI_8] = P_ANDI_32,
        [VSP_I_XORI_8] = P_XORI_32,
        [VSP_I_MULI_8] = P_MULI_32,
        [VSP_I_MOVI_8] = P_MOVI_32,
};

enum { DEPENDENT = 1, BACK = 2, LAZY = 4, LAZY2 = 8, VARIANTS = 16 };
#define ENTRY(N1, N2, variant, suffix) [P_##N1][P_##N2][variant] = VSP_H_##N1##__##N2##suffix,
static const uint16_t pair_handlers[P_COUNT][P_COUNT][VARIANTS] = {
#define PAIR(N1, N2) ENTRY(N1, N2, 0, ) ENTRY(N1, N2, DEPENDENT, _DEP)
#define PAIR_STORE(N1, N2) PAIR(N1, N2)
#define PAIR_BRANCH(N1, N2) PAIR(N1, N2) ENTRY(N1, N2, BACK, _BACK) ENTRY(N1, N2, BACK | DEPENDENT, _BACK_DEP)
#define PAIR_LOOP(N1, N2) ENTRY(N1, N2, BACK, _BACK)
#define PAIR_LAZY(N1, N2) ENTRY(N1, N2, LAZY, _LAZY) ENTRY(N1, N2, LAZY | DEPENDENT, _DEP_LAZY)
#define PAIR_LAZY_STORE(N1, N2) PAIR_LAZY(N1, N2)
#define PAIR_LAZY_BRANCH(N1, N2) \
	PAIR_LAZY(N1, N2) ENTRY(N1, N2, LAZY | BACK, _BACK_LAZY) ENTRY(N1, N2, LAZY | BACK | DEPENDENT, _BACK_DEP_LAZY)
#define PAIR_LAZY_LOOP(N1, N2) ENTRY(N1, N2, LAZY | BACK, _BACK_LAZY)
#define PAIR_LAZY_SECOND(N1, N2) ENTRY(N1, N2, LAZY2, _LAZY2) ENTRY(N1, N2, LAZY2 | DEPENDENT, _DEP_LAZY2)
#define PAIR_TABLE(N1, N2) ENTRY(N1, N2, DEPENDENT, _DEP)
#include "handlers_pair.def"
};

unsigned vsp_decode_pair(const vsp_pair *pair)
{
	unsigned variant = (pair->dependent ? DEPENDENT : 0u) | (pair->back ? BACK : 0u) | (pair->lazy ? LAZY : 0u) |
	                   (pair->lazy_second ? LAZY2 : 0u);
	return pair_handlers[pair_numbers[pair->first]][pair_numbers[pair->second]][variant];
}

/* For INVOKE and RET by the number of parameters or results; for loop ends by the step. */
enum { PAIR_COUNTS = 4 };
static const uint16_t call_handlers[P_COUNT][2][PAIR_COUNTS] = {
#define PAIR_CALL(N1, N2, n) [P_##N1][0][n] = VSP_H_##N1##__##N2,
#define PAIR_LAZY_CALL(N1, N2, n) [P_##N1][1][n] = VSP_H_##N1##__##N2##_LAZY,
#include "handlers_pair.def"
};

static const uint16_t return_handlers[P_COUNT][2][PAIR_COUNTS] = {
#define PAIR_RETURN(N1, N2, n) [P_##N1][0][n] = VSP_H_##N1##__##N2,
#define PAIR_LAZY_RETURN(N1, N2, n) [P_##N1][1][n] = VSP_H_##N1##__##N2##_LAZY,
#include "handlers_pair.def"
};

unsigned vsp_decode_pair_end(const vsp_pair *pair, unsigned n)
{
	if (n >= PAIR_COUNTS || pair->lazy_second)
		return 0;
	return (pair->second == VSP_I_RET ? return_handlers : call_handlers)[pair_numbers[pair->first]][pair->lazy][n];
}

static const uint16_t loop_end_handlers[P_COUNT][P_COUNT][4] = {
#define LOOP_ENTRY(N1, N3, step, S) \
	[P_##N1][P_##N3][step] = VSP_H_##N1##__##S##_##N3, [P_##N1][P_##N3][step + 2] = VSP_H_##N1##__##S##_##N3##_LAZY,
#define STEP_ADDI_32 0
#define STEP_ADD 1
#define LOOP_END(N1, how, N3, S) LOOP_ENTRY(N1, N3, STEP_##S, S)
#include "handlers_pair.def"
};

unsigned vsp_decode_loop_end(unsigned first, unsigned step, unsigned branch, bool lazy)
{
	unsigned p = pair_numbers[step];
	if (p != P_ADDI_32 && p != P_ADD)
		return 0;
	return loop_end_handlers[pair_numbers[first]][pair_numbers[branch]][(p == P_ADD ? 1 : 0) + (lazy ? 2 : 0)];
}

/* The main operand (handlers_pair.def), or null when there is none. */
static uint8_t *main_operand(vsp_insn *insn)
{
	const vsp_form_info *info = vsp_insn_info(insn);
	unsigned fields = vsp_operands[info->operands[1]].fields;
	if (info->operands[0] == VSP_O_RA)
		return &insn->a;
	if (insn->form == VSP_I_SEL)
		return &insn->d;
	return fields & VSP_FIELD_C ? &insn->c : fields & VSP_FIELD_B ? &insn->b : NULL;
}

bool vsp_decode_dependent(const vsp_insn *first, vsp_insn *second)
{
	const uint8_t *operand = main_operand(second);
	if (!operand)
		return false;
	if (*operand != first->a && vsp_insn_info(second)->commutative &&
	        (second->b == first->a || second->c == first->a)) {
		uint8_t b = second->b;
		second->b = second->c;
		second->c = b;
	}
	return *operand == first->a;
}
