/*
 * The interface of a benchmark kernel in C: the same algorithm as NAME.sil's exported function
 * `kernel`.
 */
#ifndef VSP_BENCH_KERNEL_H
#define VSP_BENCH_KERNEL_H

#include <stdint.h>

int64_t kernel(int64_t n);

#endif
