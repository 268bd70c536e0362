/*
 * Makes the table of stencils (tiers/baseline/stencil_table.h) of objects that the build's compiler
 * has made of tiers/baseline/stencils.c: gen_stencils OUT.c OBJECT...
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/gen/stencils.h"

static const char *const piece_names[VSP_PIECES] = {
        [VSP_PIECE_LOAD] = "PIECE_LOAD",
        [VSP_PIECE_STORE] = "PIECE_STORE",
        [VSP_PIECE_MOVE] = "PIECE_MOVE",
        [VSP_PIECE_JUMP] = "PIECE_JUMP",
        [VSP_PIECE_ENTER] = "PIECE_ENTER",
        [VSP_PIECE_SELECT] = "PIECE_SELECT",
        [VSP_PIECE_RECORD] = "PIECE_RECORD",
        [VSP_PIECE_RECORD_ADDI] = "PIECE_RECORD_ADDI",
        [VSP_PIECE_RECORD_ADD] = "PIECE_RECORD_ADD",
        [VSP_PIECE_RECORD_SUB] = "PIECE_RECORD_SUB",
        [VSP_PIECE_SLOW] = "PIECE_SLOW",
        [VSP_PIECE_LEAVE] = "PIECE_LEAVE",
};

/* ---- output ---- */

static FILE *out;
static uint32_t code_size, hole_count;

static void write_code(const piece *p)
{
	for (uint32_t i = 0; i < p->size; i++)
		fprintf(out, "%u,%s", p->code[i], (code_size + i) % 32 == 31 ? "\n" : "");
	code_size += p->size;
}

static void write_holes(const piece *p)
{
	for (uint32_t i = 0; i < p->holes; i++)
		fprintf(out, "{%u,%u,%u,%d},\n", p->hole[i].at, p->hole[i].kind, p->hole[i].form,
		        (int)p->hole[i].addend);
	hole_count += p->holes;
}

/* What is written of a stencil, by alias. */
typedef struct entry {
	bool exists[VSP_SHARES], bases[VSP_SHARES];
	uint32_t code[VSP_SHARES], hole[VSP_SHARES];
} entry;
static entry entries[MOST_STENCILS];

static void write_entry(uint32_t s, unsigned alias)
{
	const entry *e = &entries[s];
	const piece *p = &gen_stencils[s].variant[alias][0];
	if (e->exists[alias])
		fprintf(out, "{%u,%u,%u,%u,1,%d,%d,%d},", e->code[alias], e->hole[alias], p->size, p->holes, p->leaves,
		        p->faults, e->bases[alias]);
	else
		fputs("{0},", out);
}

static bool any_exists(uint32_t s)
{
	for (unsigned alias = 0; alias < VSP_SHARES; alias++)
		if (entries[s].exists[alias])
			return true;
	return false;
}

static void write_registers(void)
{
	fputs("const uint8_t vsp_stencil_registers[] = {", out);
	for (unsigned i = 0; i < VSP_STENCIL_REGISTERS; i++)
		fprintf(out, "%u,", gen_machine->registers[i]);
	fputs("};\nconst uint8_t vsp_stencil_operands[2][3] = {", out);
	for (unsigned is_float = 0; is_float < 2; is_float++) {
		fputc('{', out);
		for (unsigned k = 0; k < 3; k++)
			fprintf(out, "%u,", gen_number(0, k, is_float ? VSP_FLOAT_NONE : VSP_SHARE_NONE));
		fputs("},", out);
	}
	fputs("};\n", out);
}

/* A table may be handed from build to build (VSP_STENCIL_TABLE). */
static void write_machine(void)
{
	fprintf(out,
	        "/* Written by tools/gen/stencils.c. */\n#ifndef %s\n#error \"this table of stencils is for another "
	        "machine; leave VSP_STENCIL_TABLE empty (cmake -UVSP_STENCIL_TABLE), and the build makes its own\"\n"
	        "#endif\n",
	        gen_machine->macro);
}

static void write_table(void)
{
	write_machine();
	fputs("#include \"tiers/interp/handlers.h\"\n"
	      "#include \"tiers/baseline/stencil_table.h\"\n#include \"runtime/arith/bytesil.h\"\n"
	      "const void *const vsp_stencil_symbols[] = {",
	        out);
	for (unsigned i = 0; i < SYMBOLS; i++)
		fprintf(out, "%s,", gen_symbols[i]);
	fputs("};\n", out);
	write_registers();
	fputs("const uint8_t vsp_stencil_code[] = {\n", out);
	for (uint32_t s = 0; s < gen_stencil_count; s++)
		for (unsigned alias = 0; alias < VSP_SHARES; alias++)
			if (entries[s].exists[alias]) {
				entries[s].code[alias] = code_size;
				write_code(&gen_stencils[s].variant[alias][0]);
			}
	fputs("0};\nconst vsp_hole vsp_stencil_holes[] = {\n", out);
	for (uint32_t s = 0; s < gen_stencil_count; s++)
		for (unsigned alias = 0; alias < VSP_SHARES; alias++)
			if (entries[s].exists[alias]) {
				entries[s].hole[alias] = hole_count;
				write_holes(&gen_stencils[s].variant[alias][0]);
			}
	fputs("{0}};\nconst vsp_stencil vsp_stencils[][VSP_SHARES] = {\n", out);
	for (uint32_t s = 0; s < gen_stencil_count; s++) {
		if (gen_is_piece(&gen_stencils[s]) || !any_exists(s))
			continue;
		fprintf(out, "[VSP_H_%s] = {", gen_stencils[s].name);
		for (unsigned alias = 0; alias < VSP_SHARES; alias++)
			write_entry(s, alias);
		fputs("},\n", out);
	}
	fputs("};\nconst uint32_t vsp_stencil_count = sizeof vsp_stencils / sizeof vsp_stencils[0];\n"
	      "const vsp_stencil vsp_pieces[VSP_PIECES][VSP_SHARES] = {\n",
	        out);
	for (unsigned i = 0; i < VSP_PIECES; i++) {
		uint32_t s = 0;
		while (s < gen_stencil_count && strcmp(gen_stencils[s].name, piece_names[i]) != 0)
			s++;
		if (s == gen_stencil_count || !entries[s].exists[VSP_SHARE_NONE] || !entries[s].bases[VSP_SHARE_NONE])
			gen_die("%s cannot be used", piece_names[i]);
		fputc('{', out);
		for (unsigned alias = 0; alias < VSP_SHARES; alias++)
			write_entry(s, alias);
		fputs("},\n", out);
	}
	fputs("};\n", out);
}

int main(int argc, char **argv)
{
	if (argc < 3)
		gen_die("gen_stencils OUT.c OBJECT...");
	gen_stencils = calloc(MOST_STENCILS, sizeof *gen_stencils);
	if (!gen_stencils)
		gen_die("out of memory");
	for (int i = 2; i < argc; i++)
		gen_read_stencils(argv[i]);
	for (uint32_t s = 0; s < gen_stencil_count; s++)
		gen_choose_kinds(&gen_stencils[s], entries[s].exists, entries[s].bases);
	out = fopen(argv[1], "w");
	if (!out)
		gen_die("%s: cannot be written", argv[1]);
	write_table();
	if (fclose(out))
		gen_die("%s: cannot be written", argv[1]);
	return 0;
}
