/*
 * Templates that touch more than registers: the stack, batch instructions, modes, the host and
 * memory as a whole.
 */
#include "generate_parts.h"

/* SP must be restored, so loops are not left from within. */
static void body_within(gen *g)
{
	bool in_loop = g->in_loop;
	g->in_loop = false;
	gen_body(g, 8);
	g->in_loop = in_loop;
}

void gen_stack_use(gen *g)
{
	unsigned size = 8 * (1 + gen_below(g, 4)), r = gen_target(g);
	switch (gen_below(g, 4)) {
	case 0:
		gen_out(g, "\tPUSH R%X\n", gen_below(g, 16));
		body_within(g);
		gen_out(g, "\tPOP R%X\n", gen_target(g));
		break;
	case 1:
		gen_out(g, "\tENTER %u\n\tSTSP R%X, [SP+%u]\n", size, gen_below(g, 16), gen_below(g, size - 7));
		body_within(g);
		gen_out(g, "\tLDSP R%X, [SP+%u]\n\tLEAVE %u\n", gen_target(g), gen_below(g, size - 7), size);
		break;
	case 2: /* an array on the stack, by address */
		gen_out(g, "\tENTER 64\n\tLEASP R%X, %u\n\tSTORE R%X, [R%X+8]\n", r, gen_below(g, 48), gen_below(g, 16),
		        r);
		gen_out(g, "\tLD16S R%X, [R%X+%u]\n\tLEAVE 64\n", gen_target(g), r, gen_below(g, 14));
		break;
	default:
		gen_out(g, "\tGETSP R%X\n\tADDI R%X, R%X, -16\n\tSETSP R%X\n", r, r, r, r);
		gen_out(g, "\tADDI R%X, R%X, 16\n\tSETSP R%X\n", r, r, r);
	}
}

/* ---- batches ---- */

static void batch_instruction(gen *g)
{
	static const char *const maps[] = {"MUL", "DIV", "ADD", "SUB", "XORL", "ANDL", "ORL", "COPY", "CONJ", "INV"};
	static const char *const folds[] = {"MUL", "ADD", "XOR"};
	switch (gen_below(g, 7)) {
	case 0: gen_out(g, "\tVMAP.%s RE, RD, RC\n", maps[gen_below(g, 10)]); break;
	case 1: gen_out(g, "\tVRED.%s R%X, RD, RC\n", folds[gen_below(g, 3)], gen_target(g)); break;
	case 2: gen_out(g, "\tMEMCPY RE, RD, RC\n"); break;
	case 3: gen_out(g, "\tMEMSET RE, R%X, RC\n", gen_below(g, 16)); break;
	case 4: gen_out(g, "\tANDI RC, RC, 7\n\tGRADB RE, RC, RD\n"); break;
	case 5: gen_out(g, "\tMOVI RC, 0\n\tINFER R%X, RD, RE, RC\n", gen_target(g)); break; /* nothing to do */
	default: gen_out(g, "\tANDI RC, RC, 7\n\tDESCB RE, RC, RD, R%X\n", gen_below(g, 16));
	}
}

/* On valid ranges with small counts, which may overlap; sometimes on a wild one. */
void gen_batch(gen *g)
{
	unsigned a = ARENA + gen_below(g, 0x4000), n = gen_below(g, 90),
	         b = gen_one_in(g, 2) ? a + gen_below(g, 64) : ARENA + gen_below(g, 0x4000);
	bool bracket = gen_one_in(g, 3);
	if (g->reserved & 0x7000)
		return;
	if (gen_one_in(g, g->options->wild_in))
		a = gen_below(g, 0x20000);
	if (bracket)
		gen_out(g, "\tBATCH 2\n");
	gen_out(g, "\tMOVI RC, %u\n\tMOVI RD, 0x%X\n\tMOVI RE, 0x%X\n", n, b, a);
	batch_instruction(g);
	if (bracket)
		gen_out(g, "\tUNBATCH\n");
}

/* ---- modes ---- */

void gen_mode_change(gen *g)
{
	static const char *const names[] = {"SETMODE", "PROMOTE", "DEMOTE", "TRUNCATE", "XORDEM", "AVGDEM", "MAXDEM"};
	unsigned which = gen_below(g, 8), r = gen_target(g), mode = gen_below(g, 5), as_bits = 8u << mode;
	if (gen_one_in(g, 2))
		mode = as_bits;
	if (gen_one_in(g, g->options->wild_in))
		mode = gen_below(g, 256);
	if (which == 7)
		gen_out(g, "\tMOVI R%X, %u\n\tSTORE R%X, [0x%X]\n\tCOMPAT [0x%X]\n", r, mode, r, MODE_BYTE, MODE_BYTE);
	else if (!g->reserved || which < 2)
		gen_out(g, "\t%s %u\n", names[which], mode);
}

/* ---- the host ---- */

static void print_something(gen *g)
{
	static const unsigned ids[] = {2, 3, 4, 5, 6, 0x0A};
	gen_out(g, "\tSYSCALL %u\n\tSYSCALL 11\n", ids[gen_below(g, 6)]);
}

/* These write R0, and need R1 and R2. */
static void read_something(gen *g)
{
	if (g->reserved & 7)
		return;
	gen_out(g, "\tMOVI R0, 0x%X\n\tMOVI R1, %u\n", ARENA + gen_below(g, 0x4000), gen_below(g, 40));
	switch (gen_below(g, 5)) {
	case 0: gen_out(g, "\tSYSCALL 1\n"); break;
	case 1: gen_out(g, "\tMOV R2, R1\n\tMOV R1, R0\n\tMOVI R0, %u\n\tSYSCALL 0x11\n", gen_below(g, 4)); break;
	case 2: gen_out(g, "\tMOV R1, R0\n\tSYSCALL 0xF1\n\tSYSCALL 0xF2\n"); break;
	case 3: gen_out(g, "\tSYSCALL 0x10\n"); break;
	default: gen_out(g, "\tSYSCALL %u\n", 7 + gen_below(g, 3));
	}
}

static void transfer(gen *g)
{
	unsigned port = gen_one_in(g, g->options->wild_in) ? 200 : gen_below(g, 4), r = gen_target(g);
	switch (gen_below(g, 8)) {
	case 0: gen_out(g, "\tIN R%X, %u\n", r, port); break;
	case 1: gen_out(g, "\tOUT R%X, %u\n", gen_below(g, 16), port); break;
	case 2: gen_out(g, "\tSENSE R%X\n", r); break;
	case 3: gen_out(g, "\tACT R%X\n", gen_below(g, 16)); break;
	case 4: gen_out(g, "\tSYNC %u\n", gen_below(g, 256)); break;
	case 5: gen_out(g, "\tENTANGLE R%X, R%X\n", gen_below(g, 16), gen_below(g, 16)); break;
	case 6: gen_out(g, "\tBROADCAST %u\n", port); break;
	default:
		if (!g->reserved)
			gen_out(g, "\tRECEIVE %u\n", port);
	}
}

void gen_host(gen *g)
{
	switch (gen_below(g, 6)) {
	case 0: print_something(g); break;
	case 1: read_something(g); break;
	case 2:
	case 3: transfer(g); break;
	case 4:
		if (g->options->imports && !g->options->kernels && !in_leaf(g) && !(g->reserved & 1))
			gen_out(g, "\tHCALL test.%s\n", gen_one_in(g, 3) ? "back" : "mix");
		break;
	default: gen_out(g, "\tYIELD\n\tFENCE\n");
	}
}

void gen_memory(gen *g)
{
	if (!g->reserved && gen_one_in(g, 3))
		gen_out(g, "\tEMERGE\n");
	gen_out(g, "\tMEMSIZE R%X\n", gen_target(g));
	if (gen_one_in(g, 8) && !(g->reserved & 0x8000))
		gen_out(g, "\tMOVI RF, %u\n\tMEMGROW R%X, RF\n", gen_below(g, 3), gen_target(g));
}
