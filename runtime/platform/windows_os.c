/*
 * What only the library needs of Windows, and compiled programs do not: address space at random,
 * things that happen once, and answers for what this system does not have - forks, and files whose
 * owner is known.
 */
#include "platform.h"
#include "windows_text.h"

#include <stdatomic.h>

/*
 * The system puts reservations next to one another, starting from one end of the address space. The
 * chosen address is anywhere in the upper three quarters of it.
 */
void *vsp_plat_reserve_anywhere(uint64_t bytes)
{
	enum { ATTEMPTS = 8 };
	SYSTEM_INFO info;
	GetSystemInfo(&info);
	uint64_t unit = info.dwAllocationGranularity, high = (uintptr_t)info.lpMaximumApplicationAddress, random;
	uint64_t low = high / 4, units = (high - low) / unit;
	for (int i = 0; i < ATTEMPTS && bytes / unit < units && vsp_plat_random(&random, sizeof random); i++) {
		uint64_t chosen = (low / unit + random % (units - bytes / unit)) * unit;
		void *p = VirtualAlloc((void *)(uintptr_t)chosen, bytes, MEM_RESERVE, PAGE_NOACCESS);
		if (p)
			return p;
	}
	return vsp_plat_reserve(bytes);
}

void vsp_plat_call_once(vsp_plat_once *once, void (*fn)(void))
{
	static SRWLOCK one_at_a_time = SRWLOCK_INIT;
	if (atomic_load_explicit(&once->done, memory_order_acquire))
		return;
	AcquireSRWLockExclusive(&one_at_a_time);
	if (!atomic_load(&once->done)) {
		fn();
		atomic_store(&once->done, 1);
	}
	ReleaseSRWLockExclusive(&one_at_a_time);
}

/* ---- no fork ---- */

void vsp_plat_fork_hold(void) {}
void vsp_plat_fork_release(void) {}
bool vsp_plat_fork_lost(void) { return false; }
