/* dct: n discrete cosine transforms of blocks of 8 by 8 integers, by rows and by columns, with
   factors of 13 bits; each block is made from what the one before gave. */
#include "kernel.h"

static void transform(int32_t *at, int step)
{
	/* cosines of odd multiples of pi / 16, times 8192 over 2; the mean over the root of 2 */
	enum { C1 = 4017, C2 = 3784, C3 = 3406, C4 = 2896, C5 = 2276, C6 = 1567, C7 = 799 };
	int32_t sums[4], gaps[4];
	for (int i = 0; i < 4; i++) {
		sums[i] = at[i * step] + at[(7 - i) * step];
		gaps[i] = at[i * step] - at[(7 - i) * step];
	}
	int32_t even = sums[0] + sums[3], odd = sums[1] + sums[2], p = sums[0] - sums[3], q = sums[1] - sums[2];
	at[0] = ((even + odd) * C4) >> 13;
	at[4 * step] = ((even - odd) * C4) >> 13;
	at[2 * step] = (p * C2 + q * C6) >> 13;
	at[6 * step] = (p * C6 - q * C2) >> 13;
	at[step] = (gaps[0] * C1 + gaps[1] * C3 + gaps[2] * C5 + gaps[3] * C7) >> 13;
	at[3 * step] = (gaps[0] * C3 - gaps[1] * C7 - gaps[2] * C1 - gaps[3] * C5) >> 13;
	at[5 * step] = (gaps[0] * C5 - gaps[1] * C1 + gaps[2] * C7 + gaps[3] * C3) >> 13;
	at[7 * step] = (gaps[0] * C7 - gaps[1] * C5 + gaps[2] * C3 - gaps[3] * C1) >> 13;
}

int64_t kernel(int64_t n)
{
	int32_t block[64];
	uint64_t sum = 0;
	for (int i = 0; i < 64; i++)
		block[i] = i * 37 % 256 - 128;
	for (int64_t round = 0; round < n; round++) {
		for (int i = 0; i < 8; i++)
			transform(block + 8 * i, 1);
		for (int i = 0; i < 8; i++)
			transform(block + i, 8);
		for (int i = 0; i < 64; i++) {
			sum = sum * 31 + (uint64_t)(int64_t)block[i];
			block[i] = (int32_t)((uint32_t)(block[i] * 5 + i * 37 + (int32_t)round) % 256) - 128;
		}
	}
	return (int64_t)sum;
}
