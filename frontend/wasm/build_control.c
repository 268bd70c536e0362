/*
 * Blocks, branches and traps of the translation.
 *
 * The results of a block that is branched to have registers of their own, into which every way to
 * its end moves them; so have the parameters of a loop. Code that is not reached is left out.
 */
#include "build.h"

#include "runtime/base/alloc.h"

static build_block *top_block(build *b) { return &b->blocks[b->depth - 1]; }

static build_block *push_block(build *b, const wasm_insn *insn)
{
	if (b->depth == b->block_room) {
		uint32_t room = b->block_room ? b->block_room * 2 : 64;
		build_block *moved = vsp_realloc(b->blocks, room, sizeof *moved);
		if (!moved) {
			b->ir->no_memory = true;
			return NULL;
		}
		b->blocks = moved;
		b->block_room = room;
	}
	build_block *block = &b->blocks[b->depth++];
	*block = (build_block){.code = (uint16_t)insn->code,
	        .entered = b->live,
	        .params = insn->block.param_count,
	        .results = insn->block.result_count,
	        .result_regs = IR_NO_REG,
	        .serial = ++b->last_serial,
	        .height = b->height - (b->live ? insn->block.param_count : 0)};
	return block;
}

/* count registers in a row. */
static uint32_t new_regs(build *b, uint32_t count)
{
	uint32_t first = b->ir->reg_count;
	for (uint32_t i = 0; i < count; i++)
		ir_new_reg(b->ir, IR_HOME);
	return first;
}

static uint32_t block_label(build *b, build_block *block)
{
	if (!block->label_used)
		block->label = ir_new_label(b->ir);
	block->label_used = true;
	return block->label;
}

static bool is_function(const build *b, const build_block *block) { return block == b->blocks; }

static uint32_t label_arity(const build_block *block)
{
	return block->code == WASM_LOOP ? block->params : block->results;
}

/* ---- values along branches ---- */

static bool is_among(const build_value *value, uint32_t first, uint32_t count)
{
	return value->kind == VALUE_REG && value->reg - first < count;
}

/* Moves the count values on top into registers from first on. Some may be such registers already,
   in other places: then all of these go through temporary ones. The values themselves stay as they
   are, since code that does not take the branch goes on with them. */
static void move_values(build *b, uint32_t first, uint32_t count)
{
	const build_value *values = b->values + b->height - count;
	bool overlap = false;
	for (uint32_t i = 0; i < count; i++)
		overlap |= is_among(values + i, first, count) && values[i].reg != first + i;
	uint32_t temp = b->ir->reg_count; /* they have numbers in a row */
	for (uint32_t i = 0; i < count && overlap; i++)
		if (is_among(values + i, first, count))
			build_move(b, build_temp(b), values[i]);
	for (uint32_t i = 0; i < count; i++) {
		build_value from = values[i];
		if (overlap && is_among(&from, first, count))
			from.reg = temp++;
		build_move(b, first + i, from);
	}
}

static void move_to_label(build *b, build_block *block)
{
	uint32_t count = label_arity(block);
	if (!count || b->height < count)
		return;
	if (block->code != WASM_LOOP && block->result_regs == IR_NO_REG)
		block->result_regs = new_regs(b, count);
	move_values(b, block->code == WASM_LOOP ? block->param_regs : block->result_regs, count);
}

static void go_to_block(build *b, build_block *block)
{
	if (is_function(b, block)) {
		build_return(b);
		return;
	}
	move_to_label(b, block);
	build_jump(b, block_label(b, block));
}

/* The label for a branch that has nothing to move, or IR_NO_REG. */
static uint32_t direct_label(build *b, build_block *block)
{
	if (label_arity(block))
		return IR_NO_REG;
	if (!is_function(b, block))
		return block_label(b, block);
	if (b->return_label == IR_NO_REG)
		b->return_label = ir_new_label(b->ir);
	return b->return_label;
}

/* ---- blocks ---- */

/* Keeps the parameters of an if for its else. */
static void save_params(build *b, build_block *block)
{
	block->saved = b->saved_count;
	uint64_t needed = (uint64_t)b->saved_count + block->params;
	if (needed > IR_MAX_INSNS) { /* the moves of so many would be too large too */
		b->ir->too_large = true;
		return;
	}
	if (needed > b->saved_room) {
		build_value *moved = vsp_realloc(b->saved, (size_t)needed * 2, sizeof *moved);
		if (!moved) {
			b->ir->no_memory = true;
			return;
		}
		b->saved = moved;
		b->saved_room = (uint32_t)needed * 2;
	}
	for (uint32_t i = 0; i < block->params; i++)
		b->saved[b->saved_count++] = b->values[block->height + i];
}

static void restore_params(build *b, const build_block *block)
{
	build_drop(b, block->height);
	for (uint32_t i = 0; i < block->params; i++)
		build_push(b, b->saved[block->saved + i]);
	b->unflushed = b->height;
}

static void push_regs(build *b, uint32_t first, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++)
		build_push_reg(b, first + i);
}

static void begin_loop(build *b, build_block *block)
{
	block->param_regs = new_regs(b, block->params);
	move_values(b, block->param_regs, block->params);
	build_drop(b, block->height);
	push_regs(b, block->param_regs, block->params);
	b->loop_depth++;
	block->start = b->ir->count;
	build_label(b, block_label(b, block));
}

static void begin_block(build *b, const wasm_insn *insn)
{
	build_test test = {0};
	if (b->live && insn->code == WASM_IF)
		test = build_take_test(b, build_pop(b));
	if (b->live)
		build_flush(b);
	build_block *block = push_block(b, insn);
	if (!b->live || !block || ir_failed(b->ir))
		return;
	if (insn->code == WASM_LOOP)
		begin_loop(b, block);
	if (insn->code != WASM_IF)
		return;
	save_params(b, block);
	block->else_label = ir_new_label(b->ir);
	build_branch(b, test, false, block->else_label);
}

static void begin_else(build *b)
{
	build_block *block = top_block(b);
	if (!block->entered)
		return;
	if (b->live) {
		move_to_label(b, block);
		build_jump(b, block_label(b, block));
	}
	block->code = WASM_ELSE;
	block->serial = ++b->last_serial;
	restore_params(b, block);
	build_label(b, block->else_label);
	b->live = true;
}

static void end_loop(build *b, const build_block *block)
{
	b->loop_depth--;
	if (!b->loop_depth && b->ir->count)
		ir_add_loop(b->ir, block->start, b->ir->count - 1);
}

static void end_block(build *b)
{
	if (top_block(b)->entered && top_block(b)->code == WASM_IF)
		begin_else(b); /* an empty one */
	build_block *block = top_block(b);
	if (is_function(b, block)) {
		if (b->live)
			build_return(b);
		b->live = false;
	} else if (block->entered && block->code == WASM_LOOP) {
		end_loop(b, block);
	} else if (block->entered && block->label_used) {
		if (b->live)
			move_to_label(b, block);
		build_label(b, block->label);
		build_drop(b, block->height);
		push_regs(b, block->result_regs, block->results);
		b->live = true;
	}
	if (block->code == WASM_ELSE)
		b->saved_count = block->saved;
	if (!b->live)
		build_drop(b, block->height);
	if (b->unflushed > block->height)
		b->unflushed = block->height;
	b->depth--;
}

/* ---- branches ---- */

static build_block *find_block(build *b, uint32_t depth) { return &b->blocks[b->depth - 1 - depth]; }

static void branch_if(build *b, uint32_t depth)
{
	build_test test = build_take_test(b, build_pop(b));
	build_block *block = find_block(b, depth);
	uint32_t label = direct_label(b, block);
	if (label != IR_NO_REG) {
		build_branch(b, test, true, label);
		return;
	}
	uint32_t past = ir_new_label(b->ir);
	build_branch(b, test, false, past);
	go_to_block(b, block);
	build_label(b, past);
}

/* The label for a target of br_table: the block's, or one of instructions that move values
   first. */
static uint32_t table_label(build *b, uint32_t depth)
{
	build_block *block = find_block(b, depth);
	uint32_t label = direct_label(b, block);
	if (label != IR_NO_REG)
		return label;
	if (block->stub_round != b->table_round)
		block->stub = ir_new_label(b->ir);
	block->stub_round = b->table_round;
	return block->stub;
}

/* The instructions of such labels. */
static void add_stubs(build *b, const wasm_insn *insn)
{
	const uint8_t *at = insn->labels;
	for (uint64_t i = 0; i <= insn->label_count; i++) {
		build_block *block = find_block(b, wasm_label_next(&at));
		if (block->stub_round != b->table_round || ir_failed(b->ir))
			continue;
		block->stub_round = 0;
		build_label(b, block->stub);
		go_to_block(b, block);
	}
}

static void branch_table(build *b, const wasm_insn *insn)
{
	const uint8_t *at = insn->labels;
	uint32_t reg = build_pop_reg(b);
	b->table_round++;
	for (uint32_t left = insn->label_count; left;) {
		uint32_t count = left < UINT16_MAX ? left : UINT16_MAX, first = b->ir->list_count;
		for (uint32_t i = 0; i < count; i++)
			ir_add_list(b->ir, table_label(b, wasm_label_next(&at)));
		build_insn(b, VSP_I_BRTAB, reg, first, 0, count);
		left -= count;
		uint32_t rest = left ? build_temp(b) : reg;
		if (left)
			build_insn(b, VSP_I_ADDI_32, rest, reg, 0, -(int64_t)count);
		reg = rest;
	}
	build_jump(b, table_label(b, wasm_label_next(&at)));
	add_stubs(b, insn);
}

/* ---- the end of functions ---- */

void build_tails(build *b)
{
	if (b->return_label != IR_NO_REG) {
		build_label(b, b->return_label);
		build_insn(b, IR_RETURN, 0, 0, 0, 0);
	}
	build_traps(b);
}

void build_control(build *b, const wasm_insn *insn)
{
	switch (insn->code) {
	case WASM_BLOCK:
	case WASM_LOOP:
	case WASM_IF: begin_block(b, insn); return;
	case WASM_ELSE: begin_else(b); return;
	case WASM_END: end_block(b); return;
	case WASM_BR_IF: branch_if(b, insn->index); return;
	case WASM_BR: go_to_block(b, find_block(b, insn->index)); break;
	case WASM_BR_TABLE: branch_table(b, insn); break;
	case WASM_RETURN: build_return(b); break;
	default: build_insn(b, VSP_I_TRAP, 0, 0, 0, WASM_TRAP_UNREACHABLE); break;
	}
	b->live = false;
}
