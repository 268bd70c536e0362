/*
 * The translator from WebAssembly to VSP modules.
 */
#ifndef VSP_FRONTEND_WASM_TRANSLATE_H
#define VSP_FRONTEND_WASM_TRANSLATE_H

#include "ir/module.h"

/*
 * Translates the bytes of a WebAssembly module. Returns a verified module that the caller frees
 * with vsp_module_data_free, or null with *error filled: VSP_E_FORMAT with the offset in the file,
 * or VSP_E_MEMORY. Any bytes give one or the other; time and memory are proportional to size.
 *
 * The entry, _vsp_entry, calls _vsp_initialize, which runs the start function and an exported
 * _initialize, and then an exported _start. Exported functions have the names of their exports.
 */
vsp_module_data *vsp_wasm_translate_module(const uint8_t *bytes, size_t size, vsp_error *error);

/* A module for vsp_wasm_link_modules, of which nothing is kept. */
typedef struct vsp_wasm_source {
	const char *name; /* by which other modules import it; the last one's is not read */
	const uint8_t *bytes;
	size_t size;
} vsp_wasm_source;

/*
 * The same for count modules, at least 1, that become one: each may import what those before it
 * export, and the last one is the program. _vsp_initialize initializes them all, in their order;
 * the initialization and the exports of the others have the names NAME._vsp_initialize and
 * NAME.EXPORT. Messages and error->file name the module that an offset is in, if it is not the last
 * one.
 */
vsp_module_data *vsp_wasm_link_modules(const vsp_wasm_source *sources, uint32_t count, vsp_error *error);
/* Is it WebAssembly, by its first 8 bytes? */
bool vsp_wasm_is_module(const uint8_t *bytes, size_t size);

#endif
