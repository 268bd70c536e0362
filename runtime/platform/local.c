/*
 * The data that each thread has of its own, and how its protected calls are suspended around calls
 * of the host.
 */
#include "local.h"

#include <stdatomic.h>

_Thread_local vsp_plat_region *vsp_plat_innermost VSP_PLAT_LOCAL;
static _Thread_local uint64_t own_serial VSP_PLAT_LOCAL; /* 0: not assigned yet */
static _Atomic uint64_t last_serial;
static _Atomic uint32_t forks;
static _Atomic uint64_t forked; /* serial number of the thread that survived the last fork */

vsp_plat_region *vsp_plat_host_enter(void)
{
	vsp_plat_region *region = vsp_plat_innermost;
	vsp_plat_innermost = NULL;
	return region;
}

void vsp_plat_host_leave(vsp_plat_region *region) { vsp_plat_innermost = region; }

uint64_t vsp_plat_thread_serial(void)
{
	if (!own_serial)
		own_serial = atomic_fetch_add(&last_serial, 1) + 1;
	return own_serial;
}

void vsp_plat_note_fork(void)
{
	atomic_store(&forked, own_serial);
	atomic_fetch_add(&forks, 1);
}

uint32_t vsp_plat_forks(void) { return atomic_load_explicit(&forks, memory_order_relaxed); }
uint64_t vsp_plat_forked_serial(void) { return atomic_load(&forked); }
