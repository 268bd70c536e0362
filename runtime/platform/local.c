/*
 * The data that each thread has of its own, and the count of forks.
 */
#include "local.h"

#include <stdatomic.h>

_Thread_local vsp_plat_region *vsp_plat_innermost VSP_PLAT_LOCAL;
_Thread_local uint64_t vsp_plat_own_serial VSP_PLAT_LOCAL;
static _Atomic uint64_t last_serial;
static _Atomic uint32_t forks;
static _Atomic uint64_t forked; /* serial number of the thread that survived the last fork */

uint64_t vsp_plat_thread_serial(void)
{
	if (!vsp_plat_own_serial)
		vsp_plat_own_serial = atomic_fetch_add(&last_serial, 1) + 1;
	return vsp_plat_own_serial;
}

void vsp_plat_note_fork(void)
{
	atomic_store(&forked, vsp_plat_own_serial);
	atomic_fetch_add(&forks, 1);
}

uint32_t vsp_plat_forks(void) { return atomic_load_explicit(&forks, memory_order_relaxed); }
uint64_t vsp_plat_forked_serial(void) { return atomic_load(&forked); }
