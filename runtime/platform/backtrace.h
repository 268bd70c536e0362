/*
 * The interface for back traces of protected calls, between files of the POSIX platform.
 */
#ifndef VSP_RUNTIME_PLATFORM_BACKTRACE_H
#define VSP_RUNTIME_PLATFORM_BACKTRACE_H

#include "platform.h"

/*
 * Fills region->frames with the program's frames as they are at the caller, or as they were where a
 * signal struck; with none where that is unknown. The frames of the call are those above the place
 * and below region->frame.
 */
void vsp_backtrace_here(vsp_plat_region *region);
void vsp_backtrace_signal(vsp_plat_region *region, const void *context);

#endif
