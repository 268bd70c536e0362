/*
 * Typing the code of functions: the locals, and the rule of each instruction that has one of its
 * own; all others take and leave what opcodes.def says.
 */
#include "code.h"

#include <inttypes.h>
#include <string.h>

#include "immediates.h"
#include "runtime/base/alloc.h"
#include "names.h"
#include "typing.h"

/* ---- locals ---- */

static bool add_locals(wasm_code *c, uint64_t count, uint8_t type)
{
	if (c->r.status != VSP_OK || !count)
		return c->r.status == VSP_OK;
	if (c->local_count + count > WASM_MAX_LOCALS)
		return wasm_fail(&c->r, wasm_offset(&c->r), "there are more than %d locals", WASM_MAX_LOCALS);
	c->local_count += (uint32_t)count;
	if (c->group_count && c->locals[c->group_count - 1].type == type) {
		c->locals[c->group_count - 1].end = c->local_count;
		return true;
	}
	if (c->group_count == c->group_room) {
		uint32_t room = c->group_room ? c->group_room * 2 : 16;
		wasm_locals *moved = vsp_realloc(c->locals, room, sizeof *moved);
		if (!moved)
			return wasm_no_memory(&c->r);
		c->locals = moved;
		c->group_room = room;
	}
	c->locals[c->group_count++] = (wasm_locals){c->local_count, type};
	return true;
}

static void read_locals(wasm_code *c, const wasm_type *type)
{
	c->group_count = c->local_count = 0;
	for (uint32_t i = 0; i < type->param_count; i++)
		add_locals(c, 1, type->params[i]);
	for (uint32_t groups = wasm_count(&c->r, 2); groups && c->r.status == VSP_OK; groups--) {
		uint32_t count = wasm_u32(&c->r);
		add_locals(c, count, wasm_read_value_type(&c->r));
	}
}

static uint8_t local_type(const wasm_code *c, uint32_t local)
{
	uint32_t low = 0, high = c->group_count;
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		if (c->locals[middle].end <= local)
			low = middle + 1;
		else
			high = middle;
	}
	return c->locals[low].type;
}

/* ---- blocks and branches ---- */

/* What a branch to the block takes along. */
static const uint8_t *label_types(const wasm_block *block, uint32_t *count)
{
	bool loop = block->code == WASM_LOOP;
	*count = loop ? block->type.param_count : block->type.result_count;
	return loop ? block->type.params : block->type.results;
}

static const wasm_block *find_label(wasm_code *c, uint64_t offset, uint32_t depth)
{
	if (depth < c->depth)
		return &c->blocks[c->depth - 1 - depth];
	wasm_fail(&c->r, offset, "unknown label %" PRIu32, depth);
	return &c->blocks[0];
}

static void type_block(wasm_code *c, const wasm_insn *insn)
{
	if (insn->code == WASM_IF)
		wasm_pop_type(c, WASM_I32);
	wasm_pop_types(c, insn->block.params, insn->block.param_count);
	wasm_push_block(c, insn->code, insn->block);
	wasm_push_types(c, insn->block.params, insn->block.param_count);
}

static void type_else(wasm_code *c, const wasm_insn *insn)
{
	wasm_block block = *wasm_top(c);
	if (block.code != WASM_IF) {
		wasm_fail(&c->r, insn->offset, "else without an if");
		return;
	}
	wasm_pop_block(c);
	wasm_push_block(c, WASM_ELSE, block.type);
	wasm_push_types(c, block.type.params, block.type.param_count);
}

static void type_end(wasm_code *c)
{
	wasm_block block = *wasm_top(c);
	const wasm_type *t = &block.type;
	wasm_pop_block(c);
	if (block.code == WASM_IF && (t->param_count != t->result_count ||
	                                     (t->param_count && memcmp(t->params, t->results, t->param_count) != 0)))
		wasm_fail(&c->r, wasm_offset(&c->r),
		        "type mismatch: an if without else leaves other types than it takes");
	if (c->depth)
		wasm_push_types(c, t->results, t->result_count);
	else if (c->r.status == VSP_OK && c->r.at != c->r.end)
		wasm_fail(&c->r, wasm_offset(&c->r), "there are bytes behind the function's end");
}

static void type_branch(wasm_code *c, const wasm_insn *insn)
{
	uint32_t count;
	if (insn->code == WASM_BR_IF)
		wasm_pop_type(c, WASM_I32);
	const uint8_t *types = label_types(find_label(c, insn->offset, insn->index), &count);
	wasm_pop_types(c, types, count);
	if (insn->code == WASM_BR_IF)
		wasm_push_types(c, types, count);
	else
		wasm_set_unreachable(c);
}

static void type_br_table(wasm_code *c, const wasm_insn *insn)
{
	const uint8_t *at = insn->labels, *last = NULL;
	uint32_t arity = 0, count;
	wasm_pop_type(c, WASM_I32);
	for (uint64_t i = 0; i <= insn->label_count && c->r.status == VSP_OK; i++) {
		const uint8_t *types = label_types(find_label(c, insn->offset, wasm_label_next(&at)), &count);
		if (i && count != arity)
			wasm_fail(&c->r, insn->offset,
			        "type mismatch: the labels of br_table take different numbers of operands");
		else if (!i || types != last) /* the same list need not be compared again */
			wasm_check_types(c, types, count);
		arity = count;
		last = types;
	}
	wasm_set_unreachable(c);
}

/* ---- calls ---- */

static void type_call(wasm_code *c, const wasm_type *type)
{
	wasm_pop_types(c, type->params, type->param_count);
	wasm_push_types(c, type->results, type->result_count);
}

static void need_table_type(wasm_code *c, const wasm_insn *insn, uint8_t type, uint8_t needed)
{
	if (type != needed)
		wasm_fail(&c->r, insn->offset, "type mismatch: the table or segment has %s, not %s",
		        wasm_type_name(type), wasm_type_name(needed));
}

static void type_call_indirect(wasm_code *c, const wasm_insn *insn)
{
	need_table_type(c, insn, c->m->tables[insn->other].type, WASM_FUNCREF);
	wasm_pop_type(c, WASM_I32);
	type_call(c, &c->m->types[insn->index]);
}

/* ---- operands of any type ---- */

static void type_select(wasm_code *c)
{
	wasm_pop_type(c, WASM_I32);
	uint8_t b = wasm_pop(c), a = wasm_pop(c);
	if (wasm_is_reference(a) || wasm_is_reference(b))
		wasm_fail(&c->r, wasm_offset(&c->r), "type mismatch: select without a type cannot choose references");
	else if (a != b && a != WASM_ANY && b != WASM_ANY)
		wasm_mismatch(c, b, a);
	wasm_push(c, a != WASM_ANY ? a : b);
}

static void type_typed_select(wasm_code *c, uint8_t type)
{
	wasm_pop_type(c, WASM_I32);
	wasm_pop_type(c, type);
	wasm_pop_type(c, type);
	wasm_push(c, type);
}

static void type_is_null(wasm_code *c)
{
	uint8_t type = wasm_pop(c);
	if (type != WASM_ANY && !wasm_is_reference(type))
		wasm_mismatch(c, type, WASM_FUNCREF);
	wasm_push(c, WASM_I32);
}

static void type_ref_func(wasm_code *c, const wasm_insn *insn)
{
	if (!c->m->funcs[insn->index].declared)
		wasm_fail(&c->r, insn->offset, "undeclared function reference: function %" PRIu32 " is in no segment",
		        insn->index);
	wasm_push(c, WASM_FUNCREF);
}

static void type_local(wasm_code *c, const wasm_insn *insn)
{
	uint8_t type = local_type(c, insn->index);
	if (insn->code != WASM_LOCAL_GET)
		wasm_pop_type(c, type);
	if (insn->code != WASM_LOCAL_SET)
		wasm_push(c, type);
}

static void type_global(wasm_code *c, const wasm_insn *insn)
{
	const wasm_global *g = &c->m->globals[insn->index];
	if (insn->code == WASM_GLOBAL_GET) {
		wasm_push(c, g->type);
		return;
	}
	if (!g->is_mutable)
		wasm_fail(&c->r, insn->offset, "global %" PRIu32 " is immutable", insn->index);
	wasm_pop_type(c, g->type);
}

static void type_table(wasm_code *c, const wasm_insn *insn)
{
	uint8_t type = c->m->tables[insn->index].type;
	c->m->tables[insn->index].stored = true;
	switch (insn->code) {
	case WASM_TABLE_GET:
		wasm_pop_type(c, WASM_I32);
		wasm_push(c, type);
		break;
	case WASM_TABLE_SET:
		wasm_pop_type(c, type);
		wasm_pop_type(c, WASM_I32);
		break;
	case WASM_TABLE_GROW:
		c->m->tables[insn->index].grown = true;
		wasm_pop_type(c, WASM_I32);
		wasm_pop_type(c, type);
		wasm_push(c, WASM_I32);
		break;
	case WASM_TABLE_FILL:
		wasm_pop_type(c, WASM_I32);
		wasm_pop_type(c, type);
		wasm_pop_type(c, WASM_I32);
		break;
	default:
		c->m->tables[insn->other].stored = true;
		need_table_type(c, insn, c->m->tables[insn->other].type, type);
		wasm_pop_letters(c, "iii");
		break;
	}
}

/* ---- all of them ---- */

static void type_special(wasm_code *c, const wasm_insn *insn)
{
	switch (insn->code) {
	case WASM_NOP: break;
	case WASM_UNREACHABLE: wasm_set_unreachable(c); break;
	case WASM_BLOCK:
	case WASM_LOOP:
	case WASM_IF: type_block(c, insn); break;
	case WASM_ELSE: type_else(c, insn); break;
	case WASM_END: type_end(c); break;
	case WASM_BR:
	case WASM_BR_IF: type_branch(c, insn); break;
	case WASM_BR_TABLE: type_br_table(c, insn); break;
	case WASM_RETURN:
		wasm_pop_types(c, c->blocks[0].type.results, c->blocks[0].type.result_count);
		wasm_set_unreachable(c);
		break;
	case WASM_CALL: type_call(c, &c->m->types[c->m->funcs[insn->index].type]); break;
	case WASM_CALL_INDIRECT: type_call_indirect(c, insn); break;
	case WASM_DROP: wasm_pop(c); break;
	case WASM_SELECT: type_select(c); break;
	case WASM_SELECT_T: type_typed_select(c, (uint8_t)insn->index); break;
	case WASM_LOCAL_GET:
	case WASM_LOCAL_SET:
	case WASM_LOCAL_TEE: type_local(c, insn); break;
	case WASM_GLOBAL_GET:
	case WASM_GLOBAL_SET: type_global(c, insn); break;
	case WASM_REF_NULL: wasm_push(c, (uint8_t)insn->index); break;
	case WASM_REF_IS_NULL: type_is_null(c); break;
	case WASM_REF_FUNC: type_ref_func(c, insn); break;
	default: type_table(c, insn); break;
	}
}

/* What code does with segments, with the tables that they fill, and with the size of memory. */
static void note_uses(wasm_code *c, const wasm_insn *insn)
{
	const wasm_module *m = c->m;
	switch (insn->code) {
	case WASM_TABLE_INIT:
		need_table_type(c, insn, m->elems[insn->index].type, m->tables[insn->other].type);
		m->tables[insn->other].stored = m->elems[insn->index].used = true;
		break;
	case WASM_ELEM_DROP: m->elems[insn->index].dropped = true; break;
	case WASM_MEMORY_INIT: m->datas[insn->index].used = true; break;
	case WASM_DATA_DROP: m->datas[insn->index].dropped = true; break;
	case WASM_MEMORY_GROW: c->grows = true; break;
	default: break;
	}
}

bool wasm_code_open(wasm_code *c, const wasm_module *m, uint32_t func, vsp_error *error)
{
	const wasm_func *f = &m->funcs[func];
	const wasm_type *type = &m->types[f->type];
	c->m = m;
	c->func = func;
	c->depth = c->height = 0;
	c->r = (wasm_reader){.at = f->body, .end = f->body_end, .start = m->bytes, .error = error};
	wasm_name_function(m, &c->r, func);
	read_locals(c, type);
	wasm_push_block(c, WASM_BLOCK, (wasm_type){.results = type->results, .result_count = type->result_count});
	return c->r.status == VSP_OK;
}

bool wasm_code_next(wasm_code *c, wasm_insn *insn)
{
	if (!c->depth || !wasm_decode(c, insn))
		return false;
	const wasm_opcode *info = &wasm_opcodes[insn->code];
	note_uses(c, insn);
	if (*info->params == '*') {
		type_special(c, insn);
	} else {
		wasm_pop_letters(c, info->params);
		wasm_push_letters(c, info->results);
	}
	return c->r.status == VSP_OK;
}

void wasm_code_close(wasm_code *c)
{
	vsp_free_memory(c->operands);
	vsp_free_memory(c->blocks);
	vsp_free_memory(c->locals);
	*c = (wasm_code){.depth = 0};
}

vsp_status wasm_validate_code(wasm_module *m, vsp_error *error)
{
	wasm_code c = {.depth = 0};
	wasm_insn insn;
	vsp_status status = VSP_OK;
	for (uint32_t f = m->imported_funcs; f < m->func_count && status == VSP_OK; f++) {
		if (wasm_code_open(&c, m, f, error))
			while (wasm_code_next(&c, &insn))
				;
		status = c.r.status;
	}
	m->memory_grown = c.grows;
	wasm_code_close(&c);
	return status;
}
