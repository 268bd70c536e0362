/* chacha: n blocks of ChaCha20 with one key, whose words are added up. */
#include "kernel.h"

static uint32_t rotl(uint32_t x, int n) { return x << n | x >> (32 - n); }

static void quarter(uint32_t *x, int a, int b, int c, int d)
{
	x[a] += x[b];
	x[d] = rotl(x[d] ^ x[a], 16);
	x[c] += x[d];
	x[b] = rotl(x[b] ^ x[c], 12);
	x[a] += x[b];
	x[d] = rotl(x[d] ^ x[a], 8);
	x[c] += x[d];
	x[b] = rotl(x[b] ^ x[c], 7);
}

int64_t kernel(int64_t n)
{
	uint32_t in[16] = {0x61707865, 0x3320646E, 0x79622D32, 0x6B206574};
	uint64_t sum = 0;
	for (int i = 4; i < 12; i++)
		in[i] = (uint32_t)i * 0x01010101;
	for (int64_t block = 0; block < n; block++) {
		uint32_t x[16];
		in[12] = (uint32_t)block;
		for (int i = 0; i < 16; i++)
			x[i] = in[i];
		for (int round = 0; round < 10; round++) {
			for (int i = 0; i < 4; i++)
				quarter(x, i, 4 + i, 8 + i, 12 + i);
			for (int i = 0; i < 4; i++)
				quarter(x, i, 4 + (i + 1) % 4, 8 + (i + 2) % 4, 12 + (i + 3) % 4);
		}
		for (int i = 0; i < 16; i++)
			sum = sum * 31 + (x[i] + in[i]);
	}
	return (int64_t)sum;
}
