/*
 * The parts of reading a module, private to frontend/wasm/.
 */
#ifndef VSP_FRONTEND_WASM_SECTIONS_H
#define VSP_FRONTEND_WASM_SECTIONS_H

#include "reader.h"

/* Constant expressions up to and with their end; type is what they must give. */
wasm_const wasm_read_const(wasm_module *m, wasm_reader *r, uint8_t type);
/* The contents of sections element, data and data count. */
void wasm_read_elements(wasm_module *m, wasm_reader *r);
void wasm_read_datas(wasm_module *m, wasm_reader *r);
#endif
