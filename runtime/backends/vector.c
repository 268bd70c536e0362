/*
 * The choice of vector loops by the processor, see vector.h.
 */
#include "vector.h"

#include <string.h>

#include "runtime/platform/platform.h"

bool vsp_vector_works(const vsp_vector_loops *loops)
{
	for (const char *const *feature = loops->features; *feature; feature++)
		if (!vsp_plat_feature(*feature, strlen(*feature)))
			return false;
	return true;
}

const vsp_vector_loops *vsp_vector_best(void)
{
	const vsp_vector_loops *const *loops = vsp_vector_all;
	while (!vsp_vector_works(*loops))
		loops++;
	return *loops;
}
