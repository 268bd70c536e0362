/*
 * Stoppers that change with the thread, see stop_slot.h.
 */
#include "stop_slot.h"

/* Who has counted itself before the exchange may hold the old stopper, for the length of a system call. */
void vsp_stop_slot_close(vsp_stop_slot *slot)
{
	vsp_plat_stopper *old = atomic_exchange(&slot->stopper, NULL);
	if (slot->forks != vsp_plat_forks()) /* whoever used it stayed behind */
		atomic_store(&slot->users, 0);
	slot->forks = vsp_plat_forks();
	while (old && atomic_load(&slot->users))
		;
	vsp_plat_stopper_destroy(old);
}

bool vsp_stop_slot_prepare(vsp_stop_slot *slot)
{
	if (!vsp_plat_has_stopper() || vsp_plat_stopper_is_mine(atomic_load(&slot->stopper)))
		return true;
	vsp_stop_slot_close(slot);
	vsp_plat_stopper *own = vsp_plat_stopper_create();
	atomic_store(&slot->stopper, own);
	return own != NULL;
}

vsp_plat_stopper *vsp_stop_slot_put_aside(vsp_stop_slot *slot)
{
	vsp_plat_stopper *stopper = atomic_load(&slot->stopper);
	if (!stopper || vsp_plat_stopper_is_mine(stopper))
		return NULL;
	return atomic_exchange(&slot->stopper, NULL);
}

void vsp_stop_slot_take_back(vsp_stop_slot *slot, vsp_plat_stopper *aside)
{
	if (!aside)
		return;
	vsp_stop_slot_close(slot);
	atomic_store(&slot->stopper, aside);
}

static void use(vsp_stop_slot *slot, void (*act)(vsp_plat_stopper *stopper))
{
	atomic_fetch_add(&slot->users, 1);
	vsp_plat_stopper *stopper = atomic_load(&slot->stopper);
	if (stopper)
		act(stopper);
	atomic_fetch_sub(&slot->users, 1);
}

void vsp_stop_slot_fire(vsp_stop_slot *slot) { use(slot, vsp_plat_stopper_fire); }
void vsp_stop_slot_rest(vsp_stop_slot *slot) { use(slot, vsp_plat_stopper_rest); }
