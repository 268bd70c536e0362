/*
 * Templates of loads whose value is not read, or has no effect: masked away, cancelled,
 * overwritten, or read on one path only. Most are of valid addresses; the others must trap all the
 * same, also when only some bytes are invalid.
 */
#include "generate_parts.h"

enum { MEMORY_END = 4 << 16 };

/* Sets register r to an address; one in a few is invalid, most of those at the ends of memory. */
static void address(gen *g, unsigned r)
{
	static const unsigned odd[] = {MEMORY_END - 1, MEMORY_END - 4, MEMORY_END, 0xFFFF, 0xFFFC, 0xFFF8, 0x9000, 8};
	unsigned at = ARENA + gen_below(g, 0x7000);
	if (gen_one_in(g, g->options->wild_in / 8))
		at = odd[gen_below(g, sizeof odd / sizeof odd[0])];
	gen_out(g, "\tMOVI R%X, 0x%X\n", r, at);
}

static void load(gen *g, unsigned r, unsigned base)
{
	static const char *const loads[] = {"LOAD", "LOAD", "LD8U", "LD8S", "LD16U", "LD16S", "LD32U", "LD32S"};
	gen_out(g, "\t%s R%X, [R%X]\n", loads[gen_below(g, 8)], r, base);
}

/* Makes the value of r unused, or almost unused. */
static void make_useless(gen *g, unsigned r, unsigned base)
{
	switch (gen_below(g, 9)) {
	case 0: gen_out(g, "\tMOVI R%X, %u\n", r, gen_below(g, 9)); break;
	case 1: gen_out(g, "\tANDI R%X, R%X, 0\n", r, r); break;
	case 2: gen_out(g, "\tMULI R%X, R%X, 0\n", r, r); break;
	case 3: gen_out(g, "\t%s R%X, R%X, R%X\n", gen_one_in(g, 2) ? "XOR" : "SUB", r, r, r); break;
	case 4: gen_out(g, "\tANDI R%X, R%X, 255\n", r, r); break;
	case 5: gen_out(g, "\tSHRI R%X, R%X, 56\n", r, r); break;
	case 6: gen_out(g, "\tORI R%X, R%X, 1\n\tSTORE R%X, [R%X]\n", r, r, r, base); break;
	case 7: gen_out(g, "\tSTORE R%X, [R%X]\n\tSTORE R%X, [R%X]\n", r, base, gen_below(g, 16), base); break;
	default: gen_out(g, "\tMOVI R%X, 1\n\tSEL R%X, R%X, R%X, R%X\n", base, r, base, base, r);
	}
}

/* Stores r where a wider store covers it. */
static void cover(gen *g, unsigned r, unsigned base)
{
	if (gen_one_in(g, 2))
		gen_out(g, "\tADD.F R%X, R%X, R%X\n", r, r, gen_below(g, 16));
	gen_out(g, "\tMOVI R%X, 0x%X\n\tSTORE R%X, [R%X + 8]\n\tMOVI R%X, 0\n\tSSTATE.B [R%X]\n", base,
	        ARENA + gen_below(g, 0x7000), r, base, r, base);
}

/* Loads r twice, and makes equal values of both. */
static void cancel(gen *g, unsigned r, unsigned base, unsigned other)
{
	load(g, r, base);
	gen_out(g, "\tADDI R%X, R%X, 5\n", r, r);
	gen_out(g, "\tLOAD R%X, [R%X]\n\tADDI R%X, R%X, 5\n\t%s R%X, R%X, R%X\n", other, base, other, other,
	        gen_one_in(g, 2) ? "XOR" : "SUB", r, r, other);
}

/* Only the last values that a loop loads leave it, or the differences of neighbours. */
static void carry(gen *g, unsigned r, unsigned base, unsigned count)
{
	unsigned head = g->labels++, older = gen_below(g, 16);
	if (older == r || older == base || older == count)
		return;
	gen_out(g, "\tMOVI R%X, %u\nL%u_%u:\n", count, 1 + gen_below(g, 40), g->current, head);
	switch (gen_below(g, 3)) {
	case 0: gen_out(g, "\tMOV R%X, R%X\n\tLOAD R%X, [R%X]\n", older, r, r, base); break;
	case 1:
		gen_out(g, "\tLD32U R%X, [R%X]\n\tSHLI R%X, R%X, 32\n\tOR R%X, R%X, R%X\n", older, base, r, r, r, r,
		        older);
		break;
	default:
		gen_out(g, "\tSUB R%X, R%X, R%X\n\tLOAD R%X, [R%X]\n\tADD R%X, R%X, R%X\n", r, r, older, older, base, r,
		        r, older);
	}
	gen_out(g, "\tADDI R%X, R%X, %d\n\tADDI R%X, R%X, -1\n\tBNZ R%X, L%u_%u\n", base, base,
	        gen_one_in(g, 2) ? 8 : -3, count, count, count, g->current, head);
}

static void read_on_one_way(gen *g, unsigned r, unsigned base)
{
	unsigned end = g->labels++;
	load(g, r, base);
	gen_out(g, "\tBZ R%X, L%u_%u\n\tADDI R%X, R%X, 3\nL%u_%u:\n", gen_below(g, 16), g->current, end, r, r,
	        g->current, end);
	if (gen_one_in(g, 2))
		make_useless(g, r, base);
}

/* From a valid address up or down, perhaps beyond memory. */
static void in_a_loop(gen *g, unsigned r, unsigned base, unsigned count)
{
	unsigned head = g->labels++, times = 1 + gen_below(g, 40);
	gen_out(g, "\tMOVI R%X, %u\nL%u_%u:\n", count, times, g->current, head);
	load(g, r, base);
	if (gen_one_in(g, 2))
		make_useless(g, r, base);
	else
		gen_out(g, "\tADDI R%X, R%X, %d\n", base, base, gen_one_in(g, 2) ? 8 : -3);
	gen_out(g, "\tADDI R%X, R%X, -1\n\tBNZ R%X, L%u_%u\n", count, count, count, g->current, head);
}

void gen_useless_load(gen *g)
{
	unsigned r = gen_target(g), base = gen_target(g), count = gen_target(g);
	if (r == base || base == count || r == count)
		return;
	address(g, base);
	switch (gen_below(g, 8)) {
	case 0: read_on_one_way(g, r, base); break;
	case 1:
	case 2: in_a_loop(g, r, base, count); break;
	case 3: load(g, r, base), cover(g, r, base); break;
	case 4: cancel(g, r, base, count); break;
	case 5: carry(g, r, base, count); break;
	default: load(g, r, base); make_useless(g, r, base);
	}
}
