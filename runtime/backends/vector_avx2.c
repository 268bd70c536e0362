/*
 * The vector loops for AVX2.
 */
#include <emmintrin.h>

#define BYTES 32
#define TARGET __attribute__((target("avx2")))
#define SQUARE_ROOT(v) (pair) _mm_sqrt_pd(v)
#define LOOPS vsp_vector_avx2
#define NAME "AVX2"
#define FEATURES features

static const char *const features[] = {"avx2", NULL};

#include "vector_loops.h"
