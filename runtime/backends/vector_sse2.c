/*
 * The vector loops for SSE2. Those who have SSE3 have it too, and that is what can be asked for.
 */
#include <emmintrin.h>

#define BYTES 16
#define FOLD 16
#define TARGET __attribute__((target("sse2")))
#define SQUARE_ROOT(v) (pair) _mm_sqrt_pd(v)
#define ADD_CLAMPED(a, b) (bytes) _mm_adds_epi8((__m128i)(a), (__m128i)(b))
#define SUB_CLAMPED(a, b) (bytes) _mm_subs_epi8((__m128i)(a), (__m128i)(b))
#define LEAST(v, w) _mm_min_ps((__m128)(v), (__m128)(w))
#define MOST(v, w) _mm_max_ps((__m128)(v), (__m128)(w))
#define SUMS "vector_sums_computed.h"
#define LOOPS vsp_vector_sse2
#define NAME "SSE2"
#define FEATURES features

static const char *const features[] = {"sse3", NULL};

#include "vector_loops.h"
