/*
 * Register allocation by colouring: rounds of the steps of colouring.h until every web has a
 * register or a slot.
 */
#include "colouring.h"

#include "runtime/base/alloc.h"

void *colour_array(colouring *c, size_t count, size_t size)
{
	void *array = vsp_arena_array(&c->arena, count, size);
	if (!array)
		colour_no_memory(c);
	return array;
}

void colour_grow(colouring *c, void **array, uint32_t count, uint32_t *room, size_t size)
{
	if (count < *room)
		return;
	uint32_t wanted = *room < UINT32_MAX / 2 ? *room * 2 + 256 : 0;
	void *moved = wanted ? vsp_realloc(*array, wanted, size) : NULL;
	if (!moved) {
		colour_no_memory(c);
		return;
	}
	*array = moved;
	*room = wanted;
}

uint32_t colour_new_reg(colouring *c, ir_reg_kind kind, uint8_t state)
{
	uint32_t reg = ir_new_reg(c->code, kind);
	if (ir_failed(c->code))
		colour_no_memory(c);
	colour_grow(c, (void **)&c->states, reg, &c->state_room, 1);
	if (c->gives_up && c->out->no_memory)
		return 0;
	c->states[reg] = state;
	return reg;
}

/* ---- slots ---- */

/* The first slot that no neighbour has; used: by slot, the last web that could not have it, + 1. */
static uint32_t free_slot(const colouring *c, uint32_t w, uint32_t *used)
{
	const uint16_t *places = c->out->places;
	uint32_t slot = c->code->slot_count;
	for (uint32_t l = c->webs[w].links; l; l = c->links[l - 1].next) {
		uint16_t place = places[c->links[l - 1].to];
		if (place >= PLACE_SLOT && place != PLACE_NONE)
			used[place - PLACE_SLOT] = w + 1;
	}
	while (slot < MAX_SLOTS && used[slot] == w + 1)
		slot++;
	return slot;
}

static bool place_webs(colouring *c)
{
	uint32_t *used = colour_array(c, MAX_SLOTS, sizeof *used);
	if (c->gives_up || !wasm_allocation_reserve(c->out, c->code->reg_count + 1))
		return false;
	for (uint32_t w = 0; w < c->code->reg_count; w++)
		c->out->places[w] = c->webs[w].colour < VSP_REGISTERS ? c->webs[w].colour : PLACE_NONE;
	for (uint32_t w = 0; w < c->code->reg_count; w++) {
		if (!web_has_slot(c, w) || !c->webs[w].read)
			continue;
		uint32_t slot = free_slot(c, w, used);
		if (slot == MAX_SLOTS)
			return false;
		c->out->places[w] = (uint16_t)(PLACE_SLOT + slot);
	}
	return true;
}

/* ---- rounds ---- */

static bool do_round(colouring *c, uint32_t *left)
{
	return c->code->reg_count <= COLOUR_MOST_WEBS && flow_find(c) && webs_split(c) && interference_build(c) &&
	       coalesce(c) && colour_webs(c, left);
}

static bool do_rounds(colouring *c)
{
	for (unsigned round = 0; round < COLOUR_ROUNDS; round++) {
		uint32_t left = 0;
		bool good = do_round(c, &left);
		if (good && !left)
			return place_webs(c);
		good = good && spill_webs(c);
		vsp_arena_free(&c->arena);
		if (!good)
			return false;
	}
	return false;
}

bool wasm_allocate_colours(wasm_allocation *a, ir_code *code)
{
	colouring c = {.out = a, .code = code, .work = (uint64_t)code->count * COLOUR_WORK + COLOUR_LEAST_WORK};
	if (code->count > COLOUR_MOST_INSNS || code->reg_count > COLOUR_MOST_WEBS)
		return false;
	c.states = vsp_alloc(code->reg_count + 1, 1);
	c.state_room = code->reg_count + 1;
	bool good = c.states ? do_rounds(&c) : colour_no_memory(&c);
	vsp_arena_free(&c.arena);
	vsp_free_memory(c.live);
	vsp_free_memory(c.links);
	vsp_free_memory(c.wishes);
	vsp_free_memory(c.pairs);
	vsp_free_memory(c.states);
	return good;
}
