/*
 * Writes into the holes of copied code (stencil_table.h).
 */
#ifndef VSP_TIERS_BASELINE_PATCH_H
#define VSP_TIERS_BASELINE_PATCH_H

#include "stencil_table.h"

/*
 * Writes a word at a hole, in its form: as many of its bits as the form has. The bytes are those of
 * the stencil, in which the field of an instruction is 0, and that of a form XOR any number.
 */
void vsp_patch(uint8_t *at, vsp_hole_form form, uint64_t word);

#endif
