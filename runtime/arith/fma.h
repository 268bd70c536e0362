/*
 * FMA.F and FMA.S: b * c + d rounded once (IEEE 754-2019, 5.4.1 fusedMultiplyAdd), on register
 * values. vsp_rt_fma_* compute with integers; vsp_arith_fma_* use them unless fma is an instruction
 * or the C library's is exact. MinGW's rounds twice, and musl's and wasi-libc's lose the sign of a
 * product that underflows when d is +0. ir/lower/context.c chooses likewise for compiled code.
 */
#ifndef VSP_RUNTIME_ARITH_FMA_H
#define VSP_RUNTIME_ARITH_FMA_H

#include <math.h>

#include "runtime/base/bits.h"

/*
 * To nearest, ties to even, in any mode of the machine. Of vsp_rt_fma_s the upper halves of
 * parameters do not matter, and that of the result is 0. A NaN that results is the canonical one.
 */
uint64_t vsp_rt_fma_f(uint64_t b, uint64_t c, uint64_t d);
uint64_t vsp_rt_fma_s(uint64_t b, uint64_t c, uint64_t d);

#if defined(__GLIBC__) || defined(__APPLE__) || (defined(__FP_FAST_FMA) && defined(__FP_FAST_FMAF))
static inline uint64_t vsp_arith_fma_f(uint64_t b, uint64_t c, uint64_t d)
{
	return vsp_bits_of_f64(fma(vsp_f64_of_bits(b), vsp_f64_of_bits(c), vsp_f64_of_bits(d)));
}

static inline uint64_t vsp_arith_fma_s(uint64_t b, uint64_t c, uint64_t d)
{
	float x = vsp_f32_of_bits((uint32_t)b), y = vsp_f32_of_bits((uint32_t)c), z = vsp_f32_of_bits((uint32_t)d);
	return vsp_bits_of_f32(fmaf(x, y, z));
}
#else
static inline uint64_t vsp_arith_fma_f(uint64_t b, uint64_t c, uint64_t d) { return vsp_rt_fma_f(b, c, d); }
static inline uint64_t vsp_arith_fma_s(uint64_t b, uint64_t c, uint64_t d) { return vsp_rt_fma_s(b, c, d); }
#endif

#endif
