/*
 * The names of functions, for messages and for the tables of the VSP module.
 */
#ifndef VSP_FRONTEND_WASM_NAMES_H
#define VSP_FRONTEND_WASM_NAMES_H

#include "reader.h"

/* Function names from the custom section "name"; a faulty one gives fewer names, no error. */
void wasm_read_names(wasm_module *m, wasm_span section);
/* Puts "function 12 (name): " before the messages of r. */
void wasm_name_function(const wasm_module *m, wasm_reader *r, uint32_t func);

#endif
