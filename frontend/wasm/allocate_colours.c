/*
 * Register allocation by colouring: rounds of the steps of colouring.h until every web has a
 * register or a slot.
 */
#include "colouring.h"

#include "runtime/base/alloc.h"

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

static bool place_in_slots(colouring *c, uint32_t *used)
{
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

static bool place_webs(colouring *c)
{
	bool slots = false;
	if (!wasm_allocation_reserve(c->out, c->code->reg_count + 1))
		return false;
	for (uint32_t w = 0; w < c->code->reg_count; w++) {
		c->out->places[w] = c->webs[w].colour < VSP_REGISTERS ? c->webs[w].colour : PLACE_NONE;
		slots |= web_has_slot(c, w);
	}
	uint32_t *used = slots ? colour_array(c, MAX_SLOTS, sizeof *used) : NULL;
	return !slots || (used && place_in_slots(c, used));
}

/* ---- rounds ---- */

/* Copies of webs in slots are not counted against the limit. */
static bool do_round(colouring *c, bool first, uint32_t *left)
{
	return flow_find(c) && webs_split(c) && (!first || c->code->reg_count <= COLOUR_MOST_WEBS) &&
	       interference_build(c) && coalesce(c) && colour_webs(c, left);
}

static bool do_rounds(colouring *c)
{
	for (unsigned round = 0; round < COLOUR_ROUNDS; round++) {
		uint32_t left = 0;
		bool good = do_round(c, !round, &left);
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
	vsp_free_memory(c.mentions);
	vsp_free_memory(c.live);
	vsp_free_memory(c.links);
	vsp_free_memory(c.wishes);
	vsp_free_memory(c.pairs);
	vsp_free_memory(c.states);
	return good;
}
