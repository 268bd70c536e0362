/* fannkuch: the most prefix reversals over all permutations of n, times 100000, plus the
   checksum. */
#include <string.h>

#include "kernel.h"

static uint32_t p[16], q[16];
static int32_t count[16];

int64_t kernel(int64_t n)
{
	for (int64_t i = 0; i < n; i++)
		p[i] = (uint32_t)i;
	int64_t most = 0, checksum = 0, r = n;
	int odd = 0;
	for (;;) {
		for (; r != 1; r--)
			count[r - 1] = (int32_t)r;
		if (p[0]) {
			memcpy(q, p, (size_t)n * sizeof *p);
			int64_t flips = 0;
			for (int64_t first = q[0]; first; first = q[0]) {
				int64_t i = 0, j = first;
				do {
					uint32_t t = q[i];
					q[i++] = q[j];
					q[j--] = t;
				} while (i < j);
				flips++;
			}
			if (flips > most)
				most = flips;
			checksum += odd ? -flips : flips;
		}
		odd ^= 1;
		for (;; r++) {
			if (r == n)
				return most * 100000 + checksum;
			uint32_t first = p[0];
			for (int64_t i = 0; i < r; i++)
				p[i] = p[i + 1];
			p[r] = first;
			if (--count[r])
				break;
		}
	}
}
