/*
 * Accesses to memory, its size, and its bulk instructions.
 */
#include "build.h"

/* ---- single accesses ---- */

static uint32_t extended(build *b, uint32_t reg)
{
	uint32_t wide = build_temp(b);
	build_insn(b, VSP_I_ZEXT32, wide, reg, 0, 0);
	return wide;
}

/* reg + value, in 64 bits */
static uint32_t sum(build *b, uint32_t reg, int64_t value)
{
	uint32_t out = build_temp(b);
	if (value >= INT32_MIN && value <= INT32_MAX) {
		build_insn(
		        b, value >= INT8_MIN && value <= INT8_MAX ? VSP_I_ADDI_8 : VSP_I_ADDI_32, out, reg, 0, value);
		return out;
	}
	uint32_t constant = build_temp(b);
	build_insn(b, VSP_I_MOVI_64, constant, 0, 0, value);
	build_insn(b, VSP_I_ADD, out, reg, constant, 0);
	return out;
}

/* The size of the primary memory in pages. */
static uint32_t pages_of(build *b, const wasm_memory_place *memory)
{
	uint32_t pages = build_temp(b);
	build_insn(b, VSP_I_MEMSIZE, pages, 0, 0, 0);
	return sum(b, pages, -(int64_t)(memory->base >> 16));
}

/* The memory's size in bytes. */
static uint32_t size_of(build *b, const wasm_memory_place *memory)
{
	uint32_t size = build_temp(b);
	if (memory->primary)
		build_insn(b, VSP_I_SHLI, size, pages_of(b, memory), 0, 16);
	else
		build_insn(b, VSP_I_GGET, size, 0, 0, memory->size_cell);
	return size;
}

/* VSP checks accesses to the primary memory, which ends where linear memory does. Is the access one
   that may succeed? */
static bool check_access(build *b, uint32_t address, uint64_t offset, unsigned bytes)
{
	const wasm_memory_place *memory = wasm_memory_of(b->plan);
	if (offset + memory->base > UINT32_MAX) {
		build_out_of_bounds(b);
		return false;
	}
	if (memory->primary)
		return true;
	uint32_t size = size_of(b, memory), end = sum(b, extended(b, address), (int64_t)(offset + bytes));
	build_insn(b, VSP_I_BLTU, size, end, 0, build_trap_label(b, BUILD_OUT_OF_BOUNDS));
	return true;
}

void build_load(build *b, uint16_t form, uint64_t offset, unsigned bytes)
{
	uint32_t address = build_pop_reg(b), reg = build_temp(b);
	if (!check_access(b, address, offset, bytes)) {
		build_push_const(b, 0);
		return;
	}
	build_insn(b, form, reg, address, 0, (int64_t)(offset + wasm_memory_of(b->plan)->base));
	build_push_reg(b, reg);
}

void build_store(build *b, uint16_t form, uint64_t offset, unsigned bytes)
{
	uint32_t value = build_pop_reg(b), address = build_pop_reg(b);
	if (check_access(b, address, offset, bytes))
		build_insn(b, form, value, address, 0, (int64_t)(offset + wasm_memory_of(b->plan)->base));
}

/* ---- size ---- */

static void memory_size(build *b)
{
	const wasm_memory_place *memory = wasm_memory_of(b->plan);
	if (memory->primary) {
		build_push_reg(b, pages_of(b, memory));
		return;
	}
	uint32_t reg = build_temp(b);
	build_insn(b, VSP_I_SHRI, reg, size_of(b, memory), 0, 16);
	build_push_reg(b, reg);
}

/* MEMGROW gives -1 when it fails, and otherwise no less than the pages before the memory. */
static void grow_primary(build *b, uint32_t count, uint32_t reg)
{
	uint32_t old = build_temp(b), minus = build_temp(b);
	build_insn(b, VSP_I_MEMGROW, old, count, 0, 0);
	uint32_t less = sum(b, old, -(int64_t)(wasm_memory_of(b->plan)->base >> 16));
	build_insn(b, VSP_I_MOVI_64, minus, 0, 0, -1);
	build_insn(b, VSP_I_MAX, reg, less, minus, 0);
}

static void grow_within(build *b, const wasm_memory_place *memory, uint32_t count, uint32_t reg)
{
	uint32_t bytes = build_temp(b), size = size_of(b, memory), grown = build_temp(b), most = build_temp(b);
	uint32_t past = ir_new_label(b->ir);
	build_insn(b, VSP_I_SHLI, bytes, count, 0, 16);
	build_insn(b, VSP_I_ADD, grown, size, bytes, 0);
	build_insn(b, VSP_I_MOVI_64, most, 0, 0, (int64_t)memory->most << 16);
	build_insn(b, VSP_I_MOVI_64, reg, 0, 0, -1);
	build_insn(b, VSP_I_BLTU, most, grown, 0, past);
	build_insn(b, VSP_I_GSET, grown, 0, 0, memory->size_cell);
	build_insn(b, VSP_I_SHRI, reg, size, 0, 16);
	build_label(b, past);
}

static void memory_grow(build *b)
{
	const wasm_memory_place *memory = wasm_memory_of(b->plan);
	uint32_t count = extended(b, build_pop_reg(b)), reg = ir_new_reg(b->ir, memory->primary ? IR_TEMP : IR_HOME);
	if (memory->primary)
		grow_primary(b, count, reg);
	else
		grow_within(b, memory, count, reg);
	build_push_reg(b, reg);
}

/* ---- bulk instructions ---- */

uint32_t build_linear(build *b, uint32_t reg)
{
	const wasm_memory_place *memory = wasm_memory_of(b->plan); /* the primary one, as place.c checks */
	uint32_t base = memory ? memory->base : b->plan->program->base, address = build_temp(b);
	if (base == WASM_BASE) { /* beyond 4 GiB it is in the null page */
		build_insn(b, VSP_I_ADDI_W_32, address, reg, 0, WASM_BASE);
		return address;
	}
	uint32_t wide = sum(b, extended(b, reg), base), high = build_temp(b), mask = build_temp(b);
	build_insn(b, VSP_I_SHRI, high, wide, 0, 32);
	build_insn(b, VSP_I_ADDI_8, mask, high, 0, -1);
	build_insn(b, VSP_I_AND, address, wide, mask, 0); /* and here too */
	return address;
}

/* A count of 0 touches nothing, but WebAssembly traps when an address is behind the end. */
static void check_empty(build *b, const uint32_t *addresses, unsigned count, uint32_t past)
{
	uint32_t size = size_of(b, wasm_memory_of(b->plan)), trap = ir_new_label(b->ir);
	for (unsigned i = 0; i + 1 < count; i++)
		build_insn(b, VSP_I_BLTU, size, extended(b, addresses[i]), 0, trap);
	build_insn(b, VSP_I_BGEU, size, extended(b, addresses[count - 1]), 0, past);
	build_label(b, trap);
	build_out_of_bounds(b);
	build_jump(b, past);
}

/* Traps unless count bytes from address on are in memory; the linear address. */
static uint32_t checked(build *b, uint32_t address, uint32_t wide_count)
{
	const wasm_memory_place *memory = wasm_memory_of(b->plan);
	uint32_t wide = extended(b, address), end = build_temp(b);
	build_insn(b, VSP_I_ADD, end, wide, wide_count, 0);
	build_insn(b, VSP_I_BLTU, size_of(b, memory), end, 0, build_trap_label(b, BUILD_OUT_OF_BOUNDS));
	return sum(b, wide, memory->base);
}

/* memory.copy and memory.fill: x is an address for both, y for copy alone. */
static void bulk(build *b, bool copy)
{
	build_value count = build_pop(b), y = build_pop(b), x = build_pop(b);
	uint32_t n = build_use(b, count), second = build_use(b, y), first = build_use(b, x), wide = extended(b, n);
	uint32_t to, from = second, past = ir_new_label(b->ir);
	if (wasm_memory_of(b->plan)->base != WASM_BASE) {
		to = checked(b, first, wide);
		from = copy ? checked(b, second, wide) : second;
	} else {
		uint32_t some = ir_new_label(b->ir);
		if (count.kind != VALUE_CONST || count.bits == 0) {
			build_insn(b, VSP_I_BNZ, n, 0, 0, some);
			check_empty(b, (const uint32_t[]){first, second}, copy ? 2 : 1, past);
			build_label(b, some);
		}
		to = build_linear(b, first);
		from = copy ? build_linear(b, second) : second;
	}
	build_insn(b, copy ? VSP_I_MEMCPY : VSP_I_MEMSET, to, from, wide, 0);
	build_label(b, past);
}

uint32_t build_segment(
        build *b, const wasm_segment_place *s, uint32_t size, uint32_t from, uint32_t count, unsigned trap)
{
	uint32_t end = build_temp(b), limit = build_temp(b), wide = extended(b, from);
	build_insn(b, VSP_I_ADD, end, wide, count, 0);
	if (s->size_cell != WASM_NO_INDEX && size == WASM_NO_INDEX)
		build_insn(b, VSP_I_GGET, limit, 0, 0, s->size_cell);
	else
		build_insn(b, VSP_I_MOVI_64, limit, 0, 0, size == WASM_NO_INDEX ? s->size : size);
	build_insn(b, VSP_I_BLTU, limit, end, 0, build_trap_label(b, trap));
	return wide;
}

void build_data_init(build *b, uint32_t index, uint32_t size)
{
	const wasm_segment_place *s = &b->plan->datas[index];
	build_value count = build_pop(b), y = build_pop(b), x = build_pop(b);
	uint32_t n = extended(b, build_use(b, count)), from = build_use(b, y), first = build_use(b, x);
	from = build_segment(b, s, size, from, n, BUILD_OUT_OF_BOUNDS);
	uint32_t to = checked(b, first, n);
	if (s->stored)
		build_insn(b, VSP_I_MEMCPY, to, sum(b, from, s->address), n, 0);
}

void build_check_memory(build *b, uint32_t pages)
{
	uint32_t least = build_temp(b), size = size_of(b, wasm_memory_of(b->plan));
	build_insn(b, VSP_I_MOVI_64, least, 0, 0, (int64_t)pages << 16);
	build_insn(b, VSP_I_BLTU, size, least, 0, build_trap_label(b, WASM_TRAP_LINK));
}

void build_drop_segment(build *b, const wasm_segment_place *s)
{
	if (s->size_cell == WASM_NO_INDEX) /* nothing copies it */
		return;
	uint32_t zero = build_temp(b);
	build_insn(b, VSP_I_MOVI_64, zero, 0, 0, 0);
	build_insn(b, VSP_I_GSET, zero, 0, 0, s->size_cell);
}

void build_memory(build *b, const wasm_insn *insn)
{
	switch (insn->code) {
	case WASM_MEMORY_SIZE: memory_size(b); break;
	case WASM_MEMORY_GROW: memory_grow(b); break;
	case WASM_MEMORY_INIT: build_data_init(b, insn->index, WASM_NO_INDEX); break;
	case WASM_DATA_DROP: build_drop_segment(b, &b->plan->datas[insn->index]); break;
	default: bulk(b, insn->code == WASM_MEMORY_COPY); break;
	}
}
