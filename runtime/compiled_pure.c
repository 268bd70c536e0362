/*
 * The pure functions that compiled code calls. The core contains them as machine code. The compiler
 * library also has them as bitcode and inlines them into optimised code, so this file must need
 * nothing but arith.h.
 */
#include "runtime/arith/arith.h"
#include "compiled.h"

#define PURE1(name) \
	uint64_t vsp_call_##name(uint64_t b) { return vsp_arith_##name(b); }
#define PURE2(name) \
	uint64_t vsp_call_##name(uint64_t b, uint64_t c) { return vsp_arith_##name(b, c); }
#define PURE3(name) \
	uint64_t vsp_call_##name(uint64_t a, uint64_t b, uint64_t c) { return vsp_arith_##name(a, b, (unsigned)c); }
#include "compiled.def"
