/*
 * Tables and references. A table whose entries code reads or changes is in linear memory, where the
 * program's own accesses do not reach, with 8 bytes for an entry; its index is checked here.
 */
#include "build.h"

enum { ENTRY_BITS = 3 };

static const wasm_table_place *table_of(const build *b, uint32_t index)
{
	return &b->plan->program->tables[b->plan->table_index[index]];
}

static uint32_t extended(build *b, uint32_t reg)
{
	uint32_t wide = build_temp(b);
	build_insn(b, VSP_I_ZEXT32, wide, reg, 0, 0);
	return wide;
}

static uint32_t table_size(build *b, const wasm_table_place *t)
{
	uint32_t size = build_temp(b);
	if (t->size_cell == WASM_NO_INDEX)
		build_insn(b, VSP_I_MOVI_64, size, 0, 0, t->limits.min);
	else
		build_insn(b, VSP_I_GGET, size, 0, 0, t->size_cell);
	return size;
}

/* The offset of an entry whose index, of 64 bits, was checked. */
static uint32_t scaled(build *b, uint32_t wide)
{
	uint32_t offset = build_temp(b);
	build_insn(b, VSP_I_SHLI, offset, wide, 0, ENTRY_BITS);
	return offset;
}

static uint32_t entry_address(build *b, uint32_t wide, uint32_t first)
{
	uint32_t address = build_temp(b), base = build_temp(b);
	build_insn(b, VSP_I_MOVI_64, base, 0, 0, first);
	build_insn(b, VSP_I_ADD, address, scaled(b, wide), base, 0);
	return address;
}

/* The index extended to 64 bits, which is below the table's size. */
static uint32_t checked_index(build *b, const wasm_table_place *t, uint32_t index)
{
	uint32_t wide = extended(b, index);
	build_insn(b, VSP_I_BGEU, wide, table_size(b, t), 0, build_trap_label(b, WASM_TRAP_TABLE));
	return wide;
}

/* The same for count entries from index on; count has 64 bits. */
static uint32_t checked_range(build *b, const wasm_table_place *t, uint32_t index, uint32_t count)
{
	uint32_t wide = extended(b, index), end = build_temp(b);
	build_insn(b, VSP_I_ADD, end, wide, count, 0);
	build_insn(b, VSP_I_BLTU, table_size(b, t), end, 0, build_trap_label(b, WASM_TRAP_TABLE));
	return wide;
}

/* ---- single entries ---- */

static void table_get(build *b, const wasm_table_place *t)
{
	uint32_t offset = scaled(b, checked_index(b, t, build_pop_reg(b))), reg = build_temp(b);
	build_insn(b, VSP_I_LOAD_D, reg, offset, 0, t->address);
	build_push_reg(b, reg);
}

static void table_set(build *b, const wasm_table_place *t)
{
	uint32_t value = build_pop_reg(b), index = build_pop_reg(b);
	build_insn(b, VSP_I_STORE_D, value, scaled(b, checked_index(b, t, index)), 0, t->address);
}

/* The reference in an entry; -1, which no function has, where there is no entry. */
uint32_t build_table_entry(build *b, uint32_t table, uint32_t index)
{
	const wasm_table_place *t = table_of(b, table);
	uint32_t reg = ir_new_reg(b->ir, IR_HOME), wide = extended(b, index), past = ir_new_label(b->ir);
	build_insn(b, VSP_I_MOVI_64, reg, 0, 0, -1);
	build_insn(b, VSP_I_BGEU, wide, table_size(b, t), 0, past);
	build_insn(b, VSP_I_LOAD_D, reg, scaled(b, wide), 0, t->address);
	build_label(b, past);
	return reg;
}

/* ---- ranges ---- */

/* Puts value into count entries from wide on, which is no longer an index afterwards. */
static void fill(build *b, const wasm_table_place *t, uint32_t wide, uint32_t value, uint32_t count)
{
	uint32_t at = ir_new_reg(b->ir, IR_HOME), end = ir_new_reg(b->ir, IR_HOME), again = ir_new_label(b->ir),
	         past = ir_new_label(b->ir);
	uint32_t first = scaled(b, wide), bytes = scaled(b, count);
	build_insn(b, VSP_I_ADD, end, first, bytes, 0);
	build_insn(b, VSP_I_MOV, at, scaled(b, wide), 0, 0);
	uint32_t start = b->ir->count;
	b->loop_depth++;
	build_label(b, again);
	build_insn(b, VSP_I_BGEU, at, end, 0, past);
	build_insn(b, VSP_I_STORE_D, value, at, 0, t->address);
	build_insn(b, VSP_I_ADDI_8, at, at, 0, WASM_ENTRY_BYTES);
	build_jump(b, again);
	b->loop_depth--;
	if (!b->loop_depth && b->ir->count)
		ir_add_loop(b->ir, start, b->ir->count - 1);
	build_label(b, past);
}

/* A register of its own: a value that a loop uses lives as long as the loop. */
static uint32_t kept(build *b, uint32_t from)
{
	uint32_t reg = ir_new_reg(b->ir, IR_HOME);
	build_insn(b, VSP_I_MOV, reg, from, 0, 0);
	return reg;
}

static void table_fill(build *b, const wasm_table_place *t)
{
	uint32_t count = extended(b, build_pop_reg(b)), value = kept(b, build_pop_reg(b)), index = build_pop_reg(b);
	fill(b, t, checked_range(b, t, index, count), value, count);
}

static void table_grow(build *b, const wasm_table_place *t)
{
	uint32_t count = extended(b, build_pop_reg(b)), value = kept(b, build_pop_reg(b));
	uint32_t reg = ir_new_reg(b->ir, IR_HOME), grown = build_temp(b), most = build_temp(b),
	         old = kept(b, table_size(b, t)), past = ir_new_label(b->ir);
	build_insn(b, VSP_I_ADD, grown, old, count, 0);
	build_insn(b, VSP_I_MOVI_64, most, 0, 0, t->most);
	build_insn(b, VSP_I_MOVI_64, reg, 0, 0, -1);
	build_insn(b, VSP_I_BLTU, most, grown, 0, past);
	build_insn(b, VSP_I_GSET, grown, 0, 0, t->size_cell);
	build_insn(b, VSP_I_MOV, reg, old, 0, 0);
	fill(b, t, old, value, count);
	build_label(b, past);
	build_push_reg(b, reg);
}

/* Moves count entries, which may overlap, between places that were checked. */
static void move(build *b, uint32_t to, uint32_t to_first, uint32_t from, uint32_t from_first, uint32_t count)
{
	uint32_t target = entry_address(b, to, to_first), source = entry_address(b, from, from_first);
	build_insn(b, VSP_I_MEMCPY, target, source, scaled(b, count), 0);
}

static void table_copy(build *b, const wasm_table_place *to, const wasm_table_place *from)
{
	uint32_t count = extended(b, build_pop_reg(b)), source = build_pop_reg(b), target = build_pop_reg(b);
	source = checked_range(b, from, source, count);
	target = checked_range(b, to, target, count);
	move(b, target, to->address, source, from->address, count);
}

void build_table_init(build *b, uint32_t table, uint32_t elem, uint32_t size)
{
	const wasm_segment_place *s = &b->plan->elems[elem];
	const wasm_table_place *t = table_of(b, table);
	uint32_t count = extended(b, build_pop_reg(b)), source = build_pop_reg(b), target = build_pop_reg(b);
	source = build_segment(b, s, size, source, count, WASM_TRAP_TABLE);
	target = checked_range(b, t, target, count);
	if (s->stored)
		move(b, target, t->address, source, s->address, count);
}

void build_check_table(build *b, uint32_t table, uint32_t entries)
{
	uint32_t least = build_temp(b), size = table_size(b, table_of(b, table));
	build_insn(b, VSP_I_MOVI_64, least, 0, 0, entries);
	build_insn(b, VSP_I_BLTU, size, least, 0, build_trap_label(b, WASM_TRAP_LINK));
}

/* ---- references ---- */

void build_table(build *b, const wasm_insn *insn)
{
	switch (insn->code) {
	case WASM_REF_NULL: build_push_const(b, 0); break;
	case WASM_REF_FUNC: build_push_const(b, b->plan->ref_index[insn->index]); break;
	case WASM_TABLE_GET: table_get(b, table_of(b, insn->index)); break;
	case WASM_TABLE_SET: table_set(b, table_of(b, insn->index)); break;
	case WASM_TABLE_SIZE: build_push_reg(b, table_size(b, table_of(b, insn->index))); break;
	case WASM_TABLE_GROW: table_grow(b, table_of(b, insn->index)); break;
	case WASM_TABLE_FILL: table_fill(b, table_of(b, insn->index)); break;
	case WASM_TABLE_COPY: table_copy(b, table_of(b, insn->index), table_of(b, insn->other)); break;
	case WASM_TABLE_INIT: build_table_init(b, insn->other, insn->index, WASM_NO_INDEX); break;
	default: build_drop_segment(b, &b->plan->elems[insn->index]); break;
	}
}
