/* copy: n times 64 MiB copied by the C library: what memory gives. */
#include "kernel.h"
#include "vectors.h"

enum { COUNT = 64 << 20, LAST = 65536 };
static uint8_t x[COUNT], y[COUNT];

int64_t kernel(int64_t n)
{
	fill(y, COUNT, 77);
	for (; n > 0; n--)
		memcpy(x, y, COUNT);
	return hash_of(x + COUNT - LAST, LAST);
}
