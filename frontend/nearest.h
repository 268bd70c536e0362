/*
 * Did you mean: the candidate nearest to a misspelt name. A third of the letters may be wrong, as
 * in clang's suggestions, and none of a single one; letters are compared in any case.
 */
#ifndef VSP_FRONTEND_NEAREST_H
#define VSP_FRONTEND_NEAREST_H

#include <stddef.h>
#include <stdint.h>

typedef struct vsp_nearest {
	const char *name; /* what was written: the caller's, as the candidates are */
	const char *best; /* null: none is near */
	size_t length, best_length;
	uint32_t distance; /* of a candidate that would be too far */
} vsp_nearest;

vsp_nearest vsp_nearest_start(const char *name, size_t length);
void vsp_nearest_try(vsp_nearest *n, const char *candidate, size_t length);

#endif
