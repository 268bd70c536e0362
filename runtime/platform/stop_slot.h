/*
 * The stopper of an instance (platform.h), for instances that move between threads. It belongs to
 * the thread that runs, and any other thread may ask for it, as may signal handlers, which must not
 * take locks. So a stopper is destroyed only when no thread is about to use it.
 */
#ifndef VSP_RUNTIME_STOP_SLOT_H
#define VSP_RUNTIME_STOP_SLOT_H

#include <stdatomic.h>

#include "platform.h"

/* All zeros is a slot without a stopper. */
typedef struct vsp_stop_slot {
	_Atomic(vsp_plat_stopper *) stopper; /* of the thread that ran last; null before, or where there are none */
	/*
	 * The number of calls of fire and rest that may hold it, and, above USER_BITS, the forks
	 * behind their process: a child has none of its parent's.
	 */
	_Atomic uint32_t users;
} vsp_stop_slot;

/*
 * To be called before a run: makes the stopper belong to the calling thread. False: none can be
 * created. True also where stoppers do not exist.
 */
bool vsp_stop_slot_prepare(vsp_stop_slot *slot);
/* From any thread or signal handler: calls stopper_fire and stopper_rest, if there is a stopper. */
void vsp_stop_slot_fire(vsp_stop_slot *slot);
void vsp_stop_slot_rest(vsp_stop_slot *slot);
/*
 * To be called around a run that is nested in another one. If the outer run is another thread's,
 * puts its stopper aside, and later restores it; null: not needed. In the meantime that stopper has
 * nothing to stop, because its thread waits for the nested run.
 */
vsp_plat_stopper *vsp_stop_slot_put_aside(vsp_stop_slot *slot);
void vsp_stop_slot_take_back(vsp_stop_slot *slot, vsp_plat_stopper *aside);
/* Destroys the stopper. */
void vsp_stop_slot_close(vsp_stop_slot *slot);

#endif
