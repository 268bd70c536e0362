/*
 * The removal of redundant phis.
 */
#ifndef VSP_LOWER_PHIS_H
#define VSP_LOWER_PHIS_H

#include "context.h"

/* Removes phis that only repeat one value, and gives the others the type that their users want. */
void vsp_lower_phis(vsp_fn *f);

#endif
