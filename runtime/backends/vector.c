/*
 * The choice of vector loops by the processor, see vector.h.
 */
#include "vector.h"

#include "runtime/arith/bytesil.h"

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

/* As GRAD computes them: each operation is rounded, and the root then to a float. */
void vsp_vector_distances(float distances[VSP_DISTANCES])
{
	for (unsigned i = 0; i < VSP_DISTANCES; i++) {
		uint8_t layers[16] = {(uint8_t)(i >> 6 & 0xF0) | (uint8_t)(i >> 8 & 3), (uint8_t)i};
		float g[16];
		vsp_bytesil_grad(layers, g);
		distances[i] = g[0];
	}
}
