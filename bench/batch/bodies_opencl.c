/* bodies: the kernels of bodies.sil in OpenCL C. */
#include <string.h>

#include "kernel.h"
#include "opencl.h"

enum { COUNT = 1024 };

static const char source[] = "#pragma OPENCL FP_CONTRACT OFF\n"
                             "kernel void place(global float *at)\n"
                             "{ size_t i = get_global_id(0); at[i] = (float)(i * 40503 & 4095); }\n"
                             "kernel void pull(global const float *restrict at, global float *restrict force)\n"
                             "{\n"
                             "	size_t i = get_global_id(0);\n"
                             "	float px = at[3 * i], py = at[3 * i + 1], pz = at[3 * i + 2], sum = 0;\n"
                             "	for (int j = 0; j < 1024; j++) {\n"
                             "		float x = at[3 * j] - px, y = at[3 * j + 1] - py, z = at[3 * j + 2] - pz;\n"
                             "		float d = x * x + y * y + z * z + 1.0f;\n"
                             "		sum += (x + y + z) / (d * sqrt(d));\n"
                             "	}\n"
                             "	force[i] = sum;\n"
                             "}\n";

int64_t kernel(int64_t n)
{
	static opencl_buffer *at, *force;
	static float sums[COUNT];
	float all = 0;
	uint32_t bits;
	opencl_build(source);
	at = at ? at : opencl_make(3 * sizeof sums, NULL);
	force = force ? force : opencl_make(sizeof sums, NULL);
	const opencl_argument arguments[] = {OPENCL_BUFFER(at), OPENCL_BUFFER(force)};
	opencl_run("place", 3 * COUNT, arguments, 1);
	while (n-- > 0)
		opencl_run("pull", COUNT, arguments, 2);
	opencl_read(force, 0, sizeof sums, sums);
	for (int i = 0; i < COUNT; i++)
		all += sums[i];
	memcpy(&bits, &all, sizeof bits);
	return bits;
}
