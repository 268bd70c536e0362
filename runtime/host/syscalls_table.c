/*
 * The table of all SYSCALLs, for hosts that may run any program.
 */
#include "runtime/helpers.h"

enum { VSP_CAP_NONE = 0 };

const vsp_rt_service vsp_rt_services[VSP_RT_SERVICES] = {
#define SYSCALL(NAME, id, reads, writes, flags, CAP, meaning) [id] = {vsp_rt_call_##NAME, #NAME, VSP_CAP_##CAP},
#include "runtime/syscalls.def"
};
