/*
 * Of the generator of stencils: what its files share. Objects of the build's compiler are read
 * (stencil_elf.c), their functions become pieces of code with holes (stencil_pieces.c), pieces with
 * their operands in different registers tell where the numbers of registers stand
 * (stencil_registers.c), and all are written as a table (stencils.c). What differs between machines
 * is in stencil_machines.c.
 */
#ifndef VSP_TOOLS_STENCILS_H
#define VSP_TOOLS_STENCILS_H

#include <stdbool.h>
#include <stdint.h>

#include "tiers/baseline/stencil_table.h"
#include "tiers/elf.h"

/* ---- machines (stencil_machines.c) ---- */

/* What a relocation's symbol stands for. */
typedef enum hole_class {
	CLASS_IMM,
	CLASS_OFFSET,
	CLASS_WORD, /* all 64 bits of an address or a constant */
	CLASS_PLACE /* of code, relative */
} hole_class;

/* A relocation that becomes a hole: of this type, against a symbol of this class. */
typedef struct hole_rule {
	uint32_t type;
	hole_class class;
	vsp_hole_form form;
} hole_rule;

enum { R_NONE = 0 }; /* a relocation that is only a mark, on each machine */
enum { INTACT = 18, ALL_INTACT = (1 << INTACT) - 1, GENERAL_NUMBERS = 8 };

typedef struct machine {
	uint16_t elf;      /* elf_header.machine */
	const char *macro; /* by which C tells the machine */
	const hole_rule *rules;
	unsigned rule_count;
	const uint32_t *known; /* other types of relocations, with which a stencil is left out */
	unsigned known_count;
	/*
	 * Where an access may fault, the values that a stencil is handed must be in these registers
	 * still: see tiers/baseline/stencil_words_*.h.
	 */
	const char *intact[INTACT];
	uint8_t registers[VSP_STENCIL_REGISTERS]; /* see stencil_table.h */
	uint8_t general[GENERAL_NUMBERS];         /* by the number in stencils.c of a general register */
	/* Numbers of registers stand at these bits of each unit of code, and are as wide as the
	   mask. */
	uint8_t unit, number_mask, shifts[4], shift_count;
	vsp_hole_form number_form;
	uint8_t jump[4], jump_size, jump_hole; /* a jump begins with these bytes, and has its hole there */
	uint8_t opcode_size;
} machine;

/* That of the objects; null before the first one is opened. */
extern const machine *gen_machine;
/* Takes the machine by its number in an object. False: there is no such, or the objects differ. */
bool gen_take_machine(uint16_t elf);

/*
 * The registers of operands a, b and c in each variant of stencils.c. Variants 1 and 2 exchange a
 * with b and a with c of variant 0, so each operand changes in its own way. The registers are those
 * that the compiler takes last for its own needs, so that these do not depend on where the operands
 * are. Variant 3 has operands in the scratch registers, which the compiler of x86-64 takes before
 * them: a stencil that saves one of these and restores it at its end is left out, since it would
 * restore it over its result.
 */
enum { VARIANTS = 7, LEARN = 3, COMMON = 4 };
extern const uint8_t gen_variants[VARIANTS][3];
/* The number of operand k's register in a variant of stencils that share registers in some way
   (enum vsp_share). */
uint8_t gen_number(unsigned variant, unsigned k, unsigned share);

/* Ends the program with a message. */
_Noreturn void gen_die(const char *format, ...);

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

/* Opens o->path, an object for the machine with one section of code; ends the program if it is
   none. */
void gen_open_object(object *o);
const char *gen_symbol_name(const object *o, const elf_symbol *s);

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

extern stencil *gen_stencils;
extern uint32_t gen_stencil_count;

/* Adds the stencils of an object: functions called vsp_<alias><variant>_<handler>. */
void gen_read_stencils(const char *path);
/* Is it code that joins handlers' stencils, no handler's? */
bool gen_is_piece(const stencil *s);

/* The names of tables that stencils may look at. */
enum { SYMBOLS = 2 };
extern const char *const gen_symbols[SYMBOLS];
/* What names the registers that a stencil's operands share. */
extern const char *const gen_alias_names[VSP_SHARES];

/* ---- learning where registers stand ---- */

/*
 * Which kinds there are of a stencil: exists[alias] for those that variant 0 now is complete of,
 * and bases[alias] where its operands may be in the registers of the last variants too.
 */
void gen_choose_kinds(stencil *s, bool exists[VSP_SHARES], bool bases[VSP_SHARES]);

#endif
