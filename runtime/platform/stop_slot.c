/*
 * The stopper of an instance that changes with the thread, see stop_slot.h.
 */
#include "stop_slot.h"

enum { USER_BITS = 16, USERS = (1 << USER_BITS) - 1 };

/* The count of a process in which no thread uses the slot. */
static uint32_t no_users(void) { return vsp_plat_forks() << USER_BITS; }

static bool is_used(const vsp_stop_slot *slot)
{
	uint32_t users = atomic_load(&slot->users);
	return (users & ~(uint32_t)USERS) == no_users() && users & USERS;
}

static void begin_use(vsp_stop_slot *slot)
{
	uint32_t users = atomic_load(&slot->users), base;
	do
		base = (users & ~(uint32_t)USERS) == no_users() ? users : no_users();
	while (!atomic_compare_exchange_weak(&slot->users, &users, base + 1));
}

/*
 * A thread that has counted itself before the exchange may hold the old stopper, for the duration
 * of a system call.
 */
void vsp_stop_slot_close(vsp_stop_slot *slot)
{
	vsp_plat_stopper *old = atomic_exchange(&slot->stopper, NULL);
	while (old && is_used(slot))
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
	begin_use(slot);
	vsp_plat_stopper *stopper = atomic_load(&slot->stopper);
	if (stopper)
		act(stopper);
	atomic_fetch_sub(&slot->users, 1);
}

void vsp_stop_slot_fire(vsp_stop_slot *slot) { use(slot, vsp_plat_stopper_fire); }
void vsp_stop_slot_rest(vsp_stop_slot *slot) { use(slot, vsp_plat_stopper_rest); }
