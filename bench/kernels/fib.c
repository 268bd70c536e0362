/* fib: naive recursion. */
#include "kernel.h"

int64_t kernel(int64_t n)
{
	if (n < 2)
		return n;
	return kernel(n - 1) + kernel(n - 2);
}
