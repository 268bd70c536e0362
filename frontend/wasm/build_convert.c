/*
 * Divisions and conversions that trap when their result does not fit.
 */
#include "build.h"

#include "runtime/base/bits.h"

void build_divide(build *b, uint16_t form)
{
	build_value y = build_pop(b), x = build_pop(b);
	bool may_overflow = y.kind != VALUE_CONST || y.bits == -1;
	uint32_t first = build_use(b, x), second = build_use(b, y), reg = build_temp(b);
	build_insn(b, form, reg, first, second, 0);
	if (may_overflow)
		build_insn(b, VSP_I_JO, 0, 0, 0, build_trap_label(b, WASM_TRAP_OVERFLOW));
	build_push_reg(b, reg);
}

/* Goes to the trap unless form x, y. */
static void need(build *b, uint16_t form, uint32_t x, uint32_t y, unsigned code)
{
	uint32_t result = build_temp(b);
	build_insn(b, form, result, x, y, 0);
	build_insn(b, VSP_I_BZ, result, 0, 0, build_trap_label(b, code));
}

static uint32_t float_constant(build *b, bool is_double, double value)
{
	uint32_t reg = build_temp(b);
	uint64_t bits = is_double ? vsp_bits_of_f64(value) : vsp_bits_of_f32((float)value);
	build_insn(b, VSP_I_MOVI_64, reg, 0, 0, (int64_t)bits);
	return reg;
}

/* To 64 bits: all floats between these limits convert, and no others. */
static void need_range(build *b, uint32_t x, bool is_double, bool is_unsigned)
{
	uint16_t less = is_double ? VSP_I_SLT_F : VSP_I_SLT_S, not_greater = is_double ? VSP_I_SLE_F : VSP_I_SLE_S;
	double limit = is_unsigned ? 0x1p64 : 0x1p63;
	uint32_t low = float_constant(b, is_double, is_unsigned ? -1.0 : -0x1p63);
	need(b, is_unsigned ? less : not_greater, low, x, WASM_TRAP_OVERFLOW);
	need(b, less, x, float_constant(b, is_double, limit), WASM_TRAP_OVERFLOW);
}

void build_trunc(build *b, bool is_double, bool wide, bool is_unsigned)
{
	uint32_t x = build_pop_reg(b), reg = build_temp(b);
	need(b, is_double ? VSP_I_SEQ_F : VSP_I_SEQ_S, x, x, WASM_TRAP_CONVERSION); /* no NaN */
	if (wide) {
		need_range(b, x, is_double, is_unsigned);
		uint16_t to_signed = is_double ? VSP_I_F2I : VSP_I_S2I, to_unsigned = is_double ? VSP_I_F2U : VSP_I_S2U;
		build_insn(b, is_unsigned ? to_unsigned : to_signed, reg, x, 0, 0);
		build_push_reg(b, reg);
		return;
	}
	uint32_t exact = build_temp(b), narrow = build_temp(b);
	build_insn(b, is_double ? VSP_I_F2I : VSP_I_S2I, exact, x, 0, 0);
	build_insn(b, is_unsigned ? VSP_I_ZEXT32 : VSP_I_SEXT32, narrow, exact, 0, 0);
	build_insn(b, VSP_I_BNE, exact, narrow, 0, build_trap_label(b, WASM_TRAP_OVERFLOW));
	if (is_unsigned)
		build_insn(b, VSP_I_SEXT32, reg, narrow, 0, 0);
	build_push_reg(b, is_unsigned ? reg : narrow);
}
