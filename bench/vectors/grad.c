/*
 * grad: n times the gradients of 2048 states, each with one byte that the one before gives. Four
 * distances at a time, from points that are looked up.
 */
#include <math.h>

#include "kernel.h"
#include "runtime/arith/bytesil.h"
#include "vectors.h"

enum { COUNT = 2048, LAYERS = 16, WIDE = 4 };
typedef double wide __attribute__((vector_size(8 * WIDE)));
typedef float floats __attribute__((vector_size(4 * WIDE)));
static uint8_t x[COUNT * LAYERS];
static float g[COUNT * LAYERS];
static double re[256], im[256];

static void gradient(const uint8_t *state, float *to)
{
	double px[LAYERS + 1], py[LAYERS + 1];
	for (int i = 0; i < LAYERS; i++) {
		px[i] = re[state[i]];
		py[i] = im[state[i]];
	}
	px[LAYERS] = px[LAYERS - 1];
	py[LAYERS] = py[LAYERS - 1];
	for (int i = 0; i < LAYERS; i += WIDE) {
		wide x0, x1, y0, y1;
		memcpy(&x0, px + i, sizeof x0);
		memcpy(&x1, px + i + 1, sizeof x1);
		memcpy(&y0, py + i, sizeof y0);
		memcpy(&y1, py + i + 1, sizeof y1);
		wide dx = x1 - x0, dy = y1 - y0, sum = dx * dx + dy * dy;
		floats roots = __builtin_convertvector(__builtin_elementwise_sqrt(sum), floats);
		memcpy(to + i, &roots, sizeof roots);
	}
}

int64_t kernel(int64_t n)
{
	fill(x, sizeof x, 13);
	for (int b = 0; b < 256; b++) {
		re[b] = vsp_bytesil_re((uint8_t)b);
		im[b] = vsp_bytesil_im((uint8_t)b);
	}
	for (; n > 0; n--) {
		for (int i = 0; i < COUNT; i++)
			gradient(x + i * LAYERS, g + i * LAYERS);
		x[0] = (uint8_t)(g[1] * 3);
	}
	return hash_of((const uint8_t *)g, sizeof g);
}
