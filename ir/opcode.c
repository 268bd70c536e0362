/*
 * The tables of instructions and operands as data, and the codec that uses them. The operand kinds
 * of an instruction determine which fields it uses; everything that no operand names must be zero,
 * so encodings are canonical and there is one bit pattern per instruction.
 */
#include "opcode.h"

#include <assert.h>
#include <string.h>

#include "runtime/memory.h"

/*
 * The list is in parentheses, so that it stays one macro argument on its way through INSN_W and
 * INSN_F.
 */
#define OPS0 (VSP_O_NONE)
#define OPS1(p) (VSP_O_##p)
#define OPS2(p, q) (VSP_O_##p, VSP_O_##q)
#define OPS3(p, q, r) (VSP_O_##p, VSP_O_##q, VSP_O_##r)
#define OPS4(p, q, r, s) (VSP_O_##p, VSP_O_##q, VSP_O_##r, VSP_O_##s)
#define UNWRAP(...) __VA_ARGS__

/* The table's short names for effects, flags and implicit sets. */
// clang-format off
enum {
	E_NONE = VSP_FX_NONE, E_LOAD = VSP_FX_LOAD, E_STORE = VSP_FX_STORE, E_TRAP = VSP_FX_TRAP,
	E_HOST = VSP_FX_HOST, E_BRANCH = VSP_FX_BRANCH, E_END = VSP_FX_END, E_NOFALL = VSP_FX_NOFALL,
	E_CALL = VSP_FX_CALL, E_SP_R = VSP_FX_SP_R, E_SP_W = VSP_FX_SP_W, E_INST_R = VSP_FX_INST_R,
	E_INST_W = VSP_FX_INST_W, E_BATCH = VSP_FX_BATCH, E_WAIT = VSP_FX_WAIT, E_EXIT = VSP_FX_EXIT,
	E_FUNCTION = VSP_FX_FUNCTION, E_FLOAT = VSP_FX_FLOAT, K = 1, N = 0
};
// clang-format on

const vsp_form_info vsp_forms[VSP_FORMS] = {
#define COMMUTES(shape, fn, type, commutes) commutes
#define INSN(...) INSN_SINCE(false, __VA_ARGS__)
#define INSN_21(...) INSN_SINCE(true, __VA_ARGS__)
#define INSN_SINCE(new, NAME, opcode, selector, mn, fmt, ops, imp, flw, flr, eff, kern, shape, text) \
	[VSP_I_##NAME] = {.name = #NAME, \
	        .mnemonic = mn, \
	        .meaning = text, \
	        .op = (opcode), \
	        .sel = (selector), \
	        .format = VSP_FMT_##fmt, \
	        .implicit = VSP_##imp, \
	        .operands = {UNWRAP ops}, \
	        .flags_written = VSP_##flw, \
	        .flags_read = VSP_##flr, \
	        .effects = (eff), \
	        .kernel = (kern), \
	        .commutative = COMMUTES shape, \
	        .since_2_1 = (new)},
#include "opcodes.def"
};

const vsp_alias vsp_aliases[] = {
#define INSN(...)
#define ALIAS(s, NAME) {s, VSP_I_##NAME, VSP_ALIAS},
#define SWAP(s, NAME) {s, VSP_I_##NAME, VSP_ALIAS_SWAP},
#define NEGATE(s, NAME) {s, VSP_I_##NAME, VSP_ALIAS_NEGATE},
#define OLD(s, NAME) {s, VSP_I_##NAME, VSP_ALIAS_OLD},
#define CLASSIC(s, NAME) {s, VSP_I_##NAME, VSP_ALIAS_CLASSIC},
#include "opcodes.def"
};
const size_t vsp_alias_count = sizeof vsp_aliases / sizeof vsp_aliases[0];

/*
 * Form + 1 by opcode and selector; 0 where there is none. Two entries for one place would cause a
 * compiler warning.
 */
static const uint16_t form_plus_one[256][16] = {
#define INSN(NAME, opcode, selector, ...) [opcode][selector] = VSP_I_##NAME + 1,
#include "opcodes.def"
};

/*
 * The format of every opcode, + 1. The forms of one opcode share it, so later initialisers repeat
 * earlier ones.
 */
#pragma GCC diagnostic push
#ifdef __clang__
#pragma GCC diagnostic ignored "-Winitializer-overrides"
#else
#pragma GCC diagnostic ignored "-Woverride-init"
#endif
static const uint8_t format_plus_one[256] = {
#define INSN(NAME, opcode, selector, mn, fmt, ...) [opcode] = VSP_FMT_##fmt + 1,
#include "opcodes.def"
};
#pragma GCC diagnostic pop

/* The length of each format without BRTAB's targets. */
static const uint8_t format_size[VSP_FORMATS] = {
        [VSP_FMT_A] = 1,
        [VSP_FMT_B_R] = 2,
        [VSP_FMT_B_U] = 2,
        [VSP_FMT_C_T] = 3,
        [VSP_FMT_C_D] = 3,
        [VSP_FMT_C_I] = 3,
        [VSP_FMT_C_U] = 3,
        [VSP_FMT_C_5] = 3,
        [VSP_FMT_C_6] = 3,
        [VSP_FMT_D] = 4,
        [VSP_FMT_E] = 4,
        [VSP_FMT_F] = 6,
        [VSP_FMT_G] = 10,
        [VSP_FMT_T] = 4,
};

/*
 * Selectors fit in their field: 4 bits of t, 3 bits of k in C_5, 2 in C_6, and 0 where the format
 * has none.
 */
#define SEL_LIMIT_A 0
#define SEL_LIMIT_B_R 0
#define SEL_LIMIT_B_U 0
#define SEL_LIMIT_C_T 15
#define SEL_LIMIT_C_D 0
#define SEL_LIMIT_C_I 0
#define SEL_LIMIT_C_U 0
#define SEL_LIMIT_C_5 7
#define SEL_LIMIT_C_6 3
#define SEL_LIMIT_D 0
#define SEL_LIMIT_E 0
#define SEL_LIMIT_F 0
#define SEL_LIMIT_G 0
#define SEL_LIMIT_T 0
#define INSN(NAME, opcode, selector, mn, fmt, ...) \
	static_assert((selector) <= SEL_LIMIT_##fmt && (opcode) <= 0xFF, "selector or opcode of " mn);
#include "opcodes.def"
static_assert(VSP_FORMS < VSP_FORM_INVALID, "forms fit 16 bits");

static uint32_t read_u16(const uint8_t *p) { return (uint32_t)p[0] | (uint32_t)p[1] << 8; }
static uint32_t read_u24(const uint8_t *p) { return read_u16(p) | (uint32_t)p[2] << 16; }
static uint32_t read_u32(const uint8_t *p) { return read_u16(p) | read_u16(p + 2) << 16; }

static void write_le(uint8_t *p, uint64_t v, unsigned bytes)
{
	for (unsigned i = 0; i < bytes; i++)
		p[i] = (uint8_t)(v >> (8 * i));
}

enum { A = VSP_FIELD_A, B = VSP_FIELD_B, C = VSP_FIELD_C, D = VSP_FIELD_D, R = 1, W = 2, RW = 3 };

const vsp_operand_info vsp_operands[VSP_OPERANDS] = {
#define OPERAND(KIND, lk, sn, flds, access, low, high, by, manual, message) \
	[VSP_O_##KIND] = {.look = VSP_LOOK_##lk, \
	        .sense = VSP_SENSE_##sn, \
	        .fields = (flds), \
	        .reads = ((access) & R) != 0, \
	        .writes = ((access) & W) != 0, \
	        .scale = (by), \
	        .least = (low), \
	        .greatest = (high), \
	        .text = (manual), \
	        .word = (message)},
#include "operands.def"
};

/*
 * An access that is not checked must lie in the reservation of linear memory if it does not lie in
 * memory. ABSOLUTE and INDEXED addresses have 32 bits, which needs room for one access only.
 */
#define HIGHEST_BASE INT64_C(0xFFFFFFFF)
#define REACH_BASE INT64_C(1)
#define REACH_SP INT64_C(1)
#define REACH_NONE 0
#define REACH_REGISTER 0
#define REACH_NUMBER 0
#define REACH_ABSOLUTE 0
#define REACH_INDEXED 0
#define OPERAND(KIND, look, sense, fields, access, low, high, ...) \
	static_assert(REACH_##look * (low) >= -VSP_GUARD && \
	                      HIGHEST_BASE + REACH_##look * (high) + VSP_WIDEST_ACCESS <= VSP_REACH + VSP_GUARD, \
	        "the displacement of " #KIND " is within the reservation (runtime/memory.h)");
#include "operands.def"

/* What decoding needs of the operands of each form: the fields that they name, and whether a number
   is signed. */
enum {
#define OPERAND(KIND, look, sense, fields, access, low, ...) \
	FIELDS_VSP_O_##KIND = (fields), SIGNED_VSP_O_##KIND = (low) < 0,
#include "operands.def"
};
#define OF_ALL(what, ...) OF_FOUR(what, __VA_ARGS__, VSP_O_NONE, VSP_O_NONE, VSP_O_NONE)
#define OF_FOUR(what, p, q, r, s, ...) (what##_##p | what##_##q | what##_##r | what##_##s)
static const uint8_t form_fields[VSP_FORMS] = {
#define INSN(NAME, opcode, selector, mn, fmt, ops, ...) [VSP_I_##NAME] = OF_ALL(FIELDS, UNWRAP ops),
#include "opcodes.def"
};
static const bool form_signed[VSP_FORMS] = {
#define INSN(NAME, opcode, selector, mn, fmt, ops, ...) [VSP_I_##NAME] = OF_ALL(SIGNED, UNWRAP ops),
#include "opcodes.def"
};

/* Some numbers are in a field. */
static bool has_immediate(const vsp_operand_info *o)
{
	return o->sense != VSP_SENSE_NONE && !(o->look == VSP_LOOK_NUMBER && o->fields);
}

vsp_operand vsp_form_immediate(vsp_form form)
{
	for (int i = 0; i < 4; i++)
		if (has_immediate(&vsp_operands[vsp_forms[form].operands[i]]))
			return (vsp_operand)vsp_forms[form].operands[i];
	return VSP_O_NONE;
}

vsp_operand vsp_form_memory(vsp_form form)
{
	for (int i = 0; i < 4; i++)
		if (vsp_operands[vsp_forms[form].operands[i]].look >= VSP_LOOK_BASE)
			return (vsp_operand)vsp_forms[form].operands[i];
	return VSP_O_NONE;
}

int64_t vsp_insn_address(const vsp_insn *insn, const uint64_t r[VSP_REGISTERS], uint32_t sp)
{
	const vsp_operand_info *o = &vsp_operands[vsp_form_memory((vsp_form)insn->form)];
	switch (o->look) {
	case VSP_LOOK_BASE: return (int64_t)(uint32_t)r[insn->b] + insn->imm;
	case VSP_LOOK_SP: return (int64_t)sp + insn->imm;
	case VSP_LOOK_ABSOLUTE: return insn->imm;
	case VSP_LOOK_INDEXED: return (int64_t)(uint32_t)(r[insn->b] + r[insn->c] * o->scale);
	case VSP_LOOK_NONE:
	case VSP_LOOK_REGISTER:
	case VSP_LOOK_NUMBER: break;
	}
	return 0;
}

bool vsp_operand_range(vsp_operand o, int64_t *min, int64_t *max)
{
	*min = vsp_operands[o].least;
	*max = vsp_operands[o].greatest;
	return vsp_operands[o].sense != VSP_SENSE_NONE;
}

bool vsp_insn_fits(const vsp_insn *insn)
{
	vsp_operand o = vsp_form_immediate((vsp_form)insn->form);
	int64_t min, max, v = insn->imm;
	if (!vsp_operand_range(o, &min, &max))
		return true;
	if (o == VSP_O_PARAMS) /* both bytes together */
		max = UINT16_MAX;
	if (o == VSP_O_TARGET16)
		v -= (int64_t)insn->pc + vsp_insn_size((vsp_form)insn->form, 0);
	return v >= min && v <= max;
}

uint32_t vsp_insn_size(vsp_form form, uint32_t table_count)
{
	unsigned format = vsp_forms[form].format;
	return format_size[format] + (format == VSP_FMT_T ? 3 * table_count : 0);
}

/* The selector in the bytes of an instruction whose format is known. */
static unsigned selector_of(unsigned format, const uint8_t *p)
{
	return format == VSP_FMT_C_T   ? p[2] >> 4
	       : format == VSP_FMT_C_5 ? p[2] >> 5
	       : format == VSP_FMT_C_6 ? p[2] >> 6
	                               : 0;
}

/* The immediate in the low bits of raw, sign-extended if its operand is signed. */
static int64_t extend(vsp_form form, uint32_t raw, unsigned bits)
{
	uint32_t sign = UINT32_C(1) << (bits - 1);
	return form_signed[form] ? (int64_t)(raw ^ sign) - (int64_t)sign : (int64_t)raw;
}

/* Decodes operand fields and immediate from the bytes at p, as the format lays them out. */
static void decode_fields(const vsp_form_info *info, const uint8_t *p, vsp_insn *out)
{
	vsp_form form = (vsp_form)out->form;
	if (info->format != VSP_FMT_A && info->format != VSP_FMT_B_U && info->format != VSP_FMT_D) {
		out->a = p[1] & 15;
		out->b = p[1] >> 4;
	}
	switch ((vsp_format)info->format) {
	case VSP_FMT_B_U: out->imm = p[1]; break;
	case VSP_FMT_C_T: out->c = p[2] & 15; break;
	case VSP_FMT_C_D:
		out->c = p[2] & 15;
		out->d = p[2] >> 4;
		break;
	case VSP_FMT_C_I: out->imm = (int8_t)p[2]; break;
	case VSP_FMT_C_U: out->imm = p[2]; break;
	case VSP_FMT_C_5: out->imm = p[2] & 31; break;
	case VSP_FMT_C_6: out->imm = p[2] & 63; break;
	case VSP_FMT_D: out->imm = read_u24(p + 1); break;
	case VSP_FMT_E: out->imm = extend(form, read_u16(p + 2), 16); break;
	case VSP_FMT_F: out->imm = extend(form, read_u32(p + 2), 32); break;
	case VSP_FMT_G: out->imm = (int64_t)(read_u32(p + 2) | (uint64_t)read_u32(p + 6) << 32); break;
	case VSP_FMT_T: out->imm = read_u16(p + 2); break;
	case VSP_FMT_A:
	case VSP_FMT_B_R:
	case VSP_FORMATS: break;
	}
}

const char *vsp_insn_decode(const uint8_t *code, size_t size, uint32_t pc, vsp_insn *out)
{
	if (pc >= size)
		return "truncated instruction";
	const uint8_t *p = code + pc;
	if (!format_plus_one[p[0]])
		return "unknown opcode";
	unsigned format = format_plus_one[p[0]] - 1u;
	if (size - pc < format_size[format])
		return "truncated instruction";
	unsigned form = form_plus_one[p[0]][selector_of(format, p)];
	if (!form)
		return "undefined type nibble";
	*out = (vsp_insn){.form = (uint16_t)(form - 1), .pc = pc};
	const vsp_form_info *info = &vsp_forms[out->form];
	decode_fields(info, p, out);
	unsigned set = (out->a ? 1u : 0) | (out->b ? 2u : 0) | (out->c ? 4u : 0) | (out->d ? 8u : 0);
	if (set & ~(unsigned)form_fields[out->form])
		return "unused field is not zero";
	out->length = vsp_insn_size((vsp_form)out->form, (uint32_t)out->imm);
	if (size - pc < out->length)
		return "truncated instruction";
	if (info->operands[1] == VSP_O_TARGET16 || info->operands[2] == VSP_O_TARGET16)
		out->imm += (int64_t)pc + out->length;
	return NULL;
}

uint32_t vsp_insn_table_target(const uint8_t *code, const vsp_insn *brtab, uint32_t i)
{
	return read_u24(code + brtab->pc + 4 + 3 * (size_t)i);
}

uint32_t vsp_insn_target_count(const vsp_insn *insn)
{
	const vsp_form_info *info = vsp_insn_info(insn);
	if (!(info->effects & VSP_FX_BRANCH))
		return 0;
	return info->format == VSP_FMT_T ? (uint32_t)insn->imm : 1;
}

int64_t vsp_insn_target(const uint8_t *code, const vsp_insn *insn, uint32_t i)
{
	return vsp_insn_info(insn)->format == VSP_FMT_T ? (int64_t)vsp_insn_table_target(code, insn, i) : insn->imm;
}

void vsp_insn_encode(const vsp_insn *insn, const uint32_t *targets, uint8_t *out)
{
	const vsp_form_info *info = &vsp_forms[insn->form];
	uint64_t imm = (uint64_t)insn->imm;
	if (info->operands[1] == VSP_O_TARGET16 || info->operands[2] == VSP_O_TARGET16)
		imm -= (uint64_t)insn->pc + format_size[VSP_FMT_E];
	out[0] = info->op;
	if (format_size[info->format] > 1)
		out[1] = (uint8_t)(insn->a | insn->b << 4);
	switch ((vsp_format)info->format) {
	case VSP_FMT_B_U: out[1] = (uint8_t)imm; break;
	case VSP_FMT_C_T: out[2] = (uint8_t)(insn->c | info->sel << 4); break;
	case VSP_FMT_C_D: out[2] = (uint8_t)(insn->c | insn->d << 4); break;
	case VSP_FMT_C_I:
	case VSP_FMT_C_U: out[2] = (uint8_t)imm; break;
	case VSP_FMT_C_5: out[2] = (uint8_t)(imm | (unsigned)info->sel << 5); break;
	case VSP_FMT_C_6: out[2] = (uint8_t)(imm | (unsigned)info->sel << 6); break;
	case VSP_FMT_D: write_le(out + 1, imm, 3); break;
	case VSP_FMT_E: write_le(out + 2, imm, 2); break;
	case VSP_FMT_F: write_le(out + 2, imm, 4); break;
	case VSP_FMT_G: write_le(out + 2, imm, 8); break;
	case VSP_FMT_T:
		write_le(out + 2, imm, 2);
		for (uint32_t i = 0; i < imm; i++)
			write_le(out + 4 + 3 * (size_t)i, targets[i], 3);
		break;
	case VSP_FMT_A:
	case VSP_FMT_B_R:
	case VSP_FORMATS: break;
	}
}

/* Fixed implicit sets; those that depend on the module add nothing. */
static void implicit_registers(const vsp_insn *insn, uint16_t *reads, uint16_t *writes)
{
	uint16_t group = (uint16_t)(0xF << (insn->a & 12));
	switch ((vsp_implicit)vsp_insn_info(insn)->implicit) {
	case VSP_X_RC_RW: *reads |= 1 << 12, *writes |= 1 << 12; break;
	case VSP_X_RF_W: *writes |= 1 << 15; break;
	case VSP_X_ALL_R: *reads |= 0xFFFF; break;
	case VSP_X_ALL_W: *writes |= 0xFFFF; break;
	case VSP_X_ALL_RW: *reads |= 0xFFFF, *writes |= 0xFFFF; break;
	case VSP_X_FOLD: *reads |= 0xFFFF, *writes |= 0x00FF; break;
	case VSP_X_GROUP_W: *writes |= group; break;
	case VSP_X_GROUP_R: *reads |= group; break;
	case VSP_X_NONE:
	case VSP_X_RETURN:
	case VSP_X_CALLEE:
	case VSP_X_SYSCALL: break;
	}
}

void vsp_insn_registers(const vsp_insn *insn, uint16_t *reads, uint16_t *writes)
{
	unsigned r = 0, w = 0;
	for (int i = 0; i < 4; i++) {
		const vsp_operand_info *o = &vsp_operands[vsp_insn_info(insn)->operands[i]];
		unsigned f = o->fields;
		unsigned mask = (f & 1 ? 1u << insn->a : 0) | (f & 2 ? 1u << insn->b : 0) |
		                (f & 4 ? 1u << insn->c : 0) | (f & 8 ? 1u << insn->d : 0);
		if (o->reads)
			r |= mask;
		if (o->writes)
			w |= mask;
	}
	*reads = (uint16_t)r;
	*writes = (uint16_t)w;
	implicit_registers(insn, reads, writes);
}
