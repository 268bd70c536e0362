/*
 * Prints a program that executes the forms of the table (ir/opcodes.def) which compute, load, store
 * and branch, one function for each: those of ByteSil over all pairs of bytes, the others over
 * pairs of edge values. Each function's line of output is a hash of all results and flags, so that
 * machines can be compared.
 *
 *     forms            the program
 *     forms --names    the name of each line's form
 *     forms --left     numbers and mnemonics of the other forms, which programs execute
 *     forms --accesses a program with a function for each form that accesses memory at an address
 *                      in a register, called "load" or "store", the number of bytes, "_" and a
 *                      number; it gets the address (accesses.c)
 *
 * In a function R4, R5 and R6 are operands b, c and d, and R8 is a; R9 is for flags, R7 for
 * addresses, RD, RE and RB for the loops, RF for the hash. NaNs are made equal, as machines differ
 * in their bits, and results of the C library's float functions are rounded to 20 bits.
 */
#include "ir/opcode.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { VALUES = 64, AREA = 0x20800, SPOT = AREA + 512, LOOPS = AREA + 480 };

/* The last columns of the table, apart. */
typedef struct shape {
	const char *kind, *fn, *type;
} shape;
static const shape shapes[VSP_FORMS] = {
#define PARTS(kind, fn, type, swaps) {#kind, #fn, #type},
#define INSN(NAME, op, sel, mn, fmt, ops, imp, flw, flr, eff, k, shape, text) PARTS shape
#include "ir/opcodes.def"
};

/* Those whose results are the C library's. */
static bool is_math(const shape *s)
{
	static const char *const names[] = {
#define FMATH1(form, function) #form,
#define FMATH2(form, function) #form,
#include "runtime/arith/fmath.def"
	        "pow_s"};
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (!strcmp(s->fn, names[i]))
			return true;
	return false;
}

/* Edges of integers, doubles and singles. */
static const uint64_t values[VALUES] = {0, 1, 2, 3, 5, 7, 8, 31, 32, 33, 63, 64, 100, 127, 128, 255, 256, 32767, 32768,
        65535, 65536, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 0x100000000, 0x7FFFFFFFFFFFFFFF, 0x8000000000000000,
        0x8000000000000001, 0xFFFFFFFFFFFFFFFF, 0xFFFFFFFFFFFFFFFE, 0xFFFFFFFF80000000, 0xFFFFFFFF7FFFFFFF,
        0x123456789ABCDEF0, 0xFEDCBA9876543210, 0xAAAAAAAAAAAAAAAA,
        /* doubles: 1, -1.5, 0.5, 2.5, 3.5, -0.5, greatest, least, least normal, infinities, NaN,
           around 2^31, 2^53, 2^63, 2^64 */
        0x3FF0000000000000, 0xBFF8000000000000, 0x3FE0000000000000, 0x4004000000000000, 0x400C000000000000,
        0xBFE0000000000000, 0x7FEFFFFFFFFFFFFF, 0x000FFFFFFFFFFFFF, 0x0010000000000000, 0x7FF0000000000000,
        0xFFF0000000000000, 0x7FF8000000000001, 0x41DFFFFFFFE00000, 0xC1E0000000200000, 0x4340000000000001,
        0x43E0000000000000, 0xC3E0000000000001, 0x43F0000000000000, 0x3FB999999999999A,
        /* singles: 1, -2.5, 0.1, greatest, least, least normal, infinities, NaN, 2^24 + 2 */
        0x3F800000, 0xC0200000, 0x3DCCCCCD, 0x7F7FFFFF, 0x00000001, 0x00800000, 0x7F800000, 0xFF800000, 0x7FC00001,
        0x4B800001};

typedef struct form {
	const vsp_form_info *info;
	const shape *shape;
	bool bytes, binary, wide; /* all bytes; two operands that vary; all registers matter */
} form;

static bool has_operand(const form *f, vsp_operand_look look)
{
	for (int i = 0; i < 4; i++)
		if (f->info->operands[i] != VSP_O_NONE && vsp_operands[f->info->operands[i]].look == look)
			return true;
	return false;
}

static bool is_memory(vsp_operand_look look) { return look >= VSP_LOOK_BASE; }

/* Senses that the functions below can supply. */
static bool has_known_operands(const form *f)
{
	for (int i = 0; i < 4; i++) {
		vsp_operand_sense sense = vsp_operands[f->info->operands[i]].sense;
		if (sense != VSP_SENSE_NONE && sense != VSP_SENSE_VALUE && sense != VSP_SENSE_TARGET)
			return false;
	}
	return true;
}

/* Calls, batches, hosts, modes and ends have programs of their own. */
static bool classify(form *f)
{
	const vsp_form_info *info = f->info;
	if (!has_known_operands(f) ||
	        info->effects &
	                (VSP_FX_HOST | VSP_FX_CALL | VSP_FX_BATCH | VSP_FX_NOFALL | VSP_FX_INST_R | VSP_FX_INST_W) ||
	        (info->effects & VSP_FX_END && !(info->effects & VSP_FX_BRANCH)))
		return false;
	f->wide = info->implicit != VSP_X_NONE;
	f->bytes = !f->wide && (strstr(info->meaning, "La") || strstr(info->meaning, "Lb"));
	int read = 0;
	for (int i = 0; i < 4; i++) {
		const vsp_operand_info *o = &vsp_operands[info->operands[i]];
		read += o->reads ? 1 + (o->look == VSP_LOOK_INDEXED) : 0;
	}
	f->binary = read > 1 || info->flags_read;
	return info->implicit != VSP_X_RC_RW && info->implicit != VSP_X_RETURN && info->implicit != VSP_X_CALLEE &&
	       info->implicit != VSP_X_SYSCALL;
}

/* The immediates that a form is tried with: those of a byte closely, of others the edges. */
static int immediates(const form *f, int64_t out[40])
{
	static const int64_t tried[] = {0, 1, 2, 3, 5, 7, 8, 15, 16, 17, 31, 32, 63, 100, 127, 128, 254, 255, -1, -2,
	        -3, -5, -7, -8, -15, -16, -17, -128};
	int64_t least = 0, most = 0;
	bool has = false, memory = false;
	for (int i = 0; i < 4 && !has; i++) {
		const vsp_operand_info *o = &vsp_operands[f->info->operands[i]];
		memory = is_memory(o->look);
		has = o->look == VSP_LOOK_NUMBER && o->sense == VSP_SENSE_VALUE;
		has = has || (memory && o->look != VSP_LOOK_INDEXED);
		least = o->least, most = o->greatest;
	}
	int n = 0;
	if (!has || (memory && has_operand(f, VSP_LOOK_ABSOLUTE)))
		out[n++] = 0;
	else if (memory) {
		out[n++] = 0, out[n++] = 1;
		if (least < 0)
			out[n++] = -8;
	} else {
		for (size_t i = 0; i < sizeof tried / sizeof *tried; i++)
			if (tried[i] >= least && tried[i] <= most && !(f->bytes && f->binary && i % 5))
				out[n++] = tried[i];
		if (most > 255)
			out[n++] = least, out[n++] = most;
	}
	return n;
}

static void print_operand(const vsp_operand_info *o, int64_t imm, int label)
{
	static const char *const registers[] = {"R8", "R4", "R5", "R6"};
	switch (o->look) {
	case VSP_LOOK_REGISTER:
		for (int field = 0; field < 4; field++)
			if (o->fields & 1 << field)
				printf("%s", registers[field]);
		break;
	case VSP_LOOK_NUMBER:
		if (o->sense == VSP_SENSE_TARGET)
			printf("t%d", label);
		else
			printf("%" PRId64, imm);
		break;
	case VSP_LOOK_BASE: printf("[R4 + %" PRId64 "]", imm); break;
	case VSP_LOOK_SP: printf("[SP + %" PRId64 "]", imm); break;
	case VSP_LOOK_ABSOLUTE: printf("[%d]", SPOT); break;
	case VSP_LOOK_INDEXED: printf("[R4 + R5*%d]", o->scale); break;
	case VSP_LOOK_NONE: break;
	}
}

/* The instruction; a branch skips a change of the hash. */
static void print_instruction(const form *f, int64_t imm, int label)
{
	printf("\t%s", f->info->mnemonic);
	for (int i = 0; i < 4 && f->info->operands[i] != VSP_O_NONE; i++) {
		printf(i ? ", " : " ");
		print_operand(&vsp_operands[f->info->operands[i]], imm, label);
	}
	printf("\n");
	if (f->info->effects & VSP_FX_BRANCH)
		printf("\tADDI RF, RF, 12345\nt%d:\n", label);
}

/* Addresses instead of edge values, and something to load there. */
static void print_memory(const form *f)
{
	printf("\tSTORE R4, [%d]\n\tSTORE R5, [%d]\n\tSTORE R6, [%d]\n\tSTORE R5, [%d]\n", SPOT - 8, SPOT, SPOT + 8,
	        SPOT + 16);
	if (has_operand(f, VSP_LOOK_BASE))
		printf("\tANDI R4, R4, 7\n\tADDI R4, R4, %d\n", SPOT);
	if (has_operand(f, VSP_LOOK_INDEXED))
		printf("\tMOVI R4, %d\n\tANDI R5, R5, 1\n", SPOT);
	if (f->info->effects & (VSP_FX_SP_R | VSP_FX_SP_W))
		printf("\tMOVI R7, %d\n\tSETSP R7\n", SPOT);
}

static void mix(const char *r) { printf("\tXOR RF, RF, %s\n\tMULI RF, RF, 0x01000193\n\tROTLI RF, RF, 23\n", r); }

/* Makes results alike that machines may give in different bits. */
static void print_common(const form *f, int label)
{
	bool single = !strcmp(f->shape->type, "s");
	if (strncmp(f->shape->kind, "FLT", 3) != 0)
		return;
	printf("\tSEQ.%c R7, R8, R8\n\tBNZ R7, n%d\n\tMOVI R8, 12345\nn%d:\n", single ? 'S' : 'F', label, label);
	if (is_math(f->shape))
		printf("\tADDI R8, R8, %s\n\tSHRI R8, R8, %d\n", single ? "0x80" : "0x40000000", single ? 8 : 31);
}

static void print_results(const form *f, int label)
{
	print_common(f, label);
	printf("\tMOVI R9, 0\n\tJNZ z%d\n\tORI R9, R9, 1\nz%d:\n\tJNN g%d\n\tORI R9, R9, 2\ng%d:\n\tJNO o%d\n\tORI R9, "
	       "R9, 4\no%d:\n",
	        label, label, label, label, label, label);
	mix("R8");
	mix("R9");
	if (f->info->operands[1] == VSP_O_MB)
		mix("R4");
	if (f->info->effects & (VSP_FX_SP_R | VSP_FX_SP_W)) {
		printf("\tGETSP R7\n");
		mix("R7");
	}
	for (int i = -8; f->info->effects & VSP_FX_STORE && i <= 16; i += 8) {
		printf("\tLOAD R7, [%d]\n", SPOT + i);
		mix("R7");
	}
}

/* One execution for each immediate, on fresh operands. */
static void print_executions(const form *f, int *label)
{
	int64_t imm[40];
	int n = immediates(f, imm);
	for (int i = 0; i < n; i++, ++*label) {
		if (f->bytes)
			printf("\tOR R4, RE, RB\n\tOR R5, RD, RB\n\tXOR R6, RD, RE\n");
		else
			printf("\tLOAD.D R4, [RE + values]\n\tLOAD.D R5, [RD + values]\n\tADD R6, RD, RE\n\tANDI R6, "
			       "R6, %d\n\tLOAD.D R6, [R6 + values]\n",
			        8 * VALUES - 8);
		printf("\tMOV R8, R5\n");
		if (f->info->effects & (VSP_FX_LOAD | VSP_FX_STORE | VSP_FX_SP_R | VSP_FX_SP_W))
			print_memory(f);
		if (!strcmp(f->shape->kind, "DIV2"))
			printf("\tORI R5, R5, 1\n");
		printf("\tSUB R9, R4, R5\n");
		print_instruction(f, imm[i], *label);
		print_results(f, *label);
	}
}

/* Loops over one or both operands. */
static void print_function(const form *f, int number, int *label)
{
	int step = f->bytes ? 1 : 8, end = f->bytes ? 256 : 8 * VALUES;
	printf(".func f%d() -> 1\n\tMOVI RF, 1\n\tMOVI RB, 0x5A5A5A5A5A5A5A00\n\tMOVI RE, 0\nouter%d:\n\tMOVI RD, %s\n",
	        number, number, f->binary ? "0" : "0\n\tMOV RD, RE");
	if (f->binary)
		printf("inner%d:\n", number);
	print_executions(f, label);
	if (f->binary)
		printf("\tADDI RD, RD, %d\n\tCMPI RD, %d\n\tJNZ inner%d\n", step, end, number);
	printf("\tADDI RE, RE, %d\n\tCMPI RE, %d\n\tJNZ outer%d\n\tMOV R0, RF\n\tRET\n.end\n", step, end, number);
}

/* For forms that use all registers: these are filled before and hashed afterwards; the loop is in
   memory. */
static void print_wide(const form *f, int number)
{
	printf(".func f%d() -> 1\n\tMOVI RF, 1\n\tMOVI RE, 0\n\tSTORE RE, [%d]\n\tSTORE RF, [%d]\nouter%d:\n", number,
	        LOOPS, LOOPS + 8, number);
	printf("\tLOAD RE, [%d]\n", LOOPS);
	for (int r = 0; r < 16; r++)
		if (r != 14)
			printf("\tLOAD.D R%X, [RE + values + %d]\n", r, 8 * r);
	printf("\tSTORE R3, [%d]\n\tSTORE R5, [%d]\n", SPOT, SPOT + 8);
	if (has_operand(f, VSP_LOOK_BASE))
		printf("\tMOVI R4, %d\n", SPOT);
	printf("\tLOAD.D RE, [RE + values + 112]\n");
	print_instruction(f, 0, 0);
	for (int r = 0; r < 16; r++)
		printf("\tSTORE R%X, [%d]\n", r, AREA + 8 * r);
	printf("\tLOAD RF, [%d]\n", LOOPS + 8);
	for (int r = 0; r < 16; r++) {
		printf("\tLOAD R8, [%d]\n", AREA + 8 * r);
		mix("R8");
	}
	for (int i = 0; i < 16; i += 8) {
		printf("\tLOAD R8, [%d]\n", SPOT + i);
		mix("R8");
	}
	printf("\tSTORE RF, [%d]\n\tLOAD RE, [%d]\n\tADDI RE, RE, 8\n\tSTORE RE, [%d]\n\tCMPI RE, %d\n\tJNZ "
	       "outer%d\n\tMOV R0, RF\n\tRET\n.end\n",
	        LOOPS + 8, LOOPS, LOOPS, 8 * VALUES, number);
}

static void print_data(void)
{
	printf("\t.memory 4, 4\n\t.data\nvalues:\n");
	for (int i = 0; i < VALUES + 16; i++)
		printf("\t.quad %" PRIu64 "\n", values[i % VALUES]);
	printf("\t.code\n");
}

/* The bytes that a form with this shape accesses: those of its type, or a state. */
static int width_of(const form *f) { return strcmp(f->shape->type, "none") ? atoi(f->shape->type + 1) / 8 : 16; }

static bool is_access(const vsp_form_info *info)
{
	int fields = 0;
	for (int i = 0; i < 4; i++) {
		const vsp_operand_info *o = &vsp_operands[info->operands[i]];
		fields += is_memory(o->look) && o->look != VSP_LOOK_ABSOLUTE && o->look != VSP_LOOK_SP;
	}
	return fields == 1 && info->effects & (VSP_FX_LOAD | VSP_FX_STORE) &&
	       !(info->effects & (VSP_FX_HOST | VSP_FX_CALL | VSP_FX_BATCH));
}

static void print_accesses(void)
{
	for (int i = 0; i < VSP_FORMS; i++) {
		form f = {.info = &vsp_forms[i], .shape = &shapes[i]};
		if (!is_access(f.info))
			continue;
		const char *kind = f.info->effects & VSP_FX_STORE ? "store" : "load";
		printf(".export %s%d_%d\n.func %s%d_%d(1)\n\tMOV R4, R0\n\tMOVI R5, 0\n\tMOVI R8, 0x0102030405060708\n",
		        kind, width_of(&f), i, kind, width_of(&f), i);
		print_instruction(&f, 0, i);
		printf("\tRET\n.end\n");
	}
	printf(".func main()\n\tHLT\n.end\n");
}

int main(int argc, char **argv)
{
	if (argc > 1 && !strcmp(argv[1], "--accesses")) {
		print_accesses();
		return 0;
	}
	bool left = argc > 1 && !strcmp(argv[1], "--left");
	static form chosen[2 * VSP_FORMS];
	int n = 0, label = 0;
	for (int i = 0; i < VSP_FORMS; i++) {
		form f = {.info = &vsp_forms[i], .shape = &shapes[i]};
		if (!classify(&f)) {
			if (left)
				printf("%d %s\n", i, f.info->mnemonic);
			continue;
		}
		chosen[n++] = f;
		if (f.bytes && !f.binary) { /* a whole register as well, for what is made a byte */
			f.bytes = false;
			chosen[n++] = f;
		}
	}
	if (left)
		return 0;
	if (argc > 1 && !strcmp(argv[1], "--names")) {
		for (int i = 0; i < n; i++)
			printf("%s%s\n", chosen[i].info->mnemonic, chosen[i].bytes ? " of bytes" : "");
		return 0;
	}
	print_data();
	printf(".func main()\n");
	for (int i = 0; i < n; i++)
		printf("\tINVOKE f%d\n\tSYSCALL 2\n\tSYSCALL 0x0B\n", i);
	printf("\tHLT\n.end\n");
	for (int i = 0; i < n; i++)
		if (chosen[i].wide)
			print_wide(&chosen[i], i);
		else
			print_function(&chosen[i], i, &label);
	return 0;
}
