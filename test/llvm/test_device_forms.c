/*
 * What devices lack (tiers/gpu/legalise.c): each intrinsic is replaced by instructions which, for
 * numbers, LLVM folds to the value that the intrinsic is defined to have. Values are given in the
 * text of the cases. And tables of constants (tiers/gpu/constants.c), which move to another address
 * space with all that reads them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

#include <llvm-c/Core.h>
#include <llvm-c/IRReader.h>
#include <llvm-c/Transforms/PassBuilder.h>

#include "tiers/gpu/constants.h"
#include "tiers/gpu/legalise.h"

static LLVMModuleRef parse(const char *text)
{
	LLVMModuleRef module = NULL;
	char *message = NULL;
	LLVMMemoryBufferRef buffer = LLVMCreateMemoryBufferWithMemoryRangeCopy(text, strlen(text), "test");
	if (LLVMParseIRInContext(LLVMContextCreate(), buffer, &module, &message))
		fail_msg("%s\n%s", message, text);
	return module;
}

static void release(LLVMModuleRef module)
{
	LLVMContextRef context = LLVMGetModuleContext(module);
	LLVMDisposeModule(module);
	LLVMContextDispose(context);
}

static void fold(LLVMModuleRef module)
{
	LLVMPassBuilderOptionsRef options = LLVMCreatePassBuilderOptions();
	assert_null(LLVMRunPasses(module, "instsimplify", NULL, options));
	LLVMDisposePassBuilderOptions(options);
}

/* What f returns after legalising and folding, as LLVM writes it. To be freed by LLVM. */
static char *result_of(LLVMModuleRef module)
{
	LLVMValueRef f = LLVMGetNamedFunction(module, "f");
	return LLVMPrintValueToString(LLVMGetBasicBlockTerminator(LLVMGetLastBasicBlock(f)));
}

/* name(values) returns type and must have the value; parameters: the types of the values. */
static void check_call(
        const char *type, const char *name, const char *parameters, const char *values, const char *value)
{
	char text[1024], wanted[256];
	snprintf(text, sizeof text, "define %s @f() {\n %%r = call %s @%s(%s)\n ret %s %%r\n}\ndeclare %s @%s(%s)\n",
	        type, type, name, values, type, type, name, parameters);
	snprintf(wanted, sizeof wanted, "  ret %s %s", type, value);
	LLVMModuleRef module = parse(text);
	assert_true(vsp_gpu_legalise(module));
	assert_null(LLVMGetNamedFunction(module, name));
	fold(module);
	char *got = result_of(module);
	if (strcmp(got, wanted) != 0)
		fail_msg("%s(%s): '%s' instead of '%s'", name, values, got, wanted);
	LLVMDisposeMessage(got);
	release(module);
}

/* The same, with the types taken from the values: "i64 1, i1 false" has "i64, i1". */
static void check(const char *type, const char *name, const char *values, const char *value)
{
	char types[256];
	size_t used = 0;
	bool in_value = false;
	for (const char *c = values; *c; c++) {
		in_value = (in_value || (*c == ' ' && c != values && c[-1] != ',')) && *c != ',';
		if (!in_value)
			types[used++] = *c;
	}
	types[used] = 0;
	check_call(type, name, types, values, value);
}

#define MIN64 "-9223372036854775808"
#define MAX64 "9223372036854775807"

static void integers_are_compared(void **state)
{
	(void)state;
	check("i64", "llvm.smin.i64", "i64 3, i64 -5", "-5");
	check("i64", "llvm.smin.i64", "i64 -5, i64 3", "-5");
	check("i64", "llvm.smax.i64", "i64 3, i64 -5", "3");
	check("i32", "llvm.smax.i32", "i32 -7, i32 -5", "-5");
	check("i64", "llvm.umin.i64", "i64 3, i64 -5", "3");
	check("i64", "llvm.umax.i64", "i64 3, i64 -5", "-5");
	check("i8", "llvm.umax.i8", "i8 3, i8 2", "3");
	check("i64", "llvm.usub.sat.i64", "i64 3, i64 5", "0");
	check("i64", "llvm.usub.sat.i64", "i64 -1, i64 5", "-6");
	check("i64", "llvm.abs.i64", "i64 -9, i1 false", "9");
	check("i64", "llvm.abs.i64", "i64 " MIN64 ", i1 false", MIN64);
	check("i32", "llvm.abs.i32", "i32 9, i1 false", "9");
}

static void overflows_are_noticed(void **state)
{
	(void)state;
	check("{ i64, i1 }", "llvm.sadd.with.overflow.i64", "i64 1, i64 2", "{ i64 3, i1 false }");
	check("{ i64, i1 }", "llvm.sadd.with.overflow.i64", "i64 " MAX64 ", i64 1", "{ i64 " MIN64 ", i1 true }");
	check("{ i64, i1 }", "llvm.sadd.with.overflow.i64", "i64 " MIN64 ", i64 -1", "{ i64 " MAX64 ", i1 true }");
	check("{ i32, i1 }", "llvm.ssub.with.overflow.i32", "i32 1, i32 2", "{ i32 -1, i1 false }");
	check("{ i64, i1 }", "llvm.ssub.with.overflow.i64", "i64 " MIN64 ", i64 1", "{ i64 " MAX64 ", i1 true }");
	check("{ i64, i1 }", "llvm.ssub.with.overflow.i64", "i64 0, i64 " MIN64, "{ i64 " MIN64 ", i1 true }");
	check("{ i32, i1 }", "llvm.smul.with.overflow.i32", "i32 -3, i32 5", "{ i32 -15, i1 false }");
	check("{ i32, i1 }", "llvm.smul.with.overflow.i32", "i32 65536, i32 65536", "{ i32 0, i1 true }");
	check("{ i64, i1 }", "llvm.smul.with.overflow.i64", "i64 -3, i64 5", "{ i64 -15, i1 false }");
	check("{ i64, i1 }", "llvm.smul.with.overflow.i64", "i64 " MIN64 ", i64 -1", "{ i64 " MIN64 ", i1 true }");
	check("{ i64, i1 }", "llvm.smul.with.overflow.i64", "i64 " MIN64 ", i64 1", "{ i64 " MIN64 ", i1 false }");
	check("{ i64, i1 }", "llvm.smul.with.overflow.i64", "i64 4294967296, i64 4294967296", "{ i64 0, i1 true }");
	/* 3037000499 squared is the largest square below 2^63, 9223372030926249001. */
	check("{ i64, i1 }", "llvm.smul.with.overflow.i64", "i64 3037000499, i64 -3037000499",
	        "{ i64 -9223372030926249001, i1 false }");
	check("{ i64, i1 }", "llvm.smul.with.overflow.i64", "i64 3037000500, i64 3037000500",
	        "{ i64 -9223372036709301616, i1 true }");
}

static void bits_are_moved(void **state)
{
	(void)state;
	check("i64", "llvm.fshl.i64", "i64 1, i64 " MIN64 ", i64 1", "3");
	check("i64", "llvm.fshl.i64", "i64 1, i64 -1, i64 0", "1");
	check("i64", "llvm.fshl.i64", "i64 1, i64 -1, i64 64", "1");
	check("i32", "llvm.fshl.i32", "i32 1, i32 -1, i32 4", "31");
	check("i64", "llvm.fshr.i64", "i64 1, i64 2, i64 1", "-9223372036854775807");
	check("i64", "llvm.fshr.i64", "i64 -1, i64 5, i64 0", "5");
	check("i64", "llvm.cttz.i64", "i64 40, i1 false", "3");
	check("i64", "llvm.cttz.i64", "i64 0, i1 false", "64");
	check("i32", "llvm.cttz.i32", "i32 -2147483648, i1 false", "31");
	check("i32", "llvm.bswap.i32", "i32 16909060", "67305985"); /* 01020304 */
	check("i64", "llvm.bswap.i64", "i64 255", "-72057594037927936");
}

/* Text of LLVM's for NaN. */
#define NAN64 "0x7FF8000000000000"

static void floats_are_compared_and_converted(void **state)
{
	(void)state;
	check("double", "llvm.minimum.f64", "double 1.0, double -2.0", "-2.000000e+00");
	check("double", "llvm.minimum.f64", "double 0.0, double -0.0", "-0.000000e+00");
	check("double", "llvm.maximum.f64", "double -0.0, double 0.0", "0.000000e+00");
	check("double", "llvm.maximum.f64", "double 1.0, double -2.0", "1.000000e+00");
	check("double", "llvm.maximum.f64", "double 1.0, double " NAN64, NAN64);
	check("float", "llvm.minimum.f32", "float 1.0, float -0.0", "-0.000000e+00");
	check("i64", "llvm.fptosi.sat.i64.f64", "double -2.75", "-2");
	check("i64", "llvm.fptosi.sat.i64.f64", "double 1.0e19", MAX64);
	check("i64", "llvm.fptosi.sat.i64.f64", "double -1.0e19", MIN64);
	check("i64", "llvm.fptosi.sat.i64.f64", "double " NAN64, "0");
	check("i32", "llvm.fptosi.sat.i32.f64", "double 1.0e10", "2147483647");
	check("i32", "llvm.fptosi.sat.i32.f64", "double -1.0e10", "-2147483648");
	check("i8", "llvm.fptosi.sat.i8.f32", "float 127.5", "127");
	check("i64", "llvm.fptoui.sat.i64.f64", "double 1.0e19", "-8446744073709551616");
	check("i64", "llvm.fptoui.sat.i64.f64", "double 1.0e20", "-1");
	check("i64", "llvm.fptoui.sat.i64.f64", "double -0.5", "0");
	check("i64", "llvm.fptoui.sat.i64.f64", "double " NAN64, "0");
}

/* What devices have stays, and what nobody knows is refused. */
static void other_calls_stay(void **state)
{
	(void)state;
	LLVMModuleRef module = parse("define i64 @f(i64 %x) {\n %r = call i64 @llvm.ctpop.i64(i64 %x)\n ret i64 %r\n}\n"
	                             "declare i64 @llvm.ctpop.i64(i64)\ndeclare void @unused()\n");
	assert_true(vsp_gpu_legalise(module));
	assert_non_null(LLVMGetNamedFunction(module, "llvm.ctpop.i64"));
	assert_null(LLVMGetNamedFunction(module, "unused"));
	release(module);
	module = parse(
	        "define i64 @f(i64 %x) {\n %r = call i64 @other(i64 %x)\n ret i64 %r\n}\ndeclare i64 @other(i64)\n");
	assert_false(vsp_gpu_legalise(module));
	release(module);
}

/* ---- tables ---- */

static void tables_move_with_what_reads_them(void **state)
{
	(void)state;
	LLVMModuleRef module =
	        parse("@t = internal constant [4 x i32] [i32 1, i32 2, i32 3, i32 4]\n"
	              "define i32 @f(i64 %i) {\n %p = getelementptr inbounds [4 x i32], ptr @t, i64 0, i64 %i\n"
	              " %a = load i32, ptr %p\n"
	              " %q = getelementptr inbounds i8, ptr %p, i64 4\n %b = load i32, ptr %q\n"
	              " %c = load i32, ptr @t\n %d = add i32 %a, %b\n %e = add i32 %c, %d\n ret i32 %e\n}\n");
	assert_true(vsp_gpu_move_constants(module));
	char *text = LLVMPrintModuleToString(module);
	assert_null(strstr(text, "@t ="));
	assert_non_null(strstr(text, "@table = internal addrspace(2) constant [4 x i32] [i32 1, i32 2, i32 3, i32 4]"));
	assert_non_null(strstr(text, "getelementptr inbounds [4 x i32], ptr addrspace(2) @table, i64 0, i64 %i"));
	unsigned loads = 0;
	for (const char *at = text; (at = strstr(at, "load i32, ptr")); at++) {
		loads++;
		assert_memory_equal(at, "load i32, ptr addrspace(2)", 26);
	}
	assert_int_equal(loads, 3);
	LLVMDisposeMessage(text);
	release(module);
}

/* A table of bytes that is too long for one instruction of SPIR-V becomes rows of 256. */
static void long_tables_become_rows(void **state)
{
	(void)state;
	LLVMModuleRef module = parse("@t = internal constant [65536 x i8] zeroinitializer\n"
	                             "define i8 @f(i64 %i) {\n"
	                             " %p = getelementptr inbounds [65536 x i8], ptr @t, i64 0, i64 %i\n"
	                             " %a = load i8, ptr %p\n ret i8 %a\n}\n");
	char bytes[65536];
	for (unsigned i = 0; i < sizeof bytes; i++)
		bytes[i] = (char)(i >> 8);
	LLVMContextRef context = LLVMGetModuleContext(module);
	LLVMSetInitializer(
	        LLVMGetNamedGlobal(module, "t"), LLVMConstStringInContext2(context, bytes, sizeof bytes, true));
	assert_true(vsp_gpu_move_constants(module));
	LLVMValueRef rows = LLVMGetInitializer(LLVMGetNamedGlobal(module, "table")),
	             row = LLVMGetAggregateElement(rows, 9);
	size_t length;
	assert_int_equal(LLVMGetArrayLength2(LLVMTypeOf(rows)), 256);
	assert_int_equal(LLVMGetAsString(row, &length)[255], 9);
	assert_int_equal(length, 256);
	char *text = LLVMPrintModuleToString(module);
	assert_non_null(strstr(text, "getelementptr inbounds i8, ptr addrspace(2) @table, i64 %i"));
	LLVMDisposeMessage(text);
	release(module);
}

static void other_uses_of_tables_are_refused(void **state)
{
	static const char *const others[] = {"@t = internal constant [4 x i32] zeroinitializer\ndefine void @f(ptr %p) "
	                                     "{\n store ptr @t, ptr %p\n ret void\n}\n",
	        "@t = internal constant [4 x i32] zeroinitializer\ndefine i64 @f() {\n ret i64 ptrtoint (ptr @t to "
	        "i64)\n}\n",
	        "@t = internal constant [4 x i32] zeroinitializer\ndefine i32 @f(i1 %c) {\n br i1 %c, label %a, label "
	        "%b\n"
	        "a:\n br label %b\nb:\n %p = phi ptr [getelementptr (i8, ptr @t, i64 4), %a], [getelementptr (i8, ptr "
	        "@t, "
	        "i64 8), %0]\n %v = load i32, ptr %p\n ret i32 %v\n}\n",
	        "@t = internal global i32 0\ndefine i32 @f() {\n %v = load i32, ptr @t\n ret i32 %v\n}\n"};
	(void)state;
	for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
		LLVMModuleRef module = parse(others[i]);
		if (vsp_gpu_move_constants(module))
			fail_msg("use %zu is not refused", i);
		release(module);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(integers_are_compared),
	        cmocka_unit_test(overflows_are_noticed),
	        cmocka_unit_test(bits_are_moved),
	        cmocka_unit_test(floats_are_compared_and_converted),
	        cmocka_unit_test(other_calls_stay),
	        cmocka_unit_test(tables_move_with_what_reads_them),
	        cmocka_unit_test(long_tables_become_rows),
	        cmocka_unit_test(other_uses_of_tables_are_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
