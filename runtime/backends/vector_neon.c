/*
 * The vector loops for NEON, which every AArch64 processor has.
 */
#include <arm_neon.h>
#include <stddef.h>

#define BYTES 16
#define TARGET
#define SQUARE_ROOT(v) (pair) vsqrtq_f64((float64x2_t)(v))
#define LOOPS vsp_vector_neon
#define NAME "NEON"
#define FEATURES features

static const char *const features[] = {NULL};

#include "vector_loops.h"
