/* convolution: n times a 16-tap ByteSil convolution of 65536 samples. */
#include "kernel.h"
#include "runtime/arith/bytesil.h"

enum { COUNT = 65536, TAPS = 16 };
static uint8_t x[COUNT + TAPS], y[COUNT];
static const uint8_t h[TAPS] = {
        0x80, 0x85, 0x8A, 0x8F, 0x74, 0x79, 0x7E, 0x73, 0x68, 0x6D, 0x62, 0x67, 0x5C, 0x51, 0x56, 0x5B};

int64_t kernel(int64_t n)
{
	for (int i = 0; i < COUNT + TAPS; i++)
		x[i] = (uint8_t)(7 * i + 64);
	while (n-- > 0)
		for (int i = 0; i < COUNT; i++) {
			uint8_t sum = 0;
			for (int k = 0; k < TAPS; k++)
				sum = vsp_bytesil_add(sum, vsp_bytesil_mul(x[i + k], h[k]));
			y[i] = sum;
		}
	uint64_t hash = 0;
	for (int i = 0; i < COUNT; i++)
		hash = hash * 31 + y[i];
	return (int64_t)hash;
}
