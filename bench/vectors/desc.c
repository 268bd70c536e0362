/* desc: n steps of 2048 states against gradients that stay the same. */
#include "kernel.h"
#include "vectors.h"

enum { COUNT = 2048, LAYERS = 16 };
typedef int32_t longs __attribute__((vector_size(BYTES)));
typedef float floats __attribute__((vector_size(BYTES)));
typedef uint8_t layers __attribute__((vector_size(LAYERS)));
static uint8_t x[COUNT * LAYERS];
static float g[COUNT * LAYERS];

static layers step(layers state, floats gradient, float rate)
{
	longs old = __builtin_convertvector(state, longs);
	floats rho = __builtin_convertvector((old >> 4) - 8, floats) - rate * gradient;
	longs valid = rho == rho;
	rho = __builtin_elementwise_max(__builtin_elementwise_min(rho, (floats){0} + 7.0f), (floats){0} - 8.0f);
	longs moved = (__builtin_convertvector(rho, longs) + 8) << 4 | (old & 15);
	return __builtin_convertvector((valid & moved) | (~valid & old), layers);
}

int64_t kernel(int64_t n)
{
	fill(x, sizeof x, 13);
	for (int i = 0; i < COUNT * LAYERS; i++)
		g[i] = (float)((i * 40503 & 255) - 128);
	for (; n > 0; n--)
		for (int i = 0; i < COUNT; i++) {
			layers state;
			floats gradient;
			memcpy(&state, x + i * LAYERS, sizeof state);
			memcpy(&gradient, g + i * LAYERS, sizeof gradient);
			state = step(state, gradient, n & 1 ? 0.015625f : -0.01171875f);
			memcpy(x + i * LAYERS, &state, sizeof state);
		}
	return hash_of(x, sizeof x);
}
