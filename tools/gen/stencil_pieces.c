/*
 * Of the generator of stencils: makes pieces of code with holes of an object's functions. Each
 * thing that is only known at run time is a relocation against a symbol vsp_hole_*. A stencil with
 * a relocation against anything else - a helper, a constant - is left out, and its cells stay with
 * the interpreter. So is one that has moved a value before an access that may fault. A relocation
 * of a type that is not known is an error.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/gen/stencils.h"

const char *const gen_alias_names[VSP_SHARES] = {
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

static const char intact_prefix[] = "vsp_hole_intact_";

static const struct {
	const char *symbol;
	hole_class class;
	vsp_hole_kind kind;
} hole_kinds[] = {
        {"vsp_hole_imm", CLASS_IMM, VSP_HOLE_IMM},
        {"vsp_hole_offset_a", CLASS_OFFSET, VSP_HOLE_OFFSET_A},
        {"vsp_hole_offset_d", CLASS_OFFSET, VSP_HOLE_OFFSET_D},
        {"vsp_hole_wide", CLASS_WORD, VSP_HOLE_WIDE},
        {"vsp_hole_cell", CLASS_WORD, VSP_HOLE_CELL},
        {"vsp_hole_handler", CLASS_WORD, VSP_HOLE_HANDLER},
        {"vsp_hole_cells", CLASS_WORD, VSP_HOLE_CELLS},
        {"vsp_hole_table", CLASS_WORD, VSP_HOLE_TABLE},
        {"vsp_hole_next", CLASS_PLACE, VSP_HOLE_NEXT},
        {"vsp_hole_target", CLASS_PLACE, VSP_HOLE_TARGET},
        {"vsp_hole_slow", CLASS_PLACE, VSP_HOLE_SLOW},
};

/* Tables that stencils may look at. */
const char *const gen_symbols[SYMBOLS] = {"vsp_bytesil_sums", "vsp_bytesil_exp"};

stencil *gen_stencils;
uint32_t gen_stencil_count;

/*
 * A mark of an empty relocation. False: a value is not where it must be, there is a second access,
 * or the mark says that no stencil may be made.
 */
static bool add_mark(piece *p, const char *name)
{
	p->leaves |= strcmp(name, "vsp_hole_leaves") == 0;
	p->faults |= strcmp(name, "vsp_hole_faults") == 0;
	if (strncmp(name, intact_prefix, sizeof intact_prefix - 1) != 0)
		return strcmp(name, "vsp_hole_unknown") != 0;
	const char *value = name + sizeof intact_prefix - 1;
	for (unsigned i = 0; i < INTACT; i++)
		if (strcmp(value, gen_machine->intact[i]) == 0 && !(p->intact >> i & 1)) {
			p->intact |= 1u << i;
			return true;
		}
	return false;
}

/* The kind and class of a symbol's holes. False: there is no such. */
static bool find_kind(const char *name, unsigned *kind, hole_class *class)
{
	for (unsigned i = 0; i < SYMBOLS; i++)
		if (strcmp(gen_symbols[i], name) == 0) {
			*kind = VSP_HOLE_SYMBOL + i;
			*class = CLASS_WORD;
			return true;
		}
	for (size_t i = 0; i < sizeof hole_kinds / sizeof hole_kinds[0]; i++)
		if (strcmp(hole_kinds[i].symbol, name) == 0) {
			*kind = hole_kinds[i].kind;
			*class = hole_kinds[i].class;
			return true;
		}
	return false;
}

static const hole_rule *find_rule(uint32_t type, hole_class class)
{
	for (unsigned i = 0; i < gen_machine->rule_count; i++)
		if (gen_machine->rules[i].type == type && gen_machine->rules[i].class == class)
			return &gen_machine->rules[i];
	return NULL;
}

static bool is_known(uint32_t type)
{
	for (unsigned i = 0; i < gen_machine->rule_count; i++)
		if (gen_machine->rules[i].type == type)
			return true;
	for (unsigned i = 0; i < gen_machine->known_count; i++)
		if (gen_machine->known[i] == type)
			return true;
	return false;
}

static bool add_hole(const object *o, piece *p, const elf_reloc *r, uint64_t start)
{
	unsigned kind;
	hole_class class;
	if (r->symbol >= o->symbol_count || p->holes == MOST_HOLES)
		gen_die("%s: too many relocations, or one against no symbol", o->path);
	const char *name = gen_symbol_name(o, &o->symbols[r->symbol]);
	if (r->type == R_NONE)
		return add_mark(p, name);
	if (!is_known(r->type))
		gen_die("%s: relocation of type %u, which is not known", o->path, (unsigned)r->type);
	if (r->addend < INT32_MIN || r->addend > INT32_MAX)
		gen_die("%s: an addend of more than 32 bits", o->path);
	const hole_rule *rule = find_kind(name, &kind, &class) ? find_rule(r->type, class) : NULL;
	if (rule)
		p->hole[p->holes++] = (vsp_hole){.at = (uint16_t)(r->offset - start),
		        .kind = (uint8_t)kind,
		        .form = (uint8_t)rule->form,
		        .addend = (int32_t)r->addend};
	return rule != NULL;
}

static void read_piece(const object *o, const elf_symbol *s, piece *p)
{
	if (s->value > o->text->size || s->size > o->text->size - s->value)
		gen_die("%s: a function lies outside the code", o->path);
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
	for (uint32_t i = 0; i < gen_stencil_count; i++) {
		uint32_t at = (last + i) % gen_stencil_count;
		if (strcmp(gen_stencils[at].name, name) == 0) {
			last = at + 1;
			return &gen_stencils[at];
		}
	}
	if (gen_stencil_count == MOST_STENCILS)
		gen_die("too many stencils");
	stencil *s = &gen_stencils[gen_stencil_count++];
	s->name = malloc(strlen(name) + 1);
	if (!s->name)
		gen_die("out of memory");
	strcpy(s->name, name);
	last = gen_stencil_count;
	return s;
}

void gen_read_stencils(const char *path)
{
	object *o = calloc(1, sizeof *o);
	if (!o)
		gen_die("out of memory");
	o->path = path;
	gen_open_object(o);
	for (uint32_t i = 0; i < o->symbol_count; i++) {
		const elf_symbol *s = &o->symbols[i];
		const char *name = gen_symbol_name(o, s);
		if (s->section != o->text_index || s->info != ELF_GLOBAL_FUNCTION || strncmp(name, "vsp_", 4) != 0)
			continue;
		for (unsigned alias = 0; alias < VSP_SHARES; alias++) {
			unsigned variant = (unsigned)(name[7] - '0');
			if (strncmp(name + 4, gen_alias_names[alias], 3) == 0 && variant < VARIANTS && name[8] == '_')
				read_piece(o, s, &find_stencil(name + 9)->variant[alias][variant]);
		}
	}
}

bool gen_is_piece(const stencil *s) { return strncmp(s->name, "PIECE_", 6) == 0; }
