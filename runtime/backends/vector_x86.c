/*
 * The list of vector loops on x86-64.
 */
#include "vector.h"

const vsp_vector_loops *const vsp_vector_all[] = {
        &vsp_vector_avx512, &vsp_vector_avx2, &vsp_vector_sse2, &vsp_vector_plain, NULL};
