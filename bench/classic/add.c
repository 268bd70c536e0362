/* add: n rounds of 64 additions, each needing the one before, so that none can be left out or
   folded. */
#include "kernel.h"

#define TWO(x, y) (x) += (y), (y) += (x)
#define EIGHT(x, y) TWO(x, y), TWO(x, y), TWO(x, y), TWO(x, y)

int64_t kernel(int64_t n)
{
	uint64_t x = 1, y = 1;
	while (n-- > 0) {
		EIGHT(x, y), EIGHT(x, y), EIGHT(x, y), EIGHT(x, y);
		EIGHT(x, y), EIGHT(x, y), EIGHT(x, y), EIGHT(x, y);
	}
	return (int64_t)x;
}
