/*
 * The data that each thread has of its own: its protected calls, as a list through the frames of
 * their callers, innermost first, and a serial number. For the platforms' own files: opening and
 * closing a call, like suspending it (thread.h), is the same on all platforms, and only leaving one
 * differs.
 */
#ifndef VSP_RUNTIME_PLATFORM_LOCAL_H
#define VSP_RUNTIME_PLATFORM_LOCAL_H

#include "thread.h"

/*
 * From now on forks wait for the library's threads, and children know that they are children. To be
 * called before a thread is created: until it first runs, it reports nothing.
 */
void vsp_posix_listen_to_forks(void);
/* To be called in a child of fork, on its one thread, which keeps its serial number. */
void vsp_plat_note_fork(void);
/*
 * The serial number of that thread, in the child; 0: it had none, or this process is not a child.
 */
uint64_t vsp_plat_forked_serial(void);

static inline void vsp_plat_region_open(vsp_plat_region *region)
{
	region->outer = vsp_plat_innermost;
	region->fault = NULL;
	region->pc = NULL;
	region->frame_count = 0;
	vsp_plat_innermost = region;
}

static inline void vsp_plat_region_close(const vsp_plat_region *region) { vsp_plat_innermost = region->outer; }

#endif
