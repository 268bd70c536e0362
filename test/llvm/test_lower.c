/*
 * The lowering: it makes valid LLVM IR of every form, with every entry point and with all options,
 * inside loops and with flags live and dead.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include <llvm-c/Analysis.h>

#include "ir/lower/context.h"
#include "ir/lower/lower.h"
#include "ir/lower/state.h"
#include "ir/short.h"
#include "tiers/llvm/floats.h"

enum { MAIN, TWO_ONE, TRANSFORM, KERNEL, FOUR_FIVE, FUNCS, CODE = 256 };

/* A module of small functions; main holds the form under test. */
typedef struct fixture {
	uint8_t code[CODE];
	uint32_t size;
	vsp_func funcs[FUNCS];
	vsp_import imports[1];
	vsp_type types[2];
	uint8_t func_types[2 * FUNCS];
	vsp_table tables[VSP_MAX_TABLES];
	vsp_table_run runs[VSP_MAX_TABLES];
	vsp_module_data data;
} fixture;

static void emit(fixture *x, vsp_insn insn, const uint32_t *targets)
{
	insn.pc = x->size;
	vsp_insn_encode(&insn, targets, x->code + x->size);
	x->size += vsp_insn_size((vsp_form)insn.form, (uint32_t)insn.imm);
}

static void emit_form(fixture *x, vsp_form form) { emit(x, (vsp_insn){.form = (uint16_t)form}, NULL); }

static void begin_func(fixture *x, uint32_t index, uint8_t params, uint8_t results, uint8_t kind)
{
	x->funcs[index] = (vsp_func){
	        .start = x->size, .params = params, .results = results, .kind = kind, .symbol = VSP_NO_SYMBOL};
}

static void end_func(fixture *x, uint32_t index) { x->funcs[index].size = x->size - x->funcs[index].start; }

static int64_t immediate_of(vsp_form form, bool high)
{
	int64_t min = 0, max = 0;
	vsp_operand o = vsp_form_immediate(form);
	vsp_operand_range(o, &min, &max);
	switch (vsp_operands[o].sense) {
	case VSP_SENSE_TARGET: return 0;
	case VSP_SENSE_TABLE: return high ? 3 : 0;
	case VSP_SENSE_FUNCTION: return high ? FOUR_FIVE : TWO_ONE;
	case VSP_SENSE_TRANSFORM: return TRANSFORM;
	case VSP_SENSE_KERNEL: return KERNEL;
	case VSP_SENSE_IMPORT: return 0;
	case VSP_SENSE_PARAMS:
	case VSP_SENSE_RESULTS: return high ? 0x0503 : 0x01FF;
	case VSP_SENSE_SYSCALL: return high ? 8 : 0;
	case VSP_SENSE_TYPE: return high;
	case VSP_SENSE_SLOT:
	case VSP_SENSE_GLOBAL:
	case VSP_SENSE_ELEMENTS:
	case VSP_SENSE_NONE:
	case VSP_SENSE_VALUE: break;
	}
	return high ? max : min;
}

/* main: the form with fields that name different registers, then a reader of every flag, back to
   the start, and HLT. */
static void make_main(fixture *x, vsp_form form, bool high, bool flags)
{
	uint8_t bytes[32] = {0};
	uint32_t targets[] = {0, 0, 0};
	static const uint8_t fields[4] = {5, 6, 7, 8};
	begin_func(x, MAIN, 0, 0, VSP_KIND_FUNCTION);
	vsp_insn insn = {.form = (uint16_t)form, .imm = immediate_of(form, high)}, out;
	/* A field that the form does not have makes it undecodable: keep those that are
	   accepted. */
	for (int n = 0; n < 4; n++) {
		vsp_insn with = insn;
		uint8_t *field = n == 0 ? &with.a : n == 1 ? &with.b : n == 2 ? &with.c : &with.d;
		*field = fields[n];
		memset(bytes, 0, sizeof bytes);
		vsp_insn_encode(&with, targets, bytes);
		if (!vsp_insn_decode(bytes, sizeof bytes, 0, &out) && out.form == form && out.a == with.a &&
		        out.b == with.b && out.c == with.c && out.d == with.d)
			insn = with;
	}
	emit(x, insn, targets);
	for (vsp_form f = VSP_I_JZ; flags && f <= VSP_I_JNO; f++)
		if (f == VSP_I_JZ || f == VSP_I_JN || f == VSP_I_JO || f == VSP_I_JNZ || f == VSP_I_JNN ||
		        f == VSP_I_JNO)
			emit_form(x, f);
	emit(x, (vsp_insn){.form = VSP_I_BNZ, .a = 5}, NULL);
	emit_form(x, high ? VSP_I_RET : VSP_I_HLT);
	end_func(x, MAIN);
}

/* Each table has both functions, of different types, behind an empty entry. */
static void add_tables(fixture *x)
{
	static const uint8_t functions[] = {TWO_ONE, 0, 0, 0, FOUR_FIVE, 0, 0, 0};
	x->types[0] = (vsp_type){.params = 2, .results = 1};
	x->types[1] = (vsp_type){.params = 4, .results = 5};
	memset(x->func_types, 0xFF, sizeof x->func_types);
	vsp_write_le(x->func_types + 2 * TWO_ONE, 0, 2);
	vsp_write_le(x->func_types + 2 * FOUR_FIVE, 1, 2);
	for (uint32_t t = 0; t < VSP_MAX_TABLES; t++) {
		x->tables[t] = (vsp_table){.size = 5, .used = 3, .first = 3 * t};
		x->runs[t] = (vsp_table_run){.table = t, .start = 1, .count = 2, .functions = functions};
	}
}

static void make_fixture(fixture *x, vsp_form form, bool high, bool flags)
{
	static const uint8_t signatures[FUNCS][3] = {[TWO_ONE] = {2, 1, VSP_KIND_FUNCTION},
	        [TRANSFORM] = {16, 16, VSP_KIND_TRANSFORM},
	        [KERNEL] = {2, 0, VSP_KIND_KERNEL},
	        [FOUR_FIVE] = {4, 5, VSP_KIND_FUNCTION}};
	memset(x, 0, sizeof *x);
	make_main(x, form, high, flags);
	for (uint32_t f = TWO_ONE; f < FUNCS; f++) {
		begin_func(x, f, signatures[f][0], signatures[f][1], signatures[f][2]);
		emit_form(x, VSP_I_RET);
		end_func(x, f);
	}
	x->imports[0] = (vsp_import){"test.import", 2, 3};
	add_tables(x);
	x->data = (vsp_module_data){.arena = VSP_ARENA_INIT,
	        .code = x->code,
	        .code_size = x->size,
	        .funcs = x->funcs,
	        .func_count = FUNCS,
	        .imports = x->imports,
	        .import_count = 1,
	        .global_count = UINT16_MAX + 1,
	        .types = x->types,
	        .type_count = 2,
	        .runs = x->runs,
	        .run_count = VSP_MAX_TABLES,
	        .payloads = {.func_types = x->func_types, .table_list = x->tables, .table_count = VSP_MAX_TABLES}};
}

static const char layout[] = "e-m:e-p270:32:32-p271:32:32-p272:64:64-i64:64-i128:128-f80:128-n8:16:32:64-S128";

static unsigned switches; /* that have been looked at */

/* Without a default LLVM would jump through a table without checking the value, which a program may
   have chosen. */
static void check_defaults(LLVMModuleRef module, const char *what)
{
	for (LLVMValueRef fn = LLVMGetFirstFunction(module); fn; fn = LLVMGetNextFunction(fn))
		for (LLVMBasicBlockRef block = LLVMGetFirstBasicBlock(fn); block;
		        block = LLVMGetNextBasicBlock(block)) {
			LLVMValueRef last = LLVMGetBasicBlockTerminator(block);
			if (!LLVMIsASwitchInst(last))
				continue;
			switches++;
			if (LLVMIsAUnreachableInst(LLVMGetFirstInstruction(LLVMGetSwitchDefaultDest(last))))
				fail_msg("%s: a switch takes it for granted that the value is one of its cases", what);
		}
}

/* Calls of programs whose instructions have no floats leave the host's modes as they are. */
static void check_floats(LLVMModuleRef module, vsp_form form)
{
	if (vsp_form_has_floats(&vsp_forms[form]))
		return;
	for (LLVMValueRef fn = LLVMGetFirstFunction(module); fn; fn = LLVMGetNextFunction(fn))
		for (LLVMBasicBlockRef b = LLVMGetFirstBasicBlock(fn); b; b = LLVMGetNextBasicBlock(b))
			for (LLVMValueRef i = LLVMGetFirstInstruction(b); i; i = LLVMGetNextInstruction(i))
				if (vsp_llvm_has_float(i))
					fail_msg("%s computes with floats, and ir/opcodes.def does not say so",
					        vsp_forms[form].name);
}

static void check_module(vsp_lower *lower, vsp_form form)
{
	const char *what = vsp_forms[form].name;
	char *message = NULL;
	LLVMModuleRef module = vsp_lower_end(lower);
	if (LLVMVerifyModule(module, LLVMReturnStatusAction, &message)) {
		char *text = LLVMPrintModuleToString(module);
		print_message("%s\n", text);
		LLVMDisposeMessage(text);
		fail_msg("%s: %s", what, message);
	}
	LLVMDisposeMessage(message);
	check_defaults(module, what);
	check_floats(module, form);
	LLVMDisposeModule(module);
}

static void lower_all(const fixture *x, const vsp_lower_options *options, bool include, vsp_form form)
{
	LLVMContextRef context = LLVMContextCreate();
	LLVMTargetDataRef target = LLVMCreateTargetData(layout);
	vsp_lower *lower = vsp_lower_create(context, &x->data, options, "test", "x86_64-unknown-linux-gnu", target);
	assert_non_null(lower);
	if (include)
		for (uint32_t f = 0; f < FUNCS; f++)
			vsp_lower_include(lower, f);
	for (uint32_t f = 0; f < FUNCS; f++) {
		assert_int_equal(vsp_lower_native(lower, f, false), VSP_LOWER_OK);
		assert_int_equal(vsp_lower_entry(lower, f, x->funcs[f].start), VSP_LOWER_OK);
		if (include)
			assert_int_equal(vsp_lower_boxed(lower, f), VSP_LOWER_OK);
	}
	check_module(lower, form);
	LLVMDisposeTargetData(target);
	LLVMContextDispose(context);
}

static void every_form_lowers_to_valid_ir(void **state)
{
	(void)state;
	vsp_lower_options none = {0}, guarded = {.guarded = true, .optimise = true, .stack_check = true};
	vsp_lower_options all = {.precise = true,
	        .fuel = true,
	        .deterministic = true,
	        .poll = true,
	        .exact_depth = true,
	        .stack_check = true,
	        .debug = true,
	        .count = true,
	        .ranges = true};
	vsp_lower_options status = all, marked = guarded;
	status.status = true;
	marked.optimise = false;
	marked.precise = marked.pcsections = true;
	const vsp_lower_options *options[] = {&none, &guarded, &all, &status, &marked};
	for (unsigned form = 0; form < VSP_FORMS; form++)
		for (unsigned variant = 0; variant < 4; variant++)
			for (unsigned o = 0; o < 5; o++) {
				fixture x;
				make_fixture(&x, (vsp_form)form, variant & 1, variant & 2);
				lower_all(&x, options[o], o == 1 || o == 3, (vsp_form)form);
			}
	assert_true(switches > 0);
}

/* RET goes on behind one of two CALLs, whose address has been in memory. */
static void returns_look_at_the_address(void **state)
{
	(void)state;
	fixture x;
	vsp_lower_options options[] = {{0}, {.guarded = true, .optimise = true}, {.guarded = true, .precise = true}};
	make_fixture(&x, VSP_I_NOP, false, false);
	x.size = 0;
	x.data.func_count = 1;
	begin_func(&x, MAIN, 0, 0, VSP_KIND_FUNCTION);
	int64_t sub = 2 * vsp_insn_size(VSP_I_CALL, 0) + vsp_insn_size(VSP_I_HLT, 0);
	emit(&x, (vsp_insn){.form = VSP_I_CALL, .imm = sub}, NULL);
	emit(&x, (vsp_insn){.form = VSP_I_CALL, .imm = sub}, NULL);
	emit_form(&x, VSP_I_HLT);
	emit_form(&x, VSP_I_RET);
	end_func(&x, MAIN);
	x.data.code_size = x.size;
	for (unsigned o = 0; o < 3; o++) {
		unsigned before = switches;
		LLVMContextRef context = LLVMContextCreate();
		LLVMTargetDataRef target = LLVMCreateTargetData(layout);
		vsp_lower *lower =
		        vsp_lower_create(context, &x.data, &options[o], "test", "x86_64-unknown-linux-gnu", target);
		assert_int_equal(vsp_lower_native(lower, MAIN, false), VSP_LOWER_OK);
		check_module(lower, VSP_I_RET);
		assert_int_equal(switches, before + 1);
		LLVMDisposeTargetData(target);
		LLVMContextDispose(context);
	}
}

/* The number of pcsections entries of main with a form; whether its text has locations, and lists
   of marked. */
static uint32_t lower_with_pcsections(const char *triple, vsp_form form, bool *located, bool *listed)
{
	fixture x;
	vsp_lower_options options = {.precise = true, .guarded = true, .pcsections = true};
	make_fixture(&x, form, false, false);
	LLVMContextRef context = LLVMContextCreate();
	LLVMTargetDataRef target = LLVMCreateTargetData(layout);
	vsp_lower *lower = vsp_lower_create(context, &x.data, &options, "test", triple, target);
	assert_int_equal(vsp_lower_native(lower, MAIN, false), VSP_LOWER_OK);
	uint32_t count = vsp_lower_pc_entry_count(lower);
	LLVMModuleRef module = vsp_lower_end(lower);
	char *text = LLVMPrintModuleToString(module);
	*located = strstr(text, "!DILocation") != NULL;
	*listed = strstr(text, "!pcsections") != NULL;
	LLVMDisposeMessage(text);
	LLVMDisposeModule(module);
	LLVMDisposeTargetData(target);
	LLVMContextDispose(context);
	return count;
}

static void accesses_and_calls_have_pc_entries_and_nothing_has_locations(void **unused)
{
	(void)unused;
	bool located, listed;
	/* HLT, at the end of each, calls the function that ends the run. */
	assert_int_equal(lower_with_pcsections("x86_64-pc-linux-gnu", VSP_I_ADD, &located, &listed), 1);
	assert_int_equal(lower_with_pcsections("x86_64-pc-linux-gnu", VSP_I_LOAD, &located, &listed), 2);
	assert_true(listed && !located);
	/* Compiled or not, the callee is called at one of two places. */
	assert_int_equal(lower_with_pcsections("x86_64-pc-linux-gnu", VSP_I_INVOKE, &located, &listed), 3);
	assert_true(listed && !located);
}

/* The IR of main, x's only function. To be given to LLVMDisposeMessage. */
static char *lowered_text(fixture *x, const vsp_lower_options *options)
{
	x->data = (vsp_module_data){
	        .arena = VSP_ARENA_INIT, .code = x->code, .code_size = x->size, .funcs = x->funcs, .func_count = 1};
	LLVMContextRef context = LLVMContextCreate();
	LLVMTargetDataRef target = LLVMCreateTargetData(layout);
	vsp_lower *lower = vsp_lower_create(context, &x->data, options, "test", "x86_64-pc-linux-gnu", target);
	assert_int_equal(vsp_lower_native(lower, MAIN, false), VSP_LOWER_OK);
	LLVMModuleRef module = vsp_lower_end(lower);
	char *text = LLVMPrintModuleToString(module);
	LLVMDisposeModule(module);
	LLVMDisposeTargetData(target);
	LLVMContextDispose(context);
	return text;
}

static unsigned occurrences(const char *text, const char *of)
{
	unsigned n = 0;
	for (const char *at = strstr(text, of); at; at = strstr(at + 1, of))
		n++;
	return n;
}

/* Loops that go on in better code call it without a place. Lists that are alike are one to LLVM,
   which then seemed to have lost a call. */
static void pc_entries_without_a_place_are_lists_of_their_own(void **unused)
{
	(void)unused;
	fixture x;
	vsp_lower_options options = {.precise = true, .guarded = true, .pcsections = true, .count = true};
	memset(&x, 0, sizeof x);
	begin_func(&x, MAIN, 0, 0, VSP_KIND_FUNCTION);
	for (unsigned loop = 0; loop < 40; loop++)
		emit(&x, (vsp_insn){.form = VSP_I_BNZ, .a = 1, .imm = x.size}, NULL);
	emit_form(&x, VSP_I_HLT);
	end_func(&x, MAIN);
	char *text = lowered_text(&x, &options);
	unsigned marked = occurrences(text, ", !pcsections !"),
	         lists = occurrences(text, "!{!\"" VSP_PCSECTION_NAME "\", ");
	assert_true(marked > 80);
	assert_int_equal(marked, lists);
	LLVMDisposeMessage(text);
}

/* R5 is the same before and in the loop: the load in the loop has a constant address. */
static void an_address_that_a_loop_keeps_is_constant(void **unused)
{
	(void)unused;
	fixture x;
	vsp_lower_options options = {.precise = true, .guarded = true};
	memset(&x, 0, sizeof x);
	begin_func(&x, MAIN, 0, 0, VSP_KIND_FUNCTION);
	emit(&x, (vsp_insn){.form = VSP_I_MOVI_32, .a = 5, .imm = 0x12340}, NULL);
	uint32_t loop = x.size;
	emit(&x, (vsp_insn){.form = VSP_I_LOAD, .a = 6, .b = 5, .imm = 8}, NULL);
	emit(&x, (vsp_insn){.form = VSP_I_BNZ, .a = 6, .imm = loop}, NULL);
	emit(&x, (vsp_insn){.form = VSP_I_MOVI_32, .a = 5, .imm = 0x56780}, NULL);
	emit(&x, (vsp_insn){.form = VSP_I_LOAD, .a = 6, .b = 5, .imm = 8}, NULL);
	emit_form(&x, VSP_I_HLT);
	end_func(&x, MAIN);
	char *text = lowered_text(&x, &options);
	assert_non_null(strstr(text, "%memory, i64 74568")); /* 0x12348 */
	assert_non_null(strstr(text, "%memory, i64 354184"));
	LLVMDisposeMessage(text);
}

static void targets_without_pcsections_have_locations(void **unused)
{
	(void)unused;
	bool located, listed;
	assert_int_equal(lower_with_pcsections("aarch64-unknown-linux-gnu", VSP_I_LOAD, &located, &listed), 0);
	assert_true(located && !listed);
	assert_int_equal(lower_with_pcsections("x86_64-apple-macosx", VSP_I_LOAD, &located, &listed), 0);
	assert_true(located && !listed);
}

#define CHECK(found, expected) assert_int_equal(found, expected)

/* This machine's layout, when its pointers are of the size that the test's data layout says. */
static void the_state_is_laid_out_as_in_c(void **unused)
{
	(void)unused;
	LLVMContextRef context = LLVMContextCreate();
	LLVMTargetDataRef target = LLVMCreateTargetData(layout);
	vsp_state_layout l = vsp_state_layout_of(context, target);
	if (sizeof(void *) == l.pointer_size) {
#define STATE(kind, type, name) CHECK(l.at[VSP_STATE_##name], offsetof(vsp_rt, name));
#define STATE_ARRAY(kind, type, name, count) STATE(kind, type, name)
#define FUNC(kind, type, name) CHECK(l.func_at[VSP_FUNC_##name], offsetof(vsp_rt_func, name));
#include "runtime/state.def"
		CHECK(l.func_size, sizeof(vsp_rt_func));
		CHECK(l.memory_size, offsetof(vsp_caller, memory_size));
	}
	LLVMDisposeTargetData(target);
	LLVMContextDispose(context);
}

/* Has target look at structs of a context that is then freed, after skip other types, so that
   they are at another address each time. */
static void look_at_structs(LLVMTargetDataRef target, unsigned skip)
{
	enum { STRUCTS = 200 };
	LLVMContextRef context = LLVMContextCreate();
	for (unsigned i = 0; i < skip; i++)
		LLVMIntTypeInContext(context, 1000 + i);
	for (unsigned i = 0; i < STRUCTS; i++) {
		LLVMTypeRef member = LLVMIntTypeInContext(context, 200 + i);
		LLVMABISizeOfType(target, LLVMStructTypeInContext(context, &member, 1, false));
	}
	LLVMContextDispose(context);
}

static void the_state_is_laid_out_anew_in_each_context(void **unused)
{
	(void)unused;
	static const vsp_lower_options options = {.optimise = true};
	LLVMContextRef context = LLVMContextCreate();
	LLVMTargetDataRef fresh = LLVMCreateTargetData(layout), used = LLVMCreateTargetData(layout);
	vsp_state_layout expected = vsp_state_layout_of(context, fresh);
	fixture x;
	make_fixture(&x, VSP_I_NOP, false, false);
	for (unsigned i = 0; i < 50; i++) {
		look_at_structs(used, i);
		LLVMContextRef own = LLVMContextCreate();
		vsp_lower *l = vsp_lower_create(own, &x.data, &options, "test", "x86_64-unknown-linux-gnu", used);
		assert_memory_equal(&l->state, &expected, sizeof expected);
		vsp_lower_destroy(l);
		LLVMContextDispose(own);
	}
	LLVMDisposeTargetData(fresh);
	LLVMDisposeTargetData(used);
	LLVMContextDispose(context);
}

/* By hand: vsp_caller is a pointer, 64 bits, a pointer and 32 bits. Words of 64 bits are aligned to
   8 bytes on wasm32, and to 4 on i686. */
static void the_state_of_targets_with_small_pointers_is_smaller(void **unused)
{
	(void)unused;
	LLVMContextRef context = LLVMContextCreate();
	LLVMTargetDataRef
	        wasm = LLVMCreateTargetData("e-m:e-p:32:32-p10:8:8-p20:8:8-i64:64-i128:128-n32:64-S128-ni:1:10:20"),
	        i686 = LLVMCreateTargetData(
	                "e-m:e-p:32:32-p270:32:32-p271:32:32-p272:64:64-i128:128-f64:32:64-f80:32-n8:16:32-S128");
	vsp_state_layout l = vsp_state_layout_of(context, wasm);
	CHECK(l.memory_size, 8);
	CHECK(l.at[VSP_STATE_funcs], 24);
	CHECK(l.at[VSP_STATE_sp], 32);
	CHECK(l.at[VSP_STATE_fuel], 56);
	CHECK(l.at[VSP_STATE_r], 136);
	CHECK(l.at[VSP_STATE_stack_limit], 268);
	CHECK(l.at[VSP_STATE_charged], 280);
	CHECK(l.func_size, 12);
	l = vsp_state_layout_of(context, i686);
	CHECK(l.memory_size, 4);
	CHECK(l.at[VSP_STATE_funcs], 20);
	CHECK(l.at[VSP_STATE_fuel], 48);
	LLVMDisposeTargetData(wasm);
	LLVMDisposeTargetData(i686);
	LLVMContextDispose(context);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	        cmocka_unit_test(every_form_lowers_to_valid_ir),
	        cmocka_unit_test(returns_look_at_the_address),
	        cmocka_unit_test(accesses_and_calls_have_pc_entries_and_nothing_has_locations),
	        cmocka_unit_test(pc_entries_without_a_place_are_lists_of_their_own),
	        cmocka_unit_test(an_address_that_a_loop_keeps_is_constant),
	        cmocka_unit_test(targets_without_pcsections_have_locations),
	        cmocka_unit_test(the_state_is_laid_out_as_in_c),
	        cmocka_unit_test(the_state_is_laid_out_anew_in_each_context),
	        cmocka_unit_test(the_state_of_targets_with_small_pointers_is_smaller),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
