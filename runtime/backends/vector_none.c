/*
 * The list of vector loops on other machines.
 */
#include "vector.h"

const vsp_vector_loops *const vsp_vector_all[] = {&vsp_vector_plain, NULL};
