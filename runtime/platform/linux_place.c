/*
 * The processors on which threads begin on Linux, chosen by their affinity (sched_setaffinity(2),
 * pthread_attr_setaffinity_np(3)).
 */
#include "posix_place.h"

#include <assert.h>
#include <sched.h>
#include <string.h>

static_assert(sizeof(cpu_set_t) <= sizeof((vsp_posix_place *)0)->processors, "a set of processors fits");

void vsp_posix_place_elsewhere(vsp_posix_place *place, pthread_attr_t *attributes)
{
	cpu_set_t others;
	int here = sched_getcpu();
	if (here < 0 || here >= CPU_SETSIZE || sched_getaffinity(0, sizeof others, &others) != 0)
		return;
	memcpy(place->processors, &others, sizeof others);
	CPU_CLR(here, &others);
	place->chosen = CPU_COUNT(&others) > 0 && pthread_attr_setaffinity_np(attributes, sizeof others, &others) == 0;
}

void vsp_posix_place_anywhere(const vsp_posix_place *place)
{
	if (place->chosen)
		sched_setaffinity(0, sizeof(cpu_set_t), (const cpu_set_t *)place->processors);
}
