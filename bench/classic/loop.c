/* loop: n loops of 1000 iterations, which carry a value that has no closed form. */
#include "kernel.h"

int64_t kernel(int64_t n)
{
	uint64_t x = 1;
	while (n-- > 0)
		for (uint64_t i = 1000; i; i--)
			x = (x ^ i) * 5;
	return (int64_t)x;
}
