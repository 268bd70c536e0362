/* fnv: n passes of FNV-1a 64 over 64 KiB. */
#include "kernel.h"

static uint8_t buffer[65536];

int64_t kernel(int64_t n)
{
	for (int i = 0; i < 65536; i++)
		buffer[i] = (uint8_t)(i * 31);
	uint64_t h = 0xCBF29CE484222325u;
	for (int64_t pass = 0; pass < n; pass++)
		for (int64_t i = 0; i < 65536; i++)
			h = (h ^ buffer[i]) * 0x100000001B3u;
	return (int64_t)h;
}
