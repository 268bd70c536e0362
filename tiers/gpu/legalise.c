/*
 * Intrinsics of LLVM that devices lack, or compute in ways of their own, as instructions: integers
 * that saturate or overflow, rotations, and the minima, maxima and conversions of floats. Devices
 * then do nothing but what every one of them does exactly.
 *
 * It runs when nothing is left that could make such intrinsics anew.
 */
#include "legalise.h"

#include <stdint.h>
#include <string.h>

/* One call that is being replaced. */
typedef struct site {
	LLVMBuilderRef b;
	LLVMContextRef c;
	LLVMValueRef call, x, y, z; /* its first three arguments, or null */
	LLVMTypeRef type;           /* of x */
	unsigned width;             /* of x, in bits */
} site;

/* ---- small emitters ---- */

static LLVMValueRef number(const site *s, uint64_t v) { return LLVMConstInt(s->type, v, false); }

static LLVMValueRef compare(const site *s, LLVMIntPredicate p, LLVMValueRef x, LLVMValueRef y)
{
	return LLVMBuildICmp(s->b, p, x, y, "");
}

static LLVMValueRef choose(const site *s, LLVMValueRef condition, LLVMValueRef x, LLVMValueRef y)
{
	return LLVMBuildSelect(s->b, condition, x, y, "");
}

static LLVMValueRef is_negative(const site *s, LLVMValueRef v) { return compare(s, LLVMIntSLT, v, number(s, 0)); }

/* {result, overflow}, the type of the call */
static LLVMValueRef pair(const site *s, LLVMValueRef result, LLVMValueRef overflow)
{
	LLVMValueRef both = LLVMGetPoison(LLVMTypeOf(s->call));
	both = LLVMBuildInsertValue(s->b, both, result, 0, "");
	return LLVMBuildInsertValue(s->b, both, overflow, 1, "");
}

/* ---- integers ---- */

static LLVMValueRef smallest(const site *s) { return choose(s, compare(s, LLVMIntSLT, s->x, s->y), s->x, s->y); }
static LLVMValueRef largest(const site *s) { return choose(s, compare(s, LLVMIntSGT, s->x, s->y), s->x, s->y); }
static LLVMValueRef smallest_unsigned(const site *s)
{
	return choose(s, compare(s, LLVMIntULT, s->x, s->y), s->x, s->y);
}
static LLVMValueRef largest_unsigned(const site *s)
{
	return choose(s, compare(s, LLVMIntUGT, s->x, s->y), s->x, s->y);
}

static LLVMValueRef difference_or_zero(const site *s)
{
	LLVMValueRef less = compare(s, LLVMIntULT, s->x, s->y);
	return choose(s, less, number(s, 0), LLVMBuildSub(s->b, s->x, s->y, ""));
}

static LLVMValueRef absolute(const site *s)
{
	return choose(s, is_negative(s, s->x), LLVMBuildNeg(s->b, s->x, ""), s->x);
}

static LLVMValueRef add_overflow(const site *s)
{
	LLVMValueRef sum = LLVMBuildAdd(s->b, s->x, s->y, "");
	LLVMValueRef changed =
	        LLVMBuildAnd(s->b, LLVMBuildXor(s->b, s->x, sum, ""), LLVMBuildXor(s->b, s->y, sum, ""), "");
	return pair(s, sum, is_negative(s, changed));
}

static LLVMValueRef sub_overflow(const site *s)
{
	LLVMValueRef rest = LLVMBuildSub(s->b, s->x, s->y, "");
	LLVMValueRef changed =
	        LLVMBuildAnd(s->b, LLVMBuildXor(s->b, s->x, s->y, ""), LLVMBuildXor(s->b, s->x, rest, ""), "");
	return pair(s, rest, is_negative(s, changed));
}

static LLVMValueRef low_half(const site *s, LLVMValueRef v) { return LLVMBuildAnd(s->b, v, number(s, UINT32_MAX), ""); }
static LLVMValueRef high_half(const site *s, LLVMValueRef v) { return LLVMBuildLShr(s->b, v, number(s, 32), ""); }

/* The high word of the product of two unsigned numbers of 64 bits, by parts. */
static LLVMValueRef high_product(const site *s, LLVMValueRef x, LLVMValueRef y)
{
	LLVMValueRef xl = low_half(s, x), xh = high_half(s, x), yl = low_half(s, y), yh = high_half(s, y);
	LLVMValueRef carry = high_half(s, LLVMBuildMul(s->b, xl, yl, ""));
	LLVMValueRef one = LLVMBuildAdd(s->b, LLVMBuildMul(s->b, xh, yl, ""), carry, "");
	LLVMValueRef two = LLVMBuildAdd(s->b, LLVMBuildMul(s->b, xl, yh, ""), low_half(s, one), "");
	LLVMValueRef high = LLVMBuildAdd(s->b, LLVMBuildMul(s->b, xh, yh, ""), high_half(s, one), "");
	return LLVMBuildAdd(s->b, high, high_half(s, two), "");
}

/* other where v is negative, otherwise 0 */
static LLVMValueRef if_negative(const site *s, LLVMValueRef v, LLVMValueRef other)
{
	return LLVMBuildAnd(s->b, LLVMBuildAShr(s->b, v, number(s, s->width - 1), ""), other, "");
}

static LLVMValueRef mul_overflow_word(const site *s)
{
	LLVMTypeRef wide = LLVMInt64TypeInContext(s->c);
	LLVMValueRef x = LLVMBuildSExt(s->b, s->x, wide, ""), y = LLVMBuildSExt(s->b, s->y, wide, "");
	LLVMValueRef product = LLVMBuildMul(s->b, x, y, ""), low = LLVMBuildTrunc(s->b, product, s->type, "");
	return pair(s, low, LLVMBuildICmp(s->b, LLVMIntNE, LLVMBuildSExt(s->b, low, wide, ""), product, ""));
}

/* The product fits if its high word repeats the sign of the low one. */
static LLVMValueRef mul_overflow(const site *s)
{
	if (s->width < 64)
		return mul_overflow_word(s);
	LLVMValueRef high = high_product(s, s->x, s->y), low = LLVMBuildMul(s->b, s->x, s->y, "");
	high = LLVMBuildSub(s->b, high, if_negative(s, s->x, s->y), "");
	high = LLVMBuildSub(s->b, high, if_negative(s, s->y, s->x), "");
	LLVMValueRef sign = LLVMBuildAShr(s->b, low, number(s, 63), "");
	return pair(s, low, compare(s, LLVMIntNE, high, sign));
}

/* x:y shifted by z; left: the high part of the result, otherwise the low one. */
static LLVMValueRef funnel(const site *s, bool left)
{
	LLVMValueRef most = number(s, s->width - 1), one = number(s, 1), count = LLVMBuildAnd(s->b, s->z, most, "");
	LLVMValueRef rest = LLVMBuildSub(s->b, most, count, "");
	if (left) {
		LLVMValueRef low = LLVMBuildLShr(s->b, LLVMBuildLShr(s->b, s->y, one, ""), rest, "");
		return LLVMBuildOr(s->b, LLVMBuildShl(s->b, s->x, count, ""), low, "");
	}
	LLVMValueRef high = LLVMBuildShl(s->b, LLVMBuildShl(s->b, s->x, one, ""), rest, "");
	return LLVMBuildOr(s->b, LLVMBuildLShr(s->b, s->y, count, ""), high, "");
}
static LLVMValueRef funnel_left(const site *s) { return funnel(s, true); }
static LLVMValueRef funnel_right(const site *s) { return funnel(s, false); }

/* The ones below the lowest bit that is set. */
static LLVMValueRef trailing_zeros(const site *s)
{
	LLVMValueRef below =
	        LLVMBuildAnd(s->b, LLVMBuildNot(s->b, s->x, ""), LLVMBuildSub(s->b, s->x, number(s, 1), ""), "");
	unsigned id = LLVMLookupIntrinsicID("llvm.ctpop", strlen("llvm.ctpop"));
	LLVMModuleRef module = LLVMGetGlobalParent(LLVMGetBasicBlockParent(LLVMGetInstructionParent(s->call)));
	LLVMTypeRef type = s->type;
	LLVMValueRef fn = LLVMGetIntrinsicDeclaration(module, id, &type, 1);
	return LLVMBuildCall2(s->b, LLVMIntrinsicGetType(s->c, id, &type, 1), fn, &below, 1, "");
}

static LLVMValueRef reversed_bytes(const site *s)
{
	LLVMValueRef all = number(s, 0);
	for (unsigned n = 0; n < s->width; n += 8) {
		LLVMValueRef byte = LLVMBuildLShr(s->b, s->x, number(s, n), "");
		byte = LLVMBuildAnd(s->b, byte, number(s, 0xFF), "");
		all = LLVMBuildOr(s->b, all, LLVMBuildShl(s->b, byte, number(s, s->width - 8 - n), ""), "");
	}
	return all;
}

/* ---- floats ---- */

static LLVMTypeRef bits_type(const site *s)
{
	return LLVMGetTypeKind(s->type) == LLVMDoubleTypeKind ? LLVMInt64TypeInContext(s->c)
	                                                      : LLVMInt32TypeInContext(s->c);
}

static LLVMValueRef holds(const site *s, LLVMRealPredicate p, LLVMValueRef x, LLVMValueRef y)
{
	return LLVMBuildFCmp(s->b, p, x, y, "");
}

/*
 * NaN if either is, as the sum of both; equal ones are the same but for the sign of a zero, which a
 * minimum takes from either, and a maximum from both.
 */
static LLVMValueRef extreme(const site *s, LLVMRealPredicate p, LLVMOpcode merge)
{
	LLVMTypeRef bits = bits_type(s);
	LLVMValueRef xb = LLVMBuildBitCast(s->b, s->x, bits, ""), yb = LLVMBuildBitCast(s->b, s->y, bits, "");
	LLVMValueRef same = LLVMBuildBitCast(s->b, LLVMBuildBinOp(s->b, merge, xb, yb, ""), s->type, "");
	LLVMValueRef one = choose(s, holds(s, p, s->x, s->y), s->x, s->y);
	LLVMValueRef ordered = choose(s, holds(s, LLVMRealOEQ, s->x, s->y), same, one);
	LLVMValueRef nan = LLVMBuildFAdd(s->b, s->x, s->y, "");
	return choose(s, holds(s, LLVMRealUNO, s->x, s->y), nan, ordered);
}
static LLVMValueRef minimum(const site *s) { return extreme(s, LLVMRealOLT, LLVMOr); }
static LLVMValueRef maximum(const site *s) { return extreme(s, LLVMRealOGT, LLVMAnd); }

/* 2 to the power n, as a float. */
static LLVMValueRef power(const site *s, unsigned n) { return LLVMConstReal(s->type, (double)(UINT64_C(1) << n)); }

/*
 * The conversion is only taken where it is defined. It is one to 64 bits whatever the result, which
 * may have any number of bits: clamping a float to a small range becomes that.
 */
static LLVMValueRef to_signed(const site *s)
{
	LLVMTypeRef type = LLVMInt64TypeInContext(s->c);
	unsigned top = LLVMGetIntTypeWidth(LLVMTypeOf(s->call)) - 1;
	LLVMValueRef least = LLVMConstInt(type, ~UINT64_C(0) << top, false);
	LLVMValueRef most = LLVMConstInt(type, (UINT64_C(1) << top) - 1, false);
	LLVMValueRef high = holds(s, LLVMRealOGE, s->x, power(s, top));
	LLVMValueRef low = holds(s, LLVMRealOLT, s->x, LLVMBuildFNeg(s->b, power(s, top), ""));
	LLVMValueRef outside =
	        LLVMBuildOr(s->b, LLVMBuildOr(s->b, low, high, ""), holds(s, LLVMRealUNO, s->x, s->x), "");
	LLVMValueRef inside = choose(s, outside, LLVMConstReal(s->type, 0), s->x);
	LLVMValueRef v = LLVMBuildFPToSI(s->b, inside, type, "");
	v = choose(s, high, most, choose(s, low, least, v));
	return top == 63 ? v : LLVMBuildTrunc(s->b, v, LLVMTypeOf(s->call), "");
}

static LLVMValueRef to_unsigned(const site *s)
{
	LLVMTypeRef type = LLVMTypeOf(s->call);
	LLVMValueRef positive = holds(s, LLVMRealOGT, s->x, LLVMConstReal(s->type, 0));
	LLVMValueRef high = holds(s, LLVMRealOGE, s->x, LLVMConstReal(s->type, 0x1p64));
	LLVMValueRef good = LLVMBuildAnd(s->b, positive, LLVMBuildNot(s->b, high, ""), "");
	LLVMValueRef inside = choose(s, good, s->x, LLVMConstReal(s->type, 0));
	LLVMValueRef v = LLVMBuildFPToUI(s->b, inside, type, "");
	return choose(s, high, LLVMConstAllOnes(type), v);
}

/* ---- all of them ---- */

static const struct rule {
	const char *prefix;
	LLVMValueRef (*replace)(const site *s); /* null: devices have it */
} rules[] = {
        {"llvm.smin.", smallest},
        {"llvm.smax.", largest},
        {"llvm.umin.", smallest_unsigned},
        {"llvm.umax.", largest_unsigned},
        {"llvm.usub.sat.", difference_or_zero},
        {"llvm.abs.", absolute},
        {"llvm.sadd.with.overflow.", add_overflow},
        {"llvm.ssub.with.overflow.", sub_overflow},
        {"llvm.smul.with.overflow.", mul_overflow},
        {"llvm.fshl.", funnel_left},
        {"llvm.fshr.", funnel_right},
        {"llvm.cttz.", trailing_zeros},
        {"llvm.bswap.", reversed_bytes},
        {"llvm.minimum.", minimum},
        {"llvm.maximum.", maximum},
        {"llvm.fptosi.sat.", to_signed},
        {"llvm.fptoui.sat.i64.", to_unsigned},
        {"llvm.ctlz.", NULL},
        {"llvm.ctpop.", NULL},
        {"llvm.sqrt.", NULL},
        {"llvm.floor.", NULL},
        {"llvm.ceil.", NULL},
        {"llvm.trunc.", NULL},
        {"llvm.rint.", NULL}, /* to even on devices, whose mode is always that */
        {"llvm.fabs.", NULL},
        {"llvm.copysign.", NULL},
        {"llvm.fma.", NULL},
        {"llvm.nvvm.read.ptx.sreg.", NULL},
        {"_Z13get_global_idj", NULL},
};

static const struct rule *rule_of(LLVMValueRef fn)
{
	const char *name = LLVMGetValueName(fn);
	for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++)
		if (strncmp(name, rules[i].prefix, strlen(rules[i].prefix)) == 0)
			return &rules[i];
	return NULL;
}

static site site_of(LLVMBuilderRef b, LLVMValueRef call)
{
	unsigned count = LLVMGetNumArgOperands(call);
	site s = {.b = b, .call = call, .x = LLVMGetOperand(call, 0)};
	s.y = count > 1 ? LLVMGetOperand(call, 1) : NULL;
	s.z = count > 2 ? LLVMGetOperand(call, 2) : NULL;
	s.type = LLVMTypeOf(s.x);
	s.c = LLVMGetTypeContext(s.type);
	s.width = LLVMGetTypeKind(s.type) == LLVMIntegerTypeKind ? LLVMGetIntTypeWidth(s.type) : 0;
	return s;
}

static void replace_calls(LLVMBuilderRef b, LLVMValueRef fn, const struct rule *rule)
{
	LLVMUseRef use;
	while ((use = LLVMGetFirstUse(fn))) {
		LLVMValueRef call = LLVMGetUser(use);
		LLVMPositionBuilderBefore(b, call);
		site s = site_of(b, call);
		LLVMReplaceAllUsesWith(call, rule->replace(&s));
		LLVMInstructionEraseFromParent(call);
	}
}

bool vsp_gpu_legalise(LLVMModuleRef module)
{
	LLVMBuilderRef b = LLVMCreateBuilderInContext(LLVMGetModuleContext(module));
	bool known = true;
	for (LLVMValueRef fn = LLVMGetFirstFunction(module), next; fn; fn = next) {
		next = LLVMGetNextFunction(fn);
		if (!LLVMIsDeclaration(fn))
			continue;
		const struct rule *rule = rule_of(fn);
		if (rule && rule->replace)
			replace_calls(b, fn, rule);
		if (!LLVMGetFirstUse(fn))
			LLVMDeleteFunction(fn);
		else
			known &= rule != NULL;
	}
	LLVMDisposeBuilder(b);
	return known;
}
