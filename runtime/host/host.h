/*
 * Declarations that the files which call host callbacks share. Between vsp_host_begin and
 * vsp_host_end the thread belongs to the host: the host's floating-point environment is set, guard
 * faults are the host's own, and it may re-enter the instance, so memory may move.
 */
#ifndef VSP_RUNTIME_HOST_H
#define VSP_RUNTIME_HOST_H

#include "runtime/helpers.h"
#include "runtime/platform/thread.h"
#include "runtime/run_end.h"

/*
 * The rare parts of begin and end, for threads whose modes or signals are others outside the
 * program: set those of the host; and take over what the callback may have changed for good.
 */
void vsp_host_set_modes(vsp_rt *rt);
void vsp_host_take_modes(vsp_rt *rt);

static inline vsp_plat_region *vsp_host_begin(vsp_rt *rt)
{
	if (rt->host_odd || rt->signals)
		vsp_host_set_modes(rt);
	return vsp_plat_host_enter();
}

static inline void vsp_host_end(vsp_rt *rt, vsp_plat_region *region)
{
	vsp_plat_host_leave(region);
	vsp_run_resume(rt);
	if (rt->host_asked || rt->signals)
		vsp_host_take_modes(rt);
	rt->caller.memory = rt->memory.base;
	rt->caller.memory_size = rt->memory.size;
}

/*
 * An import that ends the run with the status that its one parameter is, as SYSCALL exit does. In
 * compiled code the registers are unknown after that.
 */
int vsp_host_exit(void *user, vsp_caller *caller, const int64_t *args, int64_t *results);

/*
 * Returns 0, or the trap that a callback's result asks for; what names the service for the message.
 * Returns INTERRUPTED if an interrupt was requested in the meantime, because a program that spends
 * nearly all its time in the host is hardly ever found in its own code.
 */
int vsp_host_result(vsp_rt *rt, int result, const char *what);
/* Traps UNSUPPORTED: the host lacks the callback. */
int vsp_host_missing(vsp_rt *rt, const char *what);

/*
 * Returns 0, or DENIED with a message that names the capability (one bit, or 0: none needed) and
 * how to grant it.
 */
int vsp_host_require(vsp_rt *rt, uint32_t capability, const char *what);

#endif
