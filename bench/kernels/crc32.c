/* crc32: n passes of the table-driven CRC-32 (reflected 0xEDB88320) over 64 KiB of pseudo-random
   bytes. */
#include "kernel.h"

static uint32_t table[256];
static uint8_t buffer[65536];

int64_t kernel(int64_t n)
{
	for (uint32_t i = 0; i < 256; i++) {
		uint32_t c = i;
		for (int k = 0; k < 8; k++)
			c = c & 1 ? c >> 1 ^ 0xEDB88320u : c >> 1;
		table[i] = c;
	}
	uint32_t x = 1, crc = 0xFFFFFFFFu;
	for (int i = 0; i < 65536; i++) {
		x = x * 1103515245u + 12345u;
		buffer[i] = (uint8_t)(x >> 16);
	}
	for (int64_t pass = 0; pass < n; pass++)
		for (int64_t i = 0; i < 65536; i++)
			crc = crc >> 8 ^ table[(crc ^ buffer[i]) & 0xFF];
	return (int64_t)(crc ^ 0xFFFFFFFFu);
}
