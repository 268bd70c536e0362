/* The loop form of kernels: a loop over iterations around the kernel's body. */
#ifndef VSP_LOWER_ITERATIONS_H
#define VSP_LOWER_ITERATIONS_H

#include "context.h"

/*
 * The end of the prologue of a loop form, of which start is the block that begins the body: opens
 * the loop, and leaves the registers of a new activation in the slots.
 */
void vsp_lower_open_iterations(vsp_fn *f, uint32_t start);

#endif
