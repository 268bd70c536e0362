/* Suggestions by edit distance, see nearest.h. Names longer than GUESS_MAX have none. */
#include "nearest.h"

#include <stdbool.h>

enum { GUESS_MAX = 48 };

vsp_nearest vsp_nearest_start(const char *name, size_t length)
{
	return (vsp_nearest){
	        .name = name, .length = length, .distance = length < 2 ? 1 : (uint32_t)(length + 2) / 3 + 1};
}

static unsigned lower(char c) { return c >= 'A' && c <= 'Z' ? (unsigned char)c + 32u : (unsigned char)c; }

/* Edit distance with transpositions (Damerau-Levenshtein, restricted), letters in any case; only
   the last three rows are kept. */
static uint32_t distance(const char *a, size_t an, const char *b, size_t bn)
{
	uint32_t rows[3][GUESS_MAX + 1];
	for (size_t j = 0; j <= bn; j++)
		rows[0][j] = (uint32_t)j;
	for (size_t i = 1; i <= an; i++) {
		uint32_t *row = rows[i % 3], *above = rows[(i + 2) % 3], *before = rows[(i + 1) % 3];
		row[0] = (uint32_t)i;
		for (size_t j = 1; j <= bn; j++) {
			uint32_t best = above[j - 1] + (lower(a[i - 1]) != lower(b[j - 1]));
			best = above[j] + 1 < best ? above[j] + 1 : best;
			best = row[j - 1] + 1 < best ? row[j - 1] + 1 : best;
			bool swapped = i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) &&
			               lower(a[i - 2]) == lower(b[j - 1]);
			if (swapped && before[j - 2] + 1 < best)
				best = before[j - 2] + 1;
			row[j] = best;
		}
	}
	return rows[an % 3][bn];
}

void vsp_nearest_try(vsp_nearest *n, const char *candidate, size_t length)
{
	size_t gap = n->length > length ? n->length - length : length - n->length;
	if (n->length > GUESS_MAX || length > GUESS_MAX || gap >= n->distance)
		return;
	uint32_t d = distance(n->name, n->length, candidate, length);
	if (d >= n->distance)
		return;
	n->distance = d;
	n->best = candidate;
	n->best_length = length;
}
