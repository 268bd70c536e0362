/*
 * What becomes of WebAssembly modules: where their functions, globals, tables, memories and
 * segments are in the VSP module, worked out before any code is translated.
 *
 * A program is a main module and those that are preloaded for it, which are linked into one VSP
 * module. Linear memory has, from WASM_BASE on:
 *
 *   segments that code may copy, and tables whose entries code reads or changes, 8 bytes each
 *   memories beside the primary one, with room to grow; code checks its accesses to them
 *   the primary memory, from program.base to the end; VSP checks the accesses
 *
 * Code of a program reaches nothing below its memory. A reference is a number: 0 is null, a
 * reference to a function its entry in the last table of section TABL, and of type externref
 * whatever the host gives.
 */
#ifndef VSP_FRONTEND_WASM_PLAN_H
#define VSP_FRONTEND_WASM_PLAN_H

#include "ir/opcode.h"
#include "reader.h"

/* Functions before those of the WebAssembly modules: the entry, then each module's
   initialization. */
enum { PLAN_ENTRY, PLAN_INITIALIZE };

enum {
	/* The lowest address of the primary memory, and where it begins when there is nothing below
	   it. */
	WASM_BASE = 0x10000,
	WASM_ENTRY_BYTES = 8, /* of an entry of a table, or of an element segment */
#define TRAP_CODE(NAME, code, text) WASM_TRAP_##NAME = (code),
#include "runtime/trap_codes.def"
};

typedef struct wasm_memory_place {
	wasm_limits limits;
	uint32_t base;      /* linear address of its address 0 */
	uint32_t most;      /* pages, if it is not primary */
	uint32_t size_cell; /* the global with its size in bytes, if it is not primary */
	bool primary, grown;
} wasm_memory_place;

typedef struct wasm_table_place {
	wasm_limits limits;
	uint32_t address;   /* of entry 0, if it is stored; otherwise it is in TABL */
	uint32_t number;    /* in TABL, if it is not stored */
	uint32_t most;      /* entries that there is room for */
	uint32_t size_cell; /* the global with its size, or WASM_NO_INDEX: it is limits.min */
	uint8_t type;
	bool stored, grown;
} wasm_table_place;

/* A segment that code may copy, or that is copied when the program starts. */
typedef struct wasm_segment_place {
	uint32_t address;
	uint32_t size_cell; /* the global with its size, which becomes 0 when it is dropped; or WASM_NO_INDEX */
	uint32_t size;      /* bytes or entries for code, when there is no such global */
	bool stored;        /* it is at address */
	bool late;          /* it is copied by the module's initialization */
} wasm_segment_place;

typedef struct wasm_plan {
	const char *name; /* by which other modules import it; null: main */
	wasm_module *m;
	const struct wasm_program *program;
	uint32_t *func_index;   /* of the function in FUNC, or WASM_NO_INDEX: a call is a call of its import */
	uint32_t *import_index; /* of an imported function in IMPT; WASM_NO_INDEX: proc_exit */
	uint32_t *global_index; /* of a global in GLOB, or WASM_NO_INDEX: its value is constant */
	uint32_t *table_index;  /* in program->tables */
	uint32_t *type_index;   /* of a type in TYPE, where equal types are one */
	uint32_t *ref_index;    /* what a reference to the function is */
	bool *linked;           /* by function: it is another module's */
	bool *exported;         /* by function: hosts may call it */
	wasm_segment_place *elems, *datas;
	uint8_t *guests;                     /* of an imported function: wasm_guest_id + 1, or 0 */
	uint32_t *launched;                  /* of an import that launches a kernel: the kernel's number in FUNC */
	uint32_t *kernels;                   /* of kernels: their exports */
	uint32_t kernel_count, first_kernel; /* the number in FUNC of the first one */
	uint32_t models;                     /* named in section vsp.models */
	uint32_t memory;                     /* in program->memories, or WASM_NO_INDEX */
	uint32_t initialize;                 /* its initialization in FUNC */
} wasm_plan;

typedef struct wasm_program {
	wasm_plan *plans; /* each may import from those before it; main is the last */
	uint32_t count;
	uint32_t at; /* the one that is worked on, for errors */
	vsp_arena *arena;
	wasm_table_place *tables;
	wasm_memory_place *memories;
	uint32_t table_count, memory_count;
	uint32_t fixed_tables; /* those in TABL; the table of references follows */
	uint32_t *refs;        /* functions in FUNC: reference i + 1 */
	uint32_t ref_count;
	int64_t *cells; /* first values of the globals; the hidden cells follow */
	uint32_t cell_count;
	uint32_t hidden;         /* cells for parameters and results beyond the registers */
	uint32_t imports;        /* that are in IMPT */
	uint32_t func_count;     /* in FUNC, but for kernels and further names of exported ones */
	const wasm_type **types; /* those in TYPE */
	uint32_t type_count;
	uint32_t base; /* linear address of the primary memory's address 0 */
} wasm_program;

/* The main module's plan. */
static inline wasm_plan *wasm_main(const wasm_program *p) { return &p->plans[p->count - 1]; }
/* The memory of a module, or null. */
static inline const wasm_memory_place *wasm_memory_of(const wasm_plan *plan)
{
	return plan->memory == WASM_NO_INDEX ? NULL : &plan->program->memories[plan->memory];
}
/* Is there a table of references, which stored tables need? It is the last one of TABL. */
static inline bool wasm_has_refs(const wasm_program *p) { return p->fixed_tables < p->table_count; }
static inline uint32_t wasm_refs_table(const wasm_program *p) { return p->fixed_tables; }
/* The global that passes parameter or result i, which is in no register. */
static inline uint32_t wasm_hidden_cell(const wasm_program *p, uint32_t i)
{
	return p->cell_count + i - (VSP_REGISTERS - 1);
}

/*
 * Works out the program of the modules in plans, of which name and m are set. All is in the arena.
 * False: it failed, or a module has something that is not supported, as r says; the offset is one
 * in the file of module p->at.
 */
bool wasm_program_make(wasm_program *p, wasm_reader *r);

/* ---- link.c ---- */

/* Finds what module k imports of those before it, and checks that the rest can be a host's. */
bool wasm_link(wasm_program *p, uint32_t k, wasm_reader *r);

/* ---- place.c ---- */

/* The value of a constant expression, when those of the globals it uses are known. */
int64_t wasm_plan_value(const wasm_plan *plan, wasm_reader *r, const wasm_const *value);
/* The memory, tables and globals that a module defines. */
bool wasm_plan_definitions(wasm_program *p, wasm_plan *plan, wasm_reader *r);
/* Where all of them lie, and segments too. */
bool wasm_place(wasm_program *p, wasm_reader *r);

#endif
