/*
 * The lowering of float instructions and conversions. They are IEEE operations without fast-math
 * flags, so nothing is contracted or reordered; transcendental functions are calls about which LLVM
 * knows nothing. With deterministic NaNs every arithmetic result is made canonical.
 */
#include "context.h"

typedef LLVMValueRef (*float_fn)(vsp_fn *f, LLVMValueRef x, LLVMValueRef y);

/*
 * The bits of an arithmetic result; if options ask for it, the canonical NaN replaces any other
 * NaN. The choice is between integers, because LLVM treats all NaNs as equal and would drop a
 * choice between floats.
 */
static LLVMValueRef result_bits(vsp_fn *f, LLVMValueRef v)
{
	bool wide = LLVMTypeOf(v) == f->lower->f64;
	LLVMValueRef bits = as_type(f, v, wide ? f->lower->i64 : f->lower->i32);
	if (!f->lower->options->deterministic)
		return bits;
	LLVMValueRef nan = wide ? const_i64(f, 0x7FF8000000000000) : const_i32(f, 0x7FC00000);
	return LLVMBuildSelect(f->b, LLVMBuildFCmp(f->b, LLVMRealUNO, v, v, ""), nan, bits, "");
}

/* Sets a register to an arithmetic result. */
static void set_result(vsp_fn *f, unsigned r, LLVMValueRef v)
{
	LLVMValueRef bits = result_bits(f, v);
	set_reg(f, r, LLVMTypeOf(bits) == f->lower->i64 ? bits : zext64(f, bits));
}

static LLVMValueRef intrinsic1(vsp_fn *f, const char *name, LLVMValueRef x)
{
	return vsp_lower_intrinsic(f, name, LLVMTypeOf(x), &x, 1);
}

static LLVMValueRef intrinsic2(vsp_fn *f, const char *name, LLVMValueRef x, LLVMValueRef y)
{
	return vsp_lower_intrinsic(f, name, LLVMTypeOf(x), (LLVMValueRef[]){x, y}, 2);
}

static LLVMValueRef op_add(vsp_fn *f, LLVMValueRef x, LLVMValueRef y) { return LLVMBuildFAdd(f->b, x, y, ""); }
static LLVMValueRef op_sub(vsp_fn *f, LLVMValueRef x, LLVMValueRef y) { return LLVMBuildFSub(f->b, x, y, ""); }
static LLVMValueRef op_mul(vsp_fn *f, LLVMValueRef x, LLVMValueRef y) { return LLVMBuildFMul(f->b, x, y, ""); }
static LLVMValueRef op_div(vsp_fn *f, LLVMValueRef x, LLVMValueRef y) { return LLVMBuildFDiv(f->b, x, y, ""); }

/*
 * The lesser or greater as in arith_float.h, for machines with 64-bit integers in two registers:
 * there LLVM 22 cannot select its own instructions for minimum and maximum.
 */
static LLVMValueRef extreme(vsp_fn *f, LLVMValueRef x, LLVMValueRef y, bool least)
{
	LLVMTypeRef type = LLVMTypeOf(x), bits = type == f->lower->f64 ? f->lower->i64 : f->lower->i32;
	LLVMValueRef a = as_type(f, x, bits), b = as_type(f, y, bits), nan = as_type(f, op_add(f, x, y), bits);
	LLVMValueRef same = least ? LLVMBuildOr(f->b, a, b, "") : LLVMBuildAnd(f->b, a, b, "");
	LLVMValueRef less = LLVMBuildFCmp(f->b, LLVMRealOLT, x, y, "");
	LLVMValueRef chosen = LLVMBuildSelect(f->b, less, least ? a : b, least ? b : a, "");
	chosen = LLVMBuildSelect(f->b, LLVMBuildFCmp(f->b, LLVMRealOEQ, x, y, ""), same, chosen, "");
	chosen = LLVMBuildSelect(f->b, LLVMBuildFCmp(f->b, LLVMRealUNO, x, y, ""), nan, chosen, "");
	return as_type(f, chosen, type);
}

/*
 * For x86-64 with AVX-512DQ, LLVM 22 selects code for minimum and maximum that tests one operand
 * for a quiet NaN alone, when it knows that the other is none: a signalling one would lose.
 */
static LLVMValueRef keep_nan(vsp_fn *f, LLVMValueRef x, LLVMValueRef y, LLVMValueRef chosen)
{
	if (!f->lower->loses_nans)
		return chosen;
	LLVMTypeRef type = LLVMTypeOf(x);
	LLVMValueRef nan = type == f->lower->f64
	                           ? as_type(f, LLVMConstInt(f->lower->i64, UINT64_C(0x7FF8000000000000), false), type)
	                           : as_type(f, LLVMConstInt(f->lower->i32, 0x7FC00000, false), type);
	return LLVMBuildSelect(f->b, LLVMBuildFCmp(f->b, LLVMRealUNO, x, y, ""), nan, chosen, "");
}

static LLVMValueRef op_min(vsp_fn *f, LLVMValueRef x, LLVMValueRef y)
{
	return f->lower->pairs ? extreme(f, x, y, true) : keep_nan(f, x, y, intrinsic2(f, "llvm.minimum", x, y));
}

static LLVMValueRef op_max(vsp_fn *f, LLVMValueRef x, LLVMValueRef y)
{
	return f->lower->pairs ? extreme(f, x, y, false) : keep_nan(f, x, y, intrinsic2(f, "llvm.maximum", x, y));
}

#define BINARY(NAME, operation) \
	HANDLER(NAME##_F) { set_result(f, i->a, operation(f, reg_f(f, i->b), reg_f(f, i->c))); } \
	HANDLER(NAME##_S) { set_result(f, i->a, operation(f, reg_s(f, i->b), reg_s(f, i->c))); }
#define UNARY(NAME, intrinsic) \
	HANDLER(NAME##_F) { set_result(f, i->a, intrinsic1(f, intrinsic, reg_f(f, i->b))); } \
	HANDLER(NAME##_S) { set_result(f, i->a, intrinsic1(f, intrinsic, reg_s(f, i->b))); }

BINARY(ADD, op_add)
BINARY(SUB, op_sub)
BINARY(MUL, op_mul)
BINARY(DIV, op_div)
BINARY(MIN, op_min)
BINARY(MAX, op_max)
UNARY(SQRT, "llvm.sqrt")
UNARY(FLOOR, "llvm.floor")
UNARY(CEIL, "llvm.ceil")
UNARY(TRUNC, "llvm.trunc")
UNARY(ROUND, "llvm.rint") /* to even in our modes; not every C library has roundeven */

/* These only change the sign bit, of a NaN too. */
HANDLER(NEG_F) { set_f(f, i->a, LLVMBuildFNeg(f->b, reg_f(f, i->b), "")); }
HANDLER(NEG_S) { set_s(f, i->a, LLVMBuildFNeg(f->b, reg_s(f, i->b), "")); }
HANDLER(ABS_F) { set_f(f, i->a, intrinsic1(f, "llvm.fabs", reg_f(f, i->b))); }
HANDLER(ABS_S) { set_s(f, i->a, intrinsic1(f, "llvm.fabs", reg_s(f, i->b))); }
HANDLER(COPYSIGN_F) { set_f(f, i->a, intrinsic2(f, "llvm.copysign", reg_f(f, i->b), reg_f(f, i->c))); }
HANDLER(COPYSIGN_S) { set_s(f, i->a, intrinsic2(f, "llvm.copysign", reg_s(f, i->b), reg_s(f, i->c))); }

static LLVMValueRef fused(vsp_fn *f, LLVMValueRef x, LLVMValueRef y, LLVMValueRef z)
{
	return vsp_lower_intrinsic(f, "llvm.fma", LLVMTypeOf(x), (LLVMValueRef[]){x, y, z}, 3);
}

/* By the runtime: all bits of a register, of which a float has the low half. */
static LLVMValueRef call_fused(vsp_fn *f, const vsp_insn *i, vsp_callee callee)
{
	return vsp_lower_call(f, callee, (LLVMValueRef[]){reg(f, i->b), reg(f, i->c), reg(f, i->d)}, 3);
}

HANDLER(FMA_F)
{
	if (f->lower->exact_fma)
		set_result(f, i->a, fused(f, reg_f(f, i->b), reg_f(f, i->c), reg_f(f, i->d)));
	else
		set_reg(f, i->a, call_fused(f, i, VSP_CALLEE(vsp_rt_fma_f)));
}

HANDLER(FMA_S)
{
	if (f->lower->exact_fma)
		set_result(f, i->a, fused(f, reg_s(f, i->b), reg_s(f, i->c), reg_s(f, i->d)));
	else
		set_reg(f, i->a, call_fused(f, i, VSP_CALLEE(vsp_rt_fma_s)));
}

/* ---- functions of the C library ---- */

static void call1(vsp_fn *f, const vsp_insn *i, vsp_callee callee)
{
	set_result(f, i->a, vsp_lower_call(f, callee, (LLVMValueRef[]){reg_f(f, i->b)}, 1));
}

static void call2(vsp_fn *f, const vsp_insn *i, vsp_callee callee)
{
	set_result(f, i->a, vsp_lower_call(f, callee, (LLVMValueRef[]){reg_f(f, i->b), reg_f(f, i->c)}, 2));
}

#define FUNCTION1(NAME, name) \
	HANDLER(NAME) { call1(f, i, VSP_CALLEE(vsp_rt_##name)); }
#define FUNCTION2(NAME, name) \
	HANDLER(NAME) { call2(f, i, VSP_CALLEE(vsp_rt_##name)); }

FUNCTION1(SIN_F, sin_f)
FUNCTION1(COS_F, cos_f)
FUNCTION1(TAN_F, tan_f)
FUNCTION1(ASIN_F, asin_f)
FUNCTION1(ACOS_F, acos_f)
FUNCTION1(ATAN_F, atan_f)
FUNCTION1(EXP_F, exp_f)
FUNCTION1(EXP2_F, exp2_f)
FUNCTION1(LOG_F, log_f)
FUNCTION1(LOG2_F, log2_f)
FUNCTION1(LOG10_F, log10_f)
FUNCTION1(CBRT_F, cbrt_f)
FUNCTION1(SINH_F, sinh_f)
FUNCTION1(COSH_F, cosh_f)
FUNCTION1(TANH_F, tanh_f)
FUNCTION1(EXPM1_F, expm1_f)
FUNCTION2(ATAN2_F, atan2_f)
FUNCTION2(HYPOT_F, hypot_f)
FUNCTION2(FMOD_F, fmod_f)
FUNCTION2(POW_F, pow_f)

/* (float)pow in double */
HANDLER(POW_S)
{
	LLVMTypeRef f64 = f->lower->f64;
	LLVMValueRef args[] = {
	        LLVMBuildFPExt(f->b, reg_s(f, i->b), f64, ""), LLVMBuildFPExt(f->b, reg_s(f, i->c), f64, "")};
	LLVMValueRef r = vsp_lower_call(f, VSP_CALLEE(vsp_rt_pow_f), args, 2);
	set_result(f, i->a, LLVMBuildFPTrunc(f->b, r, f->lower->f32, ""));
}

/* ---- comparisons ---- */

static void compare(vsp_fn *f, LLVMValueRef x, LLVMValueRef y)
{
	if (flag_live(f, VSP_F_Z))
		f->slot[SLOT_Z] = LLVMBuildFCmp(f->b, LLVMRealOEQ, x, y, "");
	if (flag_live(f, VSP_F_N))
		f->slot[SLOT_N] = LLVMBuildFCmp(f->b, LLVMRealOLT, x, y, "");
	if (flag_live(f, VSP_F_O))
		f->slot[SLOT_O] = LLVMBuildFCmp(f->b, LLVMRealUNO, x, y, "");
}
HANDLER(CMP_F) { compare(f, reg_f(f, i->a), reg_f(f, i->b)); }
HANDLER(CMP_S) { compare(f, reg_s(f, i->a), reg_s(f, i->b)); }

#define SET_IF(NAME, predicate) \
	HANDLER(NAME##_F) \
	{ \
		set_reg(f, i->a, zext64(f, LLVMBuildFCmp(f->b, predicate, reg_f(f, i->b), reg_f(f, i->c), ""))); \
	} \
	HANDLER(NAME##_S) \
	{ \
		set_reg(f, i->a, zext64(f, LLVMBuildFCmp(f->b, predicate, reg_s(f, i->b), reg_s(f, i->c), ""))); \
	}

SET_IF(SEQ, LLVMRealOEQ)
SET_IF(SNE, LLVMRealUNE)
SET_IF(SLT, LLVMRealOLT)
SET_IF(SLE, LLVMRealOLE)

/* ---- conversions ---- */

HANDLER(I2F) { set_f(f, i->a, LLVMBuildSIToFP(f->b, reg(f, i->b), f->lower->f64, "")); }
HANDLER(I2S) { set_s(f, i->a, LLVMBuildSIToFP(f->b, reg(f, i->b), f->lower->f32, "")); }
HANDLER(U2F) { set_f(f, i->a, LLVMBuildUIToFP(f->b, reg(f, i->b), f->lower->f64, "")); }
HANDLER(U2S) { set_s(f, i->a, LLVMBuildUIToFP(f->b, reg(f, i->b), f->lower->f32, "")); }
HANDLER(F2S) { set_result(f, i->a, LLVMBuildFPTrunc(f->b, reg_f(f, i->b), f->lower->f32, "")); }
HANDLER(S2F) { set_result(f, i->a, LLVMBuildFPExt(f->b, reg_s(f, i->b), f->lower->f64, "")); }

/* Saturates; a NaN becomes 0. */
static void to_integer(vsp_fn *f, const vsp_insn *i, const char *intrinsic, LLVMValueRef x)
{
	LLVMTypeRef types[] = {f->lower->i64, LLVMTypeOf(x)};
	set_reg(f, i->a, vsp_lower_intrinsic2(f, intrinsic, types, 2, &x, 1));
}
HANDLER(F2I) { to_integer(f, i, "llvm.fptosi.sat", reg_f(f, i->b)); }
HANDLER(S2I) { to_integer(f, i, "llvm.fptosi.sat", reg_s(f, i->b)); }
HANDLER(F2U) { to_integer(f, i, "llvm.fptoui.sat", reg_f(f, i->b)); }
HANDLER(S2U) { to_integer(f, i, "llvm.fptoui.sat", reg_s(f, i->b)); }

/* The same in 32 bits. */
static void to_word(vsp_fn *f, const vsp_insn *i, const char *intrinsic, LLVMValueRef x)
{
	LLVMTypeRef types[] = {f->lower->i32, LLVMTypeOf(x)};
	set_w(f, i->a, vsp_lower_intrinsic2(f, intrinsic, types, 2, &x, 1));
}
HANDLER(F2I_W) { to_word(f, i, "llvm.fptosi.sat", reg_f(f, i->b)); }
HANDLER(S2I_W) { to_word(f, i, "llvm.fptosi.sat", reg_s(f, i->b)); }
HANDLER(F2U_W) { to_word(f, i, "llvm.fptoui.sat", reg_f(f, i->b)); }
HANDLER(S2U_W) { to_word(f, i, "llvm.fptoui.sat", reg_s(f, i->b)); }
