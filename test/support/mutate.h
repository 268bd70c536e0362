/*
 * Changes to .silc files that leave much of them right: bits and bytes, fields of the header and of
 * sections, instructions in the place of others, parts left out, doubled and exchanged, ends cut
 * off. The checksum is made right at the end, or readers would check nothing else. The changes
 * follow from the seed alone, on every machine.
 *
 * Any bytes may be given, and every size up to the capacity may come out.
 */
#ifndef VSP_TEST_MUTATE_H
#define VSP_TEST_MUTATE_H

#include <stddef.h>
#include <stdint.h>

/* Random numbers: xorshift. Never 0, which would stay. */
typedef struct mutate_random {
	uint64_t state;
} mutate_random;

mutate_random mutate_seeded(uint64_t seed);
uint64_t mutate_next(mutate_random *random);
/* From 0 to n - 1; 0 for n = 0. */
size_t mutate_below(mutate_random *random, size_t n);
/* A number that is more often a limit than others: near 0, powers of two, and the ends of
   ranges. */
uint64_t mutate_edge(mutate_random *random);

/* One to three changes. size <= capacity; returns the new size. */
size_t mutate_silc(uint8_t *bytes, size_t size, size_t capacity, uint64_t seed);

/* The right checksum, if there is a header. */
void mutate_repair(uint8_t *bytes, size_t size);

#endif
