/* bytescan: n passes that count the newlines in 64 KiB of pseudo-random bytes. */
#include "kernel.h"

static uint8_t buffer[65536];

int64_t kernel(int64_t n)
{
	uint32_t x = 1;
	for (int i = 0; i < 65536; i++) {
		x = x * 1103515245u + 12345u;
		buffer[i] = (uint8_t)(x >> 16);
	}
	int64_t count = 0;
	for (int64_t pass = 0; pass < n; pass++) {
		for (int64_t i = 0; i < 65536; i++)
			count += buffer[i] == 10;
		buffer[pass] = (uint8_t)pass; /* the buffer changes, so passes cannot be shared */
	}
	return count;
}
