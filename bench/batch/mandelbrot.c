/* mandelbrot: the sum of the steps, at most n, of the points of a grid of 256 by 256. */
#include "kernel.h"

static uint32_t out[65536];

int64_t kernel(int64_t n)
{
	for (int i = 0; i < 65536; i++) {
		double cx = (i & 255) * 0.01171875 - 2.0, cy = (i >> 8) * 0.01171875 - 1.5, x = 0, y = 0;
		int64_t steps = 0;
		do {
			double xx = x * x, yy = y * y, xy = x * y;
			if (4.0 < xx + yy)
				break;
			y = xy + xy + cy;
			x = xx - yy + cx;
		} while (++steps < n);
		out[i] = (uint32_t)steps;
	}
	int64_t sum = 0;
	for (int i = 0; i < 65536; i++)
		sum += out[i];
	return sum;
}
