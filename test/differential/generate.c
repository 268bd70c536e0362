/*
 * The generator of random programs. Straight-line instructions are drawn from the opcode table by their operand kinds, so a new
 * form is covered as soon as it is in the table; control flow and memory addressing are built from templates that keep programs
 * valid and finite.
 */
#include "generate.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "ir/opcode.h"

enum {
	MAX_FUNCS = 12,
	MAX_NESTING = 4,
	ARENA = 0x20000, /* where confined accesses go: the data segment */
	ARENA_SIZE = 0x8000,
	COUNTERS = 0x28100, /* loop counters kept in memory */
	PIPE_LIST = 0x28200,
	BLOCK = 0x28300, /* argument block of LAUNCH */
	KERNEL_OUT = 0x28400
};

typedef struct func {
	char kind; /* f, t, k */
	unsigned params, results;
} func;

typedef struct gen {
	uint64_t rng;
	char *text;
	size_t used, size;
	bool failed;
	const generate_options *options;
	func funcs[MAX_FUNCS];
	unsigned func_count, current;
	unsigned labels, loops;
	unsigned nesting;
	int budget;        /* instructions left for this function */
	uint16_t reserved; /* registers that hold loop counters */
	bool subroutine;   /* a CALL target is to be emitted behind the body */
	unsigned subroutine_label;
} gen;

/* xorshift64* (Vigna 2016): small, and good enough to choose test programs. */
static uint64_t next(gen *g)
{
	g->rng ^= g->rng >> 12;
	g->rng ^= g->rng << 25;
	g->rng ^= g->rng >> 27;
	return g->rng * 0x2545F4914F6CDD1DULL;
}

static unsigned below(gen *g, unsigned n) { return (unsigned)((next(g) >> 33) % n); }
static bool one_in(gen *g, unsigned n) { return n && below(g, n) == 0; }

static void out(gen *g, const char *format, ...)
{
	va_list args;
	if (g->size - g->used < 512) {
		char *bigger = realloc(g->text, g->size * 2 + 4096);
		if (!bigger) {
			g->failed = true;
			return;
		}
		g->text = bigger;
		g->size = g->size * 2 + 4096;
	}
	va_start(args, format);
	int n = vsnprintf(g->text + g->used, g->size - g->used, format, args);
	va_end(args);
	g->used += n > 0 ? (size_t)n : 0;
}

/* A register that may be written. */
static unsigned target(gen *g)
{
	unsigned r;
	do
		r = below(g, 16);
	while (g->reserved >> r & 1);
	return r;
}

/* Values at which things happen: small, powers of two, limits, floats. */
static int64_t interesting(gen *g)
{
	switch (below(g, 6)) {
	case 0: return (int64_t)below(g, 20) - 10;
	case 1: return (int64_t)(UINT64_C(1) << below(g, 64));
	case 2: return (int64_t)((UINT64_C(1) << below(g, 64)) - 1);
	case 3: return below(g, 2) ? INT64_MIN : INT32_MIN;
	case 4: {
		static const uint64_t floats[] = {0x3FF0000000000000, 0xBFF8000000000000, 0x7FF0000000000000,
		        0x8000000000000000, 0x7FF8000000000000, 0x3FB999999999999A, 0x43E0000000000000, 0x3F800000,
		        0x7FC00000, 0xC0490FDB};
		return (int64_t)floats[below(g, sizeof floats / sizeof floats[0])];
	}
	default: return (int64_t)next(g);
	}
}

static int64_t immediate(gen *g, vsp_operand o)
{
	int64_t min, max;
	if (!vsp_operand_range(o, &min, &max))
		return 0;
	if (o == VSP_O_I64)
		return interesting(g);
	if (one_in(g, 4))
		return one_in(g, 2) ? min : max;
	if (one_in(g, 2) && max >= 16)
		return min < 0 ? (int64_t)below(g, 16) - 8 : below(g, 16);
	return min + (int64_t)(next(g) % (uint64_t)(max - min + 1));
}

/* Sets up register r as an address inside the arena with room for 64 KiB less than all of it on either side of a displacement. */
static void address_into(gen *g, unsigned r)
{
	if (one_in(g, g->options->wild_in)) {
		if (one_in(g, 2))
			out(g, "\tMOVI R%X, 0x%X\n", r, 0x8000 + below(g, 0x30000));
		return;
	}
	out(g, "\tANDI R%X, R%X, 0x3FFF\n\tADDI R%X, R%X, 0x%X\n", r, r, r, r, ARENA + 0x2000);
}

static void operand(gen *g, unsigned o, unsigned base, unsigned index)
{
	switch (o) {
	case VSP_O_WA:
	case VSP_O_MA:
	case VSP_O_MB: out(g, "R%X", target(g)); break;
	case VSP_O_RA:
	case VSP_O_RB:
	case VSP_O_RC:
	case VSP_O_RD: out(g, "R%X", below(g, 16)); break;
	case VSP_O_MEM_B: out(g, "[R%X%+d]", base, (int)below(g, 0x3000) - 0x1000); break;
	case VSP_O_MEM_X1: out(g, "[R%X + R%X*1]", base, index); break;
	case VSP_O_MEM_X2: out(g, "[R%X + R%X*2]", base, index); break;
	case VSP_O_MEM_X4: out(g, "[R%X + R%X*4]", base, index); break;
	case VSP_O_MEM_X8: out(g, "[R%X + R%X*8]", base, index); break;
	case VSP_O_MEM_SP: out(g, "[SP%+d]", (int)below(g, 64) - 96); break;
	case VSP_O_MEM_A24:
	case VSP_O_MEM_A32: out(g, "[0x%X]", ARENA + below(g, ARENA_SIZE - 64)); break;
	default: out(g, "%" PRId64, immediate(g, (vsp_operand)o)); break;
	}
}

static bool reads_memory_by_register(const vsp_form_info *info)
{
	for (int i = 0; i < 4; i++)
		if (info->operands[i] == VSP_O_MEM_B ||
		        (info->operands[i] >= VSP_O_MEM_X1 && info->operands[i] <= VSP_O_MEM_X8))
			return true;
	return false;
}

/* May this form stand anywhere, with operands of any value? The others come from templates, or depend on the host. */
static bool is_plain(const gen *g, unsigned form)
{
	const vsp_form_info *info = &vsp_forms[form];
	if (info->effects &
	        (VSP_FX_END | VSP_FX_BRANCH | VSP_FX_HOST | VSP_FX_BATCH | VSP_FX_CALL | VSP_FX_SP_W | VSP_FX_EXIT))
		return false;
	if (g->funcs[g->current].kind == 'k' && !info->kernel)
		return false;
	if (info->implicit != VSP_X_NONE && info->implicit != VSP_X_ALL_R && g->reserved)
		return false;
	if ((info->op >= 0xA0 && info->op <= 0xA7) || form == VSP_I_BATCH || form == VSP_I_UNBATCH)
		return false; /* modes take few values, batches must pair: templates */
	if (g->funcs[g->current].kind == 'k' && info->effects & (VSP_FX_LOAD | VSP_FX_STORE))
		return false; /* a kernel may touch only its ranges */
	return true;
}

static void plain(gen *g)
{
	unsigned form;
	do
		form = below(g, VSP_FORMS);
	while (!is_plain(g, form));
	const vsp_form_info *info = &vsp_forms[form];
	unsigned base = target(g), index;
	do
		index = target(g);
	while (index == base);
	if (reads_memory_by_register(info)) {
		address_into(g, base);
		out(g, "\tANDI R%X, R%X, 0x1FF\n", index, index);
	}
	/* A division by a random register traps often enough without help; most get a divisor that is not 0. */
	if (info->effects & VSP_FX_TRAP && info->operands[2] == VSP_O_RC && !one_in(g, g->options->wild_in)) {
		unsigned d = target(g);
		out(g, "\tORI R%X, R%X, 1\n\t%s R%X, R%X, R%X\n", d, d, info->mnemonic, target(g), below(g, 16), d);
		return;
	}
	out(g, "\t%s", info->mnemonic);
	for (int i = 0; i < 4 && info->operands[i] != VSP_O_NONE; i++) {
		out(g, i ? ", " : " ");
		operand(g, info->operands[i], base, index);
	}
	out(g, "\n");
}

static void constant(gen *g) { out(g, "\tMOVI R%X, %" PRId64 "\n", target(g), interesting(g)); }

static void body(gen *g, int share);

static void conditional(gen *g)
{
	static const char *const flags[] = {"JZ", "JNZ", "JN", "JNN", "JO", "JNO"};
	static const char *const compares[] = {
	        "BEQ", "BNE", "BLT", "BGE", "BLTU", "BGEU", "BGT", "BLE", "BGTU", "BLEU"};
	unsigned label = g->labels++;
	if (one_in(g, 3))
		out(g, "\t%s L%u_%u\n", flags[below(g, 6)], g->current, label);
	else if (one_in(g, 3))
		out(g, "\t%s R%X, L%u_%u\n", one_in(g, 2) ? "BZ" : "BNZ", below(g, 16), g->current, label);
	else
		out(g, "\t%s R%X, R%X, L%u_%u\n", compares[below(g, 10)], below(g, 16), below(g, 16), g->current,
		        label);
	body(g, 4);
	if (one_in(g, 2)) {
		unsigned end = g->labels++;
		out(g, "\tJMP L%u_%u\nL%u_%u:\n", g->current, end, g->current, label);
		body(g, 4);
		out(g, "L%u_%u:\n", g->current, end);
	} else {
		out(g, "L%u_%u:\n", g->current, label);
	}
}

static void counted_loop(gen *g)
{
	unsigned label = g->labels++, count = 1 + below(g, one_in(g, 6) ? 300 : 9);
	bool in_register = one_in(g, 2), use_loop = in_register && !(g->reserved & 0x1000) && one_in(g, 2);
	uint16_t saved = g->reserved;
	if (in_register || g->funcs[g->current].kind == 'k') {
		unsigned r = use_loop ? 12 : target(g);
		use_loop = r == 12;
		g->reserved |= (uint16_t)(1u << r);
		out(g, "\tMOVI R%X, %u\nL%u_%u:\n", r, count, g->current, label);
		body(g, 5);
		if (use_loop)
			out(g, "\tLOOP L%u_%u\n", g->current, label);
		else
			out(g, "\tADDI R%X, R%X, -1\n\t%s R%X, L%u_%u\n", r, r, "BNZ", r, g->current, label);
	} else {
		unsigned r = target(g), slot = COUNTERS + 8 * (g->loops++ % 30);
		out(g, "\tMOVI R%X, %u\n\tSTORE R%X, [0x%X]\nL%u_%u:\n", r, count, r, slot, g->current, label);
		body(g, 5);
		out(g, "\tLOAD R%X, [0x%X]\n\tADDI R%X, R%X, -1\n\tSTORE R%X, [0x%X]\n", r, slot, r, r, r, slot);
		out(g, "\t%s R%X, L%u_%u\n", one_in(g, 2) ? "BNZ" : "JNZ", r, g->current, label);
	}
	g->reserved = saved;
}

static void table_branch(gen *g)
{
	unsigned n = below(g, 5), first = g->labels, r = target(g);
	g->labels += n + 1;
	out(g, "\tANDI R%X, R%X, 7\n\tBRTAB R%X", r, r, r);
	for (unsigned i = 0; i < n; i++)
		out(g, ", L%u_%u", g->current, first + i);
	out(g, "\n");
	for (unsigned i = 0; i < n; i++) {
		body(g, 6);
		if (one_in(g, 2))
			out(g, "\tJMP L%u_%u\n", g->current, first + n);
		out(g, "L%u_%u:\n", g->current, first + i);
	}
	body(g, 6);
	out(g, "L%u_%u:\n", g->current, first + n);
}

static void call(gen *g)
{
	bool kernel = g->funcs[g->current].kind == 'k';
	unsigned later = g->func_count - g->current - 1;
	if (!later)
		return;
	unsigned f = g->current + 1 + below(g, later);
	const func *callee = &g->funcs[f];
	if (callee->kind == 'f' && !(g->reserved & ((1u << callee->results) - 1))) {
		if (!kernel && !(g->reserved & 0x4000) && one_in(g, 4))
			out(g, "\tMOVI RE, %u\n\tINVOKEI RE, %u, %u\n", f, callee->params, callee->results);
		else if (!kernel)
			out(g, "\tINVOKE f%u\n", f);
	} else if (callee->kind == 't' && !g->reserved && !kernel) {
		if (one_in(g, 3))
			out(g,
			        "\tMOVI RD, 1\n\tMOVI RE, 0x%X\n\tST32 RD, [RE]\n\tMOVI RD, %u\n\tST32 RD, "
			        "[RE+4]\n\tPIPE [0x%X]\n",
			        PIPE_LIST, f, PIPE_LIST);
		else
			out(g, "\tTRANS f%u\n", f);
	} else if (callee->kind == 'k' && !kernel && !(g->reserved & 0x6000)) {
		out(g,
		        "\tMOVI RE, 0x%X\n\tMOVI RD, 1\n\tST32 RD, [RE]\n\tMOVI RD, 0x%X\n\tST32 RD, [RE+4]\n\tMOVI "
		        "RD, 256\n"
		        "\tST32 RD, [RE+8]\n\tMOVI RD, 3\n\tST32 RD, [RE+12]\n\tMOVI RD, %u\n\tLAUNCH f%u, RD, RE\n",
		        BLOCK, KERNEL_OUT, below(g, 33), f);
	}
}

static void stack_use(gen *g)
{
	unsigned size = 8 * (1 + below(g, 4));
	switch (below(g, 3)) {
	case 0:
		out(g, "\tPUSH R%X\n", below(g, 16));
		body(g, 8);
		out(g, "\tPOP R%X\n", target(g));
		break;
	case 1:
		out(g, "\tENTER %u\n\tSTSP R%X, [SP+%u]\n", size, below(g, 16), below(g, size - 7));
		body(g, 8);
		out(g, "\tLDSP R%X, [SP+%u]\n\tLEAVE %u\n", target(g), below(g, size - 7), size);
		break;
	default: {
		unsigned r = target(g);
		out(g, "\tGETSP R%X\n\tADDI R%X, R%X, -16\n\tSETSP R%X\n\tADDI R%X, R%X, 16\n\tSETSP R%X\n", r, r, r, r,
		        r, r, r);
	}
	}
}

/* Batch instructions on valid ranges with small counts; sometimes with a wild one. */
static void batch(gen *g)
{
	static const char *const maps[] = {"MUL", "DIV", "ADD", "SUB", "XORL", "ANDL", "ORL", "COPY", "CONJ", "INV"};
	static const char *const folds[] = {"MUL", "ADD", "XOR"};
	unsigned a = ARENA + below(g, 0x4000), b = one_in(g, 2) ? a + below(g, 64) : ARENA + below(g, 0x4000),
	         n = below(g, 90);
	bool bracket = one_in(g, 3);
	if (g->reserved & 0x7000)
		return;
	if (one_in(g, g->options->wild_in))
		a = below(g, 0x20000);
	if (bracket)
		out(g, "\tBATCH 2\n");
	out(g, "\tMOVI RC, %u\n\tMOVI RD, 0x%X\n\tMOVI RE, 0x%X\n", n, b, a);
	switch (below(g, 6)) {
	case 0: out(g, "\tVMAP.%s RE, RD, RC\n", maps[below(g, 10)]); break;
	case 1: out(g, "\tVRED.%s R%X, RD, RC\n", folds[below(g, 3)], target(g)); break;
	case 2: out(g, "\tMEMCPY RE, RD, RC\n"); break;
	case 3: out(g, "\tMEMSET RE, R%X, RC\n", below(g, 16)); break;
	case 4: out(g, "\tANDI RC, RC, 7\n\tGRADB RE, RC, RD\n"); break;
	default: out(g, "\tANDI RC, RC, 7\n\tDESCB RE, RC, RD, R%X\n", below(g, 16)); break;
	}
	if (bracket)
		out(g, "\tUNBATCH\n");
}

static void mode_change(gen *g)
{
	static const char *const names[] = {"SETMODE", "PROMOTE", "DEMOTE", "TRUNCATE", "XORDEM", "AVGDEM", "MAXDEM"};
	unsigned which = below(g, 7), mode = below(g, 5);
	if (g->reserved && which >= 2)
		return;
	out(g, "\t%s %u\n", names[which], one_in(g, 2) ? mode : 8u << mode);
}

static void print_something(gen *g)
{
	static const unsigned ids[] = {2, 3, 4, 5, 6, 0x0B};
	out(g, "\tSYSCALL %u\n\tSYSCALL 11\n", ids[below(g, 6)]);
}

static void host(gen *g)
{
	switch (below(g, 6)) {
	case 0: print_something(g); break;
	case 1: out(g, "\tOUT R%X, 0\n", below(g, 16)); break;
	case 2:
		if (!g->reserved)
			out(g, "\tEMERGE\n");
		break;
	case 3: out(g, "\tYIELD\n\tFENCE\n"); break;
	case 4:
		if (g->options->imports && !(g->reserved & 1))
			out(g, "\tHCALL test.mix\n");
		break;
	default:
		out(g, "\tMEMSIZE R%X\n", target(g));
		if (one_in(g, 8))
			out(g, "\tMOVI R%X, %u\n\tMEMGROW R%X, R%X\n", 15u, below(g, 3), target(g), 15u);
	}
}

static void local_call(gen *g)
{
	if (!g->subroutine) {
		g->subroutine = true;
		g->subroutine_label = g->labels++;
	}
	/* The subroutine writes R0 and R1 only. */
	if (!(g->reserved & 3))
		out(g, "\tCALL L%u_%u\n", g->current, g->subroutine_label);
}

static void item(gen *g)
{
	bool kernel = g->funcs[g->current].kind == 'k', nested = g->nesting < MAX_NESTING;
	unsigned kind = below(g, 100);
	g->budget--;
	if (kind < 60)
		plain(g);
	else if (kind < 68)
		constant(g);
	else if (kind < 75 && nested)
		conditional(g);
	else if (kind < 80 && nested)
		counted_loop(g);
	else if (kind < 82 && nested)
		table_branch(g);
	else if (kind < 86)
		call(g);
	else if (kernel)
		plain(g);
	else if (kind < 89 && nested)
		stack_use(g);
	else if (kind < 92)
		batch(g);
	else if (kind < 94)
		mode_change(g);
	else if (kind < 96)
		local_call(g);
	else
		host(g);
}

static void body(gen *g, int share)
{
	int n = 1 + (int)below(g, (unsigned)(g->budget > share ? 12 / share * 2 + 2 : 1));
	g->nesting++;
	while (n-- > 0 && g->budget > 0)
		item(g);
	g->nesting--;
}

static void function(gen *g, unsigned index)
{
	const func *f = &g->funcs[index];
	static const char *const directive[] = {"func", "transform", "kernel"};
	g->current = index;
	g->labels = 0;
	g->reserved = 0;
	g->subroutine = false;
	g->budget = (int)(g->options->size / g->func_count) + 4;
	if (index == 0)
		out(g, ".func main() -> 0\n");
	else if (f->kind == 'f')
		out(g, ".func f%u(%u) -> %u\n", index, f->params, f->results);
	else
		out(g, ".%s f%u\n", directive[f->kind == 't' ? 1 : 2], index);
	if (f->kind == 'k') {
		out(g, "\tMOV RD, R0\n");
		g->reserved = 1 << 13;
	}
	if (index == 0)
		for (int i = 0; i < 8; i++)
			constant(g);
	while (g->budget > 0)
		item(g);
	if (f->kind == 'k') /* each iteration has eight bytes of its own; RD keeps the index */
		out(g, "\tMOVI RE, 0x%X\n\tSTX.64 R%X, [RE + RD*8]\n", KERNEL_OUT, below(g, 12));
	out(g, one_in(g, 6) && index == 0 ? "\tHLT\n" : "\tRET\n");
	if (g->subroutine) {
		out(g, "L%u_%u:\n\tADDI R0, R1, %d\n\tXOR R1, R0, R2\n", index, g->subroutine_label,
		        (int)below(g, 100));
		out(g, "\tJN L%u_s\n\tADDI R1, R1, 3\nL%u_s:\n\tRET\n", index, index);
	}
	out(g, ".end\n\n");
}

static void data(gen *g)
{
	out(g, ".data\n");
	for (unsigned i = 0; i < ARENA_SIZE / 64; i++) {
		out(g, "\t.quad %" PRId64, interesting(g));
		for (int k = 1; k < 8; k++)
			out(g, ", %" PRId64, one_in(g, 2) ? interesting(g) : (int64_t)next(g));
		out(g, "\n");
	}
	out(g, "\t.space 0x%X\n", 0x1000);
}

char *generate_program(uint64_t seed, const generate_options *options, size_t *length)
{
	gen g = {.rng = seed * 2 + 1, .options = options, .text = malloc(4096), .size = 4096};
	if (!g.text)
		return NULL;
	for (int i = 0; i < 8; i++)
		next(&g);
	g.func_count = 1 + below(&g, MAX_FUNCS - 1);
	g.funcs[0] = (func){'f', 0, 0};
	for (unsigned i = 1; i < g.func_count; i++) {
		static const char kinds[] = "fffftk";
		g.funcs[i] = (func){kinds[below(&g, 6)], below(&g, 17), below(&g, 17)};
	}
	out(&g, "; seed %" PRIu64 "\n.memory 4, 6\n", seed);
	if (options->imports)
		out(&g, ".import test.mix(2) -> 1\n");
	for (unsigned i = 0; i < g.func_count; i++)
		function(&g, i);
	data(&g);
	*length = g.used;
	if (g.failed) {
		free(g.text);
		return NULL;
	}
	return g.text;
}
