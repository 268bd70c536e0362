/*
 * The interface between the interpreter's slow paths and its runs (interp.c); handlers do not need
 * it.
 */
#ifndef VSP_TIERS_EXEC_RUN_H
#define VSP_TIERS_EXEC_RUN_H

#include "exec.h"

/*
 * The first frame that the innermost run must not use: because of the maximum depth, or because the
 * array ends.
 */
vsp_exec_frame *vsp_exec_frame_limit(const vsp_exec *x);
/* Sets x->frame_limit to that frame, unless an interrupt is pending. */
void vsp_exec_arm_limit(vsp_exec *x);

/*
 * The cell of a saved ip; and the code address of its instruction in function func, which is the
 * function's start when ip is not in it.
 */
const vsp_cell *vsp_exec_cell(uintptr_t ip);
struct vsp_decoded;
/*
 * The code of function func that contains a cell: that of the set being run, faster code, or the
 * code that tallies. Null: none of them.
 */
const struct vsp_decoded *vsp_exec_decoded_at(const vsp_exec *x, uint32_t func, const vsp_cell *cell);
uint32_t vsp_exec_pc(const vsp_exec *x, uint32_t func, uintptr_t ip);

/* The entries of functions in code of a set; null for null. */
const _Atomic(const vsp_cell *) *vsp_exec_entries(const vsp_exec *x, const struct vsp_code_set *set);

/* The count at which the counter first asks for better code; UINT32_MAX: never. */
uint32_t vsp_exec_first_count(const vsp_exec *x, uint32_t counter);

/* exec_end.c: records in rt how the innermost run ended: end, end_pc, r, flags. */
void vsp_exec_record(vsp_exec *x, vsp_left left);
/* The run ended by a trap: adds its activations to the trap's places. */
void vsp_exec_backtrace(vsp_exec *x);
/* Fills error from rt->trap and its back trace. */
void vsp_exec_report(vsp_exec *x, vsp_error *error);
/* interp.c: determines how a run that a host began has ended. */
vsp_status vsp_exec_settle(vsp_exec *x, bool outermost, vsp_error *error);
/* The outermost run is over. */
void vsp_exec_forget_frames(vsp_exec *x);
/* A guard page was hit: sets rt->trap. */
void vsp_exec_guard_trap(vsp_exec *x);

#endif
