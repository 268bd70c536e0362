/*
 * Templates with branches and calls. Loops are counted and calls go to later functions, so that
 * programs end; loops with two entries, jumps out of loops and early ends are among them.
 */
#include "generate_parts.h"

static void label(gen *g, unsigned n) { gen_out(g, "L%u_%u:\n", g->current, n); }
static void jump(gen *g, unsigned n) { gen_out(g, "\tJMP L%u_%u\n", g->current, n); }

/* A branch whose direction does not depend on registers. */
static void branch(gen *g, unsigned to)
{
	static const char *const flags[] = {"JZ", "JNZ", "JN", "JNN", "JO", "JNO", "JC"};
	static const char *const compares[] = {
	        "BEQ", "BNE", "BLT", "BGE", "BLTU", "BGEU", "BGT", "BLE", "BGTU", "BLEU"};
	if (gen_one_in(g, 3))
		gen_out(g, "\t%s", flags[gen_below(g, in_kernel(g) ? 6 : 7)]);
	else if (gen_one_in(g, 3))
		gen_out(g, "\t%s R%X,", gen_one_in(g, 2) ? "BZ" : "BNZ", gen_below(g, 16));
	else
		gen_out(g, "\t%s R%X, R%X,", compares[gen_below(g, 10)], gen_below(g, 16), gen_below(g, 16));
	gen_out(g, " L%u_%u\n", g->current, to);
}

void gen_conditional(gen *g)
{
	unsigned other = g->labels++;
	branch(g, other);
	gen_body(g, 4);
	if (gen_one_in(g, 2)) {
		unsigned end = g->labels++;
		jump(g, end);
		label(g, other);
		gen_body(g, 4);
		label(g, end);
	} else {
		label(g, other);
	}
}

/* ---- loops ---- */

/* The body; sometimes the loop is entered at its second half. */
static void loop_body(gen *g, unsigned head)
{
	bool two_entries = gen_one_in(g, 8);
	unsigned middle = g->labels++;
	if (two_entries)
		branch(g, middle);
	label(g, head);
	gen_body(g, 5);
	if (two_entries) {
		label(g, middle);
		gen_body(g, 5);
	}
	label(g, g->latch_label);
}

static void loop_by_register(gen *g, unsigned head, unsigned count)
{
	bool use_loop = !(g->reserved & 0x1000) && gen_one_in(g, 2);
	unsigned r = use_loop ? 12 : gen_target(g);
	g->reserved |= (uint16_t)(1u << r);
	gen_out(g, "\tMOVI R%X, %u\n", r, count);
	loop_body(g, head);
	if (use_loop)
		gen_out(g, "\tLOOP L%u_%u\n", g->current, head);
	else
		gen_out(g, "\tADDI R%X, R%X, -1\n\tBNZ R%X, L%u_%u\n", r, r, r, g->current, head);
}

static void loop_by_memory(gen *g, unsigned head, unsigned count)
{
	unsigned r = gen_target(g), slot = COUNTERS + 8 * (g->loops++ % 30);
	gen_out(g, "\tMOVI R%X, %u\n\tSTORE R%X, [0x%X]\n", r, count, r, slot);
	loop_body(g, head);
	gen_out(g, "\tLOAD R%X, [0x%X]\n\tADDI R%X, R%X, -1\n\tSTORE R%X, [0x%X]\n", r, slot, r, r, r, slot);
	gen_out(g, "\t%s R%X, L%u_%u\n", gen_one_in(g, 2) ? "BNZ" : "JNZ", r, g->current, head);
}

void gen_counted_loop(gen *g)
{
	gen outer = *g;
	unsigned head = g->labels++, count = 1 + gen_below(g, gen_one_in(g, 6) ? 300 : 9);
	g->exit_label = g->labels++;
	g->latch_label = g->labels++;
	g->in_loop = true;
	if (gen_one_in(g, 2) || in_kernel(g))
		loop_by_register(g, head, count);
	else
		loop_by_memory(g, head, count);
	label(g, g->exit_label);
	g->reserved = outer.reserved;
	g->in_loop = outer.in_loop;
	g->exit_label = outer.exit_label;
	g->latch_label = outer.latch_label;
}

void gen_leave_loop(gen *g)
{
	if (g->in_loop)
		branch(g, gen_one_in(g, 2) ? g->exit_label : g->latch_label);
}

void gen_table_branch(gen *g)
{
	unsigned n = gen_below(g, 5), first = g->labels, r = gen_target(g);
	g->labels += n + 1;
	if (gen_one_in(g, 2))
		gen_out(g, "\tANDI R%X, R%X, 7\n", r, r);
	gen_out(g, "\tBRTAB R%X", r);
	for (unsigned i = 0; i < n; i++)
		gen_out(g, ", L%u_%u", g->current, first + i);
	gen_out(g, "\n");
	for (unsigned i = 0; i < n; i++) {
		gen_body(g, 6);
		if (gen_one_in(g, 2))
			jump(g, first + n);
		label(g, first + i);
	}
	gen_body(g, 6);
	label(g, first + n);
}

/* ---- calls ---- */

static void call_element(gen *g, unsigned f)
{
	bool wild = gen_one_in(g, g->options->wild_in);
	unsigned entry = FIRST_ELEMENT + f, type = g->funcs[f].type;
	if (wild)
		entry += gen_below(g, 5);
	gen_out(g, "\tMOVI RE, %u\n\tINVOKET RE, %u, %u\n", entry, wild && gen_one_in(g, 4) ? 1 : 0, type);
}

static void call_function(gen *g, unsigned f)
{
	const func *callee = &g->funcs[f];
	bool indirect = !in_kernel(g) && !(g->reserved & 0x4000) && gen_one_in(g, 4);
	if (g->reserved & ((1u << callee->results) - 1))
		return;
	if (indirect && gen_one_in(g, g->options->wild_in))
		gen_out(g, "\tMOVI RE, %u\n\tINVOKEI RE, %u, %u\n", f + gen_below(g, 3), gen_below(g, 17),
		        callee->results);
	else if (indirect && callee->kind == 'f' && gen_one_in(g, 2))
		call_element(g, f);
	else if (indirect)
		gen_out(g, "\tMOVI RE, %u\n\tINVOKEI RE, %u, %u\n", f, callee->params, callee->results);
	else
		gen_out(g, "\tINVOKE f%u\n", f);
}

/* A list of up to three transforms in memory, and PIPE through it. */
static void call_pipe(gen *g, unsigned f)
{
	unsigned n = gen_below(g, 4);
	gen_out(g, "\tMOVI RE, 0x%X\n\tMOVI RD, %u\n\tST32 RD, [RE]\n", PIPE_LIST, n);
	for (unsigned i = 0; i < n; i++) {
		unsigned other = g->current + 1 + gen_below(g, g->func_count - g->current - 1);
		unsigned step = g->funcs[other].kind == 't' || gen_one_in(g, g->options->wild_in) ? other : f;
		gen_out(g, "\tMOVI RD, %u\n\tST32 RD, [RE+%u]\n", step, 4 + 4 * i);
	}
	gen_out(g, "\tPIPE [0x%X]\n", PIPE_LIST);
}

static void call_transform(gen *g, unsigned f)
{
	if (g->reserved)
		return;
	if (!in_kernel(g) && gen_one_in(g, 3))
		call_pipe(g, f);
	else
		gen_out(g, "\tTRANS f%u\n", f);
}

void gen_call(gen *g)
{
	unsigned later = g->func_count - g->current - 1;
	if (!later)
		return;
	unsigned f = g->current + 1 + gen_below(g, later);
	if (in_kernel(g) && !g->funcs[f].plain)
		return;
	switch (g->funcs[f].kind) {
	case 'f': call_function(g, f); break;
	case 't': call_transform(g, f); break;
	default: gen_launch(g, f);
	}
}

/* A call of itself, at most three deep, and perhaps one more that calls no further. */
void gen_recursion(gen *g)
{
	const func *self = &g->funcs[g->current];
	if (self->kind != 'f' || !self->params || in_kernel(g) || in_leaf(g) || !g->current || !gen_one_in(g, 3))
		return;
	unsigned end = g->labels++;
	gen_out(g, "\tANDI R0, R0, 3\n\tBZ R0, L%u_%u\n\tADDI R0, R0, -1\n\tINVOKE f%u\n", g->current, end, g->current);
	if (gen_one_in(g, 3))
		gen_out(g, "\tMOVI R0, 0\n\tINVOKE f%u\n", g->current);
	label(g, end);
}

/* The subroutine writes R0 and R1 only. */
void gen_local_call(gen *g)
{
	if (!g->subroutine) {
		g->subroutine = true;
		g->subroutine_label = g->labels++;
	}
	if (!(g->reserved & 3))
		gen_out(g, "\tCALL L%u_%u\n", g->current, g->subroutine_label);
}

/* Behind the function's body: the CALL target, which may CALL another and end in two ways. */
void gen_subroutine(gen *g)
{
	if (!g->subroutine)
		return;
	unsigned inner = g->labels++, skip = g->labels++;
	label(g, g->subroutine_label);
	gen_out(g, "\tADDI R0, R1, %d\n\tXOR R1, R0, R2\n", (int)gen_below(g, 100));
	if (gen_one_in(g, 2))
		gen_out(g, "\tCALL L%u_%u\n", g->current, inner);
	gen_out(g, "\tJN L%u_%u\n\tADDI R1, R1, 3\n\tRET\n", g->current, skip);
	label(g, skip);
	gen_out(g, "\tMULI R0, R0, 5\n");
	label(g, inner);
	gen_out(g, "\tXORI R1, R1, 9\n\tRET\n");
}

/* ---- ends ---- */

/* An end of the activation or the run in the middle; of the run seldom, so that most programs get
   further. */
void gen_end_early(gen *g)
{
	unsigned skip = g->labels++, r = gen_target(g);
	bool in_main = g->current == 0;
	if (in_main || gen_one_in(g, 2))
		gen_out(g, "\tANDI R%X, R%X, 0x%X\n", r, gen_below(g, 16), gen_one_in(g, 8) ? 1 : 0xFF);
	gen_out(g, "\tBNZ R%X, L%u_%u\n", r, g->current, skip);
	if (!in_main && gen_one_in(g, 2))
		gen_out(g, "\tRET\n");
	else if (in_kernel(g) || gen_one_in(g, 4))
		gen_out(g, "\tTRAP %u\n", gen_below(g, 256));
	else
		gen_out(g, "%s", gen_one_in(g, 2) ? "\tHLT\n" : "\tSYSCALL 0\n");
	label(g, skip);
}
