/*
 * The translator from WebAssembly to VSP modules.
 */
#ifndef VSP_FRONTEND_WASM_TRANSLATE_H
#define VSP_FRONTEND_WASM_TRANSLATE_H

#include "ir/module.h"

/*
 * Translates the bytes of a WebAssembly module. Returns a verified module that the caller frees with
 * vsp_module_data_free, or null with *error filled: VSP_E_FORMAT with the offset in the file, or
 * VSP_E_MEMORY. Any bytes give one or the other; time and memory are proportional to size.
 *
 * The entry, _vsp_entry, calls _vsp_initialize, which runs the start function and an exported
 * _initialize, and then an exported _start. Exported functions have the names of their exports.
 */
vsp_module_data *vsp_wasm_translate_module(const uint8_t *bytes, size_t size, vsp_error *error);
/* Is it WebAssembly, by its first 8 bytes? */
bool vsp_wasm_is_module(const uint8_t *bytes, size_t size);

#endif
