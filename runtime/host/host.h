/*
 * Declarations that the files which call host callbacks share. Between vsp_host_begin and vsp_host_end the thread belongs to the host: its
 * floating-point environment holds, guard faults are its own, and it may re-enter the instance, so memory may move.
 */
#ifndef VSP_RUNTIME_HOST_H
#define VSP_RUNTIME_HOST_H

#include "runtime/helpers.h"
#include "runtime/platform/platform.h"

vsp_plat_region *vsp_host_begin(vsp_rt *rt);
void vsp_host_end(vsp_rt *rt, vsp_plat_region *region);

/*
 * 0, or the trap that a callback's result asks for; what names the service for the message. INTERRUPTED when that was asked for meanwhile: a program that is
 * with its host nearly all the time is hardly ever found in its own code.
 */
int vsp_host_result(vsp_rt *rt, int result, const char *what);
/* Traps UNSUPPORTED: the host lacks the callback. */
int vsp_host_missing(vsp_rt *rt, const char *what);

/* 0, or DENIED with a message that names the capability (one bit, or 0: none needed) and how to grant it. */
int vsp_host_require(vsp_rt *rt, uint32_t capability, const char *what);

#endif
