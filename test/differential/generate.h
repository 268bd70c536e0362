/*
 * Random valid programs for differential testing: the same seed gives the same text on every
 * machine. Programs use every instruction form whose result does not depend on the machine; they
 * terminate (loops are counted, calls go to later functions or count down), save for rare wild
 * stores that hit a loop counter, for which callers set fuel. Each exports a function leaf(2) -> 1.
 */
#ifndef VSP_TEST_GENERATE_H
#define VSP_TEST_GENERATE_H

#include <stddef.h>
#include <stdint.h>

typedef struct generate_options {
	uint32_t size; /* about how many instructions the whole program has */
	/*
	 * 1: programs whose point is their kernels: with more LAUNCHes, without a host, and without
	 * what no device computes in kernels.
	 */
	uint32_t kernels;
	uint32_t wild_in; /* one access in so many is not confined to valid memory; 0: none */
	uint32_t imports; /* 1: call the imports test.mix(2) -> 1 and test.back(2) -> 1 */
} generate_options;

/* malloc'd .sil text, 0-terminated; the caller frees it. Null when out of memory. */
char *generate_program(uint64_t seed, const generate_options *options, size_t *length);

#endif
