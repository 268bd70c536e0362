/*
 * The border between program and host: what happens to the thread, its floating-point environment,
 * its signals and linear memory when a run is entered or left and around each callback; and the
 * trap that a callback's result asks for.
 */
#include "host.h"

#include <string.h>

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

/*
 * Sets the program's modes. Reading those of the host takes as long as all the rest of a callback
 * on some processors. So they are read again after callbacks only where the program depends on
 * them, or where they must be set and restored anyway.
 */
void vsp_rt_enter_fp(vsp_rt *rt)
{
	rt->host_fp = vsp_plat_fp_enter();
	rt->host_odd = vsp_plat_fp_is_odd(rt->host_fp);
	rt->host_asked = rt->host_odd || !rt->integer_only;
}

void vsp_rt_leave_fp(vsp_rt *rt)
{
	vsp_plat_fp_restore(rt->host_fp);
	rt->host_odd = rt->host_asked = false;
}

vsp_rt_outside vsp_rt_enter(vsp_rt *rt)
{
	vsp_rt_outside outside = {rt->host_fp, rt->host_odd, rt->host_asked, rt->signals};
	vsp_rt_enter_fp(rt);
	rt->signals = open_signals(rt);
	rt->ranges = NULL; /* a kernel abandoned by a guard fault may have left its own */
	return outside;
}

void vsp_rt_leave(vsp_rt *rt, vsp_rt_outside outside)
{
	vsp_plat_fp_restore(rt->host_fp);
	if (rt->signals)
		vsp_plat_signals_close(rt->signals);
	rt->host_fp = outside.host_fp;
	rt->host_odd = outside.odd;
	rt->host_asked = outside.asked;
	rt->signals = outside.signals;
}

int vsp_rt_poll(vsp_rt *rt)
{
	if (!atomic_load_explicit(&rt->interrupt, memory_order_relaxed))
		return 0;
	return vsp_rt_fail(rt, VSP_TRAP_INTERRUPTED, NULL);
}

void vsp_host_set_modes(vsp_rt *rt)
{
	if (rt->host_odd)
		vsp_plat_fp_restore(rt->host_fp);
	if (rt->signals)
		vsp_plat_signals_close(rt->signals);
}

void vsp_host_take_modes(vsp_rt *rt)
{
	if (rt->host_asked)
		vsp_rt_enter_fp(rt);
	if (rt->signals)
		rt->signals = vsp_plat_signals_open();
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
