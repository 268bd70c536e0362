/*
 * The addresses of everything that compiled code calls; the JIT and the code cache bind them by
 * name.
 */
#include <math.h>
#include <string.h>

#include "runtime/arith/arith.h"
#include "compiled.h"
#include "payloads.h"

const vsp_call_address vsp_call_addresses[] = {
#define CALL(symbol, signature, class) {#symbol, (void (*)(void))symbol},
#include "compiled.def"
#define BODY(symbol) {#symbol, (void (*)(void))symbol},
#include "compiled.def"
#define LIBRARY(name) {#name, (void (*)(void))name},
#include "library_calls.def"
};
const unsigned vsp_call_count = sizeof vsp_call_addresses / sizeof vsp_call_addresses[0];
