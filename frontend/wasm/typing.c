/*
 * The operand stack and the blocks of code that is being typed.
 */
#include "typing.h"

#include <string.h>

#include "runtime/base/alloc.h"

/* Room for more operands or blocks; false, with the reader failed, when there is none. */
static bool make_room(wasm_code *c, void **array, uint32_t *room, uint64_t needed, size_t size)
{
	if (needed <= *room)
		return true;
	uint64_t wanted = needed < 64 ? 64 : needed * 2;
	void *moved = wanted <= UINT32_MAX ? vsp_realloc(*array, (size_t)wanted, size) : NULL;
	if (!moved)
		return wasm_no_memory(&c->r);
	*array = moved;
	*room = (uint32_t)wanted;
	return true;
}

/* The place for count more operands, or null. */
static uint8_t *add_operands(wasm_code *c, uint32_t count)
{
	void *array = c->operands;
	if (c->r.status != VSP_OK)
		return NULL;
	if ((uint64_t)c->height + count > WASM_MAX_OPERANDS) {
		wasm_fail(&c->r, wasm_offset(&c->r), "more than %d operands are on the stack", WASM_MAX_OPERANDS);
		return NULL;
	}
	if (!make_room(c, &array, &c->operand_room, (uint64_t)c->height + count, 1))
		return NULL;
	c->operands = array;
	c->height += count;
	return c->operands + c->height - count;
}

bool wasm_mismatch(wasm_code *c, uint8_t given, uint8_t needed)
{
	return wasm_fail(&c->r, wasm_offset(&c->r), "type mismatch: %s stands where %s must", wasm_type_name(given),
	        wasm_type_name(needed));
}

static bool matches(uint8_t given, uint8_t needed)
{
	return given == needed || given == WASM_ANY || needed == WASM_ANY;
}

void wasm_push(wasm_code *c, uint8_t type)
{
	uint8_t *place = add_operands(c, 1);
	if (place)
		*place = type;
}

uint8_t wasm_pop(wasm_code *c)
{
	const wasm_block *top = wasm_top(c);
	if (c->height > top->height)
		return c->operands[--c->height];
	if (!top->unreachable)
		wasm_fail(&c->r, wasm_offset(&c->r), "type mismatch: an operand is missing");
	return WASM_ANY;
}

void wasm_pop_type(wasm_code *c, uint8_t type)
{
	uint8_t given = wasm_pop(c);
	if (!matches(given, type))
		wasm_mismatch(c, given, type);
}

void wasm_push_types(wasm_code *c, const uint8_t *types, uint32_t count)
{
	uint8_t *place = add_operands(c, count);
	if (place && count)
		memcpy(place, types, count);
}

/* Are exactly these types on top, in code that is reached? The quick answer for long lists. */
static bool same_types(const wasm_code *c, const uint8_t *types, uint32_t count)
{
	uint32_t have = c->height - c->blocks[c->depth - 1].height;
	return have >= count && (!count || memcmp(c->operands + c->height - count, types, count) == 0);
}

void wasm_pop_types(wasm_code *c, const uint8_t *types, uint32_t count)
{
	if (same_types(c, types, count)) {
		c->height -= count;
		return;
	}
	/* Operands that are not there, in code that is not reached, are of every type. */
	const wasm_block *top = wasm_top(c);
	while (count && c->r.status == VSP_OK && !(top->unreachable && c->height == top->height))
		wasm_pop_type(c, types[--count]);
}

void wasm_check_types(wasm_code *c, const uint8_t *types, uint32_t count)
{
	uint32_t height = c->height;
	wasm_pop_types(c, types, count);
	c->height = height;
}

void wasm_push_letters(wasm_code *c, const char *letters)
{
	for (; *letters; letters++)
		wasm_push(c, wasm_letter_type(*letters));
}

void wasm_pop_letters(wasm_code *c, const char *letters)
{
	for (size_t i = strlen(letters); i; i--)
		wasm_pop_type(c, wasm_letter_type(letters[i - 1]));
}

void wasm_push_block(wasm_code *c, uint32_t code, wasm_type type)
{
	void *array = c->blocks;
	wasm_block block = {.type = type, .height = c->height, .code = (uint16_t)code};
	if (c->r.status != VSP_OK)
		return;
	if (c->depth > WASM_MAX_BLOCKS) {
		wasm_fail(&c->r, wasm_offset(&c->r), "more than %d blocks are nested", WASM_MAX_BLOCKS);
		return;
	}
	if (!make_room(c, &array, &c->block_room, (uint64_t)c->depth + 1, sizeof block))
		return;
	c->blocks = array;
	c->blocks[c->depth++] = block;
}

void wasm_pop_block(wasm_code *c)
{
	const wasm_block *top = wasm_top(c);
	wasm_pop_types(c, top->type.results, top->type.result_count);
	if (c->r.status == VSP_OK && c->height != top->height)
		wasm_fail(&c->r, wasm_offset(&c->r), "type mismatch: the block leaves %u operands too many",
		        c->height - top->height);
	if (c->r.status == VSP_OK)
		c->depth--;
}

void wasm_set_unreachable(wasm_code *c)
{
	c->height = wasm_top(c)->height;
	wasm_top(c)->unreachable = true;
}
