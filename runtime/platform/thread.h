/*
 * What each thread has of its own and every call between host and program asks for: its serial
 * number and its innermost protected call (platform.h). Inline, because these calls take as long as
 * a few dozen instructions.
 */
#ifndef VSP_RUNTIME_PLATFORM_THREAD_H
#define VSP_RUNTIME_PLATFORM_THREAD_H

#include "platform.h"

/*
 * Signal handlers read these on any thread, also on one that never made a protected call. There
 * glibc would have to allocate the variable of a library that was loaded late; its static model
 * avoids that.
 */
#if defined(__GLIBC__)
#define VSP_PLAT_LOCAL __attribute__((tls_model("initial-exec")))
#else
#define VSP_PLAT_LOCAL
#endif

/* Null: the thread is in no protected call, or in the host called from one. */
extern _Thread_local vsp_plat_region *vsp_plat_innermost VSP_PLAT_LOCAL;
/* vsp_plat_thread_serial, or 0 when nobody has asked for it yet. */
extern _Thread_local uint64_t vsp_plat_own_serial VSP_PLAT_LOCAL;

/* Is serial, unless it is 0, the calling thread's number? */
static inline bool vsp_plat_is_thread(uint64_t serial) { return serial && serial == vsp_plat_own_serial; }

/*
 * Called around every call of host code from within a protected call: a fault in the host's frames
 * belongs to the host, and its frames must not be left by a jump. host_enter ends the protection
 * and returns a value with which host_leave resumes it; null stays null.
 */
static inline vsp_plat_region *vsp_plat_host_enter(void)
{
	vsp_plat_region *region = vsp_plat_innermost;
	vsp_plat_innermost = NULL;
	return region;
}

static inline void vsp_plat_host_leave(vsp_plat_region *region) { vsp_plat_innermost = region; }

#endif
