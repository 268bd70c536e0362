/*
 * What becomes of a WebAssembly module's functions, globals and tables: their numbers in the VSP
 * module, worked out before any code is translated.
 */
#ifndef VSP_FRONTEND_WASM_PLAN_H
#define VSP_FRONTEND_WASM_PLAN_H

#include "reader.h"

/* Functions before those of the WebAssembly module. */
enum { PLAN_ENTRY, PLAN_INITIALIZE, PLAN_FUNCTIONS };

enum {
	/* Wasm address p is linear address WASM_BASE + p. */
	WASM_BASE = 0x10000,
#define TRAP_CODE(NAME, code, text) WASM_TRAP_##NAME = (code),
#include "runtime/trap_codes.def"
};

typedef struct wasm_plan {
	const wasm_module *m;
	uint32_t *func_index;   /* of the function in FUNC, or WASM_NO_INDEX: a call is a call of its import */
	uint32_t *import_index; /* of an imported function in IMPT; WASM_NO_INDEX: proc_exit */
	uint32_t *global_index; /* of a global in GLOB, or WASM_NO_INDEX: its value is constant */
	uint32_t *type_index;   /* of a type in TYPE, where equal types are one */
	bool *exported;         /* by function: hosts may call it */
	uint8_t *guests;        /* of an imported function: wasm_guest_id + 1, or 0 */
	uint32_t *launched;     /* of an import that launches a kernel: the kernel's number in FUNC */
	uint32_t *kernels;      /* of kernels, whose numbers begin at func_count: their exports */
	uint32_t kernel_count;
	uint32_t models;     /* named in section vsp.models */
	uint32_t globals;    /* that are in GLOB; the hidden cells follow */
	uint32_t hidden;     /* cells for parameters and results beyond the registers */
	uint32_t imports;    /* that are in IMPT */
	uint32_t func_count; /* in FUNC, but for further names of exported ones */
	uint32_t *types;     /* those in TYPE: indices in the WebAssembly module */
	uint32_t type_count;
} wasm_plan;

/* All is in the module's arena. False: it failed, or the module has something that is not
   supported, as r says. */
bool wasm_plan_make(wasm_plan *plan, const wasm_module *m, wasm_reader *r);

#endif
