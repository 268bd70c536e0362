/*
 * What is lowered differently for devices: accesses, which must be aligned, and products of more
 * than 64 bits.
 */
#include "kernel_parts.h"

/* ---- products ---- */

static LLVMValueRef low_word(vsp_fn *f, LLVMValueRef v) { return LLVMBuildAnd(f->b, v, const_i64(f, UINT32_MAX), ""); }
static LLVMValueRef high_word(vsp_fn *f, LLVMValueRef v) { return LLVMBuildLShr(f->b, v, const_i64(f, 32), ""); }

/* By parts of 32 bits: none of the sums overflows. */
static LLVMValueRef high_unsigned(vsp_fn *f, LLVMValueRef x, LLVMValueRef y)
{
	LLVMValueRef xl = low_word(f, x), xh = high_word(f, x), yl = low_word(f, y), yh = high_word(f, y);
	LLVMValueRef carry = high_word(f, LLVMBuildMul(f->b, xl, yl, ""));
	LLVMValueRef one = LLVMBuildAdd(f->b, LLVMBuildMul(f->b, xh, yl, ""), carry, "");
	LLVMValueRef two = LLVMBuildAdd(f->b, LLVMBuildMul(f->b, xl, yh, ""), low_word(f, one), "");
	LLVMValueRef high = LLVMBuildAdd(f->b, LLVMBuildMul(f->b, xh, yh, ""), high_word(f, one), "");
	return LLVMBuildAdd(f->b, high, high_word(f, two), "");
}

/* other where v is negative, otherwise 0 */
static LLVMValueRef if_negative(vsp_fn *f, LLVMValueRef v, LLVMValueRef other)
{
	return LLVMBuildAnd(f->b, LLVMBuildAShr(f->b, v, const_i64(f, 63), ""), other, "");
}

LLVMValueRef vsp_lower_device_high_half(vsp_fn *f, LLVMValueRef x, LLVMValueRef y, bool is_signed)
{
	LLVMValueRef high = high_unsigned(f, x, y);
	if (!is_signed)
		return high;
	high = LLVMBuildSub(f->b, high, if_negative(f, x, y), "");
	return LLVMBuildSub(f->b, high, if_negative(f, y, x), "");
}

/* ---- accesses ---- */

/* Two ways to do an access, and where they meet. */
typedef struct fork {
	LLVMBasicBlockRef whole, bytes, join;
} fork;

static fork begin_fork(vsp_fn *f, LLVMValueRef ea, unsigned bytes)
{
	fork w = {vsp_lower_block(f, "whole"), vsp_lower_block(f, "bytes"), vsp_lower_block(f, "")};
	LLVMValueRef rest = LLVMBuildAnd(f->b, ea, const_i64(f, bytes - 1), "");
	LLVMBuildCondBr(f->b, icmp(f, LLVMIntEQ, rest, const_i64(f, 0)), w.whole, w.bytes);
	return w;
}

static void go_to(vsp_fn *f, LLVMBasicBlockRef next, LLVMBasicBlockRef then)
{
	LLVMBuildBr(f->b, next);
	LLVMPositionBuilderAtEnd(f->b, then);
}

static LLVMValueRef tagged(vsp_fn *f, LLVMValueRef access, unsigned alignment)
{
	LLVMSetAlignment(access, alignment);
	if (f->lower->tbaa_memory)
		LLVMSetMetadata(access, f->lower->tbaa_kind, f->lower->tbaa_memory);
	return access;
}

static LLVMValueRef byte_address(vsp_fn *f, LLVMValueRef address, unsigned n)
{
	LLVMValueRef index = const_i64(f, n);
	return n ? LLVMBuildGEP2(f->b, f->lower->i8, address, &index, 1, "") : address;
}

static LLVMValueRef load_byte(vsp_fn *f, LLVMValueRef address, unsigned n)
{
	return tagged(f, LLVMBuildLoad2(f->b, f->lower->i8, byte_address(f, address, n), ""), 1);
}

static LLVMValueRef load_vector(vsp_fn *f, LLVMValueRef address, unsigned bytes)
{
	LLVMValueRef all = LLVMGetPoison(f->lower->bytes16);
	for (unsigned n = 0; n < bytes; n++)
		all = LLVMBuildInsertElement(f->b, all, load_byte(f, address, n), const_i32(f, n), "");
	return all;
}

static LLVMValueRef load_bytes(vsp_fn *f, LLVMTypeRef type, LLVMValueRef address, unsigned bytes)
{
	if (type == f->lower->bytes16)
		return load_vector(f, address, bytes);
	LLVMValueRef all = LLVMConstNull(type);
	for (unsigned n = 0; n < bytes; n++) {
		LLVMValueRef byte = LLVMBuildZExt(f->b, load_byte(f, address, n), type, "");
		all = LLVMBuildOr(f->b, all, LLVMBuildShl(f->b, byte, LLVMConstInt(type, 8 * n, false), ""), "");
	}
	return all;
}

LLVMValueRef vsp_lower_device_load(vsp_fn *f, LLVMTypeRef type, LLVMValueRef address, LLVMValueRef ea, unsigned bytes)
{
	fork w = begin_fork(f, ea, bytes);
	LLVMPositionBuilderAtEnd(f->b, w.whole);
	LLVMValueRef whole = tagged(f, LLVMBuildLoad2(f->b, type, address, ""), bytes);
	go_to(f, w.join, w.bytes);
	LLVMValueRef parts = load_bytes(f, type, address, bytes);
	go_to(f, w.join, w.join);
	LLVMValueRef value = LLVMBuildPhi(f->b, type, "");
	LLVMAddIncoming(value, (LLVMValueRef[]){whole, parts}, (LLVMBasicBlockRef[]){w.whole, w.bytes}, 2);
	return value;
}

/* Byte n of a value. */
static LLVMValueRef byte_of(vsp_fn *f, LLVMValueRef value, unsigned n)
{
	LLVMTypeRef type = LLVMTypeOf(value);
	if (type == f->lower->bytes16)
		return LLVMBuildExtractElement(f->b, value, const_i32(f, n), "");
	LLVMValueRef shifted = LLVMBuildLShr(f->b, value, LLVMConstInt(type, 8 * n, false), "");
	return LLVMBuildTrunc(f->b, shifted, f->lower->i8, "");
}

void vsp_lower_device_store(vsp_fn *f, LLVMValueRef value, LLVMValueRef address, LLVMValueRef ea, unsigned bytes)
{
	fork w = begin_fork(f, ea, bytes);
	LLVMPositionBuilderAtEnd(f->b, w.whole);
	tagged(f, LLVMBuildStore(f->b, value, address), bytes);
	go_to(f, w.join, w.bytes);
	for (unsigned n = 0; n < bytes; n++)
		tagged(f, LLVMBuildStore(f->b, byte_of(f, value, n), byte_address(f, address, n)), 1);
	go_to(f, w.join, w.join);
}
