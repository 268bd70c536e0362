/*
 * The instructions whose translation is in opcodes.def.
 */
#include "build.h"

/* Forms whose right operand may be an immediate. */
typedef struct immediate_form {
	uint16_t form, small, large; /* large: VSP_FORM_INVALID when there is none */
	int64_t mask;                /* of the immediate, for counts of shifts; -1: all bits */
	bool negated;                /* the immediate is the operand's negative */
} immediate_form;
static const immediate_form immediates[] = {
        {VSP_I_ADD, VSP_I_ADDI_8, VSP_I_ADDI_32, -1, false},
        {VSP_I_ADD_W, VSP_I_ADDI_W_8, VSP_I_ADDI_W_32, -1, false},
        {VSP_I_SUB, VSP_I_ADDI_8, VSP_I_ADDI_32, -1, true},
        {VSP_I_SUB_W, VSP_I_ADDI_W_8, VSP_I_ADDI_W_32, -1, true},
        {VSP_I_MUL, VSP_I_MULI_8, VSP_I_MULI_32, -1, false},
        {VSP_I_MUL_W, VSP_I_MULI_W_8, VSP_I_MULI_W_32, -1, false},
        {VSP_I_AND, VSP_I_ANDI_8, VSP_I_ANDI_32, -1, false},
        {VSP_I_OR, VSP_I_ORI_8, VSP_I_ORI_32, -1, false},
        {VSP_I_XOR, VSP_I_XORI_8, VSP_I_XORI_32, -1, false},
        {VSP_I_SHL, VSP_I_SHLI, VSP_FORM_INVALID, 63, false},
        {VSP_I_SHL_W, VSP_I_SHLI_W, VSP_FORM_INVALID, 31, false},
        {VSP_I_SHR, VSP_I_SHRI, VSP_FORM_INVALID, 63, false},
        {VSP_I_SHR_W, VSP_I_SHRI_W, VSP_FORM_INVALID, 31, false},
        {VSP_I_SAR, VSP_I_SARI, VSP_FORM_INVALID, 63, false},
        {VSP_I_SAR_W, VSP_I_SARI_W, VSP_FORM_INVALID, 31, false},
        {VSP_I_ROTL, VSP_I_ROTLI, VSP_FORM_INVALID, 63, false},
        {VSP_I_ROTL_W, VSP_I_ROTRI_W, VSP_FORM_INVALID, 31, true},
        {VSP_I_ROTR, VSP_I_ROTRI, VSP_FORM_INVALID, 63, false},
        {VSP_I_ROTR_W, VSP_I_ROTRI_W, VSP_FORM_INVALID, 31, false},
};

/* form x, constant as an instruction with an immediate; false: there is none. */
static bool add_immediate(build *b, uint16_t form, build_value x, int64_t constant)
{
	for (size_t i = 0; i < sizeof immediates / sizeof immediates[0]; i++) {
		const immediate_form *f = &immediates[i];
		if (f->form != form)
			continue;
		uint64_t bits = f->negated ? 0 - (uint64_t)constant : (uint64_t)constant;
		vsp_insn insn = {.form = f->small, .imm = (int64_t)(bits & (uint64_t)f->mask)};
		if (!vsp_insn_fits(&insn) && f->large != VSP_FORM_INVALID)
			insn.form = f->large;
		if (!vsp_insn_fits(&insn))
			return false;
		uint32_t reg = build_temp(b), source = build_use(b, x);
		build_insn(b, insn.form, reg, source, 0, insn.imm);
		build_push_reg(b, reg);
		return true;
	}
	return false;
}

static void add_binary(build *b, uint16_t form, bool swap)
{
	build_value y = build_pop(b), x = build_pop(b);
	if (swap || (x.kind == VALUE_CONST && vsp_forms[form].commutative)) {
		build_value other = x;
		x = y;
		y = other;
	}
	if (y.kind == VALUE_CONST && add_immediate(b, form, x, y.bits))
		return;
	uint32_t first = build_use(b, x), second = build_use(b, y), reg = build_temp(b);
	build_insn(b, form, reg, first, second, 0);
	build_push_reg(b, reg);
}

static void add_unary(build *b, uint16_t form)
{
	uint32_t x = build_pop_reg(b), reg = build_temp(b);
	build_insn(b, form, reg, x, 0, 0);
	build_push_reg(b, reg);
}

static void add_extended(build *b, uint16_t form)
{
	add_unary(b, VSP_I_ZEXT32);
	add_unary(b, form);
}

static void add_comparison(build *b, uint16_t form, bool swap)
{
	build_value y = build_pop(b), x = build_pop(b);
	build_push_test(b, form, swap ? y : x, swap ? x : y);
}

#define UNARY(form) \
	add_unary(b, VSP_I_##form); \
	return true;
#define EXTENDED(form) \
	add_extended(b, VSP_I_##form); \
	return true;
#define COPY return true;
#define BINARY(form, swap) \
	add_binary(b, VSP_I_##form, swap); \
	return true;
#define COMPARE(form, swap) \
	add_comparison(b, VSP_I_##form, swap); \
	return true;
#define DIVIDE(form) \
	build_divide(b, VSP_I_##form); \
	return true;
#define TRUNC(wide, is_unsigned) \
	build_trunc(b, wasm_opcodes[insn->code].params[0] == 'F', wide, is_unsigned); \
	return true;
#define LOAD(form) \
	build_load(b, VSP_I_##form, insn->imm, 1u << wasm_opcodes[insn->code].align); \
	return true;
#define STORE(form) \
	build_store(b, VSP_I_##form, insn->imm, 1u << wasm_opcodes[insn->code].align); \
	return true;
#define SPECIAL return false;

bool build_simple(build *b, const wasm_insn *insn)
{
	switch (insn->code) {
#define WASM(NAME, code, name, params, results, immediate, align, how) \
	case code: how
#include "opcodes.def"
	default: return false;
	}
}
