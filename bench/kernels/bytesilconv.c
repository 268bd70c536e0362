/*
 * bytesilconv: n passes of a 16-tap ByteSil convolution over 4096 samples. Each pass works on the
 * phases of the last one's output, so that magnitudes do not saturate.
 */
#include <string.h>

#include "kernel.h"
#include "runtime/arith/bytesil.h"

static uint8_t x[4112], y[4112], h[16];

int64_t kernel(int64_t n)
{
	for (int i = 0; i < 4112; i++)
		x[i] = (uint8_t)(7 * i + 64);
	for (int i = 0; i < 16; i++)
		h[i] = (uint8_t)((5 * i & 15) | (8 - i / 4) << 4);
	while (n-- > 0) {
		for (int64_t i = 0; i < 4096; i++) {
			uint8_t sum = 0;
			for (int k = 0; k < 16; k++)
				sum = vsp_bytesil_add(sum, vsp_bytesil_mul(x[i + k], h[k]));
			y[i] = vsp_bytesil_phase(sum);
		}
		memcpy(x, y, 4096);
	}
	uint64_t hash = 0;
	for (int i = 0; i < 4096; i++)
		hash = hash * 31 + x[i];
	return (int64_t)hash;
}
