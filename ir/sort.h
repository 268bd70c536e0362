/*
 * The sorting of indices, with the same result on every host.
 */
#ifndef VSP_IR_SORT_H
#define VSP_IR_SORT_H

#include <stdbool.h>
#include <stdint.h>

/* Negative, 0 or positive when item a comes before, with or after item b. */
typedef int (*vsp_compare_fn)(const void *context, uint32_t a, uint32_t b);

/*
 * Sorts n items, n < 2^31; equal ones keep their order. Makes at most n log2 n comparisons on any
 * input. False: out of memory.
 */
bool vsp_sort_indices(uint32_t *items, uint32_t n, vsp_compare_fn compare, const void *context);

#endif
