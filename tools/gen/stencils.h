/*
 * Of the generator of stencils: what its files share. Objects of the build's compiler are read
 * (stencil_elf.c), their functions become pieces of code with holes (stencil_pieces.c), pieces with
 * their operands in different registers tell where the numbers of registers stand
 * (stencil_registers.c), and all are written as a table (stencils.c).
 */
#ifndef VSP_TOOLS_STENCILS_H
#define VSP_TOOLS_STENCILS_H

#include <stdbool.h>
#include <stdint.h>

#include "tiers/baseline/stencil_table.h"
#include "tiers/elf.h"

/* ---- the machine: x86-64 ---- */

enum { MACHINE_X86_64 = 62 };
enum { R_NONE = 0, R_64 = 1, R_PC32 = 2, R_PLT32 = 4, R_32 = 10, R_32S = 11 };

/*
 * The registers of operands a, b and c in each variant of stencils.c. Variants 1 to 3 exchange two
 * operands of variant 0. The registers are those that the compiler takes last for its own needs, so
 * that these do not depend on where the operands are. Variant 4 has operands in r8 and r9, which the
 * compiler takes before them: a stencil that saves one of these and restores it at its end is left
 * out, since it would restore it over its result.
 */
enum { VARIANTS = 8, LEARN = 4, COMMON = 5 };
extern const uint8_t gen_variants[VARIANTS][3];

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

/* Opens o->path, an object for x86-64 with one section of code; ends the program if it is none. */
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
 * Which kinds there are of a stencil: exists[alias] for those that variant 0 now is complete of, and
 * bases[alias] where its operands may be in the registers of the last variants too.
 */
void gen_choose_kinds(stencil *s, bool exists[VSP_SHARES], bool bases[VSP_SHARES]);

#endif
