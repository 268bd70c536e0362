/*
 * Large functions: the lowered code grows in proportion, whatever their shape, and above a size no
 * value merges. The tests compare counts, not times: code of n and of 4n instructions in shapes
 * that once grew faster.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <cmocka.h>

#include <llvm-c/Analysis.h>

#include "ir/lower/budget.h"
#include "ir/lower/lower.h"
#include "runtime/base/alloc.h"
#include "test/support/instances.h"
#include "tiers/api/api.h"

/* ---- shapes ---- */

typedef struct text {
	char *at, *start, *end;
} text;

static void put(text *t, const char *format, ...)
{
	va_list list;
	va_start(list, format);
	int n = vsnprintf(t->at, (size_t)(t->end - t->at), format, list);
	va_end(list);
	assert_true(n >= 0 && n < t->end - t->at);
	t->at += n;
}

static void put_line(text *t, unsigned n, const char *name)
{
	for (unsigned i = 0; i < n; i++)
		put(t, "%s R%X, R%X, R%X\n", name, i % 15, (i + 1) % 15, (i + 7) % 15);
}
static void put_straight(text *t, unsigned n) { put_line(t, n, "MUL"); }
static void put_bytesil(text *t, unsigned n) { put_line(t, n, "MUL.B"); }
static void put_divisions(text *t, unsigned n) { put_line(t, n, "DIV"); }

/* Every label is jumped to from before and after. */
static void put_branches(text *t, unsigned n)
{
	for (unsigned i = 0; i < n / 2; i++)
		put(t, "l%u: ADDI R%X, R%X, 3\nBNE R%X, R%X, l%u\n", i, 2 + i % 8, 2 + (i + 3) % 8, 1 + i % 6,
		        2 + i % 7, i * 7 % (n / 2));
}

static void put_calls(text *t, unsigned n)
{
	for (unsigned i = 0; i < n / 3; i++)
		put(t, "CALL s%u\n", i % 100 < n / 3 ? i % 100 : 0);
	put(t, "HLT\n");
	for (unsigned i = 0; i < 100; i++)
		put(t, "s%u: ADDI R%X, R%X, 1\nRET\n", i, 1 + i % 9, 1 + (i + 2) % 9);
}

static void put_helpers(text *t, unsigned n)
{
	for (unsigned i = 0; i < n / 2; i++)
		put(t, "EMERGE\nSETMODE 128\n");
}

static void put_nest(text *t, unsigned n)
{
	for (unsigned i = 0; i < n / 2; i++)
		put(t, "h%u: ADDI R%X, R%X, 1\n", i, 1 + i % 9, 1 + (i + 1) % 9);
	for (unsigned i = n / 2; i-- > 0;)
		put(t, "BLT RA, R%X, h%u\n", 1 + i % 9, i);
}

static void put_recursion(text *t, unsigned n)
{
	put(t, "INVOKE main\n");
	put_branches(t, n);
}

/* R2 comes to join as bits from the table's three branches, and as a double. */
static void put_table(text *t, unsigned n)
{
	(void)n;
	put(t, "LOAD R2, [R5 + 0]\nBZ R6, other\nBRTAB R1, join, join, join\n"
	       "other: ADD.F R2, R3, R4\njoin: MUL.F R7, R2, R2\nSTORE R7, [R5 + 8]\n");
}

typedef void put_fn(text *t, unsigned n);

static vsp_module *module_of(put_fn *put_body, unsigned n)
{
	size_t room = 4096 + 64 * (size_t)n;
	text t = {.start = malloc(room)};
	assert_non_null(t.start);
	t.at = t.start;
	t.end = t.start + room;
	put(&t, ".func main\n");
	put_body(&t, n);
	put(&t, "HLT\n.end\n");
	vsp_module *module = assemble(t.start);
	free(t.start);
	return module;
}

/* ---- counting ---- */

typedef struct counts {
	vsp_lower_reason why;
	vsp_lower_outcome outcome;
	size_t all, phis, longest, idle; /* instructions, those of the longest block, loads that nobody uses */
	/* Blocks from where a value is made to where it is used, but for what has homes in the
	   first. */
	size_t farthest;
	size_t marked, entries; /* instructions with a pcsections entry, and how many entries differ */
} counts;

/*
 * Of values used in another block, how far that is at most in the order in which blocks stand.
 * Blocks are numbered in order as they are first seen.
 */
static size_t count_between(LLVMBasicBlockRef from, LLVMBasicBlockRef to)
{
	size_t forward = 0, backward = 0;
	LLVMBasicBlockRef a = from, b = to;
	while (a != to && b != from && (a || b)) {
		a = a ? LLVMGetNextBasicBlock(a) : NULL;
		b = b ? LLVMGetNextBasicBlock(b) : NULL;
		forward++, backward++;
	}
	return a == to ? forward : backward;
}

static size_t farthest_use(LLVMValueRef value)
{
	size_t most = 0;
	LLVMBasicBlockRef home = LLVMGetInstructionParent(value);
	for (LLVMUseRef use = LLVMGetFirstUse(value); use; use = LLVMGetNextUse(use)) {
		LLVMBasicBlockRef at = LLVMGetInstructionParent(LLVMGetUser(use));
		size_t n = at == home ? 0 : count_between(home, at);
		most = n > most ? n : most;
	}
	return most;
}

static int by_address(const void *a, const void *b)
{
	const LLVMValueRef *x = a, *y = b;
	return (uintptr_t)*x<(uintptr_t)*y ? -1 : (uintptr_t)*x>(uintptr_t) * y;
}

static void count_entries(LLVMValueRef fn, counts *c)
{
	unsigned kind = LLVMGetMDKindIDInContext(LLVMGetTypeContext(LLVMTypeOf(fn)), "pcsections", 10);
	LLVMValueRef *nodes = malloc(c->all * sizeof *nodes);
	assert_non_null(nodes);
	for (LLVMBasicBlockRef b = LLVMGetFirstBasicBlock(fn); b; b = LLVMGetNextBasicBlock(b))
		for (LLVMValueRef i = LLVMGetFirstInstruction(b); i; i = LLVMGetNextInstruction(i)) {
			LLVMValueRef node = LLVMGetMetadata(i, kind);
			if (node)
				nodes[c->marked++] = node;
		}
	qsort(nodes, c->marked, sizeof *nodes, by_address);
	for (size_t n = 0; n < c->marked; n++)
		c->entries += !n || nodes[n] != nodes[n - 1];
	free(nodes);
}

static counts count_function(LLVMValueRef fn)
{
	counts c = {.why = VSP_LOWER_OK};
	for (LLVMBasicBlockRef b = LLVMGetFirstBasicBlock(fn); b; b = LLVMGetNextBasicBlock(b)) {
		size_t here = 0;
		for (LLVMValueRef i = LLVMGetFirstInstruction(b); i; i = LLVMGetNextInstruction(i), here++) {
			c.phis += LLVMIsAPHINode(i) != NULL;
			c.idle += LLVMIsALoadInst(i) && !LLVMGetFirstUse(i);
			size_t far = b == LLVMGetFirstBasicBlock(fn) ? 0 : farthest_use(i);
			c.farthest = far > c.farthest ? far : c.farthest;
		}
		c.all += here;
		c.longest = here > c.longest ? here : c.longest;
	}
	count_entries(fn, &c);
	return c;
}

static const char layout_text[] = "e-m:e-p270:32:32-p271:32:32-p272:64:64-i64:64-i128:128-f80:128-n8:16:32:64-S128";

static counts lower(put_fn *put_body, unsigned n, bool optimise, bool refuse)
{
	vsp_module *module = module_of(put_body, n);
	vsp_lower_options options = {
	        .guarded = true, .stack_check = true, .pcsections = true, .optimise = optimise, .refuse = refuse};
	LLVMContextRef context = LLVMContextCreate();
	LLVMTargetDataRef layout = LLVMCreateTargetData(layout_text);
	vsp_lower *l = vsp_lower_create(context, module->data, &options, "t", "x86_64-pc-linux-gnu", layout);
	assert_non_null(l);
	counts c = {.why = vsp_lower_entry(l, 0, 0)};
	vsp_lower_outcome outcome = vsp_lower_outcome_of(l);
	LLVMModuleRef built = vsp_lower_end(l);
	if (c.why == VSP_LOWER_OK) {
		char name[VSP_LOWER_NAME];
		vsp_lower_name(name, VSP_POINT_ENTRY, 0, 0);
		assert_int_equal(LLVMVerifyModule(built, LLVMReturnStatusAction, NULL), 0);
		c = count_function(LLVMGetNamedFunction(built, name));
	}
	c.outcome = outcome;
	LLVMDisposeModule(built);
	LLVMDisposeTargetData(layout);
	LLVMContextDispose(context);
	vsp_module_free(module);
	return c;
}

/* ---- tests ---- */

static void code_grows_with_the_program(void **unused)
{
	(void)unused;
	put_fn *const shapes[] = {put_straight, put_branches, put_calls, put_helpers, put_nest};
	for (size_t s = 0; s < sizeof shapes / sizeof *shapes; s++)
		for (int optimise = 0; optimise < 2; optimise++) {
			counts small = lower(shapes[s], 3000, optimise, false),
			       large = lower(shapes[s], 12000, optimise, false);
			assert_int_equal(small.outcome.in_memory.count, 1);
			assert_int_equal(large.outcome.in_memory.count, 1);
			if (large.all > 5 * small.all)
				fail_msg("shape %u: %u instructions and %u", (unsigned)s, (unsigned)small.all,
				        (unsigned)large.all);
			/* The remaining ones are in blocks for traps. */
			if (large.phis > large.all / 16)
				fail_msg("shape %u: %u phis", (unsigned)s, (unsigned)large.phis);
			if (large.idle > 16) /* those of the last piece */
				fail_msg("shape %u: %u loads for nothing", (unsigned)s, (unsigned)large.idle);
			if (large.longest > 64 * VSP_LIMIT_PIECE)
				fail_msg("shape %u: a block of %u", (unsigned)s, (unsigned)large.longest);
		}
}

static void small_functions_stay_in_registers(void **unused)
{
	(void)unused;
	if (VSP_LIMIT_OPTIMISE_WORK < 1000) /* nothing counts as small in hostile builds */
		skip();
	counts c = lower(put_branches, 60, true, true);
	assert_int_equal(c.why, VSP_LOWER_OK);
	assert_int_equal(c.outcome.in_memory.count, 0);
}

static void tiers_refuse(void **unused)
{
	(void)unused;
	assert_int_equal(lower(put_straight, 8000, true, true).why, VSP_LOWER_TOO_LARGE);
	assert_int_equal(lower(put_straight, 8000, false, true).why, VSP_LOWER_OK);
	assert_int_equal(lower(put_helpers, 80000, false, true).why, VSP_LOWER_TOO_LARGE);
	assert_int_equal(lower(put_calls, 1000, false, true).why, VSP_LOWER_OK);
	assert_int_equal(lower(put_calls, 6000, false, true).why, VSP_LOWER_OK);
	assert_int_equal(lower(put_calls, 6000, true, true).why, VSP_LOWER_TOO_LARGE);
	assert_int_equal(lower(put_nest, 1000, false, true).why, VSP_LOWER_OK);
	assert_int_equal(lower(put_nest, 6000, false, true).why, VSP_LOWER_NESTED);
}

static void every_reason_has_a_text(void **unused)
{
	(void)unused;
	assert_string_equal(vsp_lower_reason_text(VSP_LOWER_TOO_LARGE), "the function is too large for this tier");
	assert_string_equal(vsp_lower_reason_text(VSP_LOWER_NESTED), "the function's loops are nested too deeply");
	assert_string_equal(vsp_lower_reason_text(VSP_LOWER_OUT_OF_MEMORY), "out of memory");
	assert_string_equal(vsp_lower_reason_text(VSP_LOWER_NOT_ON_DEVICES),
	        "POW.F and the functions of FMATH are the C library's, and devices have others");
	assert_int_equal(VSP_LOWER_REASONS, 5); /* with OK, which has none */
}

/* Lowers the function while request n for memory and all after it fail. */
static vsp_lower_reason lower_without_memory(const vsp_module *module, uint64_t n)
{
	vsp_lower_options options = {.guarded = true, .stack_check = true, .pcsections = true};
	LLVMContextRef context = LLVMContextCreate();
	LLVMTargetDataRef layout = LLVMCreateTargetData(layout_text);
	vsp_lower *l = vsp_lower_create(context, module->data, &options, "t", "x86_64-pc-linux-gnu", layout);
	assert_non_null(l);
	vsp_alloc_fail_at(n);
	vsp_lower_reason why = vsp_lower_entry(l, 0, 0);
	vsp_alloc_fail_at(0);
	vsp_lower_destroy(l);
	LLVMDisposeTargetData(layout);
	LLVMContextDispose(context);
	return why;
}

static void memory_that_runs_out_is_the_reason(void **unused)
{
	(void)unused;
	vsp_module *module = module_of(put_calls, 60);
	vsp_lower_reason why = lower_without_memory(module, 1);
	for (uint64_t n = 2; why != VSP_LOWER_OK; n++) {
		assert_int_equal(why, VSP_LOWER_OUT_OF_MEMORY);
		assert_in_range(n, 2, 10000);
		why = lower_without_memory(module, n);
	}
	vsp_module_free(module);
}

/*
 * Blocks that LLVM has far from where they are used cost its allocator a look at all between: each
 * stands among those of its piece.
 */
static void blocks_stand_where_they_are_used(void **unused)
{
	(void)unused;
	put_fn *const shapes[] = {put_branches, put_calls, put_helpers, put_divisions};
	for (size_t s = 0; s < sizeof shapes / sizeof *shapes; s++) {
		size_t small = lower(shapes[s], 3000, false, false).farthest,
		       large = lower(shapes[s], 12000, false, false).farthest;
		if (large > small + 64)
			fail_msg("shape %u: a value is used %u blocks away, and %u", (unsigned)s, (unsigned)small,
			        (unsigned)large);
	}
}

static void every_place_has_an_entry_of_its_own(void **unused)
{
	(void)unused;
	counts c = lower(put_divisions, 10000, false, false);
	assert_true(c.marked > 32);
	assert_int_equal(c.entries, c.marked);
}

/* A prologue that polls may lead to an exit block, which takes the state from its home: that must
   have it by then. */
static void exits_of_a_prologue_find_the_state(void **unused)
{
	(void)unused;
	char name[VSP_LOWER_NAME];
	vsp_module *module = module_of(put_recursion, 3000);
	vsp_lower_options options = {.guarded = true, .stack_check = true, .poll = true};
	LLVMContextRef context = LLVMContextCreate();
	LLVMTargetDataRef layout = LLVMCreateTargetData(layout_text);
	vsp_lower *l = vsp_lower_create(context, module->data, &options, "t", "x86_64-pc-linux-gnu", layout);
	assert_int_equal(vsp_lower_native(l, 0, false), VSP_LOWER_OK);
	assert_int_equal(vsp_lower_outcome_of(l).in_memory.count, 1);
	LLVMModuleRef built = vsp_lower_end(l);
	vsp_lower_name(name, VSP_POINT_NATIVE, 0, 0);
	LLVMValueRef fn = LLVMGetNamedFunction(built, name), state = LLVMGetParam(fn, 0);
	bool stored = false;
	LLVMBasicBlockRef first = LLVMGetEntryBasicBlock(fn);
	for (LLVMValueRef i = LLVMGetFirstInstruction(first); i; i = LLVMGetNextInstruction(i))
		stored |= LLVMIsAStoreInst(i) && LLVMGetOperand(i, 0) == state;
	assert_true(stored);
	LLVMDisposeModule(built);
	LLVMDisposeTargetData(layout);
	LLVMContextDispose(context);
	vsp_module_free(module);
}

/*
 * Branches of one table to one place bring one value, also when it gets another type on the way;
 * lower asks LLVM whether the function is well-formed.
 */
static void branches_of_a_table_bring_one_value(void **unused)
{
	(void)unused;
	assert_int_equal(lower(put_table, 0, true, false).why, VSP_LOWER_OK);
	assert_int_equal(lower(put_table, 0, false, false).why, VSP_LOWER_OK);
}

static void what_must_not_be_optimised_is_told(void **unused)
{
	(void)unused;
	assert_int_equal(lower(put_branches, 1000, true, false).outcome.plain.count, 0);
	assert_int_equal(lower(put_straight, 20000, true, false).outcome.plain.count, 0);
	assert_int_equal(lower(put_straight, 80000, true, false).outcome.plain.count, 1);
	assert_int_equal(lower(put_bytesil, 20000, true, false).outcome.plain.count, 0);
	assert_int_equal(lower(put_bytesil, 40000, true, false).outcome.plain.count, 1);
	assert_int_equal(lower(put_nest, 3000, true, false).outcome.plain.count, 1);
	assert_int_equal(lower(put_nest, 7000, true, false).outcome.plain.count, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(code_grows_with_the_program),
	        cmocka_unit_test(small_functions_stay_in_registers),
	        cmocka_unit_test(tiers_refuse),
	        cmocka_unit_test(every_reason_has_a_text),
	        cmocka_unit_test(memory_that_runs_out_is_the_reason),
	        cmocka_unit_test(blocks_stand_where_they_are_used),
	        cmocka_unit_test(every_place_has_an_entry_of_its_own),
	        cmocka_unit_test(exits_of_a_prologue_find_the_state),
	        cmocka_unit_test(branches_of_a_table_bring_one_value),
	        cmocka_unit_test(what_must_not_be_optimised_is_told),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
