/*
 * The instruction SYSCALL. It uses the table of the SYSCALLs that a program has (syscalls_table.c,
 * or the program's own when compiled ahead of time).
 */
#include "host.h"

int vsp_rt_syscall(vsp_rt *rt, uint64_t *regs, uint32_t id, uint8_t *flags)
{
	int trap = vsp_rt_wait(rt);
	if (trap)
		return trap;
	if (id >= VSP_RT_SERVICES || !vsp_rt_services[id].call)
		return vsp_rt_fail(rt, VSP_TRAP_UNSUPPORTED, "there is no SYSCALL %u", (unsigned)id);
	const vsp_rt_service *s = &vsp_rt_services[id];
	trap = vsp_host_require(rt, (uint32_t)s->capability, s->name);
	return trap ? trap : s->call(rt, regs, flags);
}
