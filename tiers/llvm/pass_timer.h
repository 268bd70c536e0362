/*
 * The time of each pass of a job. Between start and stop, on one thread, LLVM records when passes
 * begin and end; stop tells the job's listener the time of each pass, or why it is unknown.
 * Implemented by pass_timer.c if LLVM has what that needs, otherwise by pass_timer_none.c.
 */
#ifndef VSP_LLVM_PASS_TIMER_H
#define VSP_LLVM_PASS_TIMER_H

#include "tiers/jit.h"

void vsp_pass_timer_start(void);
void vsp_pass_timer_stop(const vsp_jit_listener *listener, int tier);

#endif
