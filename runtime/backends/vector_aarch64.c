/*
 * The list of vector loops on AArch64.
 */
#include "vector.h"

const vsp_vector_loops *const vsp_vector_all[] = {&vsp_vector_neon, NULL};
