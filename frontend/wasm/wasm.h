/*
 * A WebAssembly module as its binary says it: the tables of its sections, and what is read from
 * them while code is validated and translated.
 *
 * Names, value types and bodies point into the file's bytes, which must outlive the module. All
 * indices in a module that wasm_module_read has accepted are in range. What code does with tables
 * and segments is noted while it is validated. Nothing here knows VSP's instructions.
 */
#ifndef VSP_FRONTEND_WASM_H
#define VSP_FRONTEND_WASM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ir/arena.h"
#include "opcodes.h"
#include "runtime/base/error.h"

enum {
	WASM_MAX_ARITY = 1000,       /* parameters or results */
	WASM_MAX_LOCALS = 50000,     /* of a function, with its parameters */
	WASM_MAX_BLOCKS = 1 << 16,   /* nested in a function */
	WASM_MAX_OPERANDS = 1 << 20, /* on the operand stack at a time */
	WASM_MAX_TABLE = 10 * 1000 * 1000,
	WASM_PAGES = 1 << 16,
	WASM_NONE = -1
};
#define WASM_NO_INDEX UINT32_MAX

typedef struct wasm_name {
	const char *text; /* not terminated; UTF-8, zeros included */
	uint32_t size;
} wasm_name;

typedef struct wasm_type {
	const uint8_t *params, *results; /* value types, the last one on top */
	uint32_t param_count, result_count;
} wasm_type;

/* The kinds of imports and exports, by their bytes. */
typedef enum wasm_kind { WASM_KIND_FUNC, WASM_KIND_TABLE, WASM_KIND_MEMORY, WASM_KIND_GLOBAL } wasm_kind;

/* A constant expression, evaluated. */
typedef enum wasm_const_kind {
	WASM_CONST_BITS,    /* a number, i32 sign-extended */
	WASM_CONST_FUNC,    /* a reference to function number bits */
	WASM_CONST_NULL,    /* a null reference */
	WASM_CONST_IMPORTED /* it uses an imported global, whose value is not known */
} wasm_const_kind;
typedef struct wasm_const {
	uint64_t bits;
	uint64_t offset; /* of the expression in the file */
	uint8_t kind;    /* wasm_const_kind */
	uint8_t type;
} wasm_const;

typedef struct wasm_import {
	wasm_name module, field;
	uint64_t offset;
	uint32_t index; /* in the space of its kind */
	uint8_t kind;
} wasm_import;

typedef struct wasm_func {
	uint32_t type;
	uint32_t import;                /* number of the import, or WASM_NO_INDEX */
	const uint8_t *body, *body_end; /* from its locals to behind its end */
	wasm_name name;                 /* of the name section; size 0: none */
	bool declared;                  /* code may use ref.func on it */
} wasm_func;

typedef struct wasm_limits {
	uint32_t min, max; /* max: UINT32_MAX when there is none */
	bool has_max;
} wasm_limits;

typedef struct wasm_table {
	wasm_limits limits;
	uint64_t offset;
	uint8_t type;
	bool imported;
	bool stored; /* code reads or changes its entries */
	bool grown;  /* code makes it larger */
} wasm_table;

typedef struct wasm_global {
	wasm_const value; /* of an imported one when it is known, otherwise WASM_CONST_IMPORTED */
	uint64_t offset;
	uint8_t type;
	bool is_mutable, imported;
} wasm_global;

typedef struct wasm_export {
	wasm_name name;
	uint64_t offset;
	uint32_t index;
	uint8_t kind;
} wasm_export;

typedef enum wasm_mode { WASM_ACTIVE, WASM_PASSIVE, WASM_DECLARED } wasm_mode;

typedef struct wasm_elem {
	wasm_const where;
	wasm_const *entries;
	uint64_t offset;
	uint32_t table, count;
	uint8_t mode, type;
	bool used, dropped; /* by code */
} wasm_elem;

typedef struct wasm_data {
	wasm_const where;
	const uint8_t *bytes;
	uint64_t offset;
	uint32_t size;
	uint8_t mode;
	bool used, dropped; /* by code */
} wasm_data;

/* Bytes of a custom section. */
typedef struct wasm_span {
	const uint8_t *bytes;
	size_t size;
} wasm_span;

/* The custom sections that are read. */
#define WASM_CUSTOM_SECTIONS(X) \
	X(NAME, "name") \
	X(MODELS, "vsp.models") \
	X(DEBUG_LINE, ".debug_line") \
	X(DEBUG_LINE_STR, ".debug_line_str") \
	X(DEBUG_STR, ".debug_str")
typedef enum wasm_custom {
#define CUSTOM(ID, name) WASM_CUSTOM_##ID,
	WASM_CUSTOM_SECTIONS(CUSTOM)
#undef CUSTOM
	        WASM_CUSTOMS
} wasm_custom;

typedef struct wasm_module {
	const uint8_t *bytes;
	size_t size;
	vsp_arena *arena;
	wasm_type *types;
	wasm_import *imports;
	wasm_func *funcs; /* imported ones first, as in all spaces */
	wasm_table *tables;
	wasm_global *globals;
	wasm_export *exports;
	uint32_t *export_order; /* by their names */
	wasm_elem *elems;
	wasm_data *datas;
	uint32_t type_count, import_count, func_count, imported_funcs, table_count, global_count, imported_globals,
	        export_count, elem_count, data_count;
	wasm_limits memory;
	uint64_t memory_offset, start_offset;
	uint32_t start;                                 /* a function, or WASM_NO_INDEX */
	uint32_t data_counts;                           /* of section data count, or WASM_NO_INDEX */
	bool has_memory, memory_imported, memory_grown; /* grown: by code */
	const uint8_t *code;                            /* the contents of section code, or null */
	wasm_span customs[WASM_CUSTOMS];                /* the last ones of these names */
} wasm_module;

/*
 * Reads and validates size bytes, code included. The module and all it has are in arena. VSP_OK;
 * VSP_E_FORMAT with the offset, and a message that names the function when it is in one; or
 * VSP_E_MEMORY. Time and memory are proportional to size.
 */
vsp_status wasm_module_read(wasm_module *m, const uint8_t *bytes, size_t size, vsp_arena *arena, vsp_error *error);

/* Is it WebAssembly, by its first 8 bytes? */
bool wasm_is_module(const uint8_t *bytes, size_t size);

#endif
