/*
 * The instructions that reach the host through callbacks. If a callback is missing or fails, the
 * instruction traps before anything has changed. border.c has what happens around the callbacks.
 */
#include "host.h"

#include <stdio.h>
#include <string.h>

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

/* What a callback's result means; what it was asked is told with the port. */
static int end_byte(vsp_rt *rt, int result, uint32_t port, const char *what)
{
	char at_port[64];
	if (result)
		snprintf(at_port, sizeof at_port, "%s at port %u", what, (unsigned)port);
	return vsp_host_result(rt, result, result ? at_port : what);
}

/* IN and SENSE: *value is a byte, or -1 at the end. */
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
	return end_byte(rt, result, port, what);
}

static int put_byte(vsp_rt *rt, put_byte_fn fn, uint32_t port, uint64_t value, const char *what)
{
	int trap = require_io(rt, fn != NULL, what);
	if (trap)
		return trap;
	vsp_plat_region *region = vsp_host_begin(rt);
	int result = fn(rt->host.user, port, (uint8_t)value);
	vsp_host_end(rt, region);
	return end_byte(rt, result, port, what);
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

static_assert(offsetof(vsp_rt, caller) == 0, "a callback's caller is the beginning of the run-time state");

int vsp_host_exit(void *user, vsp_caller *caller, const int64_t *args, int64_t *results)
{
	(void)user, (void)results;
	((vsp_rt *)caller)->exit_code = (uint32_t)(args[0] & 255);
	return VSP_RT_EXIT;
}

int vsp_rt_hcall(vsp_rt *rt, uint32_t import, uint64_t *regs)
{
	unsigned results = rt->import_sigs[import].results;
	/* Results of its own, because a callback that fails must not change the registers. */
	int64_t out[16];
	int trap = rt->backends ? vsp_rt_wait(rt) : 0;
	if (trap)
		return trap;
	out[0] = 0;
	for (unsigned i = 1; i < results; i++)
		out[i] = 0;
	vsp_plat_region *region = vsp_host_begin(rt);
	int result = rt->imports[import](rt->import_users[import], &rt->caller, (const int64_t *)regs, out);
	vsp_host_end(rt, region);
	if (result == VSP_RT_EXIT && rt->imports[import] == vsp_host_exit)
		return VSP_RT_EXIT;
	if (result != 0)
		return vsp_rt_fail(rt, VSP_TRAP_HOST, "import %u returned %d", (unsigned)import, result);
	if (atomic_load_explicit(&rt->interrupt, memory_order_relaxed))
		return vsp_rt_poll(rt);
	if (results)
		regs[0] = (uint64_t)out[0];
	for (unsigned i = 1; i < results; i++)
		regs[i] = (uint64_t)out[i];
	return 0;
}
