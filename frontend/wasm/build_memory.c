/*
 * Accesses to memory, its size, and its bulk instructions.
 */
#include "build.h"

/* Accesses what is never there. */
static void always_trap(build *b)
{
	uint32_t reg = build_temp(b), result = build_temp(b);
	build_insn(b, VSP_I_MOVI_64, reg, 0, 0, -1);
	build_insn(b, VSP_I_LOAD_D, result, reg, 0, UINT32_MAX);
}

void build_load(build *b, uint16_t form, uint64_t offset)
{
	uint32_t address = build_pop_reg(b), reg = build_temp(b);
	if (offset + WASM_BASE > UINT32_MAX) {
		always_trap(b);
		build_push_const(b, 0);
		return;
	}
	build_insn(b, form, reg, address, 0, (int64_t)(offset + WASM_BASE));
	build_push_reg(b, reg);
}

void build_store(build *b, uint16_t form, uint64_t offset)
{
	uint32_t value = build_pop_reg(b), address = build_pop_reg(b);
	if (offset + WASM_BASE > UINT32_MAX)
		always_trap(b);
	else
		build_insn(b, form, value, address, 0, (int64_t)(offset + WASM_BASE));
}

static void memory_size(build *b)
{
	uint32_t pages = build_temp(b), reg = build_temp(b);
	build_insn(b, VSP_I_MEMSIZE, pages, 0, 0, 0);
	build_insn(b, VSP_I_ADDI_8, reg, pages, 0, -1);
	build_push_reg(b, reg);
}

/* MEMGROW gives at least 1, and -1 when it fails; one less, but -1 stays. */
static void memory_grow(build *b)
{
	uint32_t count = build_temp(b), old = build_temp(b), less = build_temp(b), minus = build_temp(b),
	         reg = build_temp(b);
	build_insn(b, VSP_I_ZEXT32, count, build_pop_reg(b), 0, 0);
	build_insn(b, VSP_I_MEMGROW, old, count, 0, 0);
	build_insn(b, VSP_I_ADDI_8, less, old, 0, -1);
	build_insn(b, VSP_I_MOVI_64, minus, 0, 0, -1);
	build_insn(b, VSP_I_MAX, reg, less, minus, 0);
	build_push_reg(b, reg);
}

static uint32_t extended(build *b, uint32_t reg)
{
	uint32_t wide = build_temp(b);
	build_insn(b, VSP_I_ZEXT32, wide, reg, 0, 0);
	return wide;
}

static uint32_t linear(build *b, uint32_t reg)
{
	uint32_t address = build_temp(b);
	build_insn(b, VSP_I_ADDI_W_32, address, reg, 0, WASM_BASE);
	return address;
}

/* A count of 0 touches nothing, but WebAssembly traps when an address is behind the end. */
static void check_empty(build *b, const uint32_t *addresses, unsigned count, uint32_t past)
{
	uint32_t pages = build_temp(b), less = build_temp(b), size = build_temp(b), trap = ir_new_label(b->ir);
	build_insn(b, VSP_I_MEMSIZE, pages, 0, 0, 0);
	build_insn(b, VSP_I_ADDI_8, less, pages, 0, -1);
	build_insn(b, VSP_I_SHLI, size, less, 0, 16);
	for (unsigned i = 0; i + 1 < count; i++)
		build_insn(b, VSP_I_BLTU, size, extended(b, addresses[i]), 0, trap);
	build_insn(b, VSP_I_BGEU, size, extended(b, addresses[count - 1]), 0, past);
	build_label(b, trap);
	always_trap(b);
	build_jump(b, past);
}

/* memory.copy and memory.fill: x is an address for both, y for copy alone. */
static void bulk(build *b, bool copy)
{
	build_value count = build_pop(b), y = build_pop(b), x = build_pop(b);
	uint32_t n = build_use(b, count), second = build_use(b, y), first = build_use(b, x);
	uint32_t some = ir_new_label(b->ir), past = ir_new_label(b->ir);
	if (count.kind != VALUE_CONST || count.bits == 0) {
		build_insn(b, VSP_I_BNZ, n, 0, 0, some);
		check_empty(b, (const uint32_t[]){first, second}, copy ? 2 : 1, past);
		build_label(b, some);
	}
	uint32_t wide = extended(b, n), to = linear(b, first), from = copy ? linear(b, second) : second;
	build_insn(b, copy ? VSP_I_MEMCPY : VSP_I_MEMSET, to, from, wide, 0);
	build_label(b, past);
}

void build_memory(build *b, const wasm_insn *insn)
{
	switch (insn->code) {
	case WASM_MEMORY_SIZE: memory_size(b); break;
	case WASM_MEMORY_GROW: memory_grow(b); break;
	default: bulk(b, insn->code == WASM_MEMORY_COPY); break;
	}
}
