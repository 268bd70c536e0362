/*
 * The table of the WASI functions, from runtime/wasi.def.
 */
#include "table.h"

#include <stddef.h>
#include <string.h>

const vsp_wasi_function vsp_wasi_functions[VSP_WASI_FUNCTIONS] = {
#define WASI(NAME, ACCESS, RIGHT, params, meaning) \
	{#NAME, params, meaning, VSP_WASI_##RIGHT, VSP_WASI_##ACCESS, sizeof params - 1, \
	        VSP_WASI_INDEX_##NAME != VSP_WASI_INDEX_proc_exit},
#include "runtime/wasi.def"
};

const char *const vsp_wasi_modules[] = {"wasi_snapshot_preview1", "wasi_unstable", NULL};

/* The part of an import's name that follows a module's; null: it is of another module. */
static const char *name_in_module(const char *import)
{
	for (const char *const *module = vsp_wasi_modules; *module; module++) {
		size_t n = strlen(*module);
		if (strncmp(import, *module, n) == 0 && import[n] == '.')
			return import + n + 1;
	}
	return NULL;
}

const vsp_wasi_function *vsp_wasi_find(const char *import)
{
	const char *name = name_in_module(import);
	for (unsigned i = 0; name && i < VSP_WASI_FUNCTIONS; i++)
		if (strcmp(vsp_wasi_functions[i].name, name) == 0)
			return &vsp_wasi_functions[i];
	return NULL;
}

enum { I32, I64 };

bool vsp_wasi_param_is_i64(char letter)
{
	switch (letter) {
#define WASI_PARAM(letter, TYPE, bytes, meaning) \
	case letter: return TYPE == I64;
#include "runtime/wasi.def"
	default: return false;
	}
}

unsigned vsp_wasi_param_bytes(char letter)
{
	switch (letter) {
#define WASI_PARAM(letter, TYPE, bytes, meaning) \
	case letter: return bytes;
#include "runtime/wasi.def"
	default: return 0;
	}
}

int vsp_wasi_count_of(const vsp_wasi_function *f, unsigned i)
{
	const char *n = vsp_wasi_param_bytes(f->params[i]) ? strchr(f->params + i, 'n') : NULL;
	return n ? (int)(n - f->params) : -1;
}
