/*
 * Local slots (LDLOC, STLOC) at the start of an activation's code and where it goes on in other
 * code.
 */
#ifndef VSP_LOWER_SLOTS_H
#define VSP_LOWER_SLOTS_H

#include "context.h"

/* Makes the function's local slots, all 0. */
void vsp_lower_open_slots(vsp_fn *f);
/* Makes the slots of an entry at block number start, with the values that the activation has. */
void vsp_lower_take_slots(vsp_fn *f, uint32_t start);
/* Puts the slots where an entry form takes them; with options->count. */
void vsp_lower_hand_over_slots(vsp_fn *f);

/* Marks the load of a field of the run-time state that never changes. */
LLVMValueRef vsp_lower_constant_field(vsp_fn *f, LLVMValueRef load);

#endif
