/*
 * The number of processors on Linux: those that the affinity of the calling thread allows
 * (sched_getaffinity(2)), of up to 1,024.
 */
#include "platform.h"

#include <sched.h>

unsigned vsp_plat_processors(void)
{
	cpu_set_t all;
	int count = sched_getaffinity(0, sizeof all, &all) == 0 ? CPU_COUNT(&all) : 1;
	return count > 0 ? (unsigned)count : 1;
}
