/*
 * The description of baseline code for tools: where its instructions are, and how to unwind.
 */
#ifndef VSP_TIERS_BASELINE_UNIT_H
#define VSP_TIERS_BASELINE_UNIT_H

#include "tiers/interp/decode.h"
#include "tiers/jit.h"

/* The bytes of the unwinding information (.eh_frame) of a function. */
enum { VSP_BASELINE_UNWIND = 48 };
/* Writes it to at, which is within 2 GiB of the code. */
void vsp_baseline_put_unwind(uint8_t at[VSP_BASELINE_UNWIND], const uint8_t *code, uint32_t size);

/*
 * Calls made with the unit of function d, whose cells' addresses are in table, in ascending order.
 * False: there is no memory for it.
 */
bool vsp_baseline_describe(const vsp_decoded *d, const vsp_jit_unit *code, void *const *table, uint32_t start_pc,
        void (*made)(void *user, const vsp_jit_unit *unit), void *user);

#endif
