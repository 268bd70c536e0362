/*
 * The lowering of integer instructions. Each operation is one function of its operands and width;
 * flags are computed only where a later instruction reads them. Narrow results stay i32, and are
 * extended when a register is set.
 */
#include "context.h"
#include "exits.h"
#include "kernel_parts.h"

typedef LLVMValueRef (*binary_fn)(vsp_fn *f, LLVMValueRef x, LLVMValueRef y);

/* ---- flags ---- */

static void set_zn(vsp_fn *f, LLVMValueRef result)
{
	if (flag_live(f, VSP_F_Z))
		f->slot[SLOT_Z] = icmp(f, LLVMIntEQ, result, zero_of(result));
	if (flag_live(f, VSP_F_N))
		f->slot[SLOT_N] = icmp(f, LLVMIntSLT, result, zero_of(result));
}

static void set_zn_o0(vsp_fn *f, LLVMValueRef result)
{
	set_zn(f, result);
	f->slot[SLOT_O] = const_i1(f, false);
}

/* Sets O by the overflow intrinsic of an operation. */
static void set_o_by(vsp_fn *f, const char *intrinsic, LLVMValueRef x, LLVMValueRef y)
{
	if (!flag_live(f, VSP_F_O))
		return;
	LLVMValueRef pair = vsp_lower_intrinsic(f, intrinsic, LLVMTypeOf(x), (LLVMValueRef[]){x, y}, 2);
	f->slot[SLOT_O] = LLVMBuildExtractValue(f->b, pair, 1, "");
}

static LLVMValueRef min_of(LLVMValueRef v)
{
	unsigned width = LLVMGetIntTypeWidth(LLVMTypeOf(v));
	return LLVMConstInt(LLVMTypeOf(v), (uint64_t)1 << (width - 1), false);
}

static LLVMValueRef minus_one_of(LLVMValueRef v) { return LLVMConstAllOnes(LLVMTypeOf(v)); }

static void set_o_if_min(vsp_fn *f, LLVMValueRef v)
{
	if (flag_live(f, VSP_F_O))
		f->slot[SLOT_O] = icmp(f, LLVMIntEQ, v, min_of(v));
}

/* ---- operations ---- */

static LLVMValueRef op_add(vsp_fn *f, LLVMValueRef x, LLVMValueRef y)
{
	set_o_by(f, "llvm.sadd.with.overflow", x, y);
	LLVMValueRef r = LLVMBuildAdd(f->b, x, y, "");
	set_zn(f, r);
	return r;
}

static LLVMValueRef op_sub(vsp_fn *f, LLVMValueRef x, LLVMValueRef y)
{
	set_o_by(f, "llvm.ssub.with.overflow", x, y);
	LLVMValueRef r = LLVMBuildSub(f->b, x, y, "");
	set_zn(f, r);
	return r;
}

static LLVMValueRef op_mul(vsp_fn *f, LLVMValueRef x, LLVMValueRef y)
{
	set_o_by(f, "llvm.smul.with.overflow", x, y);
	LLVMValueRef r = LLVMBuildMul(f->b, x, y, "");
	set_zn(f, r);
	return r;
}

static LLVMValueRef op_neg(vsp_fn *f, LLVMValueRef x)
{
	set_o_if_min(f, x);
	LLVMValueRef r = LLVMBuildNeg(f->b, x, "");
	set_zn(f, r);
	return r;
}

static LLVMValueRef op_abs(vsp_fn *f, LLVMValueRef x)
{
	set_o_if_min(f, x);
	LLVMValueRef r = vsp_lower_intrinsic(f, "llvm.abs", LLVMTypeOf(x), (LLVMValueRef[]){x, const_i1(f, false)}, 2);
	set_zn(f, r);
	return r;
}

#define PLAIN(name, build) \
	static LLVMValueRef op_##name(vsp_fn *f, LLVMValueRef x, LLVMValueRef y) \
	{ \
		LLVMValueRef r = build; \
		set_zn_o0(f, r); \
		return r; \
	}

/* Shift counts are taken modulo the width, as the machine does. */
static LLVMValueRef masked(vsp_fn *f, LLVMValueRef count)
{
	LLVMTypeRef type = LLVMTypeOf(count);
	if (LLVMIsAConstantInt(count) && LLVMConstIntGetZExtValue(count) < LLVMGetIntTypeWidth(type))
		return count;
	return LLVMBuildAnd(f->b, count, LLVMConstInt(type, LLVMGetIntTypeWidth(type) - 1, false), "");
}

/* The count for the opposite direction. */
static LLVMValueRef negated(vsp_fn *f, LLVMValueRef count)
{
	LLVMTypeRef type = LLVMTypeOf(count);
	unsigned width = LLVMGetIntTypeWidth(type);
	if (LLVMIsAConstantInt(count))
		return LLVMConstInt(type, (width - LLVMConstIntGetZExtValue(count)) % width, false);
	return masked(f, LLVMBuildNeg(f->b, count, ""));
}

/*
 * Unoptimised code uses shifts instead of the intrinsic, which LLVM's fast instruction selection
 * does not know.
 */
static LLVMValueRef rotate_plain(vsp_fn *f, bool left, LLVMValueRef x, LLVMValueRef count)
{
	LLVMValueRef one_way = masked(f, count), other_way = negated(f, one_way);
	LLVMValueRef up = LLVMBuildShl(f->b, x, left ? one_way : other_way, "");
	LLVMValueRef down = LLVMBuildLShr(f->b, x, left ? other_way : one_way, "");
	return LLVMBuildOr(f->b, up, down, "");
}

static LLVMValueRef rotate(vsp_fn *f, bool left, LLVMValueRef x, LLVMValueRef count)
{
	const char *intrinsic = left ? "llvm.fshl" : "llvm.fshr";
	if (!f->lower->options->optimise)
		return rotate_plain(f, left, x, count);
	return vsp_lower_intrinsic(f, intrinsic, LLVMTypeOf(x), (LLVMValueRef[]){x, x, count}, 3);
}

PLAIN(and, LLVMBuildAnd(f->b, x, y, ""))
PLAIN(or, LLVMBuildOr(f->b, x, y, ""))
PLAIN(xor, LLVMBuildXor(f->b, x, y, ""))
PLAIN(shl, LLVMBuildShl(f->b, x, masked(f, y), ""))
PLAIN(shr, LLVMBuildLShr(f->b, x, masked(f, y), ""))
PLAIN(sar, LLVMBuildAShr(f->b, x, masked(f, y), ""))
PLAIN(rotl, rotate(f, true, x, y))
PLAIN(rotr, rotate(f, false, x, y))

static LLVMValueRef op_not(vsp_fn *f, LLVMValueRef x)
{
	LLVMValueRef r = LLVMBuildNot(f->b, x, "");
	set_zn_o0(f, r);
	return r;
}

static LLVMValueRef choose(vsp_fn *f, const char *intrinsic, LLVMValueRef x, LLVMValueRef y)
{
	return vsp_lower_intrinsic(f, intrinsic, LLVMTypeOf(x), (LLVMValueRef[]){x, y}, 2);
}
static LLVMValueRef op_min(vsp_fn *f, LLVMValueRef x, LLVMValueRef y) { return choose(f, "llvm.smin", x, y); }
static LLVMValueRef op_max(vsp_fn *f, LLVMValueRef x, LLVMValueRef y) { return choose(f, "llvm.smax", x, y); }
static LLVMValueRef op_minu(vsp_fn *f, LLVMValueRef x, LLVMValueRef y) { return choose(f, "llvm.umin", x, y); }
static LLVMValueRef op_maxu(vsp_fn *f, LLVMValueRef x, LLVMValueRef y) { return choose(f, "llvm.umax", x, y); }

static LLVMValueRef high_half(vsp_fn *f, LLVMValueRef x, LLVMValueRef y, bool is_signed)
{
	unsigned width = LLVMGetIntTypeWidth(LLVMTypeOf(x));
	if (f->lower->options->device && width == 64)
		return vsp_lower_device_high_half(f, x, y, is_signed);
	LLVMTypeRef wide = LLVMIntTypeInContext(f->lower->context, 2 * width);
	LLVMValueRef wx = is_signed ? LLVMBuildSExt(f->b, x, wide, "") : LLVMBuildZExt(f->b, x, wide, "");
	LLVMValueRef wy = is_signed ? LLVMBuildSExt(f->b, y, wide, "") : LLVMBuildZExt(f->b, y, wide, "");
	LLVMValueRef product = LLVMBuildMul(f->b, wx, wy, "");
	LLVMValueRef high = LLVMBuildLShr(f->b, product, LLVMConstInt(wide, width, false), "");
	return LLVMBuildTrunc(f->b, high, LLVMTypeOf(x), "");
}
static LLVMValueRef op_mulh(vsp_fn *f, LLVMValueRef x, LLVMValueRef y) { return high_half(f, x, y, true); }
static LLVMValueRef op_mulhu(vsp_fn *f, LLVMValueRef x, LLVMValueRef y) { return high_half(f, x, y, false); }

static LLVMValueRef count_zeros(vsp_fn *f, const char *intrinsic, LLVMValueRef x)
{
	return vsp_lower_intrinsic(f, intrinsic, LLVMTypeOf(x), (LLVMValueRef[]){x, const_i1(f, false)}, 2);
}
static LLVMValueRef op_clz(vsp_fn *f, LLVMValueRef x) { return count_zeros(f, "llvm.ctlz", x); }
static LLVMValueRef op_ctz(vsp_fn *f, LLVMValueRef x) { return count_zeros(f, "llvm.cttz", x); }
static LLVMValueRef op_popcnt(vsp_fn *f, LLVMValueRef x)
{
	return vsp_lower_intrinsic(f, "llvm.ctpop", LLVMTypeOf(x), &x, 1);
}
static LLVMValueRef op_bswap(vsp_fn *f, LLVMValueRef x)
{
	return vsp_lower_intrinsic(f, "llvm.bswap", LLVMTypeOf(x), &x, 1);
}

/* ---- division: traps on zero, and MIN / -1 is defined, which LLVM's is not ---- */

static void trap_if_zero(vsp_fn *f, LLVMValueRef divisor, uint32_t pc)
{
	vsp_lower_trap_if(f, icmp(f, LLVMIntEQ, divisor, zero_of(divisor)), VSP_TRAP_DIV_BY_ZERO, pc);
}

static LLVMValueRef divide(vsp_fn *f, LLVMValueRef x, LLVMValueRef y, uint32_t pc)
{
	trap_if_zero(f, y, pc);
	LLVMValueRef negates = icmp(f, LLVMIntEQ, y, minus_one_of(y));
	LLVMValueRef divisor = LLVMBuildSelect(f->b, negates, LLVMConstInt(LLVMTypeOf(y), 1, false), y, "");
	LLVMValueRef quotient = LLVMBuildSDiv(f->b, x, divisor, "");
	LLVMValueRef r = LLVMBuildSelect(f->b, negates, LLVMBuildNeg(f->b, x, ""), quotient, "");
	if (flag_live(f, VSP_F_O))
		f->slot[SLOT_O] = LLVMBuildAnd(f->b, negates, icmp(f, LLVMIntEQ, x, min_of(x)), "");
	set_zn(f, r);
	return r;
}

static LLVMValueRef modulo(vsp_fn *f, LLVMValueRef x, LLVMValueRef y, uint32_t pc)
{
	trap_if_zero(f, y, pc);
	LLVMValueRef negates = icmp(f, LLVMIntEQ, y, minus_one_of(y));
	LLVMValueRef divisor = LLVMBuildSelect(f->b, negates, LLVMConstInt(LLVMTypeOf(y), 1, false), y, "");
	LLVMValueRef r = LLVMBuildSRem(f->b, x, divisor, ""); /* by 1 instead of -1: both give 0 */
	set_zn_o0(f, r);
	return r;
}

static LLVMValueRef divide_unsigned(vsp_fn *f, LLVMValueRef x, LLVMValueRef y, uint32_t pc)
{
	trap_if_zero(f, y, pc);
	LLVMValueRef r = LLVMBuildUDiv(f->b, x, y, "");
	set_zn_o0(f, r);
	return r;
}

static LLVMValueRef modulo_unsigned(vsp_fn *f, LLVMValueRef x, LLVMValueRef y, uint32_t pc)
{
	trap_if_zero(f, y, pc);
	LLVMValueRef r = LLVMBuildURem(f->b, x, y, "");
	set_zn_o0(f, r);
	return r;
}

#define DIVISION(NAME, operation) \
	HANDLER(NAME) { set_reg(f, i->a, operation(f, reg(f, i->b), reg(f, i->c), i->pc)); } \
	HANDLER(NAME##_W) { set_w(f, i->a, operation(f, reg_w(f, i->b), reg_w(f, i->c), i->pc)); }

DIVISION(DIV, divide)
DIVISION(MOD, modulo)
DIVISION(DIVU, divide_unsigned)
DIVISION(MODU, modulo_unsigned)

/* ---- register forms ---- */

/*
 * Unoptimised code swaps the operands of a commutative operation if only the second one is not
 * needed any more: a machine with two-operand instructions overwrites the first, and LLVM swaps
 * them only when it optimises.
 */
static bool swaps(const vsp_fn *f, const vsp_insn *i)
{
	uint32_t stays = f->live_out & ~(1u << i->a);
	return vsp_insn_info(i)->commutative && !f->lower->options->optimise && stays >> i->b & 1 &&
	       !(stays >> i->c & 1);
}
static unsigned first_of(const vsp_fn *f, const vsp_insn *i) { return swaps(f, i) ? i->c : i->b; }
static unsigned second_of(const vsp_fn *f, const vsp_insn *i) { return swaps(f, i) ? i->b : i->c; }

#define BINARY(NAME, name) \
	HANDLER(NAME) { set_reg(f, i->a, op_##name(f, reg(f, first_of(f, i)), reg(f, second_of(f, i)))); } \
	HANDLER(NAME##_W) { set_w(f, i->a, op_##name(f, reg_w(f, first_of(f, i)), reg_w(f, second_of(f, i)))); }
#define UNARY(NAME, name) \
	HANDLER(NAME) { set_reg(f, i->a, op_##name(f, reg(f, i->b))); } \
	HANDLER(NAME##_W) { set_w(f, i->a, op_##name(f, reg_w(f, i->b))); }

BINARY(ADD, add)
BINARY(SUB, sub)
BINARY(MUL, mul)
BINARY(AND, and)
BINARY(OR, or)
BINARY(XOR, xor)
BINARY(SHL, shl)
BINARY(SHR, shr)
BINARY(SAR, sar)
BINARY(ROTL, rotl)
BINARY(ROTR, rotr)
BINARY(MIN, min)
BINARY(MAX, max)
BINARY(MINU, minu)
BINARY(MAXU, maxu)
BINARY(MULH, mulh)
BINARY(MULHU, mulhu)
UNARY(NOT, not)
UNARY(NEG, neg)
UNARY(ABS, abs)
UNARY(CLZ, clz)
UNARY(CTZ, ctz)
UNARY(POPCNT, popcnt)
UNARY(BSWAP, bswap)

static void power(vsp_fn *f, const vsp_insn *i, vsp_callee callee)
{
	LLVMValueRef r = vsp_lower_call(f, callee, (LLVMValueRef[]){reg(f, i->b), reg(f, i->c)}, 2);
	set_zn_o0(f, r);
	set_reg(f, i->a, r);
}
HANDLER(POW) { power(f, i, VSP_CALLEE(vsp_call_pow)); }
HANDLER(POW_W) { power(f, i, VSP_CALLEE(vsp_call_pow_w)); }

/* ---- immediate forms ---- */

static void immediate(vsp_fn *f, const vsp_insn *i, binary_fn operation)
{
	set_reg(f, i->a, operation(f, reg(f, i->b), const_i64(f, (uint64_t)i->imm)));
}

static void immediate_w(vsp_fn *f, const vsp_insn *i, binary_fn operation)
{
	set_w(f, i->a, operation(f, reg_w(f, i->b), const_i32(f, (uint32_t)i->imm)));
}

#define IMMEDIATE(NAME, name) \
	HANDLER(NAME) { immediate(f, i, op_##name); }
#define IMMEDIATE_W(NAME, name) \
	HANDLER(NAME) { immediate_w(f, i, op_##name); }

IMMEDIATE(ADDI_8, add)
IMMEDIATE(ADDI_32, add)
IMMEDIATE(MULI_8, mul)
IMMEDIATE(MULI_32, mul)
IMMEDIATE(ANDI_8, and)
IMMEDIATE(ANDI_32, and)
IMMEDIATE(ORI_8, or)
IMMEDIATE(ORI_32, or)
IMMEDIATE(XORI_8, xor)
IMMEDIATE(XORI_32, xor)
IMMEDIATE(SHLI, shl)
IMMEDIATE(SHRI, shr)
IMMEDIATE(SARI, sar)
IMMEDIATE(ROTLI, rotl)
IMMEDIATE(ROTRI, rotr)
IMMEDIATE_W(ADDI_W_8, add)
IMMEDIATE_W(ADDI_W_32, add)
IMMEDIATE_W(MULI_W_8, mul)
IMMEDIATE_W(MULI_W_32, mul)
IMMEDIATE_W(SHLI_W, shl)
IMMEDIATE_W(SHRI_W, shr)
IMMEDIATE_W(SARI_W, sar)
IMMEDIATE_W(ROTRI_W, rotr)

/* ---- comparisons ---- */

static void compare(vsp_fn *f, LLVMValueRef x, LLVMValueRef y)
{
	if (flag_live(f, VSP_F_Z))
		f->slot[SLOT_Z] = icmp(f, LLVMIntEQ, x, y);
	if (flag_live(f, VSP_F_N))
		f->slot[SLOT_N] = icmp(f, LLVMIntSLT, x, y);
	f->slot[SLOT_O] = const_i1(f, false);
}
HANDLER(CMP) { compare(f, reg(f, i->a), reg(f, i->b)); }
HANDLER(CMP_W) { compare(f, reg_w(f, i->a), reg_w(f, i->b)); }
HANDLER(CMPI) { compare(f, reg(f, i->a), const_i64(f, (uint64_t)i->imm)); }
HANDLER(TEST) { set_zn_o0(f, LLVMBuildAnd(f->b, reg(f, i->a), reg(f, i->b), "")); }
HANDLER(TEST_W) { set_zn_o0(f, LLVMBuildAnd(f->b, reg_w(f, i->a), reg_w(f, i->b), "")); }

static void set_if(vsp_fn *f, const vsp_insn *i, LLVMIntPredicate p)
{
	set_reg(f, i->a, zext64(f, icmp(f, p, reg(f, i->b), reg(f, i->c))));
}
HANDLER(SEQ) { set_if(f, i, LLVMIntEQ); }
HANDLER(SNE) { set_if(f, i, LLVMIntNE); }
HANDLER(SLT) { set_if(f, i, LLVMIntSLT); }
HANDLER(SLE) { set_if(f, i, LLVMIntSLE); }
HANDLER(SLTU) { set_if(f, i, LLVMIntULT); }
HANDLER(SLEU) { set_if(f, i, LLVMIntULE); }

HANDLER(SEL)
{
	LLVMValueRef taken = icmp(f, LLVMIntNE, reg(f, i->d), const_i64(f, 0));
	set_reg(f, i->a, LLVMBuildSelect(f->b, taken, reg(f, i->b), reg(f, i->c), ""));
}

/* ---- moves and extensions ---- */

HANDLER(MOV) { set_reg(f, i->a, reg(f, i->b)); }
HANDLER(MOVI_8) { set_reg(f, i->a, const_i64(f, (uint64_t)i->imm)); }
HANDLER(MOVI_32) { set_reg(f, i->a, const_i64(f, (uint64_t)i->imm)); }
HANDLER(MOVI_64) { set_reg(f, i->a, const_i64(f, (uint64_t)i->imm)); }

HANDLER(XCHG)
{
	LLVMValueRef x = reg(f, i->a), y = reg(f, i->b);
	set_reg(f, i->a, y);
	set_reg(f, i->b, x);
}

HANDLER(SEXT8) { set_reg(f, i->a, sext64(f, reg_b(f, i->b))); }
HANDLER(SEXT16) { set_reg(f, i->a, sext64(f, low_bits(f, reg(f, i->b), f->lower->i16))); }
HANDLER(SEXT32) { set_reg(f, i->a, sext64(f, reg_w(f, i->b))); }
HANDLER(ZEXT8) { set_reg(f, i->a, zext64(f, reg_b(f, i->b))); }
HANDLER(ZEXT16) { set_reg(f, i->a, zext64(f, low_bits(f, reg(f, i->b), f->lower->i16))); }
HANDLER(ZEXT32) { set_reg(f, i->a, zext64(f, reg_w(f, i->b))); }
