/*
 * The addresses of all that compiled code calls, which the JIT binds by name.
 */
#include "arith.h"
#include "compiled.h"

const vsp_call_address vsp_call_addresses[] = {
#define CALL(symbol, signature, class) {#symbol, (void (*)(void))symbol},
#include "compiled.def"
#define BODY(symbol) {#symbol, (void (*)(void))symbol},
#include "compiled.def"
};
const unsigned vsp_call_count = sizeof vsp_call_addresses / sizeof vsp_call_addresses[0];
