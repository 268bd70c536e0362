/*
 * Runs one C kernel: driver N REPEATS. Prints the result, the time of the first call, then the time of each call (the first again), in
 * nanoseconds.
 */
#define _GNU_SOURCE
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "kernel.h"

static uint64_t now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

int main(int argc, char **argv)
{
	int64_t n = argc > 1 ? strtoll(argv[1], NULL, 0) : 0;
	int repeats = argc > 2 ? atoi(argv[2]) : 1;
	for (int i = 0; i < repeats; i++) {
		uint64_t begin = now();
		int64_t result = kernel(n);
		uint64_t end = now();
		if (i == 0)
			printf("%" PRId64 "\n%" PRIu64 "\n", result, end - begin);
		printf("%" PRIu64 "\n", end - begin);
	}
	return 0;
}
