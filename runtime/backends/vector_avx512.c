/*
 * The vector loops for AVX-512 with its operations on bytes.
 */
#include <immintrin.h>

#define BYTES 64
#define FOLD 32
#define TARGET __attribute__((target("avx512f,avx512bw,avx512vl")))
#define SQUARE_ROOT(v) (pair) _mm_sqrt_pd(v)
#define ADD_CLAMPED(a, b) (bytes) _mm512_adds_epi8((__m512i)(a), (__m512i)(b))
#define SUB_CLAMPED(a, b) (bytes) _mm512_subs_epi8((__m512i)(a), (__m512i)(b))
#define ADD_UNSIGNED_CLAMPED(a, b) (bytes) _mm512_adds_epu8((__m512i)(a), (__m512i)(b))
#define LOOK_UP(t, i) (bytes) _mm512_shuffle_epi8((__m512i)(t), (__m512i)(i))
#define LEAST(v, w) _mm512_min_ps((__m512)(v), (__m512)(w))
#define MOST(v, w) _mm512_max_ps((__m512)(v), (__m512)(w))
#define SUMS "vector_sums_looked_up.h"
#define LOOPS vsp_vector_avx512
#define NAME "AVX-512"
#define FEATURES features

static const char *const features[] = {"avx512f", "avx512bw", "avx512vl", NULL};

#include "vector_loops.h"
