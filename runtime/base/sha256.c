/*
 * SHA-256 as FIPS 180-4 describes it. The round constants are the first 32 bits of the fractional
 * parts of the cube roots of the first 64 primes.
 */
#include "sha256.h"

#include <string.h>

// clang-format off
static const uint32_t round_constants[64] = {
	0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
	0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
	0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
	0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
	0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
	0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
	0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
	0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};
// clang-format on

static uint32_t rotate_right(uint32_t v, unsigned n) { return v >> n | v << (32 - n); }

static void expand_block(const uint8_t *block, uint32_t w[64])
{
	for (int i = 0; i < 16; i++, block += 4)
		w[i] = (uint32_t)block[0] << 24 | (uint32_t)block[1] << 16 | (uint32_t)block[2] << 8 | block[3];
	for (int i = 16; i < 64; i++) {
		uint32_t s0 = rotate_right(w[i - 15], 7) ^ rotate_right(w[i - 15], 18) ^ w[i - 15] >> 3;
		uint32_t s1 = rotate_right(w[i - 2], 17) ^ rotate_right(w[i - 2], 19) ^ w[i - 2] >> 10;
		w[i] = w[i - 16] + s0 + w[i - 7] + s1;
	}
}

static void compress(uint32_t state[8], const uint8_t *block)
{
	uint32_t w[64], v[8];
	expand_block(block, w);
	memcpy(v, state, sizeof v);
	for (int i = 0; i < 64; i++) {
		uint32_t s1 = rotate_right(v[4], 6) ^ rotate_right(v[4], 11) ^ rotate_right(v[4], 25);
		uint32_t choice = (v[4] & v[5]) ^ (~v[4] & v[6]);
		uint32_t s0 = rotate_right(v[0], 2) ^ rotate_right(v[0], 13) ^ rotate_right(v[0], 22);
		uint32_t majority = (v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]);
		uint32_t t = v[7] + s1 + choice + round_constants[i] + w[i];
		memmove(v + 1, v, 7 * sizeof *v);
		v[4] += t;
		v[0] = t + s0 + majority;
	}
	for (int i = 0; i < 8; i++)
		state[i] += v[i];
}

void vsp_sha256_begin(vsp_sha256 *hash)
{
	/* The fractional parts of the square roots of the first eight primes. */
	static const uint32_t start[8] = {
	        0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
	memcpy(hash->state, start, sizeof start);
	hash->length = 0;
}

void vsp_sha256_update(vsp_sha256 *hash, const void *data, size_t size)
{
	const uint8_t *bytes = data;
	while (size) {
		size_t used = hash->length % 64, n = size < 64 - used ? size : 64 - used;
		memcpy(hash->block + used, bytes, n);
		hash->length += n;
		bytes += n;
		size -= n;
		if (used + n == 64)
			compress(hash->state, hash->block);
	}
}

void vsp_sha256_bytes(vsp_sha256 *hash, uint8_t out[32])
{
	static const uint8_t padding[64] = {0x80};
	uint64_t bits = hash->length * 8;
	uint8_t tail[8];
	for (int i = 0; i < 8; i++)
		tail[i] = (uint8_t)(bits >> (56 - 8 * i));
	vsp_sha256_update(hash, padding, 1 + (119 - hash->length % 64) % 64);
	vsp_sha256_update(hash, tail, sizeof tail);
	for (int i = 0; i < 32; i++)
		out[i] = (uint8_t)(hash->state[i / 4] >> (24 - 8 * (i % 4)));
}

void vsp_sha256_end(vsp_sha256 *hash, char hex[65])
{
	uint8_t bytes[32];
	vsp_sha256_bytes(hash, bytes);
	for (int i = 0; i < 64; i++)
		hex[i] = "0123456789abcdef"[bytes[i / 2] >> (i % 2 ? 0 : 4) & 15];
	hex[64] = 0;
}

void vsp_sha256_hex(const void *data, size_t size, char hex[65])
{
	vsp_sha256 hash;
	vsp_sha256_begin(&hash);
	vsp_sha256_update(&hash, data, size);
	vsp_sha256_end(&hash, hex);
}
