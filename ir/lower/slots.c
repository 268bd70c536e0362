/*
 * The lowering of local slots, globals and their accesses. Each local slot that the function names
 * is a variable in the frame, which LLVM's passes make a value; code that counts, and may hand the
 * activation over to other code, has them in one array, because that other code takes them from
 * there. Globals are memory of their own, which overlaps neither linear memory nor the run-time
 * state.
 */
#include "slots.h"
#include "fields.h"
#include "spill.h"

/* ---- local slots ---- */

static LLVMTypeRef array_type(const vsp_fn *f) { return LLVMArrayType2(f->lower->i64, f->cfg.slots); }

static LLVMValueRef element_ptr(vsp_fn *f, LLVMValueRef array, uint32_t n)
{
	return vsp_lower_field_ptr(f, array, (size_t)n * sizeof(uint64_t));
}

static LLVMValueRef slot_ptr(vsp_fn *f, uint32_t n)
{
	return f->locals_array ? element_ptr(f, f->locals_array, n) : f->locals[n];
}

/* Makes the variables. False: out of memory. */
static bool make_variables(vsp_fn *f)
{
	if (f->lower->options->count) {
		f->locals_array = vsp_lower_variable(f, array_type(f), "locals");
		return true;
	}
	f->locals = vsp_arena_array(f->arena, f->cfg.slots, sizeof(LLVMValueRef));
	for (uint32_t i = 0; f->locals && i < f->cfg.insn_count; i++) {
		uint32_t count = vsp_insn_slots(&f->cfg.insns[i]);
		if (count && !f->locals[count - 1])
			f->locals[count - 1] = vsp_lower_variable(f, f->lower->i64, "local");
	}
	return f->locals != NULL;
}

static void clear_variables(vsp_fn *f)
{
	LLVMValueRef zero = LLVMConstInt(f->lower->i8, 0, false);
	if (f->locals_array)
		LLVMBuildMemSet(f->b, f->locals_array, zero, const_i64(f, 8 * (uint64_t)f->cfg.slots), 8);
	for (uint32_t n = 0; !f->locals_array && n < f->cfg.slots; n++)
		if (f->locals[n])
			LLVMBuildStore(f->b, const_i64(f, 0), f->locals[n]);
}

/* Copies slots from where the activation was so far. */
static void copy_variables(vsp_fn *f, LLVMValueRef from)
{
	if (f->locals_array)
		LLVMBuildMemCpy(f->b, f->locals_array, 8, from, 8, const_i64(f, 8 * (uint64_t)f->cfg.slots));
	for (uint32_t n = 0; !f->locals_array && n < f->cfg.slots; n++)
		if (f->locals[n]) {
			LLVMValueRef v = LLVMBuildLoad2(f->b, f->lower->i64, element_ptr(f, from, n), "");
			LLVMBuildStore(f->b, vsp_lower_tag_state(f, v), f->locals[n]);
		}
}

void vsp_lower_open_slots(vsp_fn *f)
{
	if (!f->cfg.slots)
		return;
	if (make_variables(f))
		clear_variables(f);
	else
		f->failed = true;
}

/*
 * An entry at the function's start may be taken by a call, which has no slots yet; elsewhere an
 * activation always brings them.
 */
void vsp_lower_take_slots(vsp_fn *f, uint32_t start)
{
	vsp_lower_open_slots(f);
	if (!f->cfg.slots || f->failed || (start == 0 && !f->cfg.blocks[0].loop_head))
		return;
	LLVMValueRef from = STATE_FIELD(f, ptr, slots);
	LLVMBasicBlockRef given = vsp_lower_block(f, "given"), next = vsp_lower_block(f, "");
	LLVMBuildCondBr(f->b, icmp(f, LLVMIntNE, from, zero_of(from)), given, next);
	LLVMPositionBuilderAtEnd(f->b, given);
	copy_variables(f, from);
	LLVMBuildBr(f->b, next);
	LLVMPositionBuilderAtEnd(f->b, next);
}

void vsp_lower_hand_over_slots(vsp_fn *f)
{
	if (f->locals_array)
		vsp_lower_state_store(f, f->locals_array, AT(f, slots));
}

HANDLER(LDLOC) { set_reg(f, i->a, LLVMBuildLoad2(f->b, f->lower->i64, slot_ptr(f, (uint32_t)i->imm), "")); }
HANDLER(STLOC) { LLVMBuildStore(f->b, reg(f, i->a), slot_ptr(f, (uint32_t)i->imm)); }

/* ---- globals ---- */

LLVMValueRef vsp_lower_constant_field(vsp_fn *f, LLVMValueRef load)
{
	if (f->lower->empty_node)
		LLVMSetMetadata(load, f->lower->invariant_kind, f->lower->empty_node);
	return load;
}

static LLVMValueRef global_ptr(vsp_fn *f, const vsp_insn *i)
{
	LLVMValueRef globals = vsp_lower_constant_field(f, STATE_FIELD(f, ptr, globals));
	return element_ptr(f, globals, (uint32_t)i->imm);
}

static LLVMValueRef tag_global(vsp_fn *f, LLVMValueRef access)
{
	if (f->lower->tbaa_globals)
		LLVMSetMetadata(access, f->lower->tbaa_kind, f->lower->tbaa_globals);
	return access;
}

HANDLER(GGET) { set_reg(f, i->a, tag_global(f, LLVMBuildLoad2(f->b, f->lower->i64, global_ptr(f, i), ""))); }
HANDLER(GSET) { tag_global(f, LLVMBuildStore(f->b, reg(f, i->a), global_ptr(f, i))); }
