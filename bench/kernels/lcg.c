/* lcg: n steps of Knuth's MMIX generator, one dependent multiply and add each. */
#include "kernel.h"

int64_t kernel(int64_t n)
{
	uint64_t x = 1;
	for (int64_t i = 0; i < n; i++)
		x = x * 6364136223846793005u + 1442695040888963407u;
	return (int64_t)x;
}
