/* The part of a LAUNCH that several threads run at once. */
#ifndef VSP_RUNTIME_BACKENDS_TEAM_H
#define VSP_RUNTIME_BACKENDS_TEAM_H

#include "launch.h"

/*
 * Runs iterations of op from *next on, in parts of about size iterations, in code that find has
 * returned, on all threads. *next receives the first iteration that was not begun: op->count,
 * unless there are no threads to be had or there was a trap. Returns 0 or the trap.
 */
int vsp_team_run(vsp_rt *rt, const void *code, const vsp_batch_op *op, uint64_t size, uint64_t *next);

#endif
