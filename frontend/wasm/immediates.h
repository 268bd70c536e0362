/*
 * The immediates of WebAssembly's instructions.
 */
#ifndef VSP_FRONTEND_WASM_IMMEDIATES_H
#define VSP_FRONTEND_WASM_IMMEDIATES_H

#include "code.h"

/* Reads the opcode and what follows it; indices are checked, but depths of labels are not. False:
   it failed. */
bool wasm_decode(wasm_code *c, wasm_insn *insn);

#endif
