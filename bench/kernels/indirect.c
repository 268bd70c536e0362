/* indirect: n calls through a table of four functions, chosen by the running value. */
#include "kernel.h"

static uint64_t add(uint64_t x, uint64_t y) { return x + y; }
static uint64_t scale(uint64_t x, uint64_t y)
{
	(void)y;
	return x * 5 + 3;
}
static uint64_t mix(uint64_t x, uint64_t y)
{
	x ^= y;
	return x ^ x >> 7;
}
static uint64_t turn(uint64_t x, uint64_t y) { return (x << 1 | x >> 63) - y; }

/* Not const and not static: as in the bytecode, the compiler must not know its contents. */
uint64_t (*functions[4])(uint64_t, uint64_t) = {add, scale, mix, turn};

int64_t kernel(int64_t n)
{
	uint64_t x = 1;
	for (; n; n--)
		x = functions[x & 3](x, (uint64_t)n);
	return (int64_t)x;
}
