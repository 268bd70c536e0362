/*
 * The table of WebAssembly's instructions as data, and the features that are refused.
 */
#include "opcodes.h"

#include <assert.h>
#include <stddef.h>

const wasm_opcode wasm_opcodes[WASM_CODES] = {
#define WASM(NAME, code, text, params, results, immediate, align, how) \
	[code] = {text, params, results, WASM_IMM_##immediate, align},
#include "opcodes.def"
};

static_assert((int)WASM_CODES > (int)WASM_TABLE_FILL, "the table has room for all codes");

typedef struct refused {
	uint16_t first, last;
	const char *feature;
} refused;
static const refused refused_codes[] = {
#define REFUSED(first, last, feature) {first, last, feature},
#include "opcodes.def"
};

const char *wasm_refused(uint32_t code)
{
	for (size_t i = 0; i < sizeof refused_codes / sizeof refused_codes[0]; i++)
		if (code >= refused_codes[i].first && code <= refused_codes[i].last)
			return refused_codes[i].feature;
	return NULL;
}

const char *wasm_type_name(uint8_t type)
{
	switch (type) {
	case WASM_I32: return "i32";
	case WASM_I64: return "i64";
	case WASM_F32: return "f32";
	case WASM_F64: return "f64";
	case WASM_FUNCREF: return "funcref";
	case WASM_EXTERNREF: return "externref";
	default: return "any type";
	}
}
