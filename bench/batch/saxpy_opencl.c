/* saxpy: the kernels of saxpy.sil in OpenCL C. */
#include "kernel.h"
#include "opencl.h"

enum { COUNT = 8388608 };

static const char source[] = "#pragma OPENCL FP_CONTRACT OFF\n"
                             "kernel void fill(global float *x, global float *y)\n"
                             "{ size_t i = get_global_id(0); x[i] = y[i] = (float)(i & 1023); }\n"
                             "kernel void saxpy(global const float *restrict x, global float *restrict y, float a)\n"
                             "{ size_t i = get_global_id(0); y[i] = a * x[i] + y[i]; }\n";

static uint32_t bits_at(opencl_buffer *y, size_t i)
{
	uint32_t bits;
	opencl_read(y, i * sizeof bits, sizeof bits, &bits);
	return bits;
}

int64_t kernel(int64_t n)
{
	static opencl_buffer *x, *y;
	const float a = 0.5f;
	opencl_build(source);
	x = x ? x : opencl_make(COUNT * sizeof a, NULL);
	y = y ? y : opencl_make(COUNT * sizeof a, NULL);
	const opencl_argument arguments[] = {OPENCL_BUFFER(x), OPENCL_BUFFER(y), OPENCL_VALUE(a)};
	opencl_run("fill", COUNT, arguments, 2);
	while (n-- > 0)
		opencl_run("saxpy", COUNT, arguments, 3);
	return (int64_t)bits_at(y, COUNT - 1) + bits_at(y, COUNT / 2 + 3);
}
