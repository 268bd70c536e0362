/*
 * The table of the WASI functions (runtime/wasi.def) for those who check imports, define them, call
 * them or tell of them.
 */
#ifndef VSP_RUNTIME_WASI_TABLE_H
#define VSP_RUNTIME_WASI_TABLE_H

#include <stdbool.h>
#include <stdint.h>

enum {
#define WASI(NAME, ...) VSP_WASI_INDEX_##NAME,
#include "runtime/wasi.def"
	VSP_WASI_FUNCTIONS
};

/* Rights, as bits. */
enum {
	VSP_WASI_ANY = 0,
#define WASI_RIGHT(NAME, bit) VSP_WASI_##NAME = 1 << (bit),
#include "runtime/wasi.def"
};

enum vsp_wasi_access { VSP_WASI_NOTHING, VSP_WASI_ARGS, VSP_WASI_CLOCK, VSP_WASI_RANDOM, VSP_WASI_FILE };

typedef struct vsp_wasi_function {
	const char *name, *params, *meaning;
	uint32_t right;
	uint8_t access;      /* enum vsp_wasi_access */
	uint8_t param_count; /* each i64 if vsp_wasi_param_is_i64, otherwise i32 */
	uint8_t results;     /* 0, or 1: an i32 */
} vsp_wasi_function;
extern const vsp_wasi_function vsp_wasi_functions[VSP_WASI_FUNCTIONS];

/* The names of the modules that have these functions, up to null. */
extern const char *const vsp_wasi_modules[];
/* The function that an import, "wasi_snapshot_preview1.fd_read", names; null: it names none. */
const vsp_wasi_function *vsp_wasi_find(const char *import);
bool vsp_wasi_param_is_i64(char letter);
/* The bytes that a parameter points to, or how many for each that is counted; 0: no pointer. */
unsigned vsp_wasi_param_bytes(char letter);
/* The index of the count that belongs to the pointer at index i; -1: it has none. */
int vsp_wasi_count_of(const vsp_wasi_function *f, unsigned i);

#endif
