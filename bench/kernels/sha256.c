/* sha256: the compression function over n blocks of a counter; the result is the first 8 digest
   bytes of the chain. */
#include <string.h>

#include "kernel.h"

static const uint32_t initial[8] = {
        0x6A09E667,
        0xBB67AE85,
        0x3C6EF372,
        0xA54FF53A,
        0x510E527F,
        0x9B05688C,
        0x1F83D9AB,
        0x5BE0CD19,
};
static const uint32_t constants[64] = {
        0x428A2F98,
        0x71374491,
        0xB5C0FBCF,
        0xE9B5DBA5,
        0x3956C25B,
        0x59F111F1,
        0x923F82A4,
        0xAB1C5ED5,
        0xD807AA98,
        0x12835B01,
        0x243185BE,
        0x550C7DC3,
        0x72BE5D74,
        0x80DEB1FE,
        0x9BDC06A7,
        0xC19BF174,
        0xE49B69C1,
        0xEFBE4786,
        0x0FC19DC6,
        0x240CA1CC,
        0x2DE92C6F,
        0x4A7484AA,
        0x5CB0A9DC,
        0x76F988DA,
        0x983E5152,
        0xA831C66D,
        0xB00327C8,
        0xBF597FC7,
        0xC6E00BF3,
        0xD5A79147,
        0x06CA6351,
        0x14292967,
        0x27B70A85,
        0x2E1B2138,
        0x4D2C6DFC,
        0x53380D13,
        0x650A7354,
        0x766A0ABB,
        0x81C2C92E,
        0x92722C85,
        0xA2BFE8A1,
        0xA81A664B,
        0xC24B8B70,
        0xC76C51A3,
        0xD192E819,
        0xD6990624,
        0xF40E3585,
        0x106AA070,
        0x19A4C116,
        0x1E376C08,
        0x2748774C,
        0x34B0BCB5,
        0x391C0CB3,
        0x4ED8AA4A,
        0x5B9CCA4F,
        0x682E6FF3,
        0x748F82EE,
        0x78A5636F,
        0x84C87814,
        0x8CC70208,
        0x90BEFFFA,
        0xA4506CEB,
        0xBEF9A3F7,
        0xC67178F2,
};
static uint32_t chain[8], w[64];

static inline uint32_t rotr(uint32_t x, int n) { return x >> n | x << (32 - n); }

static void compress(void)
{
	for (int i = 0; i < 48; i++) {
		uint32_t s0 = rotr(w[i + 1], 7) ^ rotr(w[i + 1], 18) ^ w[i + 1] >> 3;
		uint32_t s1 = rotr(w[i + 14], 17) ^ rotr(w[i + 14], 19) ^ w[i + 14] >> 10;
		w[i + 16] = s0 + w[i] + s1 + w[i + 9];
	}
	uint32_t a = chain[0], b = chain[1], c = chain[2], d = chain[3], e = chain[4], f = chain[5], g = chain[6],
	         h = chain[7];
	for (int i = 0; i < 64; i++) {
		uint32_t t1 = (rotr(e, 6) ^ rotr(e, 11) ^ rotr(e, 25)) + (g ^ (e & (f ^ g))) + h + constants[i] + w[i];
		uint32_t t2 = (rotr(a, 2) ^ rotr(a, 13) ^ rotr(a, 22)) + ((a & b) | (c & (a | b)));
		h = g;
		g = f;
		f = e;
		e = d + t1;
		d = c;
		c = b;
		b = a;
		a = t1 + t2;
	}
	chain[0] += a;
	chain[1] += b;
	chain[2] += c;
	chain[3] += d;
	chain[4] += e;
	chain[5] += f;
	chain[6] += g;
	chain[7] += h;
}

int64_t kernel(int64_t n)
{
	uint32_t counter = 0;
	memcpy(chain, initial, sizeof chain);
	while (n-- > 0) {
		for (int i = 0; i < 16; i++)
			w[i] = counter++;
		compress();
	}
	return (int64_t)((uint64_t)chain[0] << 32 | chain[1]);
}
