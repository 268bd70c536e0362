/* One thread at a time in LLVM's generator of SPIR-V; see turn.c. */
#ifndef VSP_GPU_TURN_H
#define VSP_GPU_TURN_H

#include <stdbool.h>

/*
 * Waits until no other thread of the process has the turn, and takes it. False: nobody can have it
 * any more, because LLVM has failed while a thread had it, or because a thread had it in the parent
 * when this process was forked; or there is no memory.
 */
bool vsp_gpu_turn_take(void);
void vsp_gpu_turn_give(void);

#endif
