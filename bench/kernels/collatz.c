/* collatz: the start below n with the longest 3x+1 chain, times 1000, plus its length. */
#include "kernel.h"

int64_t kernel(int64_t n)
{
	int64_t longest = 0, best = 0;
	for (int64_t start = 1; start < n; start++) {
		uint64_t x = (uint64_t)start;
		int64_t length = 0;
		while (x != 1) {
			if (x & 1) {
				x = x * 3 + 1;
				length++;
			}
			x >>= 1;
			length++;
		}
		if (length > longest) {
			longest = length;
			best = start;
		}
	}
	return best * 1000 + longest;
}
