/* mandelbrot: points of an n x n grid over [-2,0.5] x [-1.25,1.25] that stay bounded for 50
   iterations. */
#include "kernel.h"

int64_t kernel(int64_t n)
{
	double step = 2.5 / (double)n;
	int64_t inside = 0;
	for (int64_t y = 0; y < n; y++) {
		double ci = (double)y * step - 1.25;
		for (int64_t x = 0; x < n; x++) {
			double cr = (double)x * step - 2.0, zr = 0, zi = 0;
			int i = 50;
			for (; i; i--) {
				double a = zr * zr, b = zi * zi;
				if (a + b > 4.0)
					break;
				zi = zr * zi * 2.0 + ci;
				zr = a - b + cr;
			}
			inside += i == 0;
		}
	}
	return inside;
}
