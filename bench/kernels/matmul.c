/* matmul: c = a * b of n x n doubles, row by row (i k j), so that the inner loop runs along
   rows. */
#include "kernel.h"

static double a[1 << 20], b[1 << 20], c[1 << 20];

int64_t kernel(int64_t n)
{
	for (int64_t i = 0; i < n * n; i++) {
		a[i] = (double)(i % 7);
		b[i] = (double)(i % 5);
		c[i] = 0;
	}
	for (int64_t i = 0; i < n; i++)
		for (int64_t k = 0; k < n; k++) {
			double x = a[i * n + k];
			for (int64_t j = 0; j < n; j++)
				c[i * n + j] += x * b[k * n + j];
		}
	double sum = 0;
	for (int64_t i = 0; i < n * n; i++)
		sum += c[i];
	return (int64_t)sum;
}
