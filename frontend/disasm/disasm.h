/*
 * Declarations that the files of the disassembler share. insn.c prints instructions, names.c
 * chooses all names, bytes.c prints bytes, data.c the data segment, exact.c the parts of a module
 * that default assembly would not reproduce, and disasm.c puts the text together.
 */
#ifndef VSP_FRONTEND_DISASM_H
#define VSP_FRONTEND_DISASM_H

#include "disassembler.h"
#include "ir/arena.h"
#include "frontend/text.h"

/*
 * Names in the text. A symbol keeps its own name where that is an identifier and unique; the others
 * have no name in the text and appear only as a .symbol. Functions and jump targets left without a
 * name get a generated one, FUNC_ or L_ and the address.
 */
typedef struct vsp_disasm {
	const vsp_module_data *m;
	vsp_text out;
	vsp_arena arena;
	uint32_t *order;        /* indices of all symbols, those of code first, by address, then by index */
	uint32_t code_symbols;  /* how many of order are of code */
	bool *plain;            /* per symbol: it keeps its name */
	const char **functions; /* per function: its name here */
	uint8_t *targets;       /* one bit per byte of code: an instruction jumps there */
	uint32_t next_symbol;   /* how many symbols the text so far defines as the module has them */
	bool symbols_differ;    /* the text defines others, or in another order */
	/* how many of the module's first sections are those that the assembler derives from the
	   text */
	uint32_t automatic;
	bool gathered;      /* no section FUNC: the code stands outside any .func */
	bool lines_told;    /* the text gives the line table with .file and .loc */
	bool memory_told;   /* the text gives section MEMO with .memory and .stack */
	bool imports_plain; /* imports keep their names */
	uint32_t next_line; /* rows of the line table printed so far */
} vsp_disasm;

/* Fills everything but out and m; false: out of memory. */
bool vsp_disasm_name_all(vsp_disasm *d);
/* Position in order of the first symbol of code (or of data) at or after address. */
uint32_t vsp_disasm_first_symbol(const vsp_disasm *d, uint32_t address, bool data);
/* Is some instruction's target at address? */
bool vsp_disasm_is_target(const vsp_disasm *d, uint32_t address);
/* Adds the name of the label at a code address. */
void vsp_disasm_add_label(const vsp_disasm *d, vsp_text *out, uint32_t address);
/* Notes that the text now defines symbol i, or a symbol that the module does not have
   (VSP_NO_SYMBOL). */
void vsp_disasm_defined(vsp_disasm *d, uint32_t i);

/* Adds an instruction without its newline; d null: targets as numbers. */
void vsp_disasm_insn(vsp_text *out, const vsp_module_data *m, const vsp_disasm *d, const vsp_insn *insn);

/* Do the n bytes at p begin with data that is not written with .byte? */
bool vsp_disasm_starts_run(const uint8_t *p, size_t n);
/* Adds directives that give exactly n bytes. */
void vsp_disasm_bytes(vsp_text *out, const uint8_t *bytes, size_t n);
/* The data segment with its labels. */
void vsp_disasm_data(vsp_disasm *d);

/* Has the function a name that .func cannot give, but .export f as "name" can? */
bool vsp_disasm_exports_as(const vsp_disasm *d, const vsp_func *f);
/* Is text[0..n) an identifier of the language (not the name of a register)? */
bool vsp_disasm_is_identifier(const char *text, size_t n);

/* Index of the section with the tag, or section_count. */
uint32_t vsp_disasm_section(const vsp_module_data *m, const char *tag);
/* Sets automatic, lines_told, memory_told and imports_plain; after vsp_disasm_name_all. False:
   out of memory. */
bool vsp_disasm_plan(vsp_disasm *d);
/* The .symbol and .section directives at the end of the text. */
void vsp_disasm_exact(vsp_disasm *d);

#endif
