/* spectralnorm: ten power iterations on the n x n matrix A(i,j) = 1 / ((i+j)(i+j+1)/2 + i + 1);
   the norm in units of 1e-9. */
#include <math.h>

#include "kernel.h"

static double u[8192], v[8192], t[8192];

static double element(int64_t i, int64_t j)
{
	return 1.0 / (double)((int64_t)((uint64_t)((i + j) * (i + j + 1)) >> 1) + i + 1);
}

static void multiply(int64_t n, const double *in, double *out, int transposed)
{
	for (int64_t i = 0; i < n; i++) {
		double sum = 0;
		for (int64_t j = 0; j < n; j++)
			sum += (transposed ? element(j, i) : element(i, j)) * in[j];
		out[i] = sum;
	}
}

static void power(int64_t n, const double *in, double *out)
{
	multiply(n, in, t, 0);
	multiply(n, t, out, 1);
}

int64_t kernel(int64_t n)
{
	for (int64_t i = 0; i < n; i++)
		u[i] = 1.0;
	for (int i = 0; i < 10; i++) {
		power(n, u, v);
		power(n, v, u);
	}
	double uv = 0, vv = 0;
	for (int64_t i = 0; i < n; i++) {
		uv += u[i] * v[i];
		vv += v[i] * v[i];
	}
	return (int64_t)(sqrt(uv / vv) * 1000000000.0);
}
