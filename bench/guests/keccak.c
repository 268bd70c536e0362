/* keccak: n permutations Keccak-f[1600], each of what the one before gave. */
#include "kernel.h"

static uint64_t rotl(uint64_t x, int n) { return n ? x << n | x >> (64 - n) : x; }

static const int turns[25] = {
        0, 1, 62, 28, 27, 36, 44, 6, 55, 20, 3, 10, 43, 25, 39, 41, 45, 15, 21, 8, 18, 2, 61, 56, 14};

/* Constants of rounds by the shift register that defines them. */
static uint64_t round_constant(uint8_t *shift)
{
	uint64_t constant = 0;
	for (int j = 0; j < 7; j++) {
		if (*shift & 1)
			constant |= UINT64_C(1) << ((1 << j) - 1);
		*shift = (uint8_t)(*shift << 1 ^ (*shift & 0x80 ? 0x71 : 0));
	}
	return constant;
}

static void permute(uint64_t *a, const uint64_t *constants)
{
	for (int round = 0; round < 24; round++) {
		uint64_t c[5], b[25];
		for (int x = 0; x < 5; x++)
			c[x] = a[x] ^ a[x + 5] ^ a[x + 10] ^ a[x + 15] ^ a[x + 20];
		for (int x = 0; x < 5; x++)
			for (int y = 0; y < 25; y += 5)
				a[x + y] ^= c[(x + 4) % 5] ^ rotl(c[(x + 1) % 5], 1);
		for (int x = 0; x < 5; x++)
			for (int y = 0; y < 5; y++)
				b[y + 5 * ((2 * x + 3 * y) % 5)] = rotl(a[x + 5 * y], turns[x + 5 * y]);
		for (int y = 0; y < 25; y += 5)
			for (int x = 0; x < 5; x++)
				a[x + y] = b[x + y] ^ (~b[(x + 1) % 5 + y] & b[(x + 2) % 5 + y]);
		a[0] ^= constants[round];
	}
}

int64_t kernel(int64_t n)
{
	uint64_t state[25], constants[24], sum = 0;
	uint8_t shift = 1;
	for (int i = 0; i < 24; i++)
		constants[i] = round_constant(&shift);
	for (int i = 0; i < 25; i++)
		state[i] = (uint64_t)i;
	for (int64_t i = 0; i < n; i++)
		permute(state, constants);
	for (int i = 0; i < 25; i++)
		sum = sum * 31 + state[i];
	return (int64_t)sum;
}
