/* sieve: Eratosthenes on bytes, counting the primes below n. */
#include <string.h>

#include "kernel.h"

static uint8_t flags[32 << 20];

int64_t kernel(int64_t n)
{
	int64_t count = 0;
	memset(flags, 0, (size_t)n);
	for (int64_t i = 2; i < n; i++) {
		if (flags[i])
			continue;
		count++;
		for (int64_t j = i * i; j < n; j += i)
			flags[j] = 1;
	}
	return count;
}
