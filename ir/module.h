/*
 * A module: the contents of one .silc file, verified and immutable, so that threads may share it.
 *
 * The reader and the assembler produce vsp_module_data; the writer, the disassembler and every tier
 * read it. It owns everything to which it points, through its arena. Once vsp_module_verify has
 * accepted it, only run-time values need checks: decoding cannot fail, targets are starts of
 * instructions of the same function, indices are in range.
 */
#ifndef VSP_IR_MODULE_H
#define VSP_IR_MODULE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "arena.h"
#include "opcode.h"
#include "runtime/payloads.h"

/* A file is of the lowest version that knows everything in it. */
enum { VSP_SILC_VERSION = 0x0200, VSP_SILC_VERSION_2_1 = 0x0201 };
enum { VSP_SILC_HEADER = 32, VSP_NO_SYMBOL = 0xFFFFFFFF, VSP_NAME_MAX = 255 };

enum vsp_symbol_kind { VSP_SYM_LABEL, VSP_SYM_DATA, VSP_SYM_TRANSFORM, VSP_SYM_FUNCTION, VSP_SYM_KERNEL };

typedef struct vsp_symbol {
	const char *name; /* UTF-8, 1..255 bytes, 0-terminated */
	uint32_t address; /* linear for data, code otherwise */
	uint8_t kind;     /* enum vsp_symbol_kind */
} vsp_symbol;

typedef struct vsp_func {
	uint32_t start, size; /* code bytes */
	uint32_t symbol;      /* index, or VSP_NO_SYMBOL */
	uint8_t params, results;
	uint8_t kind;  /* enum vsp_kind */
	uint8_t flags; /* bit 0: exported */
} vsp_func;
enum { VSP_FUNC_EXPORTED = 1 };

typedef struct vsp_import {
	const char *name; /* "module.name" */
	uint8_t params, results;
} vsp_import;

/* One row of the line table, which applies from its address to that of the next row. */
typedef struct vsp_line {
	uint32_t address;
	uint32_t file; /* index of files */
	int64_t line;
	uint32_t column; /* from 1 */
} vsp_line;

typedef struct vsp_model {
	const char *name;
	const uint8_t *data;
	uint32_t size;
} vsp_model;

/* The type of a function, of section TYPE: values has params bytes, then results bytes. */
typedef struct vsp_type {
	uint16_t params, results;
	const uint8_t *values;
} vsp_type;

/* The registers in which so many parameters or results travel. */
static inline unsigned vsp_type_registers(unsigned count) { return count < VSP_REGISTERS ? count : VSP_REGISTERS; }

/* Entries of a table from start on, of section TABL; functions has four bytes for each. */
typedef struct vsp_table_run {
	uint32_t table, start, count;
	const uint8_t *functions;
} vsp_table_run;

/* Bytes for linear memory, of section DSEG. */
typedef struct vsp_segment {
	uint32_t address, size;
	const uint8_t *bytes;
} vsp_segment;

/*
 * A section in file order, known or not: tag and payload are exactly as stored, so that disassembly
 * reproduces the file.
 */
typedef struct vsp_section {
	char tag[4];
	uint32_t size;
	const uint8_t *payload;
} vsp_section;

typedef struct vsp_module_data {
	vsp_arena arena;
	const uint8_t *code;
	uint32_t code_size;
	const uint8_t *data;
	uint32_t data_size;
	uint32_t entry;      /* code address */
	uint32_t entry_func; /* the index of that function */
	uint8_t mode;
	bool symbols_stored; /* symbol_size was not 0 (a table of 0 symbols differs from none) */
	vsp_symbol *symbols;
	uint32_t symbol_count;
	vsp_func *funcs; /* never empty after reading: if FUNC is absent, main(0) -> 0 */
	uint32_t func_count;
	/*
	 * The verifier has found an instruction that a back end runs; one that depends on the modes
	 * for floats.
	 */
	bool uses_backends, has_floats;
	/* Functions of WebAssembly whose registers were not coloured in this translation. */
	uint32_t scanned;
	bool implicit_main; /* FUNC is absent: function 0 is called main, without a symbol */
	uint32_t initial_pages, max_pages, stack_top;
	vsp_import *imports;
	uint32_t import_count;
	const char **files;
	uint32_t file_count;
	vsp_line *lines;
	uint32_t line_count;
	vsp_model *models;
	uint32_t model_count;
	uint32_t global_count;
	vsp_type *types;
	uint32_t type_count;
	uint32_t typed_funcs; /* how many functions section TYPE gives a type, or says that they have none */
	vsp_table_run *runs;
	uint32_t run_count;
	vsp_segment *segments;
	uint32_t segment_count;
	vsp_payloads payloads; /* GLOB, TYPE, TABL and DSEG as instances need them */
	vsp_section *sections; /* all, in file order; the writer emits exactly these (known ones encoded again) */
	uint32_t section_count;
	/* Indices for the look-ups below, made by the verifier. */
	uint32_t *by_address; /* all symbols by address, kind and index */
	uint32_t *by_name;    /* symbols of kinds 2..4 by name */
	uint32_t by_name_count;
} vsp_module_data;

/*
 * Creates an empty module with the default memory (no MEMO section). Null: out of memory. To be
 * freed with vsp_module_data_free.
 */
vsp_module_data *vsp_module_data_new(void);
void vsp_module_data_free(vsp_module_data *m); /* m may be null */

/* The version of the file that holds the module. */
unsigned vsp_module_version(const vsp_module_data *m);
/* The type of function f, or VSP_NO_TYPE. */
static inline uint32_t vsp_module_func_type(const vsp_module_data *m, uint32_t f)
{
	return m->payloads.func_types ? (uint32_t)vsp_read_le(m->payloads.func_types + 2 * (size_t)f, 2) : VSP_NO_TYPE;
}

/* The look-ups work on verified modules. Each takes logarithmic time. */

/* The index of the function that contains code address pc (pc < code_size). */
uint32_t vsp_module_func_at(const vsp_module_data *m, uint32_t pc);
/* Does the module contain a model with that name? */
bool vsp_module_has_model(const vsp_module_data *module, const char *name);
/* The name of function f, or "" when it has none ("main" when there is no section FUNC). */
const char *vsp_module_func_name(const vsp_module_data *m, uint32_t f);
/* Was it translated from WebAssembly? The entry of no other program has the name of those. */
bool vsp_module_is_translated(const vsp_module_data *m);
/* How far behind linear address 0x10000 the address 0 of such a program is, which is at stack_top;
   of others 0. */
uint32_t vsp_module_wasm_offset(const vsp_module_data *m);
/* The line row that applies to pc, or null. */
const vsp_line *vsp_module_line_at(const vsp_module_data *m, uint32_t pc);
/* The first symbol of the given kind at address, or null. */
const vsp_symbol *vsp_module_symbol_at(const vsp_module_data *m, uint32_t address, enum vsp_symbol_kind kind);
/* The index of the exported function with that name (its symbol's), or VSP_NO_PC. */
uint32_t vsp_module_find_export(const vsp_module_data *m, const char *name);

/*
 * The verifier (ir/verify.c): it checks every rule of the format that concerns code and the
 * relations between tables. Returns VSP_OK, or VSP_E_FORMAT with message, pc (the instruction, or
 * VSP_NO_PC) and offset (the place in the file: VSP_SILC_HEADER + pc for code). The time is linear
 * in the size of the module, except for sorting the symbols. Sets entry_func and the indices.
 */
vsp_status vsp_module_verify(vsp_module_data *m, vsp_error *error);

/* One line of runtime/syscalls.def. */
typedef struct vsp_syscall_info {
	const char *name; /* NAME of the table */
	uint16_t reads, writes;
	uint8_t id, flags;
	uint32_t capability; /* VSP_CAP_*, or 0 */
} vsp_syscall_info;
/*
 * The SYSCALL that an immediate (id | arg16 << 8) names, or null: there is no such id, or arg16 is
 * not 0.
 */
const vsp_syscall_info *vsp_syscall_find(int64_t imm);

/*
 * Are these size bytes valid UTF-8 without a zero byte? The test is strict: no overlong forms,
 * surrogates or values above U+10FFFF.
 */
bool vsp_text_is_utf8(const char *text, size_t size);

#endif
