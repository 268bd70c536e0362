/*
 * Checks of the laid-out code whose messages refer to the source: ranges of immediates, jump
 * targets, functions and imports that do not exist, functions that do not end. The verifier would
 * refuse all of these too, but it only knows bytes.
 */
#include "asm.h"

#include "runtime/base/search.h"
#include "runtime/state.h"

static const char *kind_phrase(unsigned kind)
{
	return kind == VSP_KIND_FUNCTION ? "a function" : kind == VSP_KIND_TRANSFORM ? "a transform" : "a kernel";
}

static const char *mnemonic(const asm_item *item) { return vsp_forms[item->forms[item->choice]].mnemonic; }

static void check_callee(asm_state *as, const asm_item *item, unsigned kind)
{
	asm_span span = as->exprs[item->expr].span;
	uint32_t count = as->func_count - (as->funcs[0].item_count == 0);
	if (item->value < 0 || item->value >= count) {
		asm_error(
		        as, span, NULL, "there is no function %lld, the module has %u", (long long)item->value, count);
		return;
	}
	const asm_func *callee = &as->funcs[item->value + (as->funcs[0].item_count == 0)];
	if (callee->kind != kind) {
		asm_error(as, span, NULL, "%s needs %s, but '%s' is %s", mnemonic(item), kind_phrase(kind),
		        callee->name, kind_phrase(callee->kind));
		asm_note(as, callee->span, "'%s' is defined here", callee->name);
	}
}

/* Is address the start of an instruction of the function? */
static bool starts_instruction(const asm_func *func, int64_t address)
{
	if (address < func->start || address >= (int64_t)func->start + func->size)
		return false;
	const asm_item *item = &func->items[vsp_last_at_most(
	        &func->items->address, sizeof *func->items, func->item_count, (uint32_t)address)];
	return item->address == address || (item->flags & ASM_ITEM_ALIGN) ||
	       ((item->flags & ASM_ITEM_RELAXED) &&
	               address == (int64_t)item->address + item->size - vsp_insn_size(VSP_I_JMP, 0));
}

static void check_target(asm_state *as, const asm_func *func, uint32_t expr, int64_t address)
{
	asm_span span = as->exprs[expr].span, name = asm_expr_name(as, expr);
	int length = name.end ? (int)asm_length(name) : 0;
	const char *text = length ? asm_text(as, name) : "";
	const asm_symbol *symbol = length ? asm_lookup(as, text, (uint32_t)length, as->exprs[expr].scope, false) : NULL;
	bool elsewhere = symbol && symbol->kind == ASM_LABEL && &as->funcs[symbol->index] != func;
	if (func->failed || (!elsewhere && starts_instruction(func, address)))
		return;
	if (!elsewhere && address == (int64_t)func->start + func->size)
		asm_error(as, span, NULL, "jump to the end of the function: there is no instruction behind '%.*s'",
		        length, text);
	else if (elsewhere || address < func->start || address > (int64_t)func->start + func->size)
		asm_error(as, span, NULL, "jump out of the function: '%.*s' is not in '%s'", (int)asm_length(span),
		        asm_text(as, span), func->name);
	else
		asm_error(as, span, NULL, "jump target %lld is not the start of an instruction", (long long)address);
}

static void check_range(asm_state *as, const asm_item *item, uint32_t expr, vsp_operand o, int64_t value)
{
	int64_t min, max;
	if (!vsp_operand_range(o, &min, &max) || (value >= min && value <= max))
		return;
	if (item->flags & ASM_ITEM_NEGATED)
		asm_error(as, as->exprs[expr].span, NULL,
		        "%lld cannot be subtracted: its negative does not fit in %lld..%lld",
		        (long long)(int64_t)(0 - (uint64_t)value), (long long)min, (long long)max);
	else
		asm_error(as, as->exprs[expr].span, NULL, "value %lld does not fit: %s takes %lld..%lld here",
		        (long long)value, mnemonic(item), (long long)min, (long long)max);
}

static void check_table(asm_state *as, const asm_func *func, const asm_item *item)
{
	asm_value v;
	if (item->exprs > UINT16_MAX)
		asm_error(as, item->span, NULL, "BRTAB has %u targets; there may be %d", item->exprs, UINT16_MAX);
	for (uint32_t i = 0; i < item->exprs; i++)
		if (asm_eval(as, item->expr + i, ASM_TARGET, &v))
			check_target(as, func, item->expr + i, (int64_t)v.bits);
}

/* INVOKEI: the immediate holds both counts. Counts that no function can have make it trap, which
   a program may want. */
static void check_counts(asm_state *as, asm_item *item)
{
	int64_t params, results;
	if (asm_eval_constant(as, item->expr, 0, UINT8_MAX, "the number of parameters", &params) &&
	        asm_eval_constant(as, item->expr + 1, 0, UINT8_MAX, "the number of results", &results))
		item->value = params | results << 8;
}

/* INVOKET: the table's number goes into a field. */
static void check_table_call(asm_state *as, asm_item *item)
{
	int64_t table, type;
	if (asm_eval_constant(as, item->expr, 0, VSP_MAX_TABLES - 1, "the table's number", &table) &&
	        asm_eval_constant(as, item->expr + 1, 0, UINT16_MAX, "the type's number", &type)) {
		item->b = (uint8_t)table;
		item->value = type;
	}
}

/* SYSCALL id, or SYSCALL id, argument; all arguments are 0. */
static void check_service(asm_state *as, asm_item *item)
{
	int64_t argument;
	if (item->exprs > 1)
		asm_eval_constant(as, item->expr + 1, 0, 0, "the argument", &argument);
	if (!vsp_syscall_find(item->value))
		asm_error(as, as->exprs[item->expr].span, NULL, "there is no SYSCALL %lld", (long long)item->value);
}

static void check_item(asm_state *as, const asm_func *func, asm_item *item)
{
	vsp_operand o = vsp_form_immediate((vsp_form)item->forms[item->choice]);
	if (func->kind == VSP_KIND_KERNEL && !vsp_forms[item->forms[item->choice]].kernel)
		asm_error(as, item->span, NULL, "%s is not allowed in a kernel", mnemonic(item));
	if (item->flags & ASM_ITEM_BAD)
		return;
	switch (vsp_operands[o].sense) {
	case VSP_SENSE_NONE: return;
	case VSP_SENSE_TABLE: check_table(as, func, item); return;
	case VSP_SENSE_TARGET: check_target(as, func, item->expr, item->value); return;
	case VSP_SENSE_FUNCTION: check_callee(as, item, VSP_KIND_FUNCTION); return;
	case VSP_SENSE_TRANSFORM: check_callee(as, item, VSP_KIND_TRANSFORM); return;
	case VSP_SENSE_KERNEL: check_callee(as, item, VSP_KIND_KERNEL); return;
	case VSP_SENSE_PARAMS:
	case VSP_SENSE_RESULTS: check_counts(as, item); return;
	case VSP_SENSE_SYSCALL: check_service(as, item); return;
	case VSP_SENSE_IMPORT:
		if (item->value < 0 || item->value >= as->import_count)
			asm_error(as, as->exprs[item->expr].span, NULL, "there is no import %lld, the module has %u",
			        (long long)item->value, as->import_count);
		return;
	case VSP_SENSE_TYPE: check_table_call(as, item); return;
	case VSP_SENSE_ELEMENTS: return; /* has no immediate */
	case VSP_SENSE_SLOT:
	case VSP_SENSE_GLOBAL:
	case VSP_SENSE_VALUE:
		if (item->exprs)
			check_range(as, item, item->expr, o, item->value);
		return;
	}
}

/* Execution must not continue after the last instruction. */
static void check_end(asm_state *as, const asm_func *func)
{
	if (func->failed)
		return;
	if (!func->item_count) {
		asm_error(as, func->span, NULL, "%s '%s' is empty", kind_phrase(func->kind) + 2, func->name);
		return;
	}
	const asm_item *last = &func->items[func->item_count - 1];
	uint16_t form = last->flags & ASM_ITEM_ALIGN ? (uint16_t)VSP_I_NOP : last->forms[last->choice];
	uint32_t effects = vsp_forms[form].effects;
	bool ends = (effects & VSP_FX_NOFALL) && !(form == VSP_I_CALL);
	if (!ends)
		asm_error(as, last->span, NULL,
		        "'%s' runs off its end here; the last instruction must be HLT, RET, JMP or TRAP", func->name);
}

void asm_check_items(asm_state *as)
{
	for (uint32_t f = 0; f < as->func_count; f++) {
		asm_func *func = &as->funcs[f];
		if (f == 0 && !func->item_count)
			continue;
		for (uint32_t i = 0; i < func->item_count; i++)
			if (!(func->items[i].flags & ASM_ITEM_ALIGN))
				check_item(as, func, &func->items[i]);
		check_end(as, func);
	}
}
