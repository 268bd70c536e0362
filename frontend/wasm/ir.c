/*
 * The intermediate code of one function as growing arrays, see ir.h.
 */
#include "ir.h"

#include "runtime/base/alloc.h"

void ir_clear(ir_code *code)
{
	code->count = code->list_count = code->constant_count = code->reg_count = code->loop_count = 0;
	code->label_count = code->slot_count = code->line = 0;
	code->too_large = code->no_memory = false;
}

void ir_free(ir_code *code)
{
	vsp_free_memory(code->insns);
	vsp_free_memory(code->lists);
	vsp_free_memory(code->constants);
	vsp_free_memory(code->kinds);
	vsp_free_memory(code->loops);
	*code = (ir_code){.count = 0};
}

/* The array with room for one more, moved or not; null: none, which code notes. */
static void *grow(ir_code *code, void *array, uint32_t count, uint32_t *room, size_t size)
{
	if (count < *room)
		return array;
	if (count >= 4u * IR_MAX_INSNS) {
		code->too_large = true;
		return NULL;
	}
	uint32_t wanted = *room ? *room * 2 : 64;
	void *moved = vsp_realloc(array, wanted, size);
	if (!moved) {
		code->no_memory = true;
		return NULL;
	}
	*room = wanted;
	return moved;
}

uint32_t ir_new_reg(ir_code *code, ir_reg_kind kind)
{
	uint8_t *moved = grow(code, code->kinds, code->reg_count, &code->reg_room, 1);
	if (!moved)
		return 0;
	code->kinds = moved;
	code->kinds[code->reg_count] = (uint8_t)kind;
	return code->reg_count++;
}

uint32_t ir_new_label(ir_code *code) { return code->label_count++; }

void ir_add(ir_code *code, ir_insn insn)
{
	if (code->count >= IR_MAX_INSNS)
		code->too_large = true;
	ir_insn *moved = ir_failed(code) ? NULL : grow(code, code->insns, code->count, &code->room, sizeof *moved);
	if (!moved)
		return;
	code->insns = moved;
	if (!insn.line)
		insn.line = code->line;
	code->insns[code->count++] = insn;
}

uint32_t ir_add_list(ir_code *code, uint32_t item)
{
	uint32_t *moved = grow(code, code->lists, code->list_count, &code->list_room, sizeof *moved);
	if (!moved)
		return 0;
	code->lists = moved;
	code->lists[code->list_count] = item;
	return code->list_count++;
}

uint32_t ir_add_constant(ir_code *code, int64_t value)
{
	int64_t *moved = grow(code, code->constants, code->constant_count, &code->constant_room, sizeof *moved);
	if (!moved)
		return IR_CONSTANT;
	code->constants = moved;
	code->constants[code->constant_count] = value;
	return IR_CONSTANT | code->constant_count++;
}

void ir_add_loop(ir_code *code, uint32_t first, uint32_t last)
{
	ir_loop *moved = grow(code, code->loops, code->loop_count, &code->loop_room, sizeof *moved);
	if (!moved)
		return;
	code->loops = moved;
	code->loops[code->loop_count++] = (ir_loop){first, last};
}

uint8_t ir_form_reads(uint16_t form)
{
	uint8_t fields = 0;
	for (int i = 0; form < VSP_FORMS && i < 4; i++)
		if (vsp_operands[vsp_forms[form].operands[i]].reads)
			fields |= vsp_operands[vsp_forms[form].operands[i]].fields;
	return fields;
}

uint8_t ir_form_writes(uint16_t form)
{
	uint8_t fields = 0;
	for (int i = 0; form < VSP_FORMS && i < 4; i++)
		if (vsp_operands[vsp_forms[form].operands[i]].writes)
			fields |= vsp_operands[vsp_forms[form].operands[i]].fields;
	return fields;
}
