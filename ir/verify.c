/*
 * The verifier: header and memory, the function table, the code. Code is decoded twice: first to
 * find the starts of instructions, then to check their operands. Nothing recurses, and all bounds
 * are checked before they are used, so the input may be any bytes.
 */
#include <inttypes.h>

#include "runtime/base/alloc.h"
#include "short.h"
#include "verify_parts.h"

static bool verify_header(vsp_verifier *v)
{
	const vsp_module_data *m = v->m;
	if (m->mode > 4)
		return vsp_verify_fail(v, VSP_AT_MODE, "mode %u is not 0..4", m->mode);
	if (m->code_size < 1 || m->code_size > VSP_MAX_CODE)
		return vsp_verify_fail(
		        v, VSP_AT_CODE_SIZE, "code size %" PRIu32 " is not 1..%d", m->code_size, VSP_MAX_CODE);
	return true;
}

static bool verify_memory(vsp_verifier *v)
{
	const vsp_module_data *m = v->m;
	uint64_t at = vsp_layout_section(m, "MEMO");
	if (m->max_pages > VSP_MAX_PAGES)
		return vsp_verify_fail(v, at + VSP_MEMO_MAXIMUM, "maximum of %" PRIu32 " pages is above %d",
		        m->max_pages, VSP_MAX_PAGES);
	if (m->initial_pages > m->max_pages)
		return vsp_verify_fail(v, at + VSP_MEMO_INITIAL,
		        "initial %" PRIu32 " pages are more than the maximum of %" PRIu32, m->initial_pages,
		        m->max_pages);
	if (m->stack_top < VSP_NULL_ZONE)
		return vsp_verify_fail(v, at + VSP_MEMO_STACK_TOP, "stack_top 0x%" PRIx32 " is below 0x%x",
		        m->stack_top, VSP_NULL_ZONE);
	if ((uint64_t)m->stack_top + m->data_size > (uint64_t)m->initial_pages * VSP_PAGE)
		return vsp_verify_fail(v, VSP_AT_DATA_SIZE,
		        "%" PRIu32 " bytes of data at stack_top 0x%" PRIx32 " do not fit %" PRIu32 " initial pages",
		        m->data_size, m->stack_top, m->initial_pages);
	return true;
}

static const uint8_t symbol_kind_of[] = {[VSP_KIND_FUNCTION] = VSP_SYM_FUNCTION,
        [VSP_KIND_TRANSFORM] = VSP_SYM_TRANSFORM,
        [VSP_KIND_KERNEL] = VSP_SYM_KERNEL};

/* at: the offset of the function's entry in FUNC. */
static bool verify_signature(vsp_verifier *v, const vsp_func *f, uint64_t at)
{
	if (f->kind > VSP_KIND_KERNEL)
		return vsp_verify_fail(v, at + VSP_FUNC_KIND, "unknown function kind %u", f->kind);
	if (f->flags & ~VSP_FUNC_EXPORTED)
		return vsp_verify_fail(v, at + VSP_FUNC_FLAGS, "unknown function flags 0x%02x", f->flags);
	if (f->params > VSP_REGISTERS)
		return vsp_verify_fail(v, at + VSP_FUNC_PARAMS, "%u parameters are more than 16", f->params);
	if (f->results > VSP_REGISTERS)
		return vsp_verify_fail(v, at + VSP_FUNC_RESULTS, "%u results are more than 16", f->results);
	if (f->kind == VSP_KIND_TRANSFORM && (f->params != VSP_REGISTERS || f->results != VSP_REGISTERS))
		return vsp_verify_fail(v, at + VSP_FUNC_PARAMS, "a transform has 16 parameters and 16 results");
	if (f->kind == VSP_KIND_KERNEL && (f->params != 2 || f->results != 0))
		return vsp_verify_fail(v, at + VSP_FUNC_PARAMS, "a kernel has 2 parameters and no results");
	return true;
}

static bool verify_function_symbol(vsp_verifier *v, const vsp_func *f, uint64_t at)
{
	const vsp_module_data *m = v->m;
	if (f->symbol == VSP_NO_SYMBOL)
		return true;
	if (f->symbol >= m->symbol_count)
		return vsp_verify_fail(v, at + VSP_FUNC_SYMBOL, "symbol index %" PRIu32 " is not below %" PRIu32,
		        f->symbol, m->symbol_count);
	const vsp_symbol *s = &m->symbols[f->symbol];
	if (s->kind != symbol_kind_of[f->kind])
		return vsp_verify_fail(
		        v, at + VSP_FUNC_SYMBOL, "symbol '%s' is of another kind than its function", s->name);
	if (s->address != f->start)
		return vsp_verify_fail(
		        v, at + VSP_FUNC_SYMBOL, "symbol '%s' is not at the start of its function", s->name);
	return true;
}

static bool verify_functions(vsp_verifier *v)
{
	const vsp_module_data *m = v->m;
	uint64_t at = vsp_layout_section(m, "FUNC"), end = 0;
	for (uint32_t i = 0; i < m->func_count; i++, at += VSP_FUNC_ENTRY) {
		const vsp_func *f = &m->funcs[i];
		if (f->start != end)
			return vsp_verify_fail(v, at + VSP_FUNC_START,
			        "function starts at 0x%" PRIx32 ", but the code before it ends at 0x%" PRIx64, f->start,
			        end);
		end += f->size;
		if (!f->size)
			return vsp_verify_fail(v, at + VSP_FUNC_SIZE, "function without code");
		if (end > m->code_size)
			return vsp_verify_fail(v, at + VSP_FUNC_SIZE, "function ends behind the code");
		if (!verify_signature(v, f, at) || !verify_function_symbol(v, f, at))
			return false;
	}
	return end == m->code_size || vsp_verify_fail(v, at, "functions do not cover the code");
}

static bool verify_entry(vsp_verifier *v)
{
	vsp_module_data *m = v->m;
	m->entry_func = vsp_module_func_at(m, m->entry);
	const vsp_func *f = &m->funcs[m->entry_func];
	if (f->start == m->entry && f->kind == VSP_KIND_FUNCTION)
		return true;
	return vsp_verify_fail(
	        v, VSP_AT_ENTRY, "entry 0x%" PRIx32 " is not the start of a function of kind function", m->entry);
}

/* Decodes the function's instructions and records their starts. */
static bool find_starts(vsp_verifier *v, const vsp_func *f)
{
	const uint8_t *code = v->m->code;
	uint32_t end = f->start + f->size;
	vsp_insn insn;
	for (uint32_t pc = f->start; pc < end; pc += insn.length) {
		const char *why = vsp_insn_decode(code, end, pc, &insn);
		if (why)
			return vsp_verify_fail_insn(v, pc, "%s (opcode byte 0x%02X)", why, code[pc]);
		v->starts[pc / 8] |= (uint8_t)(1 << (pc % 8));
		v->m->uses_backends |= vsp_insn_info(&insn)->effects & VSP_FX_BATCH || insn.form == VSP_I_EMERGE;
		v->m->has_floats |= vsp_form_has_floats(vsp_insn_info(&insn)) || insn.form == VSP_I_EMERGE;
	}
	/* Of the forms that never continue, only CALL needs an instruction behind it. */
	if (!(vsp_insn_info(&insn)->effects & VSP_FX_NOFALL) || insn.form == VSP_I_CALL)
		return vsp_verify_fail_insn(v, insn.pc,
		        "the last instruction of a function must be HLT, RET, JMP or TRAP, not %s",
		        vsp_insn_info(&insn)->mnemonic);
	return true;
}

static bool verify_targets(vsp_verifier *v, const vsp_func *f, const vsp_insn *insn)
{
	for (uint32_t i = 0, n = vsp_insn_target_count(insn); i < n; i++) {
		int64_t target = vsp_insn_target(v->m->code, insn, i);
		if (target < f->start || target >= (int64_t)f->start + f->size)
			return vsp_verify_fail_insn(v, insn->pc, "target %" PRId64 " of %s is outside its function",
			        target, vsp_insn_info(insn)->mnemonic);
		if (!vsp_verify_is_start(v, target))
			return vsp_verify_fail_insn(v, insn->pc,
			        "target %" PRId64 " of %s is not the start of an instruction", target,
			        vsp_insn_info(insn)->mnemonic);
	}
	return true;
}

static bool verify_callee(vsp_verifier *v, const vsp_insn *insn, unsigned kind, const char *kind_name)
{
	const char *mnemonic = vsp_insn_info(insn)->mnemonic;
	if (insn->imm >= v->m->func_count)
		return vsp_verify_fail_insn(v, insn->pc, "function index %" PRId64 " of %s is not below %" PRIu32,
		        insn->imm, mnemonic, v->m->func_count);
	if (v->m->funcs[insn->imm].kind != kind)
		return vsp_verify_fail_insn(v, insn->pc, "%s needs a %s, which function %" PRId64 " is not", mnemonic,
		        kind_name, insn->imm);
	return true;
}

static bool verify_import_index(vsp_verifier *v, const vsp_insn *insn)
{
	if (insn->imm < v->m->import_count)
		return true;
	return vsp_verify_fail_insn(
	        v, insn->pc, "import index %" PRId64 " is not below %" PRIu32, insn->imm, v->m->import_count);
}

static bool verify_syscall(vsp_verifier *v, const vsp_insn *insn)
{
	if (vsp_syscall_find(insn->imm))
		return true;
	if (insn->imm >> 8)
		return vsp_verify_fail_insn(v, insn->pc, "arg16 of SYSCALL is not 0");
	return vsp_verify_fail_insn(v, insn->pc, "unknown SYSCALL 0x%02X", (unsigned)insn->imm);
}

static bool verify_operand(vsp_verifier *v, const vsp_func *f, const vsp_insn *insn, unsigned operand)
{
	switch (vsp_operands[operand].sense) {
	case VSP_SENSE_TARGET:
	case VSP_SENSE_TABLE: return verify_targets(v, f, insn);
	case VSP_SENSE_FUNCTION: return verify_callee(v, insn, VSP_KIND_FUNCTION, "function");
	case VSP_SENSE_TRANSFORM: return verify_callee(v, insn, VSP_KIND_TRANSFORM, "transform");
	case VSP_SENSE_KERNEL: return verify_callee(v, insn, VSP_KIND_KERNEL, "kernel");
	case VSP_SENSE_IMPORT: return verify_import_index(v, insn);
	case VSP_SENSE_SYSCALL: return verify_syscall(v, insn);
	case VSP_SENSE_SLOT:
	case VSP_SENSE_GLOBAL:
	case VSP_SENSE_ELEMENTS:
	case VSP_SENSE_TYPE: return vsp_verify_number(v, insn, vsp_operands[operand].sense);
	case VSP_SENSE_NONE:
	case VSP_SENSE_VALUE:
	case VSP_SENSE_PARAMS:
	case VSP_SENSE_RESULTS: break; /* every encoded value is valid */
	}
	return true;
}

static bool verify_references(vsp_verifier *v, uint32_t func)
{
	const vsp_func *f = &v->m->funcs[func];
	vsp_insn insn;
	v->not_kernel[func] = VSP_NO_PC;
	for (uint32_t pc = f->start; pc < f->start + f->size; pc += insn.length) {
		vsp_insn_decode(v->m->code, v->m->code_size, pc, &insn);
		const vsp_form_info *info = vsp_insn_info(&insn);
		for (int i = 0; i < 4 && info->operands[i]; i++)
			if (!verify_operand(v, f, &insn, info->operands[i]))
				return false;
		if (!info->kernel && v->not_kernel[func] == VSP_NO_PC)
			v->not_kernel[func] = pc;
	}
	return true;
}

static bool verify_code(vsp_verifier *v)
{
	for (uint32_t i = 0; i < v->m->func_count; i++)
		if (!find_starts(v, &v->m->funcs[i]))
			return false;
	for (uint32_t i = 0; i < v->m->func_count; i++)
		if (!verify_references(v, i))
			return false;
	return true;
}

static bool verify_all(vsp_verifier *v)
{
	if (!verify_header(v) || !verify_memory(v) || !verify_functions(v) || !verify_entry(v) ||
	        !vsp_verify_sections(v))
		return false;
	v->starts = vsp_alloc(v->m->code_size / 8 + 1, 1);
	v->not_kernel = vsp_alloc(v->m->func_count, sizeof *v->not_kernel);
	if (!v->starts || !v->not_kernel)
		return vsp_verify_no_memory(v);
	return verify_code(v) && vsp_verify_tables(v) && vsp_verify_kernels(v);
}

vsp_status vsp_module_verify(vsp_module_data *m, vsp_error *error)
{
	vsp_error own = VSP_ERROR_INIT; /* the caller's may be null or contain an earlier error */
	vsp_verifier v = {.m = m, .error = &own};
	bool ok = verify_all(&v);
	vsp_free_memory(v.starts);
	vsp_free_memory(v.not_kernel);
	if (!ok)
		vsp_error_give(error, &own);
	return own.code;
}
