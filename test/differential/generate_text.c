/*
 * Random choices and single instructions. Instructions are drawn from the opcode table by their
 * operand kinds, so a new form is covered as soon as it is in the table, unless it needs a
 * template.
 */
#include "generate_parts.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

/* xorshift64* (Vigna 2016): small, and good enough to choose test programs. */
uint64_t gen_next(gen *g)
{
	g->rng ^= g->rng >> 12;
	g->rng ^= g->rng << 25;
	g->rng ^= g->rng >> 27;
	return g->rng * 0x2545F4914F6CDD1DULL;
}

unsigned gen_below(gen *g, unsigned n) { return (unsigned)((gen_next(g) >> 33) % n); }
bool gen_one_in(gen *g, unsigned n) { return n && gen_below(g, n) == 0; }

void gen_out(gen *g, const char *format, ...)
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

unsigned gen_target(gen *g)
{
	unsigned r;
	do
		r = gen_below(g, 16);
	while (g->reserved >> r & 1);
	return r;
}

int64_t gen_interesting(gen *g)
{
	switch (gen_below(g, 6)) {
	case 0: return (int64_t)gen_below(g, 20) - 10;
	case 1: return (int64_t)(UINT64_C(1) << gen_below(g, 64));
	case 2: return (int64_t)((UINT64_C(1) << gen_below(g, 64)) - 1);
	case 3: return gen_below(g, 2) ? INT64_MIN : INT32_MIN;
	case 4: {
		static const uint64_t floats[] = {0x3FF0000000000000, 0xBFF8000000000000, 0x7FF0000000000000,
		        0x8000000000000000, 0x7FF8000000000000, 0x3FB999999999999A, 0x43E0000000000000, 0x3F800000,
		        0x7FC00000, 0xC0490FDB};
		return (int64_t)floats[gen_below(g, sizeof floats / sizeof floats[0])];
	}
	default: return (int64_t)gen_next(g);
	}
}

static int64_t immediate(gen *g, vsp_operand o)
{
	int64_t min, max;
	if (!vsp_operand_range(o, &min, &max))
		return 0;
	if (vsp_operands[o].sense == VSP_SENSE_GLOBAL)
		return gen_below(g, GLOBALS);
	if (vsp_operands[o].sense == VSP_SENSE_SLOT)
		return gen_below(g, gen_one_in(g, 20) ? MOST_SLOTS : SLOTS);
	if (o == VSP_O_I64)
		return gen_interesting(g);
	if (gen_one_in(g, 4))
		return gen_one_in(g, 2) ? min : max;
	if (gen_one_in(g, 2) && max >= 16)
		return min < 0 ? (int64_t)gen_below(g, 16) - 8 : gen_below(g, 16);
	return min + (int64_t)(gen_next(g) % (uint64_t)(max - min + 1));
}

/* Sets up register r as an address inside the arena with room for 64 KiB less than all of it on
   either side of a displacement. */
static void address_into(gen *g, unsigned r)
{
	if (gen_one_in(g, g->options->wild_in)) {
		if (gen_one_in(g, 2))
			gen_out(g, "\tMOVI R%X, 0x%X\n", r, 0x8000 + gen_below(g, 0x30000));
		return;
	}
	gen_out(g, "\tANDI R%X, R%X, 0x3FFF\n\tADDI R%X, R%X, 0x%X\n", r, r, r, r, ARENA + 0x2000);
}

static void displaced(gen *g, const vsp_operand_info *info, unsigned base)
{
	if (info->least < 0)
		gen_out(g, "[R%X%+d]", base, (int)gen_below(g, 0x3000) - 0x1000);
	else if (gen_one_in(g, g->options->wild_in)) /* around the end of what is reserved, or anywhere */
		gen_out(g, "[R%X + 0x%X]", base,
		        gen_one_in(g, 2) ? UINT32_MAX - gen_below(g, 16) : (uint32_t)gen_next(g));
	else
		gen_out(g, "[R%X + %u]", base, gen_below(g, 0x2000));
}

static void operand(gen *g, unsigned o, unsigned base, unsigned index)
{
	const vsp_operand_info *info = &vsp_operands[o];
	switch (info->look) {
	case VSP_LOOK_NONE: break;
	case VSP_LOOK_REGISTER: gen_out(g, "R%X", info->writes ? gen_target(g) : gen_below(g, 16)); break;
	case VSP_LOOK_NUMBER: gen_out(g, "%" PRId64, immediate(g, (vsp_operand)o)); break;
	case VSP_LOOK_BASE: displaced(g, info, base); break;
	case VSP_LOOK_SP: gen_out(g, "[SP%+d]", (int)gen_below(g, 64) - 96); break;
	case VSP_LOOK_ABSOLUTE: gen_out(g, "[0x%X]", ARENA + gen_below(g, ARENA_SIZE - 64)); break;
	case VSP_LOOK_INDEXED: gen_out(g, "[R%X + R%X*%u]", base, index, info->scale); break;
	}
}

static bool reads_memory_by_register(const vsp_form_info *info)
{
	for (int i = 0; i < 4; i++) {
		vsp_operand_look look = vsp_operands[info->operands[i]].look;
		if (look == VSP_LOOK_BASE || look == VSP_LOOK_INDEXED)
			return true;
	}
	return false;
}

/* POW.F, FMATH and FMATH2, which no device computes. */
static bool is_library_function(const vsp_form_info *info)
{
	return info->op == 0x55 || info->op == 0x92 || info->op == 0x93;
}

/* May this form stand anywhere, with operands of any value? The others come from templates, or
   depend on the host. */
static bool is_plain(const gen *g, unsigned form)
{
	const vsp_form_info *info = &vsp_forms[form];
	if (info->effects &
	        (VSP_FX_END | VSP_FX_BRANCH | VSP_FX_HOST | VSP_FX_BATCH | VSP_FX_CALL | VSP_FX_SP_W | VSP_FX_EXIT))
		return false;
	if (in_kernel(g) && !info->kernel)
		return false;
	if (info->implicit != VSP_X_NONE && info->implicit != VSP_X_ALL_R && g->reserved)
		return false;
	if ((info->op >= 0xA0 && info->op <= 0xA7) || form == VSP_I_BATCH || form == VSP_I_UNBATCH)
		return false; /* modes take few values, batches must pair: templates */
	if (in_kernel(g) && info->effects & (VSP_FX_LOAD | VSP_FX_STORE))
		return false; /* a kernel may touch only its ranges */
	if (in_kernel(g) && g->options->kernels && is_library_function(info))
		return false;
	return true;
}

void gen_plain(gen *g)
{
	unsigned form;
	do
		form = gen_below(g, VSP_FORMS);
	while (!is_plain(g, form));
	const vsp_form_info *info = &vsp_forms[form];
	unsigned base = gen_target(g), index;
	do
		index = gen_target(g);
	while (index == base);
	if (reads_memory_by_register(info)) {
		address_into(g, base);
		gen_out(g, "\tANDI R%X, R%X, 0x1FF\n", index, index);
	}
	/* A division by a random register traps often enough without help; most get a divisor
	   that is not 0. */
	if (info->effects & VSP_FX_TRAP && info->operands[2] == VSP_O_RC && !gen_one_in(g, g->options->wild_in)) {
		unsigned d = gen_target(g);
		gen_out(g, "\tORI R%X, R%X, 1\n\t%s R%X, R%X, R%X\n", d, d, info->mnemonic, gen_target(g),
		        gen_below(g, 16), d);
		return;
	}
	gen_out(g, "\t%s", info->mnemonic);
	for (int i = 0; i < 4 && info->operands[i] != VSP_O_NONE; i++) {
		gen_out(g, i ? ", " : " ");
		operand(g, info->operands[i], base, index);
	}
	gen_out(g, "\n");
}

void gen_constant(gen *g) { gen_out(g, "\tMOVI R%X, %" PRId64 "\n", gen_target(g), gen_interesting(g)); }
