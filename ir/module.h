/*
 * A module: the contents of one .silc file, verified and immutable, so that threads may share it.
 *
 * vsp_module_data is what the reader and the assembler produce and what the writer, disassembler and every tier read. It owns
 * all it points to through its arena. Once vsp_module_verify has accepted it, nothing needs checking again but
 * run-time values: decoding cannot fail, targets are instruction starts of the same function, indices are in range.
 */
#ifndef VSP_IR_MODULE_H
#define VSP_IR_MODULE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "arena.h"
#include "opcode.h"
#include "runtime/state.h"

enum {
	VSP_SILC_VERSION = 0x0200,
	VSP_SILC_HEADER = 32,
	VSP_NO_SYMBOL = 0xFFFFFFFF,
	VSP_NAME_MAX = 255
};

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
	uint8_t kind;         /* enum vsp_kind */
	uint8_t flags;        /* bit 0: exported */
} vsp_func;
enum { VSP_FUNC_EXPORTED = 1 };

typedef struct vsp_import {
	const char *name; /* "module.name" */
	uint8_t params, results;
} vsp_import;

/* One row of the line table: holds from address to the next row's. */
typedef struct vsp_line {
	uint32_t address;
	uint32_t file;   /* index of files */
	int64_t line;
	uint32_t column; /* from 1 */
} vsp_line;

typedef struct vsp_model {
	const char *name;
	const uint8_t *data;
	uint32_t size;
} vsp_model;

/* A section in file order, known or not: tag and payload exactly as stored, so that disassembly reproduces the file. */
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
	uint32_t entry_func; /* its index */
	uint8_t mode;
	bool symbols_stored; /* symbol_size was not 0 (a table of 0 symbols differs from none) */
	vsp_symbol *symbols;
	uint32_t symbol_count;
	vsp_func *funcs;     /* never empty after reading: main(0) -> 0 when FUNC is absent */
	uint32_t func_count;
	uint32_t initial_pages, max_pages, stack_top;
	vsp_import *imports;
	uint32_t import_count;
	const char **files;
	uint32_t file_count;
	vsp_line *lines;
	uint32_t line_count;
	vsp_model *models;
	uint32_t model_count;
	vsp_section *sections; /* all, in file order; the writer emits exactly these (known ones re-encoded by their producer) */
	uint32_t section_count;
} vsp_module_data;

/* Index of the function that holds code address pc (pc < code_size). */
uint32_t vsp_module_func_at(const vsp_module_data *m, uint32_t pc);
/* Name of function f, or "" when it has none. */
const char *vsp_module_func_name(const vsp_module_data *m, uint32_t f);
/* The line row that holds pc, or null. */
const vsp_line *vsp_module_line_at(const vsp_module_data *m, uint32_t pc);
/* The symbol at address of the given kind, or null. */
const vsp_symbol *vsp_module_symbol_at(const vsp_module_data *m, uint32_t address, enum vsp_symbol_kind kind);
/* Exported function by name (symbol name), or VSP_NO_PC. */
uint32_t vsp_module_find_export(const vsp_module_data *m, const char *name);

/*
 * The verifier (ir/verify.c): every rule of the format that concerns code and the relations between tables. VSP_OK, or VSP_E_FORMAT
 * with message, pc (the instruction) and offset (the place in the file: VSP_SILC_HEADER + pc for code). Linear in the
 * size of the module. Sets entry_func.
 */
vsp_status vsp_module_verify(vsp_module_data *m, vsp_error *error);

void vsp_module_data_free(vsp_module_data *m);

#endif
