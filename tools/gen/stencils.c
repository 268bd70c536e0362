/*
 * Makes the table of stencils (tiers/baseline/stencil_table.h) of objects that the build's compiler
 * has made of tiers/baseline/stencils.c: gen_stencils OUT.c OBJECT...
 *
 * Each stencil is in the objects several times, with its operands in different registers. Where two
 * of them differ, the number of a register stands. The first four tell where; the others must then
 * be what the numbers make of the first, to the bit. Every other thing that is only known at run
 * time is a relocation against a symbol vsp_hole_*. A stencil with a relocation against anything
 * else - a helper, a constant - is left out, and its cells stay with the interpreter. So is one that
 * has moved a value before an access that may fault. A relocation of a type that is not known is an
 * error.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tiers/baseline/stencil_table.h"
#include "tiers/elf.h"

/* ---- the machine: x86-64 ---- */

enum { MACHINE_X86_64 = 62 };
enum { R_NONE = 0, R_64 = 1, R_PC32 = 2, R_PLT32 = 4, R_32 = 10, R_32S = 11 };
/* The low three bits of the numbers of r8, r9; r11, r14, r15; r12, r13; and of xmm0 to xmm7. */
static const uint8_t registers[VSP_STENCIL_REGISTERS] = {0, 1, 3, 6, 7, 4, 5, 0, 1, 2, 3, 4, 5, 6, 7};
/* Such a number can begin at these bits of a byte. */
static const uint8_t shifts[] = {0, 3};
enum { NUMBER = 7 };
enum { JUMP_OPCODE = 0xE9, JUMP_SIZE = 5 };

/*
 * The registers of operands a, b and c in each variant of stencils.c. Variants 1 to 3 exchange two
 * operands of variant 0. The registers are those that the compiler takes last for its own needs, so
 * that these do not depend on where the operands are. Variant 4 has operands in r8 and r9, which the
 * compiler takes before them: a stencil that saves one of these and restores it at its end is left
 * out, since it would restore it over its result.
 */
enum { VARIANTS = 8, LEARN = 4, COMMON = 5 };
static const uint8_t variants[VARIANTS][3] = {
        {3, 6, 7}, {6, 3, 7}, {7, 6, 3}, {3, 7, 6}, {1, 0, 3}, {4, 5, 7}, {5, 3, 4}, {6, 4, 5}};
static const char *const alias_names[VSP_SHARES] = {
        [VSP_SHARE_NONE] = "abc",
        [VSP_SHARE_B] = "aac",
        [VSP_SHARE_C] = "aba",
        [VSP_SHARE_BOTH] = "aaa",
        [VSP_FLOAT_NONE] = "fgh",
        [VSP_FLOAT_B] = "ffh",
        [VSP_FLOAT_C] = "fgf",
        [VSP_FLOAT_BOTH] = "fff",
        [VSP_FROM_FLOAT] = "agh",
        [VSP_TO_FLOAT] = "fbc",
};

/*
 * Where an access may fault, the values that a stencil is handed must be in these registers still:
 * see tiers/baseline/stencil_words.h.
 */
static const char intact_prefix[] = "vsp_hole_intact_";
static const char *const intact[] = {"s0_%r8", "s1_%r9", "p0_%r11", "p1_%r14", "p2_%r15", "p3_%r12", "p4_%r13",
        "F_%rdi", "mem_%rsi", "x_%rdx", "w0_%xmm0", "w1_%xmm1", "w2_%xmm2", "w3_%xmm3", "w4_%xmm4", "w5_%xmm5",
        "w6_%xmm6", "w7_%xmm7"};
enum { INTACT = sizeof intact / sizeof intact[0], ALL_INTACT = (1 << INTACT) - 1 };

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

static const struct {
	const char *symbol;
	uint32_t type;
	vsp_hole_kind kind;
} hole_kinds[] = {
        {"vsp_hole_imm", R_32S, VSP_HOLE_IMM_32},
        {"vsp_hole_imm", R_64, VSP_HOLE_IMM_64},
        {"vsp_hole_offset_a", R_32S, VSP_HOLE_OFFSET_A},
        {"vsp_hole_offset_d", R_32S, VSP_HOLE_OFFSET_D},
        {"vsp_hole_wide", R_64, VSP_HOLE_WIDE},
        {"vsp_hole_cell", R_64, VSP_HOLE_CELL},
        {"vsp_hole_handler", R_64, VSP_HOLE_HANDLER},
        {"vsp_hole_cells", R_64, VSP_HOLE_CELLS},
        {"vsp_hole_table", R_64, VSP_HOLE_TABLE},
        {"vsp_hole_next", R_PLT32, VSP_HOLE_NEXT},
        {"vsp_hole_target", R_PLT32, VSP_HOLE_TARGET},
        {"vsp_hole_slow", R_PLT32, VSP_HOLE_SLOW},
};

/* Tables that stencils may look at. */
static const char *const symbols[] = {"vsp_bytesil_sums", "vsp_bytesil_exp"};

static _Noreturn void die(const char *format, ...)
{
	va_list args;
	va_start(args, format);
	fputs("gen_stencils: ", stderr);
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
	va_end(args);
	exit(1);
}

/* ---- objects ---- */

typedef struct object {
	const char *path;
	uint8_t *bytes;
	uint64_t size;
	const elf_section *sections, *text;
	const elf_symbol *symbols;
	const elf_reloc *relocs; /* of text, in order of their offsets */
	uint32_t text_index, symbol_count, reloc_count;
	const char *names;
	uint64_t names_size;
} object;

static const void *part(const object *o, uint64_t offset, uint64_t size)
{
	if (offset > o->size || size > o->size - offset || offset % 8)
		die("%s: not an object as expected", o->path);
	return o->bytes + offset;
}

static const char *symbol_name(const object *o, const elf_symbol *s)
{
	if (s->name >= o->names_size)
		die("%s: a name lies outside its table", o->path);
	return o->names + s->name;
}

static void read_file(object *o)
{
	enum { CHUNK = 1 << 20 };
	FILE *in = fopen(o->path, "rb");
	size_t n = 1;
	if (!in)
		die("%s: cannot be opened", o->path);
	while (n) {
		o->bytes = realloc(o->bytes, o->size + CHUNK);
		if (!o->bytes)
			die("out of memory");
		n = fread(o->bytes + o->size, 1, CHUNK, in);
		o->size += n;
	}
	fclose(in);
}

static void open_section(object *o, uint32_t i)
{
	const elf_section *s = &o->sections[i];
	if (s->type == ELF_PROGBITS && s->flags & ELF_EXEC && s->size) {
		if (o->text)
			die("%s: there are two sections of code", o->path);
		o->text = s;
		o->text_index = i;
	}
	if (s->type == ELF_SYMTAB) {
		const elf_section *names = &o->sections[s->link];
		o->symbols = part(o, s->offset, s->size);
		o->symbol_count = (uint32_t)(s->size / sizeof *o->symbols);
		o->names = (const char *)part(o, names->offset & ~UINT64_C(7), 0) + (names->offset & 7);
		o->names_size = names->size;
	}
}

static int by_offset(const void *a, const void *b)
{
	const elf_reloc *x = a, *y = b;
	return x->offset < y->offset ? -1 : x->offset > y->offset;
}

static void open_relocs(object *o)
{
	const elf_header *h = (const elf_header *)(const void *)o->bytes;
	for (uint32_t i = 0; i < h->section_count; i++) {
		const elf_section *s = &o->sections[i];
		if (s->type != ELF_RELA || s->info != o->text_index)
			continue;
		o->relocs = part(o, s->offset, s->size);
		o->reloc_count = (uint32_t)(s->size / sizeof *o->relocs);
		qsort(o->bytes + s->offset, o->reloc_count, sizeof *o->relocs, by_offset);
	}
}

static void open_object(object *o)
{
	read_file(o);
	const elf_header *h = part(o, 0, sizeof *h);
	if (memcmp(h->ident, "\177ELF\2\1", 6) != 0 || h->machine != MACHINE_X86_64 || h->type != ELF_RELOCATABLE)
		die("%s: not an object for x86-64", o->path);
	o->sections = part(o, h->section_headers, h->section_count * sizeof *o->sections);
	for (uint32_t i = 0; i < h->section_count; i++)
		open_section(o, i);
	if (!o->text || !o->symbols)
		die("%s: there is no code", o->path);
	part(o, o->text->offset, o->text->size);
	open_relocs(o);
}

/* ---- stencils as they are in objects ---- */

enum { MOST_HOLES = 64, MOST_BYTES = 4096, MOST_STENCILS = 1 << 12 };

/* One stencil in one variant. */
typedef struct piece {
	const uint8_t *code;
	uint32_t size, holes;
	vsp_hole hole[MOST_HOLES];
	uint32_t intact; /* of the values that must be intact at the access, those that are, as bits */
	bool usable, leaves, faults;
} piece;

typedef struct stencil {
	char *name;
	piece variant[VSP_SHARES][VARIANTS];
} stencil;

static stencil *stencils;
static uint32_t stencil_count;

/* A mark of an empty relocation. False: a value is not where it must be, or there is a second access. */
static bool add_mark(piece *p, const char *name)
{
	p->leaves |= strcmp(name, "vsp_hole_leaves") == 0;
	p->faults |= strcmp(name, "vsp_hole_faults") == 0;
	if (strncmp(name, intact_prefix, sizeof intact_prefix - 1) != 0)
		return true;
	const char *value = name + sizeof intact_prefix - 1;
	for (unsigned i = 0; i < INTACT; i++)
		if (strcmp(value, intact[i]) == 0 && !(p->intact >> i & 1)) {
			p->intact |= 1u << i;
			return true;
		}
	return false;
}

static bool add_hole(const object *o, piece *p, const elf_reloc *r, uint64_t start)
{
	if (r->symbol >= o->symbol_count || p->holes == MOST_HOLES)
		die("%s: too many relocations, or one against no symbol", o->path);
	if (r->type != R_NONE && r->type != R_64 && r->type != R_PC32 && r->type != R_PLT32 && r->type != R_32 &&
	        r->type != R_32S)
		die("%s: relocation of type %u, which is not known", o->path, (unsigned)r->type);
	const char *name = symbol_name(o, &o->symbols[r->symbol]);
	if (r->type == R_NONE)
		return add_mark(p, name);
	if (r->addend < INT32_MIN || r->addend > INT32_MAX)
		die("%s: an addend of more than 32 bits", o->path);
	vsp_hole hole = {.at = (uint16_t)(r->offset - start), .addend = (int32_t)r->addend};
	for (size_t i = 0; i < sizeof symbols / sizeof symbols[0]; i++)
		if (r->type == R_64 && strcmp(symbols[i], name) == 0) {
			hole.kind = VSP_HOLE_SYMBOL;
			hole.operand = (uint8_t)i;
			p->hole[p->holes++] = hole;
			return true;
		}
	for (size_t i = 0; i < sizeof hole_kinds / sizeof hole_kinds[0]; i++) {
		if (hole_kinds[i].type != r->type || strcmp(hole_kinds[i].symbol, name) != 0)
			continue;
		hole.kind = (uint8_t)hole_kinds[i].kind;
		p->hole[p->holes++] = hole;
		return true;
	}
	return false;
}

static void read_piece(const object *o, const elf_symbol *s, piece *p)
{
	if (s->value > o->text->size || s->size > o->text->size - s->value)
		die("%s: a function lies outside the code", o->path);
	p->code = o->bytes + o->text->offset + s->value;
	p->size = (uint32_t)s->size;
	p->usable = s->size > 0 && s->size <= MOST_BYTES;
	uint32_t low = 0, high = o->reloc_count;
	while (low < high) {
		uint32_t middle = (low + high) / 2;
		if (o->relocs[middle].offset < s->value)
			low = middle + 1;
		else
			high = middle;
	}
	for (; p->usable && low < o->reloc_count && o->relocs[low].offset < s->value + s->size; low++)
		p->usable = add_hole(o, p, &o->relocs[low], s->value);
	p->usable &= !p->faults || p->intact == ALL_INTACT;
}

static stencil *find_stencil(const char *name)
{
	static uint32_t last; /* the objects have them in the same order */
	for (uint32_t i = 0; i < stencil_count; i++) {
		uint32_t at = (last + i) % stencil_count;
		if (strcmp(stencils[at].name, name) == 0) {
			last = at + 1;
			return &stencils[at];
		}
	}
	if (stencil_count == MOST_STENCILS)
		die("too many stencils");
	stencil *s = &stencils[stencil_count++];
	s->name = malloc(strlen(name) + 1);
	if (!s->name)
		die("out of memory");
	strcpy(s->name, name);
	last = stencil_count;
	return s;
}

/* A name is vsp_<alias><variant>_<handler>. */
static void read_object(const char *path)
{
	object *o = calloc(1, sizeof *o);
	if (!o)
		die("out of memory");
	o->path = path;
	open_object(o);
	for (uint32_t i = 0; i < o->symbol_count; i++) {
		const elf_symbol *s = &o->symbols[i];
		const char *name = symbol_name(o, s);
		if (s->section != o->text_index || s->info != ELF_GLOBAL_FUNCTION || strncmp(name, "vsp_", 4) != 0)
			continue;
		for (unsigned alias = 0; alias < VSP_SHARES; alias++) {
			unsigned variant = (unsigned)(name[7] - '0');
			if (strncmp(name + 4, alias_names[alias], 3) == 0 && variant < VARIANTS && name[8] == '_')
				read_piece(o, s, &find_stencil(name + 9)->variant[alias][variant]);
		}
	}
}

static bool is_piece(const stencil *s) { return strncmp(s->name, "PIECE_", 6) == 0; }

/* ---- learning where registers stand ---- */

static bool same_holes(const piece *p, const piece *q)
{
	if (p->size != q->size || p->holes != q->holes)
		return false;
	for (uint32_t i = 0; i < p->holes; i++)
		if (p->hole[i].at != q->hole[i].at || p->hole[i].kind != q->hole[i].kind ||
		        p->hole[i].operand != q->hole[i].operand || p->hole[i].addend != q->hole[i].addend)
			return false;
	return true;
}

/* What the variants' numbers of operand k differ by at its places. */
static uint8_t difference(unsigned v, unsigned k) { return variants[v][k] ^ variants[0][k]; }

/* The operand whose number changes in this way from variant to variant; 3: none. */
static unsigned operand_of(const uint8_t changed[LEARN])
{
	unsigned k = 0;
	while (k < 3 &&
	        (changed[1] != difference(1, k) || changed[2] != difference(2, k) || changed[3] != difference(3, k)))
		k++;
	return k;
}

/* Adds the number that stands at a bit of a byte, if there is one. False: what differs is not a number. */
static bool learn_at(piece variant[VARIANTS], uint32_t at, unsigned shift)
{
	piece *p = &variant[0];
	uint8_t changed[LEARN] = {0}, any = 0;
	for (unsigned v = 1; v < LEARN; v++) {
		changed[v] = (p->code[at] ^ variant[v].code[at]) >> shift & NUMBER;
		any |= changed[v];
	}
	unsigned operand = operand_of(changed);
	if (!any)
		return true;
	if (operand == 3 || p->holes == MOST_HOLES)
		return false;
	p->hole[p->holes++] = (vsp_hole){
	        .at = (uint16_t)at, .kind = VSP_HOLE_REGISTER, .operand = (uint8_t)operand, .addend = 1 << shift};
	return true;
}

/* Are the numbers of a variant's registers all that makes it different from p? */
static bool predicts(const piece *p, const piece *other, const uint8_t numbers[3])
{
	uint8_t code[MOST_BYTES];
	if (!other->usable || p->size != other->size)
		return false;
	memcpy(code, p->code, p->size);
	for (uint32_t i = 0; i < p->holes; i++) {
		const vsp_hole *hole = &p->hole[i];
		if (hole->kind == VSP_HOLE_REGISTER)
			code[hole->at] ^=
			        (uint8_t)((numbers[hole->operand] ^ variants[0][hole->operand]) * hole->addend);
	}
	return memcmp(code, other->code, p->size) == 0;
}

/* Completes variant 0. *bases: the last registers are possible too. False: there is no stencil. */
static bool finish(piece variant[VARIANTS], bool *bases)
{
	piece *p = &variant[0];
	if (!p->usable)
		return false;
	for (unsigned v = 1; v < COMMON; v++)
		if (!variant[v].usable || !same_holes(p, &variant[v]))
			return false;
	for (uint32_t at = 0; at < p->size; at++)
		for (size_t i = 0; i < sizeof shifts; i++)
			if (!learn_at(variant, at, shifts[i]))
				return false;
	/* Nothing else differs: the predictions are to the bit, for the variants learnt from too. */
	*bases = true;
	for (unsigned v = 1; v < VARIANTS; v++)
		if (!predicts(p, &variant[v], variants[v])) {
			if (v < COMMON)
				return false;
			*bases = false;
		}
	return true;
}

/*
 * A stencil with operands in float registers is worth having if it need not move them to general
 * ones first: if it is no larger than the other one.
 */
static bool is_worth_it(const stencil *s, unsigned alias)
{
	enum { SLACK = 2 };
	const piece *p = &s->variant[alias][0], *general = &s->variant[VSP_SHARE_NONE][0];
	bool named = false;
	for (uint32_t i = 0; i < p->holes; i++)
		named |= p->hole[i].kind == VSP_HOLE_REGISTER;
	return alias < VSP_FLOAT_NONE || is_piece(s) || (named && p->size <= general->size + SLACK);
}

/* The jump to the next piece at the end is not needed. */
static void drop_last_jump(piece *p)
{
	for (uint32_t i = 0; i < p->holes; i++)
		if (p->hole[i].kind == VSP_HOLE_NEXT && p->hole[i].at + 4u == p->size && p->size >= JUMP_SIZE &&
		        p->code[p->size - JUMP_SIZE] == JUMP_OPCODE) {
			p->size -= JUMP_SIZE;
			p->hole[i] = p->hole[--p->holes];
			return;
		}
}

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
		fprintf(out, "{%u,%u,%u,%d},\n", p->hole[i].at, p->hole[i].kind, p->hole[i].operand,
		        (int)p->hole[i].addend);
	hole_count += p->holes;
}

typedef struct entry {
	bool exists, bases;
	uint32_t code, hole;
} entry;
static entry entries[MOST_STENCILS][VSP_SHARES];

static void write_entry(uint32_t s, unsigned alias)
{
	const entry *e = &entries[s][alias];
	const piece *p = &stencils[s].variant[alias][0];
	if (e->exists)
		fprintf(out, "{%u,%u,%u,%u,1,%d,%d,%d},", e->code, e->hole, p->size, p->holes, p->leaves, p->faults,
		        e->bases);
	else
		fputs("{0},", out);
}

static bool any_exists(uint32_t s)
{
	for (unsigned alias = 0; alias < VSP_SHARES; alias++)
		if (entries[s][alias].exists)
			return true;
	return false;
}

static void write_bytes(const char *name, const uint8_t *bytes, unsigned n)
{
	fprintf(out, "const uint8_t %s[] = {", name);
	for (unsigned i = 0; i < n; i++)
		fprintf(out, "%u,", bytes[i]);
	fputs("};\n", out);
}

static void write_table(void)
{
	fputs("/* Written by tools/gen/stencils.c. */\n#include \"tiers/interp/handlers.h\"\n"
	      "#include \"tiers/baseline/stencil_table.h\"\n#include \"runtime/arith/bytesil.h\"\n"
	      "const void *const vsp_stencil_symbols[] = {",
	        out);
	for (size_t i = 0; i < sizeof symbols / sizeof symbols[0]; i++)
		fprintf(out, "%s,", symbols[i]);
	fputs("};\n", out);
	write_bytes("vsp_stencil_registers", registers, VSP_STENCIL_REGISTERS);
	write_bytes("vsp_stencil_operands", variants[0], 3);
	fputs("const uint8_t vsp_stencil_code[] = {\n", out);
	for (uint32_t s = 0; s < stencil_count; s++)
		for (unsigned alias = 0; alias < VSP_SHARES; alias++)
			if (entries[s][alias].exists) {
				entries[s][alias].code = code_size;
				write_code(&stencils[s].variant[alias][0]);
			}
	fputs("0};\nconst vsp_hole vsp_stencil_holes[] = {\n", out);
	for (uint32_t s = 0; s < stencil_count; s++)
		for (unsigned alias = 0; alias < VSP_SHARES; alias++)
			if (entries[s][alias].exists) {
				entries[s][alias].hole = hole_count;
				write_holes(&stencils[s].variant[alias][0]);
			}
	fputs("{0}};\nconst vsp_stencil vsp_stencils[][VSP_SHARES] = {\n", out);
	for (uint32_t s = 0; s < stencil_count; s++) {
		if (is_piece(&stencils[s]) || !any_exists(s))
			continue;
		fprintf(out, "[VSP_H_%s] = {", stencils[s].name);
		for (unsigned alias = 0; alias < VSP_SHARES; alias++)
			write_entry(s, alias);
		fputs("},\n", out);
	}
	fputs("};\nconst uint32_t vsp_stencil_count = sizeof vsp_stencils / sizeof vsp_stencils[0];\n"
	      "const vsp_stencil vsp_pieces[VSP_PIECES][VSP_SHARES] = {\n",
	        out);
	for (unsigned i = 0; i < VSP_PIECES; i++) {
		uint32_t s = 0;
		while (s < stencil_count && strcmp(stencils[s].name, piece_names[i]) != 0)
			s++;
		if (s == stencil_count || !entries[s][VSP_SHARE_NONE].exists || !entries[s][VSP_SHARE_NONE].bases)
			die("%s cannot be used", piece_names[i]);
		fputc('{', out);
		for (unsigned alias = 0; alias < VSP_SHARES; alias++)
			write_entry(s, alias);
		fputs("},\n", out);
	}
	fputs("};\n", out);
}

/* Which kinds there are of a stencil. */
static void choose_kinds(stencil *s, entry *e)
{
	for (unsigned alias = 0; alias < VSP_SHARES; alias++)
		e[alias].exists = finish(s->variant[alias], &e[alias].bases) && is_worth_it(s, alias);
	for (unsigned alias = 0; alias < VSP_SHARES; alias++)
		if (e[alias].exists)
			drop_last_jump(&s->variant[alias][0]);
		else if (alias < VSP_FLOAT_NONE && getenv("VSP_STENCILS_LEFT"))
			fprintf(stderr, "left to the interpreter: %s %s\n", alias_names[alias], s->name);
}

int main(int argc, char **argv)
{
	if (argc < 3)
		die("gen_stencils OUT.c OBJECT...");
	stencils = calloc(MOST_STENCILS, sizeof *stencils);
	if (!stencils)
		die("out of memory");
	for (int i = 2; i < argc; i++)
		read_object(argv[i]);
	for (uint32_t s = 0; s < stencil_count; s++)
		choose_kinds(&stencils[s], entries[s]);
	out = fopen(argv[1], "w");
	if (!out)
		die("%s: cannot be written", argv[1]);
	write_table();
	if (fclose(out))
		die("%s: cannot be written", argv[1]);
	return 0;
}
