/*
 * Interface between files of the POSIX platform: back traces of protected calls.
 */
#ifndef VSP_RUNTIME_PLATFORM_TRACE_H
#define VSP_RUNTIME_PLATFORM_TRACE_H

#include "platform.h"

/* Fills region->frames with the program's frames as they are where the caller is, or were where a signal struck; none where that is not known
   how. The frames of the call are those above the place and below region->frame. */
void vsp_trace_here(vsp_plat_region *region);
void vsp_trace_signal(vsp_plat_region *region, const void *context);

#endif
