/* quicksort: n pseudo-random 64-bit integers, Hoare partition, recursive; the result is a
   checksum of the order. */
#include "kernel.h"

static int64_t array[2 << 20];

static void sort(int64_t *lo, int64_t *hi)
{
	if (lo >= hi)
		return;
	int64_t pivot = lo[(hi - lo) / 2], *i = lo, *j = hi;
	do {
		while (*i < pivot)
			i++;
		while (*j > pivot)
			j--;
		if (j < i)
			break;
		int64_t t = *i;
		*i++ = *j;
		*j-- = t;
	} while (i <= j);
	sort(lo, j);
	sort(i, hi);
}

int64_t kernel(int64_t n)
{
	uint64_t x = 42, sum = 0;
	for (int64_t i = 0; i < n; i++) {
		x = x * 6364136223846793005u + 1442695040888963407u;
		array[i] = (int64_t)(x >> 20);
	}
	sort(array, array + n - 1);
	int64_t last = 0;
	for (int64_t i = 0; i < n; i++) {
		if (array[i] < last)
			return 0;
		last = array[i];
		sum += (uint64_t)array[i] * (uint64_t)i;
	}
	return (int64_t)sum;
}
