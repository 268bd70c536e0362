/*
 * The lowering of ByteSil arithmetic, layers and transforms. Arithmetic is calls of the runtime's
 * pure functions, which optimised code inlines; moves of bytes between registers are built here.
 * Helpers that work on all layers get the registers in memory.
 */
#include "context.h"
#include "exits.h"
#include "fields.h"
#include "spill.h"

/* ---- ByteSil arithmetic: flags follow from the result byte ---- */

/* Z: null (rho = -8), N: rho < 0, O: rho at -8 or +7. */
static void set_flags(vsp_fn *f, LLVMValueRef result)
{
	LLVMValueRef null = NULL;
	if (flag_live(f, VSP_F_Z | VSP_F_O))
		null = f->slot[SLOT_Z] = icmp(f, LLVMIntULT, result, const_i64(f, 0x10));
	if (flag_live(f, VSP_F_N))
		f->slot[SLOT_N] = icmp(f, LLVMIntULT, result, const_i64(f, 0x80));
	if (flag_live(f, VSP_F_O))
		f->slot[SLOT_O] = LLVMBuildOr(f->b, null, icmp(f, LLVMIntUGE, result, const_i64(f, 0xF0)), "");
}

static void arithmetic(vsp_fn *f, const vsp_insn *i, vsp_callee callee, LLVMValueRef x, LLVMValueRef y)
{
	LLVMValueRef r = vsp_lower_call(f, callee, (LLVMValueRef[]){x, y}, y ? 2 : 1);
	set_flags(f, r);
	set_reg(f, i->a, r);
}

#define BINARY(NAME, name) \
	HANDLER(NAME) { arithmetic(f, i, VSP_CALLEE(vsp_call_##name), reg(f, i->b), reg(f, i->c)); }
#define IMMEDIATE(NAME, name) \
	HANDLER(NAME) { arithmetic(f, i, VSP_CALLEE(vsp_call_##name), reg(f, i->b), const_i64(f, (uint64_t)i->imm)); }
#define UNARY(NAME, name) \
	HANDLER(NAME) { arithmetic(f, i, VSP_CALLEE(vsp_call_##name), reg(f, i->a), NULL); }

BINARY(MUL_B, mul_b)
BINARY(DIV_B, div_b)
BINARY(ADD_B, add_b)
BINARY(SUB_B, sub_b)
IMMEDIATE(POW_B, pow_b)
IMMEDIATE(ROOT_B, root_b)
IMMEDIATE(SCALE_B, scale_b)
IMMEDIATE(ROTATE_B, rotate_b)
UNARY(INV_B, inv_b)
UNARY(CONJ_B, conj_b)
UNARY(MAG_B, mag_b)
UNARY(PHASE_B, phase_b)

static void blend(vsp_fn *f, const vsp_insn *i, vsp_callee callee)
{
	LLVMValueRef args[] = {reg(f, i->a), reg(f, i->b), const_i64(f, (uint64_t)i->imm)};
	set_reg(f, i->a, vsp_lower_call(f, callee, args, 3));
}
HANDLER(LERP_B) { blend(f, i, VSP_CALLEE(vsp_call_lerp_b)); }
HANDLER(SLERP_B) { blend(f, i, VSP_CALLEE(vsp_call_slerp_b)); }

#define CONVERT(NAME, name) \
	HANDLER(NAME) \
	{ \
		LLVMValueRef b = reg(f, i->b); \
		set_reg(f, i->a, vsp_lower_call(f, VSP_CALLEE(vsp_call_##name), &b, 1)); \
	}
CONVERT(I2B, i2b)
CONVERT(B2I, b2i)
CONVERT(F2B, f2b)
CONVERT(B2F, b2f)

/* ---- layers ---- */

static LLVMValueRef xorl(vsp_fn *f, LLVMValueRef x, LLVMValueRef y)
{
	LLVMValueRef bits = LLVMBuildXor(f->b, x, y, "");
	return LLVMBuildXor(f->b, bits, LLVMConstInt(f->lower->i8, 0x80, false), "");
}

HANDLER(XORL) { set_b(f, i->a, xorl(f, reg_b(f, i->b), reg_b(f, i->c))); }
HANDLER(ANDL) { set_b(f, i->a, LLVMBuildAnd(f->b, reg_b(f, i->b), reg_b(f, i->c), "")); }
HANDLER(ORL) { set_b(f, i->a, LLVMBuildOr(f->b, reg_b(f, i->b), reg_b(f, i->c), "")); }
HANDLER(NOTL) { set_b(f, i->a, LLVMBuildNot(f->b, reg_b(f, i->a), "")); }

/* L[i] = L[i-1]; returns the old LF. */
static LLVMValueRef rotate_layers(vsp_fn *f, LLVMValueRef into_l0)
{
	LLVMValueRef last = reg_b(f, VSP_REGISTERS - 1);
	for (unsigned r = VSP_REGISTERS - 1; r > 0; r--)
		set_b(f, r, reg_b(f, r - 1));
	set_b(f, 0, into_l0 ? into_l0 : last);
	return last;
}

HANDLER(SHIFTL)
{
	(void)i;
	LLVMValueRef lost = rotate_layers(f, LLVMConstInt(f->lower->i8, 0, false));
	if (flag_live(f, VSP_F_O))
		f->slot[SLOT_O] = icmp(f, LLVMIntUGE, lost, LLVMConstInt(f->lower->i8, 0x10, false));
}

HANDLER(ROTATL)
{
	(void)i;
	rotate_layers(f, NULL);
}

HANDLER(FOLD)
{
	(void)i;
	for (unsigned r = 0; r < 8; r++)
		set_b(f, r, xorl(f, reg_b(f, r), reg_b(f, r + 8)));
}

HANDLER(SPREAD)
{
	LLVMValueRef layer = reg_b(f, i->a);
	for (unsigned r = i->a & 12u, end = r + 4; r < end; r++)
		set_b(f, r, layer);
}

HANDLER(GATHER)
{
	LLVMValueRef product = const_i64(f, 0x80); /* ONE */
	for (unsigned r = i->a & 12u, end = r + 4; r < end; r++) {
		LLVMValueRef args[] = {product, reg(f, r)};
		product = vsp_lower_call(f, VSP_CALLEE(vsp_call_mul_b), args, 2);
	}
	set_reg(f, i->a, product);
}

HANDLER(COLLAPSE)
{
	LLVMValueRef layer = reg_b(f, i->a);
	LLVMValueRef null = icmp(f, LLVMIntULT, layer, LLVMConstInt(f->lower->i8, 0x10, false));
	vsp_lower_state_store(f, LLVMBuildZExt(f->b, null, f->lower->i8, ""), AT(f, collapse));
	set_b(f, 15, layer);
}

/* ---- helpers on all layers ---- */

HANDLER(GRAD)
{
	LLVMValueRef regs = vsp_lower_spill(f, 0xFFFF);
	vsp_lower_call(f, VSP_CALLEE(vsp_rt_grad), (LLVMValueRef[]){f->rt, regs, const_i32(f, i->a)}, 3);
	vsp_lower_reload(f, regs, 1u << i->a);
}

HANDLER(DESCENT)
{
	LLVMValueRef regs = vsp_lower_spill(f, 1u << i->a);
	LLVMValueRef args[] = {f->rt, regs, const_i32(f, i->a), const_i32(f, (uint32_t)i->imm)};
	vsp_lower_call(f, VSP_CALLEE(vsp_rt_descent), args, 4);
	vsp_lower_reload(f, regs, 1u << i->a);
}

HANDLER(EMERGE)
{
	LLVMValueRef regs = vsp_lower_spill(f, 0xFFFF);
	vsp_lower_publish_sp(f);
	vsp_lower_check(f, vsp_lower_call(f, VSP_CALLEE(vsp_rt_emerge), (LLVMValueRef[]){f->rt, regs}, 2), i->pc);
	vsp_lower_restore_sp(f);
	vsp_lower_reload(f, regs, 0xFFFF);
}

/* ---- modes ---- */

static void mode(vsp_fn *f, const vsp_insn *i, vsp_callee callee)
{
	LLVMValueRef args[] = {f->rt, const_i32(f, (uint32_t)i->imm)};
	vsp_lower_check(f, vsp_lower_call(f, callee, args, 2), i->pc);
}
HANDLER(SETMODE) { mode(f, i, VSP_CALLEE(vsp_rt_setmode)); }
HANDLER(PROMOTE) { mode(f, i, VSP_CALLEE(vsp_rt_promote)); }
HANDLER(COMPAT) { mode(f, i, VSP_CALLEE(vsp_rt_compat)); }

static void demote(vsp_fn *f, const vsp_insn *i, vsp_callee callee)
{
	LLVMValueRef regs = vsp_lower_spill(f, 0xFFFF);
	LLVMValueRef args[] = {f->rt, regs, const_i32(f, (uint32_t)i->imm)};
	vsp_lower_check(f, vsp_lower_call(f, callee, args, 3), i->pc);
	vsp_lower_reload(f, regs, 0xFFFF);
}
HANDLER(DEMOTE) { demote(f, i, VSP_CALLEE(vsp_rt_demote)); }
HANDLER(XORDEM) { demote(f, i, VSP_CALLEE(vsp_rt_demote)); }
HANDLER(TRUNCATE) { demote(f, i, VSP_CALLEE(vsp_rt_truncate)); }
HANDLER(AVGDEM) { demote(f, i, VSP_CALLEE(vsp_rt_avgdem)); }
HANDLER(MAXDEM) { demote(f, i, VSP_CALLEE(vsp_rt_maxdem)); }
