/*
 * The instruction table as data, and the codec driven by it. Which fields an instruction uses follows from its operand
 * kinds; whatever no operand names must be zero, so encodings are canonical and there is one bit pattern per instruction.
 */
#include "opcode.h"

#include <assert.h>
#include <string.h>

/* In parentheses, so that a list stays one macro argument on its way through INSN_W and INSN_F. */
#define OPS0 (VSP_O_NONE)
#define OPS1(p) (VSP_O_##p)
#define OPS2(p, q) (VSP_O_##p, VSP_O_##q)
#define OPS3(p, q, r) (VSP_O_##p, VSP_O_##q, VSP_O_##r)
#define OPS4(p, q, r, s) (VSP_O_##p, VSP_O_##q, VSP_O_##r, VSP_O_##s)
#define UNWRAP(...) __VA_ARGS__

/* The table's short names for effects, flags and implicit sets. */
// clang-format off
enum {
	E_NONE = VSP_FX_NONE, E_LOAD = VSP_FX_LOAD, E_STORE = VSP_FX_STORE, E_TRAP = VSP_FX_TRAP, E_HOST = VSP_FX_HOST,
	E_BRANCH = VSP_FX_BRANCH, E_END = VSP_FX_END, E_NOFALL = VSP_FX_NOFALL, E_CALL = VSP_FX_CALL, E_SP_R = VSP_FX_SP_R,
	E_SP_W = VSP_FX_SP_W, E_INST_R = VSP_FX_INST_R, E_INST_W = VSP_FX_INST_W, E_BATCH = VSP_FX_BATCH, E_WAIT = VSP_FX_WAIT,
	E_EXIT = VSP_FX_EXIT, K = 1, N = 0
};
// clang-format on

const vsp_form_info vsp_forms[VSP_FORMS] = {
#define INSN(NAME, opcode, selector, mn, fmt, ops, imp, flw, flr, eff, kern, text) \
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
	        .kernel = (kern)},
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

/* Form + 1 by opcode and selector; 0 where there is none. Two entries for one place would be a compiler warning. */
static const uint16_t form_plus_one[256][16] = {
#define INSN(NAME, opcode, selector, ...) [opcode][selector] = VSP_I_##NAME + 1,
#include "opcodes.def"
};

/* Format of every opcode, + 1. The forms of one opcode share it, so later initialisers repeat earlier ones. */
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

/* Length of each format without BRTAB's targets. */
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

/* Selectors fit their field: 4 bits of t, 3 bits of k in C_5, 2 in C_6, and 0 where the format has none. */
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

/* Register fields named by an operand kind: bit 0 a, 1 b, 2 c, 3 d. */
static unsigned operand_fields(unsigned o)
{
	switch (o) {
	case VSP_O_WA:
	case VSP_O_RA:
	case VSP_O_MA: return 1;
	case VSP_O_RB:
	case VSP_O_MB:
	case VSP_O_MEM_B: return 2;
	case VSP_O_RC: return 4;
	case VSP_O_RD: return 8;
	case VSP_O_MEM_X1:
	case VSP_O_MEM_X2:
	case VSP_O_MEM_X4:
	case VSP_O_MEM_X8: return 6;
	default: return 0;
	}
}

static unsigned form_fields(const vsp_form_info *info)
{
	unsigned fields = 0;
	for (int i = 0; i < 4; i++)
		fields |= operand_fields(info->operands[i]);
	return fields;
}

static bool operand_is_immediate(unsigned o) { return o > VSP_O_RD && !(o >= VSP_O_MEM_X1 && o <= VSP_O_MEM_X8); }

vsp_operand vsp_form_immediate(vsp_form form)
{
	for (int i = 0; i < 4; i++)
		if (operand_is_immediate(vsp_forms[form].operands[i]))
			return (vsp_operand)vsp_forms[form].operands[i];
	return VSP_O_NONE;
}

bool vsp_operand_range(vsp_operand o, int64_t *min, int64_t *max)
{
	*min = 0;
	switch (o) {
	case VSP_O_I8: *min = INT8_MIN, *max = INT8_MAX; return true;
	case VSP_O_I16:
	case VSP_O_MEM_B:
	case VSP_O_MEM_SP:
	case VSP_O_TARGET16: *min = INT16_MIN, *max = INT16_MAX; return true;
	case VSP_O_I32: *min = INT32_MIN, *max = INT32_MAX; return true;
	case VSP_O_I64: *min = INT64_MIN, *max = INT64_MAX; return true;
	case VSP_O_U8:
	case VSP_O_COUNT8: *max = UINT8_MAX; return true;
	case VSP_O_PARAMS:
	case VSP_O_RESULTS: *max = UINT8_MAX; return true;
	case VSP_O_U16:
	case VSP_O_KERNEL16:
	case VSP_O_TABLE: *max = UINT16_MAX; return true;
	case VSP_O_COUNT5: *max = 31; return true;
	case VSP_O_COUNT6: *max = 63; return true;
	case VSP_O_U24:
	case VSP_O_MEM_A24:
	case VSP_O_TARGET24:
	case VSP_O_FUNCTION:
	case VSP_O_TRANSFORM:
	case VSP_O_IMPORT:
	case VSP_O_SYSCALL: *max = (1 << 24) - 1; return true;
	case VSP_O_MEM_A32: *max = UINT32_MAX; return true;
	default: return false;
	}
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
	switch (format) {
	case VSP_FMT_C_T: return p[2] >> 4;
	case VSP_FMT_C_5: return p[2] >> 5;
	case VSP_FMT_C_6: return p[2] >> 6;
	default: return 0;
	}
}

/* The immediate of format E. */
static int64_t decode_half(const vsp_form_info *info, vsp_form form, const uint8_t *p)
{
	bool is_unsigned = vsp_form_immediate(form) == VSP_O_U16 || info->operands[0] == VSP_O_KERNEL16 ||
	                   info->operands[1] == VSP_O_PARAMS;
	return is_unsigned ? (int64_t)read_u16(p + 2) : (int16_t)read_u16(p + 2);
}

/* Operand fields and immediate of the bytes at p, as the format lays them out. */
static void decode_fields(const vsp_form_info *info, const uint8_t *p, vsp_insn *out)
{
	bool wide_unsigned = info->operands[1] == VSP_O_MEM_A32;
	if (info->format != VSP_FMT_A && info->format != VSP_FMT_B_U && info->format != VSP_FMT_D) {
		out->a = p[1] & 15;
		out->b = p[1] >> 4;
	}
	switch (info->format) {
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
	case VSP_FMT_E: out->imm = decode_half(info, (vsp_form)out->form, p); break;
	case VSP_FMT_F: out->imm = wide_unsigned ? (int64_t)read_u32(p + 2) : (int32_t)read_u32(p + 2); break;
	case VSP_FMT_G: out->imm = (int64_t)(read_u32(p + 2) | (uint64_t)read_u32(p + 6) << 32); break;
	case VSP_FMT_T: out->imm = read_u16(p + 2); break;
	default: break;
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
	if (set & ~form_fields(info))
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
	switch (info->format) {
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
	default: break;
	}
}

/* Fixed implicit sets; the ones that depend on the module add nothing. */
static void implicit_registers(const vsp_insn *insn, uint16_t *reads, uint16_t *writes)
{
	uint16_t group = (uint16_t)(0xF << (insn->a & 12));
	switch (vsp_insn_info(insn)->implicit) {
	case VSP_X_RC_RW: *reads |= 1 << 12, *writes |= 1 << 12; break;
	case VSP_X_RF_W: *writes |= 1 << 15; break;
	case VSP_X_ALL_R: *reads |= 0xFFFF; break;
	case VSP_X_ALL_W: *writes |= 0xFFFF; break;
	case VSP_X_ALL_RW: *reads |= 0xFFFF, *writes |= 0xFFFF; break;
	case VSP_X_FOLD: *reads |= 0xFFFF, *writes |= 0x00FF; break;
	case VSP_X_GROUP_W: *writes |= group; break;
	case VSP_X_GROUP_R: *reads |= group; break;
	default: break;
	}
}

void vsp_insn_registers(const vsp_insn *insn, uint16_t *reads, uint16_t *writes)
{
	unsigned r = 0, w = 0;
	for (int i = 0; i < 4; i++) {
		unsigned o = vsp_insn_info(insn)->operands[i], f = operand_fields(o);
		unsigned mask = (f & 1 ? 1u << insn->a : 0) | (f & 2 ? 1u << insn->b : 0) |
		                (f & 4 ? 1u << insn->c : 0) | (f & 8 ? 1u << insn->d : 0);
		if (o != VSP_O_WA)
			r |= mask;
		if (o == VSP_O_WA || o == VSP_O_MA || o == VSP_O_MB)
			w |= mask;
	}
	*reads = (uint16_t)r;
	*writes = (uint16_t)w;
	implicit_registers(insn, reads, writes);
}
