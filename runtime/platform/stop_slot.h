/*
 * The stopper of an instance (platform.h) where instances may move between threads: it belongs to the thread that runs, and is asked for by any other
 * and by signal handlers, which may take no lock. So a stopper goes only when nobody is about to use it.
 */
#ifndef VSP_RUNTIME_STOP_SLOT_H
#define VSP_RUNTIME_STOP_SLOT_H

#include <stdatomic.h>

#include "platform.h"

/* All zeros is one without a stopper. */
typedef struct vsp_stop_slot {
	_Atomic(vsp_plat_stopper *) stopper; /* of the thread that ran last; null before, or where there are none */
	/* Calls of fire and rest that may hold it, and, above USER_BITS, the forks behind the process that they are in: a child has
	   none of its parent's. */
	_Atomic uint32_t users;
} vsp_stop_slot;

/* Before a run: makes the stopper the calling thread's own. False: none to be had. True also where there are none. */
bool vsp_stop_slot_prepare(vsp_stop_slot *slot);
/* From any thread or signal handler: stopper_fire and stopper_rest, where there is a stopper. */
void vsp_stop_slot_fire(vsp_stop_slot *slot);
void vsp_stop_slot_rest(vsp_stop_slot *slot);
/*
 * Around a run that is nested in another: where that one is another thread's, puts its stopper aside - null: it need not - and back. Meanwhile
 * it has nothing to stop, since it waits for the nested run.
 */
vsp_plat_stopper *vsp_stop_slot_put_aside(vsp_stop_slot *slot);
void vsp_stop_slot_take_back(vsp_stop_slot *slot, vsp_plat_stopper *aside);
/* Destroys the stopper. */
void vsp_stop_slot_close(vsp_stop_slot *slot);

#endif
