/*
 * The names of the VSP module's functions: each once, and as WebAssembly's exports say where there
 * are some.
 */
#ifndef VSP_FRONTEND_WASM_SYMBOLS_H
#define VSP_FRONTEND_WASM_SYMBOLS_H

#include "ir/arena.h"
#include "wasm.h"

typedef struct wasm_symbol_entry {
	const char *name;
	uint32_t next; /* the last number that was tried behind this name */
} wasm_symbol_entry;

typedef struct wasm_symbols {
	vsp_arena *arena;           /* of the names */
	wasm_symbol_entry *entries; /* a hash table with open addressing */
	uint32_t size;              /* a power of two */
	uint32_t cut;               /* the last number that was tried behind a name that was cut */
	uint64_t seed;              /* of hashes, so that nobody can choose names of one hash */
} wasm_symbols;

/* For at most count names. False: out of memory. */
bool wasm_symbols_create(wasm_symbols *s, vsp_arena *arena, uint32_t count);
void wasm_symbols_free(wasm_symbols *s);
/* The name, cut to what a symbol can have and with .1, .2, ... behind it when it was taken; null:
   out of memory. It is not empty and contains no zeros. */
const char *wasm_symbols_add(wasm_symbols *s, const char *text, size_t size);

#endif
