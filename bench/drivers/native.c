/*
 * Runs one C kernel: native N REPEATS. Prints the result, the time of the first call, then the time
 * of each call (the first again), in nanoseconds: the output that all drivers share.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "clock.h"
#include "kernel.h"

int main(int argc, char **argv)
{
	int64_t n = argc > 1 ? strtoll(argv[1], NULL, 0) : 0;
	int repeats = argc > 2 ? atoi(argv[2]) : 1;
	for (int i = 0; i < repeats; i++) {
		uint64_t begin = bench_now();
		int64_t result = kernel(n);
		uint64_t end = bench_now();
		if (i == 0)
			printf("%" PRId64 "\n%" PRIu64 "\n", result, end - begin);
		printf("%" PRIu64 "\n", end - begin);
	}
	return 0;
}
