/*
 * The compare-and-branch instructions and their inverses.
 */
#ifndef VSP_FRONTEND_BRANCH_H
#define VSP_FRONTEND_BRANCH_H

#include <assert.h>

#include "ir/opcode.h"

static_assert(VSP_I_BNE == VSP_I_BEQ + 1 && VSP_I_BGE == VSP_I_BLT + 1 && VSP_I_BGEU == VSP_I_BLTU + 1 &&
                      VSP_I_BNZ == VSP_I_BZ + 1 && (VSP_I_BLT - VSP_I_BEQ) % 2 == 0 &&
                      (VSP_I_BLTU - VSP_I_BEQ) % 2 == 0 && (VSP_I_BZ - VSP_I_BEQ) % 2 == 0,
        "compare-and-branch forms stand in pairs of inverses");
/* The form that jumps when form does not. */
static inline uint16_t vsp_branch_inverse(uint16_t form) { return (uint16_t)(VSP_I_BEQ + ((form - VSP_I_BEQ) ^ 1)); }

#endif
