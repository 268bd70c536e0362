/* The measure of the CPU's provider, see provider.h and cpu_measure.c; it needs none of its
   parameters but costs. */
#ifndef VSP_RUNTIME_CPU_MEASURE_H
#define VSP_RUNTIME_CPU_MEASURE_H

#include "provider.h"

bool vsp_cpu_measure(void *state, vsp_rt *rt, const struct vsp_device_source *source, vsp_costs *costs);

#endif
