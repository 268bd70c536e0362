/*
 * The lowering of accesses to linear memory and the stack. An effective address is an exact 64-bit
 * integer. With guard pages it is added to the base, and the machine finds bad addresses; otherwise
 * one unsigned comparison does. Accesses of linear memory and of the run-time state carry TBAA tags
 * that never overlap, and the base is loaded once per function, so that LLVM may hoist and
 * vectorise. Precise code makes accesses volatile: each happens, in order.
 */
#include "memory.h"
#include "exits.h"
#include "fields.h"
#include "kernel_parts.h"
#include "pcsections.h"
#include "spill.h"

#include "runtime/memory.h"

/* ---- addresses ---- */

/*
 * Traps unless 0x10000 <= ea and ea + bytes <= size. The bound is loop-invariant, so only one
 * comparison remains.
 */
static void check_bounds(vsp_fn *f, LLVMValueRef ea, unsigned bytes, uint32_t pc)
{
	LLVMValueRef size = memory_size(f);
	LLVMValueRef room[] = {size, const_i64(f, VSP_NULL_ZONE + bytes - 1)};
	LLVMValueRef limit = vsp_lower_intrinsic(f, "llvm.usub.sat", f->lower->i64, room, 2);
	LLVMValueRef offset = LLVMBuildSub(f->b, ea, const_i64(f, VSP_NULL_ZONE), "");
	vsp_lower_access_trap_if(f, icmp(f, LLVMIntUGE, offset, limit), ea, pc);
}

/* Hides what LLVM knows about a value. */
static LLVMValueRef hide(vsp_fn *f, LLVMValueRef value)
{
	LLVMTypeRef type = LLVMFunctionType(f->lower->i64, &f->lower->i64, 1, false);
	LLVMValueRef nothing = LLVMGetInlineAsm(type, "", 0, "=r,0", 4, false, false, LLVMInlineAsmDialectATT, false);
	return LLVMBuildCall2(f->b, type, nothing, &value, 1, "");
}

/*
 * The same as vsp_mask_address. It uses shifts instead of comparisons, from which LLVM could make
 * branches.
 */
static LLVMValueRef mask_address(vsp_fn *f, LLVMValueRef ea, unsigned bytes)
{
	LLVMValueRef at = hide(f, ea),
	             last = LLVMBuildSub(f->b, memory_size(f), const_i64(f, VSP_NULL_ZONE + bytes), "");
	LLVMValueRef offset = LLVMBuildSub(f->b, at, const_i64(f, VSP_NULL_ZONE), "");
	LLVMValueRef beyond = LLVMBuildOr(f->b, offset, LLVMBuildSub(f->b, last, offset, ""), "");
	LLVMValueRef outside = LLVMBuildAShr(f->b, beyond, const_i64(f, 63), "");
	return LLVMBuildAnd(f->b, at, LLVMBuildNot(f->b, outside, ""), "");
}

static void check_ranges(vsp_fn *f, LLVMValueRef ea, unsigned bytes, bool write, uint32_t pc)
{
	LLVMValueRef args[] = {f->rt, ea, const_i64(f, bytes), const_i32(f, write)};
	LLVMValueRef status = vsp_lower_call(f, VSP_CALLEE(vsp_rt_check_kernel), args, 4);
	/* The helper describes no trap, so the kind of trap follows from the address. */
	vsp_lower_access_trap_if(f, icmp(f, LLVMIntNE, status, const_i32(f, 0)), ea, pc);
}

/*
 * LLVM may merge volatile accesses of two places into one, fold a load into its user, or rebuild it
 * without a location. So optimised code that must name the exact place of a guard fault stores its
 * place beforehand.
 */
static void mark_place(vsp_fn *f, uint32_t pc)
{
	LLVMValueRef place = vsp_lower_state_ptr(f, AT(f, access_pc));
	LLVMSetVolatile(vsp_lower_tag_state(f, LLVMBuildStore(f->b, const_i32(f, pc), place)), true);
}

LLVMValueRef vsp_lower_address(vsp_fn *f, LLVMValueRef ea, unsigned bytes, bool write, uint32_t pc)
{
	const vsp_lower_options *options = f->lower->options;
	/* ir/opcode.c relies on this: no displacement reaches past the guard pages. */
	assert(bytes <= VSP_WIDEST_ACCESS);
	if (options->ranges)
		check_ranges(f, ea, bytes, write, pc);
	else if (!options->guarded)
		check_bounds(f, ea, bytes, pc);
	if (options->guarded && options->mark)
		mark_place(f, pc);
	if (options->mask && !options->guarded)
		ea = mask_address(f, ea, bytes);
	LLVMValueRef base = options->guarded ? f->memory : memory_base(f);
	return LLVMBuildGEP2(f->b, f->lower->i8, base, &ea, 1, "");
}

/*
 * An access that may trap must not be lost, even if nobody needs its value. Later the sink releases
 * those that cannot be lost (tiers/llvm/kept_loads.h).
 */
static bool is_kept(const vsp_fn *f)
{
	const vsp_lower_options *o = f->lower->options;
	return o->precise || o->guarded;
}

static LLVMValueRef tag_memory(vsp_fn *f, LLVMValueRef access)
{
	LLVMSetAlignment(access, 1);
	if (f->lower->tbaa_memory)
		LLVMSetMetadata(access, f->lower->tbaa_kind, f->lower->tbaa_memory);
	if (is_kept(f))
		LLVMSetVolatile(access, true);
	return f->lower->options->guarded ? vsp_lower_mark_access(f, access) : access;
}

/* Linear memory is little-endian on every host. */
static LLVMValueRef to_host_order(vsp_fn *f, LLVMValueRef v)
{
	LLVMTypeRef type = LLVMTypeOf(v);
	if (!f->lower->big_endian || type == f->lower->i8 || type == f->lower->bytes16)
		return v;
	return vsp_lower_intrinsic(f, "llvm.bswap", type, &v, 1);
}

/*
 * Loads one byte of an access to come, for its trap. x86 alone promises that an access of several
 * bytes reports its first one that cannot be accessed, and that a store of them happens whole or
 * not at all; others may make several accesses of it.
 */
static void probe(vsp_fn *f, LLVMValueRef address, unsigned at)
{
	LLVMValueRef offset = const_i64(f, at);
	LLVMValueRef byte = at ? LLVMBuildGEP2(f->b, f->lower->i8, address, &offset, 1, "") : address;
	tag_memory(f, LLVMBuildLoad2(f->b, f->lower->i8, byte, ""));
}

static bool needs_probes(const vsp_fn *f, unsigned bytes)
{
	const vsp_lower_options *o = f->lower->options;
	return o->precise && o->guarded && !f->lower->whole_accesses && bytes > 1;
}

LLVMValueRef vsp_lower_load(vsp_fn *f, LLVMTypeRef type, LLVMValueRef ea, unsigned bytes, uint32_t pc)
{
	LLVMValueRef address = vsp_lower_address(f, ea, bytes, false, pc);
	if (f->lower->options->device && bytes > 1)
		return vsp_lower_device_load(f, type, address, ea, bytes);
	if (needs_probes(f, bytes))
		probe(f, address, 0);
	return to_host_order(f, tag_memory(f, LLVMBuildLoad2(f->b, type, address, "")));
}

void vsp_lower_store(vsp_fn *f, LLVMValueRef value, LLVMValueRef ea, unsigned bytes, uint32_t pc)
{
	LLVMValueRef ordered = to_host_order(f, value);
	LLVMValueRef address = vsp_lower_address(f, ea, bytes, true, pc);
	if (f->lower->options->device && bytes > 1) {
		vsp_lower_device_store(f, value, address, ea, bytes);
		return;
	}
	if (needs_probes(f, bytes)) {
		probe(f, address, 0);
		probe(f, address, bytes - 1);
	}
	tag_memory(f, LLVMBuildStore(f->b, ordered, address));
}

/* zext(W(b)) + disp */
static LLVMValueRef ea_register(vsp_fn *f, unsigned b, int64_t disp)
{
	LLVMValueRef base = zext64(f, reg_w(f, b));
	return disp ? LLVMBuildAdd(f->b, base, const_i64(f, (uint64_t)disp), "") : base;
}

static LLVMValueRef ea_stack(vsp_fn *f, int64_t disp)
{
	LLVMValueRef base = zext64(f, slot_get(f, SLOT_SP));
	return disp ? LLVMBuildAdd(f->b, base, const_i64(f, (uint64_t)disp), "") : base;
}

/* zext(W(b) + W(c) * size modulo 2^32) */
static LLVMValueRef ea_indexed(vsp_fn *f, const vsp_insn *i, unsigned size)
{
	LLVMValueRef index = reg_w(f, i->c);
	if (size > 1)
		index = LLVMBuildMul(f->b, index, const_i32(f, size), "");
	return zext64(f, LLVMBuildAdd(f->b, reg_w(f, i->b), index, ""));
}

/* The exact address of the memory operand (ir/operands.def). */
static LLVMValueRef ea_of(vsp_fn *f, const vsp_insn *i)
{
	const vsp_operand_info *o = &vsp_operands[vsp_form_memory((vsp_form)i->form)];
	switch (o->look) {
	case VSP_LOOK_BASE: return ea_register(f, i->b, i->imm);
	case VSP_LOOK_SP: return ea_stack(f, i->imm);
	case VSP_LOOK_INDEXED: return ea_indexed(f, i, o->scale);
	case VSP_LOOK_ABSOLUTE:
	case VSP_LOOK_NONE:
	case VSP_LOOK_REGISTER:
	case VSP_LOOK_NUMBER: break;
	}
	return const_i64(f, (uint64_t)i->imm);
}

/* ---- loads and stores: the forms of these shapes (ir/opcodes.def) ---- */

enum extension { SIGNED, UNSIGNED };

static void load(vsp_fn *f, const vsp_insn *i, LLVMValueRef ea, unsigned bits, enum extension how)
{
	LLVMTypeRef type = LLVMIntTypeInContext(f->lower->context, bits);
	LLVMValueRef v = vsp_lower_load(f, type, ea, bits / 8, i->pc);
	set_reg(f, i->a, bits == 64 ? v : how == SIGNED ? sext64(f, v) : zext64(f, v));
}

static void store(vsp_fn *f, const vsp_insn *i, LLVMValueRef ea, unsigned bits)
{
	LLVMTypeRef type = LLVMIntTypeInContext(f->lower->context, bits);
	LLVMValueRef v = reg(f, i->a);
	vsp_lower_store(f, bits == 64 ? v : low_bits(f, v, type), ea, bits / 8, i->pc);
}

/* By the type of the access: its width and extension. */
#define LOAD_u8 8, UNSIGNED
#define LOAD_s8 8, SIGNED
#define LOAD_u16 16, UNSIGNED
#define LOAD_s16 16, SIGNED
#define LOAD_u32 32, UNSIGNED
#define LOAD_s32 32, SIGNED
#define LOAD_u64 64, UNSIGNED
#define STORE_u8 8
#define STORE_u16 16
#define STORE_u32 32
#define STORE_u64 64
#define SHAPE_LOAD(NAME, ops, fn, type) \
	HANDLER(NAME) { load(f, i, ea_of(f, i), LOAD_##type); }
#define SHAPE_STORE(NAME, ops, fn, type) \
	HANDLER(NAME) { store(f, i, ea_of(f, i), STORE_##type); }
#include "ir/by_shape.def"

/* ---- states: the 16 layers in one access, so that a trap comes before any effect ---- */

static void load_state(vsp_fn *f, LLVMValueRef ea, uint32_t pc)
{
	LLVMValueRef bytes = vsp_lower_load(f, f->lower->bytes16, ea, 16, pc);
	for (unsigned r = 0; r < VSP_REGISTERS; r++)
		set_b(f, r, LLVMBuildExtractElement(f->b, bytes, const_i32(f, r), ""));
}

static LLVMValueRef gather_layers(vsp_fn *f)
{
	LLVMValueRef bytes = LLVMGetPoison(f->lower->bytes16);
	for (unsigned r = 0; r < VSP_REGISTERS; r++)
		bytes = LLVMBuildInsertElement(f->b, bytes, reg_b(f, r), const_i32(f, r), "");
	return bytes;
}

/*
 * The same through memory. For bytes that were loaded, an insertion would make LLVM load them
 * again, with the location of the insertion.
 */
static LLVMValueRef gather_layers_plainly(vsp_fn *f)
{
	LLVMValueRef bytes = vsp_lower_scratch(f);
	for (unsigned r = 0; r < VSP_REGISTERS; r++)
		vsp_lower_tag_state(f, LLVMBuildStore(f->b, reg_b(f, r), vsp_lower_field_ptr(f, bytes, r)));
	LLVMValueRef all = LLVMBuildLoad2(f->b, f->lower->bytes16, bytes, "");
	LLVMSetAlignment(all, _Alignof(uint64_t));
	return vsp_lower_tag_state(f, all);
}

static void store_state(vsp_fn *f, LLVMValueRef ea, uint32_t pc)
{
	LLVMValueRef bytes = f->lower->options->optimise ? gather_layers(f) : gather_layers_plainly(f);
	vsp_lower_store(f, bytes, ea, 16, pc);
}

HANDLER(LSTATE_A) { load_state(f, ea_of(f, i), i->pc); }
HANDLER(SSTATE_A) { store_state(f, ea_of(f, i), i->pc); }
HANDLER(LSTATE_B) { load_state(f, ea_of(f, i), i->pc); }
HANDLER(SSTATE_B) { store_state(f, ea_of(f, i), i->pc); }

/* ---- the stack ---- */

/*
 * Adds to the base of the previous addition, so that LLVM sees that SP, moved down and up again,
 * has its old value.
 */
static void move_sp(vsp_fn *f, int64_t by)
{
	LLVMValueRef sp = f->slot[SLOT_SP];
	bool sum = LLVMIsABinaryOperator(sp) && LLVMGetInstructionOpcode(sp) == LLVMAdd;
	if (sum && LLVMIsAConstantInt(LLVMGetOperand(sp, 1))) {
		by += (int64_t)LLVMConstIntGetZExtValue(LLVMGetOperand(sp, 1));
		sp = LLVMGetOperand(sp, 0);
	}
	f->slot[SLOT_SP] = (uint32_t)by ? LLVMBuildAdd(f->b, sp, const_i32(f, (uint32_t)by), "") : sp;
}

HANDLER(PUSH)
{
	store(f, i, ea_stack(f, -8), 64);
	move_sp(f, -8);
}

HANDLER(POP)
{
	load(f, i, ea_stack(f, 0), 64, UNSIGNED);
	move_sp(f, 8);
}

HANDLER(GETSP) { set_reg(f, i->a, zext64(f, slot_get(f, SLOT_SP))); }
HANDLER(SETSP) { f->slot[SLOT_SP] = reg_w(f, i->a); }

HANDLER(ENTER)
{
	LLVMValueRef sp = slot_get(f, SLOT_SP);
	LLVMValueRef too_low = icmp(f, LLVMIntULT, sp, const_i32(f, VSP_NULL_ZONE + (uint32_t)i->imm));
	vsp_lower_trap_if(f, too_low, VSP_TRAP_STACK_OVERFLOW, i->pc);
	move_sp(f, -i->imm);
}

HANDLER(LEAVE) { move_sp(f, i->imm); }

HANDLER(LEASP)
{
	LLVMValueRef sum = LLVMBuildAdd(f->b, slot_get(f, SLOT_SP), const_i32(f, (uint32_t)i->imm), "");
	set_reg(f, i->a, zext64(f, sum));
}

/* ---- memory as a whole ---- */

HANDLER(MEMSIZE)
{
	LLVMValueRef size = memory_size(f);
	set_reg(f, i->a, LLVMBuildLShr(f->b, size, const_i64(f, 16), ""));
}
static_assert(VSP_PAGE == 1 << 16, "MEMSIZE shifts bytes to pages");

HANDLER(MEMGROW)
{
	LLVMValueRef out = vsp_lower_out(f);
	LLVMValueRef args[] = {f->rt, reg(f, i->b), out};
	vsp_lower_check(f, vsp_lower_call(f, VSP_CALLEE(vsp_rt_memgrow), args, 3), i->pc);
	set_reg(f, i->a, vsp_lower_out_value(f, f->lower->i64));
}

/* Never traps, so the address need not be valid: the machine ignores an impossible prefetch. */
HANDLER(PREFETCH)
{
	LLVMValueRef base = f->lower->options->guarded ? f->memory : memory_base(f);
	LLVMValueRef ea = const_i64(f, (uint64_t)i->imm);
	LLVMValueRef address = LLVMBuildGEP2(f->b, f->lower->i8, base, &ea, 1, "");
	LLVMValueRef args[] = {address, const_i32(f, 0), const_i32(f, 3), const_i32(f, 1)};
	vsp_lower_intrinsic(f, "llvm.prefetch", f->lower->ptr, args, 4);
}

/* ---- registers in memory, for helpers ---- */
