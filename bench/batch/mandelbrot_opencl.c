/* mandelbrot: the kernel of mandelbrot.sil in OpenCL C. */
#include "kernel.h"
#include "opencl.h"

enum { COUNT = 65536 };

static const char source[] =
        "#pragma OPENCL FP_CONTRACT OFF\n"
        "kernel void steps(global uint *restrict out, int n)\n"
        "{\n"
        "	size_t i = get_global_id(0);\n"
        "	double cx = (double)(i & 255) * 0.01171875 - 2.0, cy = (double)(i >> 8) * 0.01171875 - 1.5;\n"
        "	double x = 0, y = 0;\n"
        "	int steps = 0;\n"
        "	do {\n"
        "		double xx = x * x, yy = y * y, xy = x * y;\n"
        "		if (4.0 < xx + yy)\n"
        "			break;\n"
        "		y = xy + xy + cy;\n"
        "		x = xx - yy + cx;\n"
        "	} while (++steps < n);\n"
        "	out[i] = steps;\n"
        "}\n";

int64_t kernel(int64_t n)
{
	static opencl_buffer *out;
	static uint32_t steps[COUNT];
	int32_t most = (int32_t)n;
	int64_t sum = 0;
	opencl_build(source);
	out = out ? out : opencl_make(sizeof steps, NULL);
	const opencl_argument arguments[] = {OPENCL_BUFFER(out), OPENCL_VALUE(most)};
	opencl_run("steps", COUNT, arguments, 2);
	opencl_read(out, 0, sizeof steps, steps);
	for (int i = 0; i < COUNT; i++)
		sum += steps[i];
	return sum;
}
