/*
 * The generator of random programs, see generate.h: the order of functions and the parts of their
 * bodies. Control flow and memory addressing are built from templates that keep programs valid and
 * finite.
 */
#include "generate_parts.h"

#include <stdlib.h>

/* Items that are allowed in a kernel, and in functions that a kernel calls. */
static void kernel_item(gen *g, unsigned kind, bool nested)
{
	if (kind < 12)
		gen_kernel_memory(g);
	else if (kind < 70 || !nested)
		gen_plain(g);
	else if (kind < 80)
		gen_conditional(g);
	else if (kind < 86)
		gen_counted_loop(g);
	else if (kind < 90)
		gen_table_branch(g);
	else if (kind < 93)
		gen_leave_loop(g);
	else if (kind < 94)
		gen_end_early(g);
	else
		gen_call(g);
}

static void effect_item(gen *g, unsigned kind, bool nested)
{
	if (kind < 88 && nested)
		gen_stack_use(g);
	else if (kind < 91)
		gen_batch(g);
	else if (kind < 93)
		gen_mode_change(g);
	else if (kind < 95)
		gen_local_call(g);
	else if (kind < 96)
		gen_memory(g);
	else if (!g->options->kernels)
		gen_host(g);
}

static void item(gen *g)
{
	bool nested = g->nesting < MAX_NESTING;
	unsigned kind = gen_below(g, 100);
	g->budget--;
	if (in_kernel(g))
		kernel_item(g, kind, nested);
	else if (g->options->kernels && gen_one_in(g, 4))
		gen_call(g);
	else if (kind < 53 || (kind < 79 && !nested))
		gen_plain(g);
	else if (kind < 56)
		gen_useless_load(g);
	else if (kind < 63)
		gen_constant(g);
	else if (kind < 70)
		gen_conditional(g);
	else if (kind < 75)
		gen_counted_loop(g);
	else if (kind < 77)
		gen_table_branch(g);
	else if (kind < 78)
		gen_leave_loop(g);
	else if (kind < 79)
		gen_end_early(g);
	else if (kind < 84)
		gen_call(g);
	else
		effect_item(g, kind, nested);
}

void gen_body(gen *g, int share)
{
	int n = 1 + (int)gen_below(g, (unsigned)(g->budget > share ? 12 / share * 2 + 2 : 1));
	g->nesting++;
	while (n-- > 0 && g->budget > 0)
		item(g);
	g->nesting--;
}

static void begin_function(gen *g, unsigned index)
{
	const func *f = &g->funcs[index];
	g->current = index;
	g->labels = 0;
	g->reserved = 0;
	g->subroutine = g->in_loop = false;
	g->budget = (int)(g->options->size / g->func_count) + 4;
	if (index == 0)
		gen_out(g, ".func main() -> 0\n");
	else if (f->kind == 'f')
		gen_out(g, ".func f%u(%u) -> %u\n", index, f->params, f->results);
	else
		gen_out(g, ".%s f%u\n", f->kind == 't' ? "transform" : "kernel", index);
}

static void function(gen *g, unsigned index)
{
	bool kernel = g->funcs[index].kind == 'k';
	begin_function(g, index);
	if (kernel)
		gen_begin_kernel(g);
	gen_recursion(g);
	for (int i = 0; index == 0 && i < 8; i++)
		gen_constant(g);
	while (g->budget > 0)
		item(g);
	if (kernel)
		gen_end_kernel(g);
	gen_out(g, gen_one_in(g, 6) && index == 0 ? "\tHLT\n" : "\tRET\n");
	gen_subroutine(g);
	gen_out(g, ".end\n\n");
}

static void data(gen *g)
{
	gen_out(g, ".data\n");
	for (unsigned i = 0; i < ARENA_SIZE / 64; i++) {
		gen_out(g, "\t.quad %" PRId64, gen_interesting(g));
		for (int k = 1; k < 8; k++)
			gen_out(g, ", %" PRId64, gen_one_in(g, 2) ? gen_interesting(g) : (int64_t)gen_next(g));
		gen_out(g, "\n");
	}
	gen_out(g, "\t.space 0x%X\n", 0x1000);
}

/* Functions with the same counts have the same type, of numbers of 64 bits. */
static void choose_types(gen *g)
{
	for (unsigned i = 0; i < g->func_count; i++) {
		func *f = &g->funcs[i];
		f->type = g->types;
		for (unsigned k = 0; k < i; k++)
			if (g->funcs[k].kind == 'f' && g->funcs[k].params == f->params &&
			        g->funcs[k].results == f->results)
				f->type = g->funcs[k].type;
		g->types += f->kind == 'f' && f->type == g->types;
	}
}

static void write_types(gen *g)
{
	gen_out(g, ".section \"TYPE\"\n\t.word %u\n", g->types);
	for (unsigned i = 0, next = 0; i < g->func_count; i++) {
		const func *f = &g->funcs[i];
		if (f->kind != 'f' || f->type != next)
			continue;
		next++;
		gen_out(g, "\t.half %u, %u\n", f->params, f->results);
		for (unsigned k = 0; k < f->params + f->results; k++)
			gen_out(g, "\t.byte 0x7E\n");
	}
	for (unsigned i = 0; i < g->func_count; i++)
		gen_out(g, "\t.half %u\n", g->funcs[i].kind == 'f' ? g->funcs[i].type : 0xFFFF);
}

/* Globals, types, and two tables of functions: one with a run for each function, and an empty
   one. */
static void sections(gen *g)
{
	unsigned runs = 0;
	gen_out(g, ".section \"GLOB\"\n\t.word %d\n", GLOBALS);
	for (int i = 0; i < GLOBALS; i++)
		gen_out(g, "\t.quad %" PRId64 "\n", gen_interesting(g));
	write_types(g);
	for (unsigned i = 1; i < g->func_count; i++)
		runs += g->funcs[i].kind == 'f';
	gen_out(g, ".section \"TABL\"\n\t.word 2, %u, %u\n", FIRST_ELEMENT + g->func_count + 2, runs);
	for (unsigned i = 1; i < g->func_count; i++)
		if (g->funcs[i].kind == 'f')
			gen_out(g, "\t.word %u, 1, f%u\n", FIRST_ELEMENT + i, i);
	gen_out(g, "\t.word 0, 0\n.section \"DSEG\"\n\t.word 1, 0x10008, 5\n\t.byte 1, 2, 3, 4, 5, 0, 0, 0\n.code\n");
}

static void choose_functions(gen *g)
{
	const char *kinds = g->options->kernels ? "ftkkkk" : "fffftk";
	g->func_count = 2 + gen_below(g, MAX_FUNCS - 2);
	g->funcs[0] = (func){.kind = 'f'};
	for (unsigned i = 1; i < g->func_count; i++) {
		char kind = kinds[gen_below(g, 6)];
		g->funcs[i] = (func){.kind = kind, .params = gen_below(g, 17), .results = gen_below(g, 17)};
		g->funcs[i].plain = kind != 'k' && gen_one_in(g, 4);
	}
	g->funcs[g->func_count - 1] = (func){.kind = 'f', .params = 2, .results = 1};
	choose_types(g);
}

char *generate_program(uint64_t seed, const generate_options *options, size_t *length)
{
	gen g = {.rng = seed * 2 + 1, .options = options, .text = malloc(4096), .size = 4096};
	if (!g.text)
		return NULL;
	for (int i = 0; i < 8; i++)
		gen_next(&g);
	choose_functions(&g);
	gen_out(&g, "; seed %" PRIu64 "\n.memory 4, 6\n", seed);
	if (options->imports && !options->kernels)
		gen_out(&g, ".import test.mix(2) -> 1\n.import test.back(2) -> 1\n");
	sections(&g);
	for (unsigned i = 0; i < g.func_count; i++)
		function(&g, i);
	gen_out(&g, ".export f%u as \"leaf\"\n", g.func_count - 1);
	data(&g);
	*length = g.used;
	if (g.failed) {
		free(g.text);
		return NULL;
	}
	return g.text;
}
