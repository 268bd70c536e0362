/*
 * Describes baseline code, see unit.h.
 *
 * Stencils never touch the stack pointer: they are jumped to, from the interpreter's loop and from
 * its handlers. So one rule of unwinding holds in all of the code, that of a function's first
 * instruction. Nor do those of AArch64 touch x30.
 */
#include "unit.h"

#include <string.h>

#include "runtime/base/alloc.h"

enum { FDE = 24, CODE_AT = 32, SIZE_AT = 36 };
/* Of a CIE the head, up to the number of the register with the return address; and of the FDE
   behind it. */
#define CIE_HEAD 20, 0, 0, 0, 0, 0, 0, 0, 1, 'z', 'R', 0, 1, 0x78
#define FDE_HEAD 16, 0, 0, 0, FDE + 4
#if defined(__aarch64__)
/* The frame begins at sp (register 31), and the return address is in x30. */
static const uint8_t rules[VSP_BASELINE_UNWIND] = {CIE_HEAD, 30, 1, 0x1B, 0x0C, 31, 0, 0, 0, 0, 0, FDE_HEAD};
#else
/* x86-64: the frame begins 8 bytes above rsp (register 7), and the return address is at its end. */
static const uint8_t rules[VSP_BASELINE_UNWIND] = {CIE_HEAD, 16, 1, 0x1B, 0x0C, 7, 8, 0x90, 1, 0, 0, FDE_HEAD};
#endif

void vsp_baseline_put_unwind(uint8_t at[VSP_BASELINE_UNWIND], const uint8_t *code, uint32_t size)
{
	memcpy(at, rules, sizeof rules);
	int32_t distance = (int32_t)((intptr_t)code - (intptr_t)(at + CODE_AT));
	memcpy(at + CODE_AT, &distance, sizeof distance);
	memcpy(at + SIZE_AT, &size, sizeof size);
}

static uint32_t fill_places(
        const vsp_decoded *d, const vsp_jit_unit *code, void *const *table, vsp_place *places, uint32_t *outer)
{
	uint32_t n = 0;
	for (uint32_t i = 0; i < d->count; i++) {
		outer[i] = VSP_NO_SITE;
		uint32_t offset = (uint32_t)((const uint8_t *)table[i] - code->code);
		if (n && places[n - 1].offset == offset)
			n--; /* the one before has no code */
		places[n++] = (vsp_place){.offset = offset, .pc = d->pcs[i]};
	}
	return n;
}

bool vsp_baseline_describe(const vsp_decoded *d, const vsp_jit_unit *code, void *const *table, uint32_t start_pc,
        void (*made)(void *user, const vsp_jit_unit *unit), void *user)
{
	vsp_place *places = vsp_alloc(d->count, sizeof *places);
	uint32_t *outer = vsp_alloc(d->count, sizeof *outer);
	vsp_code_symbol symbol = {
	        .size = (uint32_t)code->code_size, .func = d->func, .pc = start_pc, .point = VSP_CODE_NATIVE};
	vsp_code_map map = {.symbols = &symbol,
	        .symbol_count = 1,
	        .outer = outer,
	        .unwind = code->unwind,
	        .unwind_size = code->unwind_size};
	vsp_jit_unit unit = *code;
	bool room = places && outer;
	if (room) {
		unit.places = places;
		unit.place_count = fill_places(d, code, table, places, outer);
		unit.map = &map;
		made(user, &unit);
	}
	vsp_free_memory(places);
	vsp_free_memory(outer);
	return room;
}
