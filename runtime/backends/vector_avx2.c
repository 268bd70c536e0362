/*
 * The vector loops for AVX2.
 */
#include <immintrin.h>

#define BYTES 32
#define FOLD 32
#define TARGET __attribute__((target("avx2")))
#define SQUARE_ROOT(v) (pair) _mm_sqrt_pd(v)
#define ADD_CLAMPED(a, b) (bytes) _mm256_adds_epi8((__m256i)(a), (__m256i)(b))
#define SUB_CLAMPED(a, b) (bytes) _mm256_subs_epi8((__m256i)(a), (__m256i)(b))
#define ADD_UNSIGNED_CLAMPED(a, b) (bytes) _mm256_adds_epu8((__m256i)(a), (__m256i)(b))
#define LOOK_UP(t, i) (bytes) _mm256_shuffle_epi8((__m256i)(t), (__m256i)(i))
#define LEAST(v, w) _mm256_min_ps((__m256)(v), (__m256)(w))
#define MOST(v, w) _mm256_max_ps((__m256)(v), (__m256)(w))
#define SUMS "vector_sums_looked_up.h"
#define LOOPS vsp_vector_avx2
#define NAME "AVX2"
#define FEATURES features

static const char *const features[] = {"avx2", NULL};

#include "vector_loops.h"
