/*
 * The vector loops for AVX-512 with its operations on bytes.
 */
#include <emmintrin.h>

#define BYTES 64
#define TARGET __attribute__((target("avx512f,avx512bw,avx512vl")))
#define SQUARE_ROOT(v) (pair) _mm_sqrt_pd(v)
#define LOOPS vsp_vector_avx512
#define NAME "AVX-512"
#define FEATURES features

static const char *const features[] = {"avx512f", "avx512bw", "avx512vl", NULL};

#include "vector_loops.h"
