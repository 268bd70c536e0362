/* md5x4: n blocks of four MD5 sums at once, of messages that differ in their first word. */
#include "kernel.h"

static const int turns[16] = {7, 12, 17, 22, 5, 9, 14, 20, 4, 11, 16, 23, 6, 10, 15, 21};

/* The first 32 bits behind the point of the sines of 1 to 64, without their signs. */
static const uint32_t sines[64] = {0xD76AA478, 0xE8C7B756, 0x242070DB, 0xC1BDCEEE, 0xF57C0FAF, 0x4787C62A, 0xA8304613,
        0xFD469501, 0x698098D8, 0x8B44F7AF, 0xFFFF5BB1, 0x895CD7BE, 0x6B901122, 0xFD987193, 0xA679438E, 0x49B40821,
        0xF61E2562, 0xC040B340, 0x265E5A51, 0xE9B6C7AA, 0xD62F105D, 0x02441453, 0xD8A1E681, 0xE7D3FBC8, 0x21E1CDE6,
        0xC33707D6, 0xF4D50D87, 0x455A14ED, 0xA9E3E905, 0xFCEFA3F8, 0x676F02D9, 0x8D2A4C8A, 0xFFFA3942, 0x8771F681,
        0x6D9D6122, 0xFDE5380C, 0xA4BEEA44, 0x4BDECFA9, 0xF6BB4B60, 0xBEBFBC70, 0x289B7EC6, 0xEAA127FA, 0xD4EF3085,
        0x04881D05, 0xD9D4D039, 0xE6DB99E5, 0x1FA27CF8, 0xC4AC5665, 0xF4292244, 0x432AFF97, 0xAB9423A7, 0xFC93A039,
        0x655B59C3, 0x8F0CCC92, 0xFFEFF47D, 0x85845DD1, 0x6FA87E4F, 0xFE2CE6E0, 0xA3014314, 0x4E0811A1, 0xF7537E82,
        0xBD3AF235, 0x2AD7D2BB, 0xEB86D391};

static uint32_t rotl(uint32_t x, int n) { return x << n | x >> (32 - n); }

static uint32_t mix(int i, uint32_t b, uint32_t c, uint32_t d)
{
	return i < 16 ? (b & c) | (~b & d) : i < 32 ? (d & b) | (~d & c) : i < 48 ? b ^ c ^ d : c ^ (b | ~d);
}

static int word(int i) { return (i < 16 ? i : i < 32 ? 5 * i + 1 : i < 48 ? 3 * i + 5 : 7 * i) & 15; }

static void add_block(uint32_t state[4][4], uint32_t text[16][4])
{
	uint32_t a[4], b[4], c[4], d[4];
	for (int k = 0; k < 4; k++)
		a[k] = state[0][k], b[k] = state[1][k], c[k] = state[2][k], d[k] = state[3][k];
	for (int i = 0; i < 64; i++)
		for (int k = 0; k < 4; k++) {
			uint32_t sum = a[k] + mix(i, b[k], c[k], d[k]) + sines[i] + text[word(i)][k];
			a[k] = d[k];
			d[k] = c[k];
			c[k] = b[k];
			b[k] += rotl(sum, turns[i / 16 * 4 + i % 4]);
		}
	for (int k = 0; k < 4; k++)
		state[0][k] += a[k], state[1][k] += b[k], state[2][k] += c[k], state[3][k] += d[k];
}

int64_t kernel(int64_t n)
{
	static const uint32_t start[4] = {0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476};
	uint32_t state[4][4], text[16][4];
	uint64_t sum = 0;
	for (int i = 0; i < 4; i++)
		for (int k = 0; k < 4; k++)
			state[i][k] = start[i];
	for (int i = 0; i < 16; i++)
		for (int k = 0; k < 4; k++)
			text[i][k] = (uint32_t)(i * 0x01234567 + (i ? 0 : k));
	for (int64_t block = 0; block < n; block++)
		add_block(state, text);
	for (int k = 0; k < 4; k++)
		for (int i = 0; i < 4; i++)
			sum = sum * 31 + state[i][k];
	return (int64_t)sum;
}
