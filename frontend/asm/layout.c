/*
 * Layout of code. Every item starts in its shortest form; passes over all items let those grow
 * whose value does not fit under the addresses of the last pass, until none grows. Items never
 * shrink, so this ends, and at the least layout; programs made to need very many passes are cut
 * short, which costs them a few bytes: first by a growing reserve for branches, then by taking the
 * longest form of all that still moves.
 */
#include "asm.h"
#include "runtime/base/search.h"

enum { FREE_PASSES = 24, FIRST_RESERVE = 64, LAST_PASS = 40 };

static vsp_operand item_operand(const asm_item *item)
{
	return vsp_form_immediate((vsp_form)item->forms[item->choice]);
}

static asm_context operand_context(vsp_operand o)
{
	switch (vsp_operands[o].sense) {
	case VSP_SENSE_TARGET:
	case VSP_SENSE_TABLE: return ASM_TARGET;
	case VSP_SENSE_FUNCTION:
	case VSP_SENSE_TRANSFORM:
	case VSP_SENSE_KERNEL: return ASM_INVOKED;
	case VSP_SENSE_IMPORT: return ASM_IMPORTED;
	case VSP_SENSE_SYSCALL: return ASM_SERVICE;
	case VSP_SENSE_NONE:
	case VSP_SENSE_VALUE:
	case VSP_SENSE_PARAMS:
	case VSP_SENSE_RESULTS:
	case VSP_SENSE_SLOT:
	case VSP_SENSE_GLOBAL:
	case VSP_SENSE_ELEMENTS:
	case VSP_SENSE_TYPE: break;
	}
	return ASM_VALUE;
}

/* Only MOVI takes the bits of a float. */
static bool takes_float(const asm_item *item)
{
	const vsp_form_info *info = &vsp_forms[item->forms[0]];
	return info->operands[0] == VSP_O_WA &&
	       (info->operands[1] == VSP_O_I8 || info->operands[1] == VSP_O_I32 || info->operands[1] == VSP_O_I64);
}

static bool item_fits(const asm_item *item, uint32_t reserve)
{
	vsp_insn insn = {.form = item->forms[item->choice], .pc = item->address, .imm = item->value};
	if (!vsp_insn_fits(&insn))
		return false;
	if (item_operand(item) != VSP_O_TARGET16 || !reserve)
		return true;
	int64_t distance = item->value - item->address;
	return distance <= INT16_MAX - (int64_t)reserve && distance >= INT16_MIN + (int64_t)reserve;
}

static void settle_bad(asm_item *item) { item->flags |= ASM_ITEM_BAD | ASM_ITEM_SETTLED; }

/* Evaluates the item's immediate under the present addresses. */
static void evaluate_item(asm_state *as, asm_item *item)
{
	asm_value v;
	item->value = 0;
	if (item->exprs == 0) {
		item->flags |= ASM_ITEM_SETTLED;
		return;
	}
	if (!asm_eval(as, item->expr, operand_context(item_operand(item)), &v)) {
		settle_bad(item);
		return;
	}
	if (v.type != ASM_INTEGER && !takes_float(item)) {
		asm_error(as, as->exprs[item->expr].span, NULL, "a float cannot stand here");
		settle_bad(item);
		return;
	}
	if (!v.moves)
		item->flags |= ASM_ITEM_SETTLED;
	item->value = (int64_t)(item->flags & ASM_ITEM_NEGATED ? 0 - v.bits : v.bits);
}

static void evaluate_align(asm_state *as, asm_item *item)
{
	item->flags |= ASM_ITEM_SETTLED;
	item->value = 1;
	if (asm_eval_constant(as, item->expr, 1, ASM_MAX_ALIGN, "the alignment", &item->value) &&
	        (item->value & (item->value - 1)))
		asm_error(as, as->exprs[item->expr].span, NULL, "the alignment %lld is not a power of two",
		        (long long)item->value);
	if (item->value < 1 || (item->value & (item->value - 1)))
		item->value = 1;
}

/* The form that fits for all addresses; true when the item was not in it. */
static bool grow_fully(asm_item *item)
{
	bool branch = item_operand(item) == VSP_O_TARGET16, last = item->choice + 1 >= item->form_count;
	item->choice = (uint8_t)(item->form_count - 1);
	if (branch)
		item->flags |= ASM_ITEM_RELAXED;
	return branch || !last;
}

/* Grows the item if its value does not fit; true when it did. last: for good. */
static bool grow_item(asm_state *as, asm_item *item, uint32_t reserve, bool last)
{
	bool grown = false;
	if (item->flags & ASM_ITEM_ALIGN)
		return false;
	evaluate_item(as, item);
	if (item->flags & (ASM_ITEM_BAD | ASM_ITEM_RELAXED))
		return false;
	if (last && !(item->flags & ASM_ITEM_SETTLED))
		return grow_fully(item);
	while (item->choice + 1 < item->form_count && !item_fits(item, 0)) {
		item->choice++;
		grown = true;
	}
	if (item_operand(item) == VSP_O_TARGET16 && !item_fits(item, reserve)) {
		item->flags |= ASM_ITEM_RELAXED;
		grown = true;
	}
	return grown;
}

static uint32_t item_size(const asm_item *item, uint64_t address)
{
	if (item->flags & ASM_ITEM_ALIGN)
		return (uint32_t)((0 - address) & (uint64_t)(item->value - 1));
	uint32_t size = vsp_insn_size((vsp_form)item->forms[item->choice], item->exprs);
	return item->flags & ASM_ITEM_RELAXED ? size + vsp_insn_size(VSP_I_JMP, 0) : size;
}

/* Gives all items their addresses; false when the code is too large, which has been reported. */
static bool assign_addresses(asm_state *as)
{
	uint64_t address = 0;
	for (uint32_t f = 0; f < as->func_count; f++) {
		asm_func *func = &as->funcs[f];
		func->start = (uint32_t)address;
		for (uint32_t i = 0; i < func->item_count; i++) {
			asm_item *item = &func->items[i];
			item->address = (uint32_t)address;
			item->size = item_size(item, address);
			address += item->size;
			if (address > VSP_MAX_CODE)
				return asm_error(
				        as, item->span, NULL, "code is larger than %d MiB", VSP_MAX_CODE >> 20);
		}
		func->size = (uint32_t)address - func->start;
	}
	as->epoch++;
	asm_eval_all_constants(as);
	return true;
}

static void settle_alignments(asm_state *as)
{
	for (uint32_t f = 0; f < as->func_count; f++)
		for (uint32_t i = 0; i < as->funcs[f].item_count; i++)
			if (as->funcs[f].items[i].flags & ASM_ITEM_ALIGN)
				evaluate_align(as, &as->funcs[f].items[i]);
}

static bool grow_all(asm_state *as, uint32_t reserve, bool last)
{
	bool grown = false;
	for (uint32_t f = 0; f < as->func_count; f++)
		for (uint32_t i = 0; i < as->funcs[f].item_count; i++) {
			asm_item *item = &as->funcs[f].items[i];
			if (!(item->flags & ASM_ITEM_SETTLED))
				grown |= grow_item(as, item, reserve, last);
		}
	return grown;
}

void asm_layout_code(asm_state *as)
{
	uint32_t reserve = 0;
	settle_alignments(as);
	if (!assign_addresses(as))
		return;
	for (uint32_t pass = 0; grow_all(as, reserve, pass >= LAST_PASS); pass++) {
		if (!assign_addresses(as))
			return;
		if (pass >= FREE_PASSES)
			reserve = reserve ? (reserve < INT16_MAX / 2 ? reserve * 2 : reserve) : FIRST_RESERVE;
	}
}

const asm_item *asm_item_at(const asm_state *as, uint32_t address)
{
	for (uint32_t f = 0; f < as->func_count; f++) {
		const asm_func *func = &as->funcs[f];
		if (address < func->start || address - func->start >= func->size)
			continue;
		return &func->items[vsp_last_at_most(
		        &func->items->address, sizeof *func->items, func->item_count, address)];
	}
	return NULL;
}
