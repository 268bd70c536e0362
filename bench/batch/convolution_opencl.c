/* convolution: the kernels of convolution.sil in OpenCL C, with VSP's table of sums. */
#include "kernel.h"
#include "opencl.h"
#include "runtime/arith/bytesil.h"

enum { COUNT = 65536, TAPS = 16 };

static const char source[] = "constant uchar h[16] = {0x80, 0x85, 0x8A, 0x8F, 0x74, 0x79, 0x7E, 0x73,\n"
                             "	0x68, 0x6D, 0x62, 0x67, 0x5C, 0x51, 0x56, 0x5B};\n"
                             "uchar times(uchar x, uchar y)\n"
                             "{ return (uchar)(clamp((x >> 4) + (y >> 4) - 8, 0, 15) << 4 | ((x + y) & 15)); }\n"
                             "kernel void fill(global uchar *x)\n"
                             "{ size_t i = get_global_id(0); x[i] = (uchar)(7 * i + 64); }\n"
                             "kernel void convolve(global const uchar *restrict x, global uchar *restrict y,\n"
                             "	global const uchar *restrict sums)\n"
                             "{\n"
                             "	size_t i = get_global_id(0);\n"
                             "	uchar sum = 0;\n"
                             "	for (int k = 0; k < 16; k++)\n"
                             "		sum = sums[sum << 8 | times(x[i + k], h[k])];\n"
                             "	y[i] = sum;\n"
                             "}\n";

int64_t kernel(int64_t n)
{
	static opencl_buffer *x, *y, *sums;
	static uint8_t result[COUNT];
	uint64_t hash = 0;
	opencl_build(source);
	x = x ? x : opencl_make(COUNT + TAPS, NULL);
	y = y ? y : opencl_make(COUNT, NULL);
	sums = sums ? sums : opencl_make(sizeof vsp_bytesil_sums, vsp_bytesil_sums);
	const opencl_argument arguments[] = {OPENCL_BUFFER(x), OPENCL_BUFFER(y), OPENCL_BUFFER(sums)};
	opencl_run("fill", COUNT + TAPS, arguments, 1);
	while (n-- > 0)
		opencl_run("convolve", COUNT, arguments, 3);
	opencl_read(y, 0, sizeof result, result);
	for (int i = 0; i < COUNT; i++)
		hash = hash * 31 + result[i];
	return (int64_t)hash;
}
