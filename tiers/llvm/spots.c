/*
 * From machine code back to bytecode in units without a line table: the section of spots (ir/lower/lower.h), whose distances the linker has filled in.
 * A place that is an access is good for the one instruction, which is where a fault is; one that is a call up to the next place, so that it covers
 * the return address.
 */
#include "session.h"

#include <stdlib.h>
#include <string.h>

#include "ir/lower/lower.h"
#include "runtime/alloc.h"

typedef struct spot {
	uint32_t offset, word;
} spot;

static uint32_t word_at(const vsp_unit *unit, size_t index)
{
	uint32_t word;
	memcpy(&word, unit->spots + index * sizeof word, sizeof word);
	return word;
}

static bool is_spot(uint32_t word) { return word / VSP_SPOT_WORD == 1; }

/* The instructions with their spots; counts both. */
static void read_words(const vsp_unit *unit, spot *out, uint32_t *count, uint32_t *found)
{
	size_t words = unit->spots_size / sizeof(uint32_t);
	uint32_t first = 0;
	for (size_t i = 0; i < words; i++) {
		uint32_t word = word_at(unit, i);
		if (!is_spot(word)) {
			const uint8_t *insn = unit->spots + i * sizeof word + (int32_t)word;
			out[(*count)++].offset = (uint32_t)(insn - unit->text);
			continue;
		}
		for (; first < *count; first++)
			out[first].word = word;
		++*found;
	}
	*count = first;
}

static int by_offset(const void *a, const void *b)
{
	const spot *x = a, *y = b;
	return x->offset < y->offset ? -1 : x->offset > y->offset;
}

static uint32_t fill_places(vsp_place *places, const spot *spots, uint32_t count)
{
	uint32_t n = 0;
	for (uint32_t i = 0; i < count; i++) {
		uint32_t word = spots[i].word, behind = spots[i].offset + 1;
		places[n++] = (vsp_place){spots[i].offset, word & VSP_SPOT_PLACED ? word & VSP_SPOT_PLACE : VSP_NO_PC};
		if (!(word & VSP_SPOT_CALL) && (i + 1 == count || spots[i + 1].offset > behind))
			places[n++] = (vsp_place){behind, VSP_NO_PC};
	}
	return n;
}

bool vsp_unit_read_spots(vsp_unit *unit, uint32_t count)
{
	uint32_t instructions = 0, found = 0;
	size_t words = unit->spots_size / sizeof(uint32_t);
	spot *spots = vsp_alloc(words, sizeof *spots);
	unit->places = vsp_alloc(2 * words, sizeof *unit->places);
	if (spots && unit->places) {
		read_words(unit, spots, &instructions, &found);
		qsort(spots, instructions, sizeof *spots, by_offset);
		unit->place_count = fill_places(unit->places, spots, instructions);
	}
	vsp_free_memory(spots);
	return found >= count;
}
