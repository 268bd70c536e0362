/*
 * The registers that are constant at the start of a block.
 */
#ifndef VSP_LOWER_CONSTANT_PROPAGATION_H
#define VSP_LOWER_CONSTANT_PROPAGATION_H

#include "context.h"

/*
 * Finds the registers that are constant at the start of a block, whichever path led there from the
 * function's start.
 */
void vsp_lower_constants(vsp_fn *f, uint32_t block, uint64_t value[VSP_REGISTERS], uint16_t *known);

#endif
