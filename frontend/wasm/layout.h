/*
 * The layout of a function's code: addresses of labels, and the lengths of branches.
 */
#ifndef VSP_FRONTEND_WASM_LAYOUT_H
#define VSP_FRONTEND_WASM_LAYOUT_H

#include "emit.h"

/* Encodes e->insns behind e->code. Failures are flags of e. */
void wasm_layout(wasm_emitter *e, const ir_code *code);

#endif
