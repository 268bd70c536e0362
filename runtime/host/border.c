/*
 * The border between program and host: what happens to the thread, its floating-point environment,
 * its signals and linear memory when a run is entered or left and around each callback; and the
 * trap that a callback's result asks for.
 */
#include "host.h"

#include <string.h>

#include "runtime/run_end.h"

static const char *const capability_names[] = {
#define CAPABILITY(NAME, bit, name) [bit] = name,
#include "runtime/capabilities.def"
};
#define CAPABILITY(NAME, bit, name) \
	static_assert(VSP_CAP_##NAME == 1u << (bit), "capabilities.def gives the bits of vsp_aot.h");
#include "runtime/capabilities.def"

/* A thread that blocks none of the signals, as most do, is asked only once. */
static unsigned open_signals(vsp_rt *rt)
{
	uint64_t thread = vsp_plat_thread_serial();
	if (rt->no_signals || rt->signals_open_on == thread)
		return 0;
	unsigned blocked = vsp_plat_signals_open();
	if (!blocked)
		rt->signals_open_on = thread;
	return blocked;
}

vsp_rt_outside vsp_rt_enter(vsp_rt *rt)
{
	vsp_rt_outside outside = {rt->host_fp, rt->inside, rt->signals};
	rt->host_fp = vsp_plat_fp_enter();
	rt->signals = open_signals(rt);
	rt->inside = true;
	rt->ranges = NULL; /* a kernel abandoned by a guard fault may have left its own */
	return outside;
}

void vsp_rt_leave(vsp_rt *rt, vsp_rt_outside outside)
{
	vsp_plat_fp_restore(rt->host_fp);
	if (rt->signals)
		vsp_plat_signals_close(rt->signals);
	rt->host_fp = outside.host_fp;
	rt->inside = outside.inside;
	rt->signals = outside.signals;
}

int vsp_rt_poll(vsp_rt *rt)
{
	if (!atomic_load_explicit(&rt->interrupt, memory_order_relaxed))
		return 0;
	return vsp_rt_fail(rt, VSP_TRAP_INTERRUPTED, NULL);
}

vsp_plat_region *vsp_host_begin(vsp_rt *rt)
{
	if (rt->inside)
		vsp_plat_fp_restore(rt->host_fp);
	if (rt->signals)
		vsp_plat_signals_close(rt->signals);
	return vsp_plat_host_enter();
}

void vsp_host_end(vsp_rt *rt, vsp_plat_region *region)
{
	vsp_plat_host_leave(region);
	vsp_run_resume(rt);
	if (rt->inside)
		rt->host_fp = vsp_plat_fp_enter(); /* the callback may have changed it for good */
	if (rt->signals)
		rt->signals = vsp_plat_signals_open(); /* the same */
	rt->caller.memory = rt->memory.base;
	rt->caller.memory_size = rt->memory.size;
}

int vsp_host_result(vsp_rt *rt, int result, const char *what)
{
	if (result == 0)
		return vsp_rt_poll(rt);
	if (result < 0 && result >= -VSP_TRAP_BAD_MODE && result != -VSP_TRAP_HOST)
		return vsp_rt_fail(rt, (vsp_trap)-result, "the host refused %s", what);
	return vsp_rt_fail(rt, VSP_TRAP_HOST, "the host's callback for %s failed with %d", what, result);
}

int vsp_host_missing(vsp_rt *rt, const char *what)
{
	return vsp_rt_fail(rt, VSP_TRAP_UNSUPPORTED, "the host has no callback for %s", what);
}

int vsp_host_require(vsp_rt *rt, uint32_t capability, const char *what)
{
	if ((rt->capabilities & capability) == capability)
		return 0;
	const char *name = "?";
	for (size_t i = 0; i < sizeof capability_names / sizeof *capability_names; i++)
		if (capability == 1u << i)
			name = capability_names[i];
	return vsp_rt_fail(rt, VSP_TRAP_DENIED,
	        "%s needs the capability %s: run with --allow=%s, or set it in the host's configuration", what, name,
	        name);
}
