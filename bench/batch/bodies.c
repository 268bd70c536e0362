/*
 * bodies: n times the forces between 1024 bodies, each from all others: the sum of
 * (xj - xi) / (|xj - xi|^2 + 1)^1.5 over x, y and z.
 */
#include <math.h>
#include <string.h>

#include "kernel.h"

enum { COUNT = 1024 };
static float at[COUNT][3], force[COUNT];

int64_t kernel(int64_t n)
{
	for (int i = 0; i < 3 * COUNT; i++)
		at[i / 3][i % 3] = (float)(i * 40503 & 4095);
	while (n-- > 0)
		for (int i = 0; i < COUNT; i++) {
			float sum = 0;
			for (int j = 0; j < COUNT; j++) {
				float x = at[j][0] - at[i][0], y = at[j][1] - at[i][1], z = at[j][2] - at[i][2];
				float d = x * x + y * y + z * z + 1.0f;
				sum += (x + y + z) / (d * sqrtf(d));
			}
			force[i] = sum;
		}
	float all = 0;
	for (int i = 0; i < COUNT; i++)
		all += force[i];
	uint32_t bits;
	memcpy(&bits, &all, sizeof bits);
	return bits;
}
