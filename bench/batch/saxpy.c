/* saxpy: n times y[i] = a x[i] + y[i] over 8 Mi floats each, 64 MiB in all. */
#include <string.h>

#include "kernel.h"

enum { COUNT = 8388608 };
static float x[COUNT], y[COUNT];
static volatile float given = 0.5f;

static int64_t bits(float f)
{
	uint32_t b;
	memcpy(&b, &f, sizeof b);
	return b;
}

int64_t kernel(int64_t n)
{
	float a = given;
	for (int i = 0; i < COUNT; i++)
		x[i] = y[i] = (float)(i & 1023);
	while (n-- > 0)
		for (int i = 0; i < COUNT; i++)
			y[i] = a * x[i] + y[i];
	return bits(y[COUNT - 1]) + bits(y[COUNT / 2 + 3]);
}
