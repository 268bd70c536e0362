/*
 * What is in kernels alone. Every LAUNCH declares two ranges: KERNEL_OUT, of which each iteration
 * reads and writes its own KERNEL_OWN bytes, and KERNEL_IN, which no iteration writes. So there are
 * no races, and all back ends must agree. RD keeps the iteration's index.
 */
#include "generate_parts.h"

#include <stdio.h>

enum { PARAMETER = 4 + 2 * 12 }; /* in the argument block: one word of 64 bits */

void gen_begin_kernel(gen *g)
{
	gen_out(g, "\tMOV RD, R0\n\tLOAD R2, [R1+%d]\n\tMOVI RE, 0x%X\n\tSHLI R3, RD, 5\n", PARAMETER, KERNEL_OUT);
	gen_out(g, "\tADD R3, RE, R3\n\tLOAD R3, [R3]\n");
	g->reserved = 1 << 13;
}

void gen_end_kernel(gen *g)
{
	gen_out(g, "\tMOVI RE, 0x%X\n\tSHLI RF, RD, 5\n\tADD RE, RE, RF\n\tSTORE R%X, [RE]\n", KERNEL_OUT,
	        gen_below(g, 12));
}

/* Has this form one operand in memory, and nothing else that needs a template? */
static bool is_access(const gen *g, unsigned form)
{
	const vsp_form_info *info = &vsp_forms[form];
	bool implicit = info->implicit != VSP_X_NONE && g->reserved;
	return info->kernel && info->effects & (VSP_FX_LOAD | VSP_FX_STORE) && !implicit &&
	       !(info->effects & (VSP_FX_SP_W | VSP_FX_CALL | VSP_FX_BRANCH));
}

static vsp_operand_look look_of(const vsp_form_info *info)
{
	for (int i = 0; i < 4; i++) {
		vsp_operand_look look = vsp_operands[info->operands[i]].look;
		if (look == VSP_LOOK_BASE || look == VSP_LOOK_INDEXED || look == VSP_LOOK_ABSOLUTE)
			return look;
	}
	return VSP_LOOK_NONE;
}

/* Sets base to an address in the iteration's own bytes, or in those that are only read. */
static void set_base(gen *g, unsigned base, bool own)
{
	if (own)
		gen_out(g, "\tSHLI R%X, RD, 5\n\tADDI R%X, R%X, 0x%X\n", base, base, base, KERNEL_OUT);
	else
		gen_out(g, "\tANDI R%X, R%X, 0x7FF\n\tADDI R%X, R%X, 0x%X\n", base, base, base, base, KERNEL_IN);
}

/* Beyond all memory, so that every back end traps. */
static void make_wild(gen *g, unsigned base)
{
	if (gen_one_in(g, g->options->wild_in))
		gen_out(g, "\tMOVI R%X, 0x%X\n", base, 0x700000 + gen_below(g, 0x1000));
}

static void address(gen *g, const vsp_operand_info *o, unsigned base, unsigned index, unsigned room)
{
	if (o->look == VSP_LOOK_BASE)
		gen_out(g, "[R%X+%u]", base, gen_below(g, room));
	else if (o->look == VSP_LOOK_INDEXED)
		gen_out(g, "[R%X + R%X*%u]", base, index, o->scale);
	else
		gen_out(g, "[0x%X]", KERNEL_IN + gen_below(g, KERNEL_IN_SIZE - 16));
}

/* The largest access has 16 bytes. */
void gen_kernel_memory(gen *g)
{
	unsigned form, base = gen_target(g), index = gen_target(g);
	do
		form = gen_below(g, VSP_FORMS);
	while (!is_access(g, form) || look_of(&vsp_forms[form]) == VSP_LOOK_NONE);
	const vsp_form_info *info = &vsp_forms[form];
	bool stores = info->effects & VSP_FX_STORE, in_function = g->funcs[g->current].kind != 'k';
	bool own = !in_function && (stores || gen_one_in(g, 2));
	vsp_operand_look look = look_of(info);
	if ((stores && (in_function || look == VSP_LOOK_ABSOLUTE)) || base == index)
		return;
	if (look != VSP_LOOK_ABSOLUTE)
		set_base(g, base, own);
	if (look == VSP_LOOK_INDEXED)
		gen_out(g, "\tANDI R%X, R%X, 3\n", index, index);
	if (look == VSP_LOOK_BASE || look == VSP_LOOK_INDEXED)
		make_wild(g, base);
	gen_out(g, "\t%s", info->mnemonic);
	for (int i = 0; i < 4 && info->operands[i] != VSP_O_NONE; i++) {
		const vsp_operand_info *o = &vsp_operands[info->operands[i]];
		gen_out(g, i ? ", " : " ");
		if (o->look == VSP_LOOK_REGISTER)
			gen_out(g, "R%X", o->writes ? gen_target(g) : gen_below(g, 16));
		else if (o->look == VSP_LOOK_NUMBER)
			gen_out(g, "%u", gen_below(g, 8));
		else
			address(g, o, base, index, own ? KERNEL_OWN - 15 : 0x100);
	}
	gen_out(g, "\n");
}

/* A range: its words from RE + at on, by RD. */
static void range(gen *g, unsigned at, unsigned address, unsigned length, unsigned flags)
{
	gen_out(g, "\tMOVI RD, 0x%X\n\tST32 RD, [RE+%u]\n\tMOVI RD, %u\n\tST32 RD, [RE+%u]\n", address, at, length,
	        at + 4);
	gen_out(g, "\tMOVI RD, %u\n\tST32 RD, [RE+%u]\n", flags, at + 8);
}

void gen_launch(gen *g, unsigned f)
{
	if (in_kernel(g) || g->reserved & 0x6000)
		return;
	gen_out(g, "\tMOVI RE, 0x%X\n\tMOVI RD, 2\n\tST32 RD, [RE]\n", BLOCK);
	range(g, 4, KERNEL_OUT, KERNEL_OWN * MOST_ITERATIONS, 3);
	range(g, 16, KERNEL_IN, KERNEL_IN_SIZE, 1);
	gen_out(g, "\tSTORE R%X, [RE+%d]\n", gen_below(g, 16), PARAMETER);
	gen_out(g, "\tMOVI RD, %u\n\tLAUNCH f%u, RD, RE\n", gen_below(g, MOST_ITERATIONS + 1), f);
}
