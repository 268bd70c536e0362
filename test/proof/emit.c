/*
 * Prints the lowering for the proofs: the LLVM IR of single instructions, before any pass, and the
 * offsets of the fields of the run-time state and of the interpreter. Driven by
 * test/proof/prove.py, which writes one question a line:
 *
 *   FORM options fields immediate
 *
 * options is a string of letters of vsp_lower_options (option_letters below) or "-"; fields are the
 * four hexadecimal digits of the fields a b c d, of which those that the form does not have are
 * ignored. The answer is a line "case" and the question, then the text of one function up to a line
 * "}".
 *
 * The function is the entry form of
 *
 *       FORM
 *       RET
 *
 * with every register and flag shown at its RET, or of a branch
 *
 *       FORM yes              (BRTAB: yes, other, yes)
 *       MOVI R9, 1
 *       RET
 *   yes: MOVI R9, 2
 *       RET
 *   other: MOVI R9, 3
 *       RET
 *
 * It has 16 params, so that no register is known to be 0.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ir/lower/lower.h"
#include "ir/lower/state.h"
#include "ir/opcode.h"
#include "runtime/state.h"
#include "tiers/interp/exec.h"

enum { CODE = 256, RESULT = 9 };

typedef struct question {
	vsp_form form;
	char name[32], options[16];
	uint8_t fields[4];
	int64_t imm;
} question;

typedef struct program {
	uint8_t code[CODE];
	uint32_t size;
	vsp_func func;
	vsp_module_data data;
} program;

static void fail(const char *what, const char *why)
{
	fprintf(stderr, "emit: %s: %s\n", what, why);
	exit(2);
}

/* ---- layouts ---- */

/* Number, name, flags written, effects, least and greatest immediate (0 0: it has none, or a
   place). */
static void print_form(vsp_form form)
{
	const vsp_form_info *info = &vsp_forms[form];
	int64_t min = 0, max = 0;
	if (!(info->effects & VSP_FX_BRANCH))
		vsp_operand_range(vsp_form_immediate(form), &min, &max);
	printf("form %s %u %x %lld %lld\n", info->name, info->flags_written, info->effects, (long long)min,
	        (long long)max);
}

#define AT(name, type, field) printf("layout %s %zu\n", name, offsetof(type, field))
static void print_layouts(void)
{
#define STATE(kind, type, name) AT("rt." #name, vsp_rt, name);
#define STATE_ARRAY(kind, type, name, count) AT("rt." #name, vsp_rt, name);
#include "runtime/state.def"
	AT("rt.memory_size", vsp_rt, caller.memory_size);
	AT("rt.memory.base", vsp_rt, memory.base);
	AT("rt.memory.size", vsp_rt, memory.size);
	AT("rt.ranges", vsp_rt, ranges);
	AT("x.rt", vsp_exec, rt);
	AT("x.ip", vsp_exec, ip);
	AT("x.stop", vsp_exec, stop);
	AT("x.left", vsp_exec, left);
	AT("cell.run", vsp_cell, run);
	AT("cell.a", vsp_cell, a);
	AT("cell.imm", vsp_cell, imm);
	AT("cell.wide", vsp_cell, wide);
	AT("frame.ret", vsp_exec_frame, ret);
	AT("frame.flag_state", vsp_exec_frame, flag_state);
	AT("frame.flag_b", vsp_exec_frame, flag_b);
	AT("frame.flag_c", vsp_exec_frame, flag_c);
	printf("layout cell %zu\nlayout range %zu\n", sizeof(vsp_cell), sizeof(vsp_range));
	for (unsigned form = 0; form < VSP_FORMS; form++)
		print_form((vsp_form)form);
}

/* ---- programs ---- */

static void emit(program *p, vsp_insn insn, const uint32_t *targets)
{
	insn.pc = p->size;
	vsp_insn_encode(&insn, targets, p->code + p->size);
	p->size += vsp_insn_size((vsp_form)insn.form, (uint32_t)insn.imm);
}

/* Sets those of the fields a b c d that the form has: with another one it would not decode to
   itself. */
static vsp_insn with_fields(vsp_insn insn, const uint8_t fields[4], const uint32_t *targets)
{
	for (unsigned n = 0; n < 4; n++) {
		uint8_t bytes[32] = {0};
		vsp_insn with = insn, out;
		uint8_t *const field[] = {&with.a, &with.b, &with.c, &with.d};
		*field[n] = fields[n];
		vsp_insn_encode(&with, targets, bytes);
		if (!vsp_insn_decode(bytes, sizeof bytes, 0, &out) && out.form == with.form && out.a == with.a &&
		        out.b == with.b && out.c == with.c && out.d == with.d)
			insn = with;
	}
	return insn;
}

static void emit_end(program *p, int64_t result)
{
	emit(p, (vsp_insn){.form = VSP_I_MOVI_8, .a = RESULT, .imm = result}, NULL);
	emit(p, (vsp_insn){.form = VSP_I_RET}, NULL);
}

static void make_program(program *p, const question *q)
{
	*p = (program){.func = {.params = 16, .results = 16, .symbol = VSP_NO_SYMBOL}};
	bool branch = vsp_forms[q->form].effects & VSP_FX_BRANCH;
	bool table = vsp_form_immediate(q->form) == VSP_O_TABLE;
	uint32_t length = vsp_insn_size(q->form, 3), end = vsp_insn_size(VSP_I_MOVI_8, 0) + vsp_insn_size(VSP_I_RET, 0);
	uint32_t targets[] = {length + end, length + 2 * end, length + end};
	vsp_insn insn = {.form = (uint16_t)q->form, .imm = table ? 3 : branch ? targets[0] : q->imm};
	if (!vsp_insn_fits(&insn))
		fail(q->name, "the immediate does not fit");
	emit(p, with_fields(insn, q->fields, targets), targets);
	if (branch)
		for (int64_t result = 1; result <= 3; result++)
			emit_end(p, result);
	else
		emit(p, (vsp_insn){.form = VSP_I_RET}, NULL);
	p->func.size = p->size;
	p->data = (vsp_module_data){
	        .arena = VSP_ARENA_INIT, .code = p->code, .code_size = p->size, .funcs = &p->func, .func_count = 1};
}

/* ---- lowering ---- */

static vsp_lower_options options_of(const question *q)
{
	vsp_lower_options o = {0};
	const struct option_letters {
		char letter;
		bool *option;
	} all[] = {{'o', &o.optimise}, {'g', &o.guarded}, {'p', &o.precise}, {'m', &o.mark}, {'s', &o.status},
	        {'n', &o.deterministic}, {'t', &o.pcsections}, {'r', &o.ranges}, {'k', &o.mask}};
	for (const char *c = q->options; *c; c++)
		for (size_t n = 0; n < sizeof all / sizeof all[0]; n++)
			if (*c == all[n].letter)
				*all[n].option = true;
	return o;
}

/* The one definition of a module's text. */
static void print_definition(const char *text)
{
	const char *start = strstr(text, "\ndefine "), *end = start ? strstr(start, "\n}") : NULL;
	if (!end)
		fail("LLVM", "no definition");
	printf("%.*s\n", (int)(end + 2 - start), start);
}

static void lower(const program *p, const question *q)
{
	static const char layout[] = "e-m:e-p270:32:32-p271:32:32-p272:64:64-i64:64-i128:128-f80:128-n8:16:32:64-S128";
	vsp_lower_options options = options_of(q);
	LLVMContextRef context = LLVMContextCreate();
	LLVMTargetDataRef target = LLVMCreateTargetData(layout);
	vsp_lower *l = vsp_lower_create(context, &p->data, &options, "proof", "x86_64-unknown-linux-gnu", target);
	if (!l || vsp_lower_entry(l, 0, 0) != VSP_LOWER_OK)
		fail(q->name, "out of memory");
	LLVMModuleRef module = vsp_lower_end(l);
	char *text = LLVMPrintModuleToString(module);
	print_definition(text);
	LLVMDisposeMessage(text);
	LLVMDisposeModule(module);
	LLVMDisposeTargetData(target);
	LLVMContextDispose(context);
}

static bool read_question(question *q)
{
	unsigned fields;
	long long imm;
	if (scanf("%31s %15s %x %lld", q->name, q->options, &fields, &imm) != 4)
		return false;
	q->imm = imm;
	for (unsigned n = 0; n < 4; n++)
		q->fields[n] = fields >> (4 * (3 - n)) & 15;
	for (unsigned form = 0; form < VSP_FORMS; form++)
		if (strcmp(q->name, vsp_forms[form].name) == 0) {
			q->form = (vsp_form)form;
			return true;
		}
	fail(q->name, "no such form");
	return false;
}

int main(void)
{
	question q;
	program p;
	print_layouts();
	while (read_question(&q)) {
		printf("case %s %s %x%x%x%x %lld\n", q.name, q.options, q.fields[0], q.fields[1], q.fields[2],
		        q.fields[3], (long long)q.imm);
		make_program(&p, &q);
		lower(&p, &q);
	}
	return 0;
}
