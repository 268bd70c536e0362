/*
 * Giving up the processor on Apple's systems, see assert.h.
 */
#ifndef VSP_APPLE_SCHED_H
#define VSP_APPLE_SCHED_H

int sched_yield(void);

#endif
