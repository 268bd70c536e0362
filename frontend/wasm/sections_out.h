/*
 * The sections of the VSP module that hold what a WebAssembly module says about data: memory,
 * globals, types and tables.
 */
#ifndef VSP_FRONTEND_WASM_SECTIONS_OUT_H
#define VSP_FRONTEND_WASM_SECTIONS_OUT_H

#include "ir/module.h"
#include "plan.h"

/* Each fills the tables of out and adds a section to out->sections, which has room, when there is
   something for it. False: it failed, as r says. */
bool wasm_put_memory(vsp_module_data *out, const wasm_program *p, wasm_reader *r);
bool wasm_put_globals(vsp_module_data *out, const wasm_program *p, wasm_reader *r);
/* func_types: of FUNC's functions, types of p or WASM_NO_INDEX. */
bool wasm_put_types(vsp_module_data *out, const wasm_program *p, wasm_reader *r, const uint32_t *func_types);
bool wasm_put_tables(vsp_module_data *out, const wasm_program *p, wasm_reader *r);

#endif
