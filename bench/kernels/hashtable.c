/* hashtable: n insertions of decimal strings of pseudo-random numbers into an open-addressing
   table, counting repeats. */
#include <string.h>

#include "kernel.h"

enum { SLOTS = 65536 };
typedef struct slot {
	uint8_t *string; /* length byte first, then digits, least significant first */
	int64_t count;
} slot;
static slot table[SLOTS];
static uint8_t strings[1 << 20];

static uint8_t *format(uint64_t number, uint8_t *at)
{
	uint8_t *p = at + 1;
	do {
		*p++ = (uint8_t)('0' + number % 10);
		number /= 10;
	} while (number);
	*at = (uint8_t)(p - at - 1);
	return p;
}

static int equal(const uint8_t *a, const uint8_t *b)
{
	if (a[0] != b[0])
		return 0;
	for (int64_t i = a[0]; i; i--)
		if (a[i] != b[i])
			return 0;
	return 1;
}

int64_t kernel(int64_t n)
{
	memset(table, 0, sizeof table);
	uint8_t *free_string = strings;
	uint32_t x = 1;
	int64_t repeats = 0;
	while (n-- > 0) {
		x = x * 1103515245u + 12345u;
		uint8_t *end = format(x >> 8 & 0x7FFF, free_string);
		uint64_t h = 0xCBF29CE484222325u;
		for (uint8_t *p = free_string + 1; p < end; p++)
			h = (h ^ *p) * 0x100000001B3u;
		h ^= h >> 32;
		for (;; h++) {
			slot *s = &table[h &= SLOTS - 1];
			if (!s->string) {
				s->string = free_string;
				s->count = 1;
				free_string = end;
				break;
			}
			if (equal(s->string, free_string)) {
				s->count++;
				repeats++;
				break;
			}
		}
	}
	return repeats;
}
