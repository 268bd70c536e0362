/*
 * The instructions that reach the host through callbacks, and the border between program and host. A callback that is missing
 * or fails traps before anything has changed.
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

/* ---- the border ---- */

/* Threads that block none of the signals, which are most, are asked once. */
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
		rt->host_fp = vsp_plat_fp_enter(); /* which the callback may have changed for good */
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

/* May the program do byte input and output, and does the host have the callback? */
static int require_io(vsp_rt *rt, bool present, const char *what)
{
	int trap = vsp_host_require(rt, VSP_CAP_STDIO, what);
	return trap || present ? trap : vsp_host_missing(rt, what);
}

/* ---- bytes ---- */

int vsp_rt_yield(vsp_rt *rt)
{
	if (!rt->host.yield)
		return 0;
	vsp_plat_region *region = vsp_host_begin(rt);
	int result = rt->host.yield(rt->host.user, &rt->caller);
	vsp_host_end(rt, region);
	return vsp_host_result(rt, result, "YIELD");
}

typedef int (*get_byte_fn)(void *user, uint32_t port, int32_t *value);
typedef int (*put_byte_fn)(void *user, uint32_t port, uint8_t value);

/* IN and SENSE: *value = a byte, or -1 at the end. */
static int get_byte(vsp_rt *rt, get_byte_fn fn, uint32_t port, int32_t *value, const char *what)
{
	int trap = require_io(rt, fn != NULL, what);
	if (trap)
		return trap;
	*value = -1;
	vsp_plat_region *region = vsp_host_begin(rt);
	int result = fn(rt->host.user, port, value);
	vsp_host_end(rt, region);
	*value = *value < 0 ? -1 : *value & 0xFF;
	return vsp_host_result(rt, result, what);
}

static int put_byte(vsp_rt *rt, put_byte_fn fn, uint32_t port, uint64_t value, const char *what)
{
	int trap = require_io(rt, fn != NULL, what);
	if (trap)
		return trap;
	vsp_plat_region *region = vsp_host_begin(rt);
	int result = fn(rt->host.user, port, (uint8_t)value);
	vsp_host_end(rt, region);
	return vsp_host_result(rt, result, what);
}

int vsp_rt_in(vsp_rt *rt, unsigned port, uint64_t *result)
{
	int32_t value;
	int trap = get_byte(rt, rt->host.in, port, &value, "IN");
	if (!trap)
		*result = (uint64_t)(int64_t)value;
	return trap;
}

int vsp_rt_out(vsp_rt *rt, unsigned port, uint64_t value) { return put_byte(rt, rt->host.out, port, value, "OUT"); }

int vsp_rt_sense(vsp_rt *rt, unsigned a, uint64_t *result, uint8_t *z)
{
	int32_t value;
	int trap = get_byte(rt, rt->host.sense, a, &value, "SENSE");
	if (trap)
		return trap;
	*z = value < 0;
	*result = value < 0 ? 0 : (uint64_t)value;
	return 0;
}

int vsp_rt_act(vsp_rt *rt, unsigned a, uint64_t value) { return put_byte(rt, rt->host.act, a, value, "ACT"); }

/* ---- channels ---- */

int vsp_rt_sync(vsp_rt *rt, unsigned id)
{
	if (!rt->host.sync)
		return vsp_host_missing(rt, "SYNC");
	vsp_plat_region *region = vsp_host_begin(rt);
	int result = rt->host.sync(rt->host.user, id);
	vsp_host_end(rt, region);
	return vsp_host_result(rt, result, "SYNC");
}

int vsp_rt_broadcast(vsp_rt *rt, const uint64_t *regs, uint32_t channel)
{
	if (!rt->host.broadcast)
		return vsp_host_missing(rt, "BROADCAST");
	uint8_t layers[16];
	for (unsigned i = 0; i < 16; i++)
		layers[i] = (uint8_t)regs[i];
	vsp_plat_region *region = vsp_host_begin(rt);
	int result = rt->host.broadcast(rt->host.user, channel, layers);
	vsp_host_end(rt, region);
	return vsp_host_result(rt, result, "BROADCAST");
}

int vsp_rt_receive(vsp_rt *rt, uint64_t *regs, uint32_t channel, uint8_t *z)
{
	if (!rt->host.receive)
		return vsp_host_missing(rt, "RECEIVE");
	uint8_t layers[16] = {0};
	int received = 0;
	vsp_plat_region *region = vsp_host_begin(rt);
	int result = rt->host.receive(rt->host.user, channel, layers, &received);
	vsp_host_end(rt, region);
	int trap = vsp_host_result(rt, result, "RECEIVE");
	if (trap)
		return trap;
	*z = !received;
	for (unsigned i = 0; received && i < 16; i++)
		regs[i] = layers[i];
	return 0;
}

int vsp_rt_entangle(vsp_rt *rt, unsigned a, unsigned b, uint64_t value_a, uint64_t value_b)
{
	if (!rt->host.entangle)
		return vsp_host_missing(rt, "ENTANGLE");
	vsp_plat_region *region = vsp_host_begin(rt);
	int result = rt->host.entangle(rt->host.user, a, b, (int64_t)value_a, (int64_t)value_b);
	vsp_host_end(rt, region);
	return vsp_host_result(rt, result, "ENTANGLE");
}

/* ---- imports ---- */

int vsp_rt_hcall(vsp_rt *rt, uint32_t import, uint64_t *regs)
{
	int trap = vsp_rt_wait(rt);
	if (trap)
		return trap;
	unsigned results = rt->import_sigs[import].results;
	/* Copies: a callback that fails must leave the registers alone. Of fixed size, which is inline and costs less than a call. */
	int64_t in[16], out[16] = {0};
	memcpy(in, regs, sizeof in);
	vsp_plat_region *region = vsp_host_begin(rt);
	int result = rt->imports[import](rt->import_users[import], &rt->caller, in, out);
	vsp_host_end(rt, region);
	if (result != 0)
		return vsp_rt_fail(rt, VSP_TRAP_HOST, "import %u returned %d", (unsigned)import, result);
	trap = vsp_rt_poll(rt);
	if (trap)
		return trap;
	if (results == 1)
		regs[0] = (uint64_t)out[0];
	else
		memcpy(regs, out, results * sizeof *out);
	return 0;
}
