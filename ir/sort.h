/*
 * Sorting of indices, the same on every host.
 */
#ifndef VSP_IR_SORT_H
#define VSP_IR_SORT_H

#include <stdbool.h>
#include <stdint.h>

/* Negative, 0 or positive as item a stands before, with or behind item b. */
typedef int (*vsp_compare_fn)(const void *context, uint32_t a, uint32_t b);

/* Sorts n items, n < 2^31; equal ones keep their order. At most n log2 n comparisons on any input. False: out of memory. */
bool vsp_sort_indices(uint32_t *items, uint32_t n, vsp_compare_fn compare, const void *context);

#endif
