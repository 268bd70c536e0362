/*
 * The results of all instructions without effects on memory, control or the host: the one source of
 * their semantics for the interpreter, for compiled code (which inlines them as bitcode, or whose
 * lowering follows their text) and for batch instructions.
 *
 * vsp_arith_FORM(operands in the order b, c, d) takes and returns registers and defines all 64
 * bits; vsp_arith_FORM_flags is the status byte of forms that write flags, computed from the same
 * operands. Layers and ByteSil forms are here; integers and floats are in the headers below.
 * Nothing here traps; the caller tests for division by zero.
 */
#ifndef VSP_RUNTIME_ARITH_H
#define VSP_RUNTIME_ARITH_H

#include "arith_float.h"
#include "arith_int.h"
#include "bytesil.h"

/*
 * ---- ByteSil forms: results are zero-extended bytes; forms that read and write La take it as
 * their first operand ----
 */

#define VSP_ARITH_FLAGS(form, parameters, arguments) \
	static inline uint8_t vsp_arith_##form##_flags parameters \
	{ \
		return vsp_bytesil_flags((uint8_t)vsp_arith_##form arguments); \
	}
#define VSP_ARITH_B2(name) \
	static inline uint64_t vsp_arith_##name##_b(uint64_t b, uint64_t c) \
	{ \
		return vsp_bytesil_##name((uint8_t)b, (uint8_t)c); \
	} \
	VSP_ARITH_FLAGS(name##_b, (uint64_t b, uint64_t c), (b, c))
#define VSP_ARITH_BI(name) \
	static inline uint64_t vsp_arith_##name##_b(uint64_t b, int imm) \
	{ \
		return vsp_bytesil_##name((uint8_t)b, imm); \
	} \
	VSP_ARITH_FLAGS(name##_b, (uint64_t b, int imm), (b, imm))
#define VSP_ARITH_B1(name) \
	static inline uint64_t vsp_arith_##name##_b(uint64_t a) { return vsp_bytesil_##name((uint8_t)a); } \
	VSP_ARITH_FLAGS(name##_b, (uint64_t a), (a))

VSP_ARITH_B2(mul)
VSP_ARITH_B2(div)
VSP_ARITH_B2(add)
VSP_ARITH_B2(sub)
VSP_ARITH_BI(pow)
VSP_ARITH_BI(root)
VSP_ARITH_BI(scale)
VSP_ARITH_BI(rotate)
VSP_ARITH_B1(inv)
VSP_ARITH_B1(conj)
VSP_ARITH_B1(mag)
VSP_ARITH_B1(phase)

#undef VSP_ARITH_FLAGS
#undef VSP_ARITH_B2
#undef VSP_ARITH_BI
#undef VSP_ARITH_B1

/* imm: 0..255 */
static inline uint64_t vsp_arith_lerp_b(uint64_t a, uint64_t b, unsigned imm) { return vsp_bytesil_lerp(a, b, imm); }
static inline uint64_t vsp_arith_slerp_b(uint64_t a, uint64_t b, unsigned imm) { return vsp_bytesil_slerp(a, b, imm); }

static inline uint64_t vsp_arith_i2b(uint64_t b) { return vsp_bytesil_of_i64((int64_t)b); }
static inline uint64_t vsp_arith_f2b(uint64_t b) { return vsp_bytesil_of_f64(vsp_f64_of(b)); }
static inline uint64_t vsp_arith_b2i(uint64_t b) { return (uint64_t)vsp_bytesil_to_i64((uint8_t)b); }
static inline uint64_t vsp_arith_b2f(uint64_t b) { return vsp_reg_of_f64(vsp_bytesil_to_f64((uint8_t)b)); }

/* ---- layers, bitwise ---- */

static inline uint64_t vsp_arith_xorl(uint64_t b, uint64_t c) { return vsp_bytesil_xorl((uint8_t)b, (uint8_t)c); }
static inline uint64_t vsp_arith_andl(uint64_t b, uint64_t c) { return (uint8_t)(b & c); }
static inline uint64_t vsp_arith_orl(uint64_t b, uint64_t c) { return (uint8_t)(b | c); }
static inline uint64_t vsp_arith_notl(uint64_t a) { return (uint8_t)~a; }

#endif
