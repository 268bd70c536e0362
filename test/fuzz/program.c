/*
 * Making programs of bytes, see program.h. Kinds and lengths of functions come first, then
 * instructions, whose lengths follow from their forms, and last the immediates, once every address
 * is known.
 */
#include "program.h"

#include "ir/opcode.h"
#include "ir/module.h"

enum { FUNCS = 5, INSNS = 48, TARGETS = 4, DATA = 64, TRIES = 8, GLOBALS = 4, TYPES = FUNCS + 2 };

typedef struct function {
	uint8_t kind, params, results;
	uint32_t start, size, count;
	vsp_insn insns[INSNS];
} function;

typedef struct program {
	function funcs[FUNCS];
	uint32_t count;
	fuzz_input *in;
} program;

/* ---- forms ---- */

/* Which of the fields a, b, c, d a form has: bit i of field i. Found by trying the decoder. */
static uint8_t fields_of(vsp_form form)
{
	static uint8_t known[VSP_FORMS];
	uint8_t bytes[VSP_INSN_MAX_FIXED + 16];
	vsp_insn out;
	for (unsigned n = 0; n < 4 && !(known[form] & 0x80); n++) {
		vsp_insn insn = {.form = (uint16_t)form};
		uint8_t *fields[] = {&insn.a, &insn.b, &insn.c, &insn.d};
		uint8_t *back[] = {&out.a, &out.b, &out.c, &out.d};
		*fields[n] = 5;
		memset(bytes, 0, sizeof bytes);
		vsp_insn_encode(&insn, NULL, bytes);
		if (!vsp_insn_decode(bytes, sizeof bytes, 0, &out) && out.form == form && *back[n] == 5)
			known[form] |= (uint8_t)(1u << n);
	}
	known[form] |= 0x80;
	return known[form] & 0xF;
}

static bool has_kind(const program *p, uint8_t kind)
{
	for (uint32_t f = 0; f < p->count; f++)
		if (p->funcs[f].kind == kind)
			return true;
	return false;
}

/* May a function of this kind hold the form? A function that a kernel calls would have to obey
   the rules of kernels. */
static bool is_allowed(const program *p, const function *f, vsp_form form)
{
	const vsp_form_info *info = &vsp_forms[form];
	vsp_operand o = vsp_form_immediate(form);
	if (f->kind == VSP_KIND_KERNEL && (!info->kernel || info->effects & VSP_FX_CALL))
		return false;
	return (o != VSP_O_TRANSFORM || has_kind(p, VSP_KIND_TRANSFORM)) &&
	       (o != VSP_O_KERNEL16 || has_kind(p, VSP_KIND_KERNEL));
}

static vsp_form choose_form(program *p, const function *f)
{
	for (unsigned i = 0; i < TRIES; i++) {
		vsp_form form = (vsp_form)(fuzz_number(p->in, 2) % VSP_FORMS);
		if (is_allowed(p, f, form))
			return form;
	}
	return VSP_I_NOP;
}

static void choose_insn(program *p, function *f, uint32_t i)
{
	static const uint16_t ends[] = {VSP_I_RET, VSP_I_RET, VSP_I_TRAP, VSP_I_JMP, VSP_I_HLT};
	vsp_insn *insn = &f->insns[i];
	*insn = (vsp_insn){.form = (uint16_t)choose_form(p, f)};
	if (i + 1 == f->count)
		insn->form = ends[fuzz_below(p->in, f->kind == VSP_KIND_KERNEL ? 4 : 5)];
	uint8_t fields = fields_of((vsp_form)insn->form), registers = fuzz_byte(p->in), more = fuzz_byte(p->in);
	insn->a = fields & 1 ? registers & 15 : 0;
	insn->b = fields & 2 ? registers >> 4 : 0;
	insn->c = fields & 4 ? more & 15 : 0;
	insn->d = fields & 8 ? more >> 4 : 0;
	insn->imm = insn->form == VSP_I_BRTAB ? fuzz_below(p->in, TARGETS) : 0;
	insn->length = vsp_insn_size((vsp_form)insn->form, (uint32_t)insn->imm);
}

/* ---- immediates ---- */

static uint32_t choose_func(program *p, uint8_t kind)
{
	uint32_t f = fuzz_below(p->in, p->count);
	while (p->funcs[f].kind != kind)
		f = (f + 1) % p->count;
	return f;
}

static uint32_t choose_target(program *p, const function *f) { return f->insns[fuzz_below(p->in, f->count)].pc; }

/* Most addresses are in memory, and near its edges. */
static int64_t choose_address(program *p)
{
	static const int64_t bases[] = {0x10000, 0x20000, 0x1FFF0, 0x2FFF0, 0xFFF8, 0x8000, 0, 0x30000};
	return bases[fuzz_below(p->in, 8)] + fuzz_byte(p->in) % 32;
}

static int64_t choose_in_range(program *p, vsp_operand o)
{
	int64_t min = 0, max = 0;
	vsp_operand_range(o, &min, &max);
	uint64_t value = fuzz_number(p->in, 8), span = (uint64_t)max - (uint64_t)min + 1;
	if (fuzz_byte(p->in) % 2)
		value &= 0x1F;
	return span ? (int64_t)((uint64_t)min + value % span) : (int64_t)value;
}

static int64_t choose_signature(program *p)
{
	const function *f = &p->funcs[fuzz_below(p->in, p->count)];
	return f->params | f->results << 8;
}

static int64_t choose_immediate(program *p, const function *f, vsp_operand o)
{
#define SYSCALL(name, id, ...) id,
	static const uint8_t syscalls[] = {
#include "runtime/syscalls.def"
	};
	switch (vsp_operands[o].sense) {
	case VSP_SENSE_NONE: return 0;
	case VSP_SENSE_TARGET: return choose_target(p, f);
	case VSP_SENSE_FUNCTION: return choose_func(p, VSP_KIND_FUNCTION);
	case VSP_SENSE_TRANSFORM: return choose_func(p, VSP_KIND_TRANSFORM);
	case VSP_SENSE_KERNEL: return choose_func(p, VSP_KIND_KERNEL);
	case VSP_SENSE_IMPORT: return 0;
	case VSP_SENSE_PARAMS:
	case VSP_SENSE_RESULTS: return choose_signature(p);
	case VSP_SENSE_SYSCALL: return syscalls[fuzz_byte(p->in) % sizeof syscalls];
	case VSP_SENSE_GLOBAL: return fuzz_below(p->in, GLOBALS);
	case VSP_SENSE_TYPE: return fuzz_below(p->in, TYPES);
	case VSP_SENSE_SLOT:
	case VSP_SENSE_ELEMENTS:
	case VSP_SENSE_VALUE:
	case VSP_SENSE_TABLE: break;
	}
	return vsp_operands[o].look == VSP_LOOK_ABSOLUTE ? choose_address(p) : choose_in_range(p, o);
}

static void put_insn(program *p, const function *f, vsp_insn *insn, silc_bytes *code)
{
	uint32_t targets[TARGETS];
	uint8_t bytes[VSP_INSN_MAX_FIXED + 3 * TARGETS];
	if (insn->form != VSP_I_BRTAB)
		insn->imm = choose_immediate(p, f, vsp_form_immediate((vsp_form)insn->form));
	for (uint32_t i = 0; i < TARGETS; i++)
		targets[i] = insn->form == VSP_I_BRTAB ? choose_target(p, f) : 0;
	CHECK(vsp_insn_fits(insn));
	vsp_insn_encode(insn, targets, bytes);
	silc_raw(code, bytes, insn->length);
}

/* ---- programs ---- */

static void choose_kinds(program *p)
{
	static const uint8_t kinds[] = {VSP_KIND_FUNCTION, VSP_KIND_FUNCTION, VSP_KIND_TRANSFORM, VSP_KIND_KERNEL};
	p->count = 1 + fuzz_below(p->in, FUNCS);
	for (uint32_t i = 0; i < p->count; i++) {
		function *f = &p->funcs[i];
		f->kind = i ? kinds[fuzz_below(p->in, 4)] : VSP_KIND_FUNCTION;
		f->params = f->kind == VSP_KIND_FUNCTION ? (uint8_t)fuzz_below(p->in, 17)
		            : f->kind == VSP_KIND_KERNEL ? 2
		                                         : 16;
		f->results = f->kind == VSP_KIND_FUNCTION ? (uint8_t)fuzz_below(p->in, 17)
		             : f->kind == VSP_KIND_KERNEL ? 0
		                                          : 16;
		f->count = 1 + fuzz_below(p->in, INSNS);
	}
}

static void put_functions(program *p, silc_file *file)
{
	static const uint8_t symbols[] = {[VSP_KIND_FUNCTION] = 3, [VSP_KIND_TRANSFORM] = 2, [VSP_KIND_KERNEL] = 4};
	for (uint32_t i = 0; i < p->count; i++) {
		function *f = &p->funcs[i];
		char name[16];
		snprintf(name, sizeof name, "f%u", (unsigned)i);
		silc_symbol(file, name, f->start, symbols[f->kind]);
		silc_func(file, f->start, f->size, i, f->params, f->results, f->kind, 1);
		for (uint32_t n = 0; n < f->count; n++)
			put_insn(p, f, &f->insns[n], &file->code);
	}
}

static void lay_out(program *p)
{
	uint32_t pc = 0;
	for (uint32_t i = 0; i < p->count; i++) {
		function *f = &p->funcs[i];
		f->start = pc;
		for (uint32_t n = 0; n < f->count; n++) {
			choose_insn(p, f, n);
			f->insns[n].pc = pc;
			pc += f->insns[n].length;
		}
		f->size = pc - f->start;
	}
}

/* ---- sections of version 2.1 ---- */

static void end_section(silc_file *file, const char *tag, silc_bytes *payload)
{
	silc_section(file, tag, payload);
	silc_bytes_free(payload);
}

/* Function number i is of type i, if all before it have other signatures; else it has none. */
static bool has_type(const program *p, uint32_t i)
{
	for (uint32_t k = 0; k < i; k++)
		if (p->funcs[k].params == p->funcs[i].params && p->funcs[k].results == p->funcs[i].results)
			return false;
	return p->funcs[i].kind == VSP_KIND_FUNCTION;
}

/* TYPES types, the first of which are of functions; the others are of long parameter lists. */
static void put_types(const program *p, silc_file *file)
{
	silc_bytes types = {0};
	silc_uint(&types, TYPES, 4);
	for (uint32_t i = 0; i < TYPES; i++) {
		bool typed = i < p->count && has_type(p, i);
		unsigned params = typed ? p->funcs[i].params : 17 + i, results = typed ? p->funcs[i].results : 0;
		silc_uint(&types, params, 2);
		silc_uint(&types, results, 2);
		for (unsigned v = 0; v < params + results; v++)
			silc_uint(&types, 0x7E, 1);
	}
	for (uint32_t i = 0; i < p->count; i++)
		silc_uint(&types, has_type(p, i) ? i : 0xFFFF, 2);
	end_section(file, "TYPE", &types);
}

/* As many tables as there can be, each with a hole at entry 1. */
static void put_tables(program *p, silc_file *file)
{
	silc_bytes tables = {0}, globals = {0};
	silc_uint(&tables, VSP_MAX_TABLES, 4);
	for (unsigned t = 0; t < VSP_MAX_TABLES; t++) {
		silc_uint(&tables, 8, 4);
		silc_uint(&tables, 2, 4);
		for (unsigned start = 0; start <= 2; start += 2) {
			silc_uint(&tables, start, 4);
			silc_uint(&tables, 1, 4);
			silc_uint(&tables, (uint64_t)choose_func(p, VSP_KIND_FUNCTION), 4);
		}
	}
	end_section(file, "TABL", &tables);
	silc_uint(&globals, GLOBALS, 4);
	for (unsigned i = 0; i < GLOBALS; i++)
		silc_uint(&globals, fuzz_number(p->in, 8), 8);
	end_section(file, "GLOB", &globals);
}

silc_bytes fuzz_program(fuzz_input *in)
{
	static program p; /* large; made anew each time */
	silc_file file = SILC_FILE_INIT;
	silc_bytes import = {0};
	memset(&p, 0, sizeof p);
	p.in = in;
	file.mode = (uint16_t)fuzz_below(in, 5);
	choose_kinds(&p);
	lay_out(&p);
	put_functions(&p, &file);
	for (unsigned i = 0; i < DATA; i++)
		silc_uint(&file.data, i % 4 ? 0 : fuzz_byte(in) % 8, 1);
	silc_memo(&file, 3, 3 + fuzz_below(in, 4), 0x20000);
	silc_uint(&import, 1, 4);
	silc_name(&import, "env.f");
	SILC_RAW(&import, 1, 1);
	silc_section(&file, "IMPT", &import);
	file.version = 0x0201;
	put_types(&p, &file);
	put_tables(&p, &file);
	silc_bytes_free(&import);
	return silc_finish(&file);
}
