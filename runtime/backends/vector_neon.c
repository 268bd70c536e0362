/*
 * The vector loops for NEON, which every AArch64 processor has.
 */
#include <arm_neon.h>
#include <stddef.h>

#define BYTES 16
#define FOLD 16
#define TARGET
#define SQUARE_ROOT(v) (pair) vsqrtq_f64((float64x2_t)(v))
#define ADD_CLAMPED(a, b) (bytes) vqaddq_s8((int8x16_t)(a), (int8x16_t)(b))
#define SUB_CLAMPED(a, b) (bytes) vqsubq_s8((int8x16_t)(a), (int8x16_t)(b))
#define ADD_UNSIGNED_CLAMPED(a, b) (bytes) vqaddq_u8((uint8x16_t)(a), (uint8x16_t)(b))
#define LOOK_UP(t, i) (bytes) vqtbl1q_u8((uint8x16_t)(t), (uint8x16_t)((i) & 0x8F))
#define LEAST(v, w) vminnmq_f32((float32x4_t)(v), (float32x4_t)(w))
#define MOST(v, w) vmaxnmq_f32((float32x4_t)(v), (float32x4_t)(w))
#define SUMS "vector_sums_looked_up.h"
#define LOOPS vsp_vector_neon
#define NAME "NEON"
#define FEATURES features

static const char *const features[] = {NULL};

#include "vector_loops.h"
